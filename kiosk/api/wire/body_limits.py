"""Limits on request bodies: the size of one, and of all that are in memory at the same time."""

from typing import Any

from kiosk.api.wire.problems import ApiProblem

# How many bytes all bodies may take together while they are received or wait to be saved; a Pi has little memory.
MAX_TOTAL_BODY_BYTES = 32_000_000


class BodyBudget:
    """The bytes of all bodies in memory, and their limit."""

    def __init__(self, max_body_bytes: int) -> None:
        """*max_body_bytes* is the limit of one body."""
        self.max_body_bytes = max_body_bytes
        self.used_bytes = 0

    def check_fits(self, length: int, received: int = 0) -> None:
        """
        Check that a body of *length* bytes may be received, of which *received* are already counted.

        Raises:
            ApiProblem: it is too large, or all bodies together would be.
        """
        if length > self.max_body_bytes:
            raise ApiProblem(
                413, f"The body is too large: at most {self.max_body_bytes} bytes.", limit=self.max_body_bytes
            )
        if self.used_bytes + length - received > MAX_TOTAL_BODY_BYTES:
            raise ApiProblem(503, "Too much is being sent at the same time; send this again.", retry_after=1)


class LimitedBody:
    """Counts the body of one request against the budget while it arrives."""

    __slots__ = ("budget", "receive", "received_bytes")

    def __init__(self, receive: Any, budget: BodyBudget) -> None:
        """*receive* is the ASGI callable of the request."""
        self.receive = receive
        self.budget = budget
        self.received_bytes = 0

    async def receive_limited(self) -> Any:
        """
        Receive the next ASGI message.

        Raises:
            ApiProblem: the body is too large, or all bodies together would be.
        """
        message = await self.receive()
        if message["type"] == "http.request" and (size := len(message.get("body", b""))):
            self.budget.check_fits(self.received_bytes + size, self.received_bytes)
            self.received_bytes += size
            self.budget.used_bytes += size
        return message

    def release_budget(self) -> None:
        """Give the body's bytes back to the budget, after the response."""
        self.budget.used_bytes -= self.received_bytes
        self.received_bytes = 0
