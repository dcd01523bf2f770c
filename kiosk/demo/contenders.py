"""One of the two booths: visitors come at their time, and stand in line until their badge is done with."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field


class BadgeLost(Exception):
    """The badge came to nothing that anybody knows of; `str()` says what happened."""


@dataclass(slots=True)
class Contender:
    """What is seen of one booth, as it goes."""

    title: str
    pace: float
    """Seconds from visitor to visitor."""
    visitors: int
    started: float = field(default_factory=time.monotonic)
    waits: list[float] = field(default_factory=list)
    """Seconds from coming to leaving with "saved", for each visitor."""
    lost: int = 0
    """Visitors who were sent away without it."""
    in_crm: int = 0
    """Contacts that the CRM has."""
    twice: int = 0
    """Contacts that it has beyond one for each e-mail."""
    ended: float | None = None
    """When it was over; then everything stands still."""
    done_after: float | None = None
    """Seconds until the last visitor was done with."""

    @property
    def now(self) -> float:
        """Seconds since it began."""
        return (self.ended or time.monotonic()) - self.started

    @property
    def arrived(self) -> int:
        """How many have come."""
        return min(self.visitors, int(self.now / self.pace) + 1)

    @property
    def in_line(self) -> int:
        """How many stand and wait, the one at the desk too."""
        return max(0, self.arrived - len(self.waits) - self.lost)

    @property
    def longest(self) -> float:
        """Seconds that the one who waited longest has waited, those in line too."""
        return max([*self.waits, self.waiting_now], default=0.0)

    @property
    def waiting_now(self) -> float:
        """Seconds that the one at the desk has waited; 0 where there is none."""
        served = len(self.waits) + self.lost
        return self.now - served * self.pace if self.in_line else 0.0

    async def serve_visitors(self, badges: Sequence[bytes], save: Callable[[int, bytes], Awaitable[None]]) -> None:
        """Serve one visitor after the other: *save* returns once "saved" may be said."""
        for number, badge in enumerate(badges):
            comes = self.started + number * self.pace
            await asyncio.sleep(max(0.0, comes - time.monotonic()))
            try:
                await save(number, badge)
            except BadgeLost:
                self.lost += 1
            else:
                self.waits.append(time.monotonic() - comes)
        self.done_after = self.now
