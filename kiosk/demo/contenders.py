"""One of the two booths: visitors arrive on schedule, and wait in line until their badge is saved or lost."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field


class BadgeLost(Exception):
    """A badge was not saved, as far as anybody knows; the message says why."""


@dataclass(slots=True)
class Contender:
    """The figures of one booth, updated while it runs."""

    title: str
    pace: float
    """Seconds from one visitor to the next."""
    visitors: int
    started: float = field(default_factory=time.monotonic)
    waits: list[float] = field(default_factory=list)
    """For each saved visitor, the seconds from arrival to "saved"."""
    lost: int = 0
    """Number of visitors whose badge was lost."""
    in_crm: int = 0
    """Number of contacts in the CRM."""
    twice: int = 0
    """Number of duplicates among them, by e-mail address."""
    ended: float | None = None
    """Monotonic time of the end; the figures do not change any more after it."""
    done_after: float | None = None
    """Seconds until the last visitor had been served."""

    @property
    def now(self) -> float:
        """Seconds since the start."""
        return (self.ended or time.monotonic()) - self.started

    @property
    def arrived(self) -> int:
        """Number of visitors who have arrived."""
        return min(self.visitors, int(self.now / self.pace) + 1)

    @property
    def in_line(self) -> int:
        """Number of visitors who are waiting, including the one being served."""
        return max(0, self.arrived - len(self.waits) - self.lost)

    @property
    def longest(self) -> float:
        """The longest wait so far in seconds, including visitors who are still in line."""
        return max([*self.waits, self.waiting_now], default=0.0)

    @property
    def waiting_now(self) -> float:
        """Seconds that the visitor being served has waited; 0 if there is none."""
        served = len(self.waits) + self.lost
        return self.now - served * self.pace if self.in_line else 0.0

    async def serve_visitors(self, badges: Sequence[bytes], save: Callable[[int, bytes], Awaitable[None]]) -> None:
        """Serve one visitor after the other; *save* takes a number and a badge, and returns once it is saved."""
        for number, badge in enumerate(badges):
            arrival = self.started + number * self.pace
            await asyncio.sleep(max(0.0, arrival - time.monotonic()))
            try:
                await save(number, badge)
            except BadgeLost:
                self.lost += 1
            else:
                self.waits.append(time.monotonic() - arrival)
        self.done_after = self.now
