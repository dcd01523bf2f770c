"""The body of a request as it arrives: none larger than it may be, nor more of all of them than there is room for."""

from typing import Any

from kiosk.intake.body import Problem

ROOM = 32_000_000
"""Bytes of bodies that are looked at, or wait to be written, at the same time."""


class Room:
    """How much of all bodies is here."""

    def __init__(self, largest: int) -> None:
        """*largest* is the size of one body in bytes."""
        self.largest = largest
        self.taken = 0

    def expect(self, length: int, here: int = 0) -> None:
        """
        See that a body of *length* bytes may come, of which so many are *here*.

        Raises:
            Problem: it is too large, or there is no room now.
        """
        if length > self.largest:
            raise Problem(413, f"The body is too large: at most {self.largest} bytes.", limit=self.largest)
        if self.taken + length - here > ROOM:
            raise Problem(503, "So much is sent at the same time that this has to wait; send it again.", retry_after=1)


class Incoming:
    """The body of one request, in the room of all."""

    __slots__ = ("receive", "room", "seen")

    def __init__(self, receive: Any, room: Room) -> None:
        self.receive = receive
        self.room = room
        self.seen = 0

    async def receiving(self) -> Any:
        """
        The next piece of it.

        Raises:
            Problem: it is too large, or there is no room now.
        """
        message = await self.receive()
        if message["type"] == "http.request" and (size := len(message.get("body", b""))):
            self.room.expect(self.seen + size, self.seen)
            self.seen += size
            self.room.taken += size
        return message

    def done(self) -> None:
        """It was answered, and makes room."""
        self.room.taken -= self.seen
        self.seen = 0
