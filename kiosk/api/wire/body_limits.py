"""The body of a request as it arrives: none larger than it may be, nor more of all of them than there is room for."""

from typing import Any

from kiosk.api.wire.requests import ApiProblem

MAX_TOTAL_BODY_BYTES = 32_000_000
"""Bytes of bodies that are looked at, or wait to be written, at the same time."""


class BodyBudget:
    """How much of all bodies is here."""

    def __init__(self, largest: int) -> None:
        """*largest* is the size of one body in bytes."""
        self.max_body_bytes = largest
        self.used_bytes = 0

    def check_fits(self, length: int, here: int = 0) -> None:
        """
        See that a body of *length* bytes may come, of which so many are *here*.

        Raises:
            Problem: it is too large, or there is no room now.
        """
        if length > self.max_body_bytes:
            raise ApiProblem(
                413, f"The body is too large: at most {self.max_body_bytes} bytes.", limit=self.max_body_bytes
            )
        if self.used_bytes + length - here > MAX_TOTAL_BODY_BYTES:
            raise ApiProblem(
                503, "So much is sent at the same time that this has to wait; send it again.", retry_after=1
            )


class LimitedBody:
    """The body of one request, in the room of all."""

    __slots__ = ("receive", "room", "seen")

    def __init__(self, receive: Any, room: BodyBudget) -> None:
        self.receive = receive
        self.room = room
        self.seen = 0

    async def receive_limited(self) -> Any:
        """
        The next piece of it.

        Raises:
            Problem: it is too large, or there is no room now.
        """
        message = await self.receive()
        if message["type"] == "http.request" and (size := len(message.get("body", b""))):
            self.room.check_fits(self.seen + size, self.seen)
            self.seen += size
            self.room.used_bytes += size
        return message

    def release_budget(self) -> None:
        """It was answered, and makes room."""
        self.room.used_bytes -= self.seen
        self.seen = 0
