"""Leads that are refused alike, one after another: is it the set-up, the size of the batch, or the leads themselves?"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from data import outbox
from data.outbox import Owed
from data.store import writing
from sync.calls import End
from sync.canary import ABOUT_ONE, OTHERS, Canary
from sync.connectors.base import Delivered, Rejected
from sync.errors import SetUpFault

if TYPE_CHECKING:
    from sync.drain import Drain

SAME_REFUSAL = 3
"""So many leads refused alike, one after another and none taken between: it may be the set-up, not the leads."""

_VALUES = re.compile(r"""(["'“„«`]).*?["'”“»`]|\S+@\S+""")
"""What differs from lead to lead in words that say the same: values in quotation marks, and addresses."""


class AllRefused(SetUpFault):
    """So many leads were refused alike, and no other is taken, that it is the set-up: nobody else need be tried."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A lead that was refused, and how many were in its call."""

    rejected: Rejected
    owed: Owed
    company: int


class Refusals:
    """Those refused one after another since the last lead that was taken."""

    def __init__(self, drain: "Drain", canary: Canary) -> None:
        self.drain = drain
        self.canary = canary
        self.alike: list[Refused] = []

    async def note(self, ends: Sequence[End]) -> bool:
        """
        Look at how one call ended; whether a lead was taken in it, and all suspicion is over.

        Raises:
            AllRefused: so many were refused alike that it is the set-up; they are not parked.
        """
        if any(isinstance(end.outcome, Delivered) for end in ends):
            self.alike = []
            return True
        for end in ends:
            if isinstance(end.outcome, Rejected):
                alike = [other for other in self.alike if are_alike(other.rejected, end.outcome)]
                self.alike = [*alike, Refused(end.outcome, end.owed, len(ends))]
        if len(self.alike) >= SAME_REFUSAL:
            await self._judge()
        return False

    async def _judge(self) -> None:
        """
        Find out why so many were refused alike.

        Raises:
            AllRefused: it is the set-up.
        """
        refused, last = list(self.alike), self.alike[-1]
        if await self._is_the_batch(refused):
            self.alike = []
            return
        works = await self.canary.still_works(last.owed.lead.id, refused_is_no=True)
        if not works and len({one.rejected.reason for one in refused}) > 1:
            works = await self._takes_another(refused)
        self.alike = []  # where it could not be asked, the question stays
        if not works:
            self._take_back(refused)
            named = f" The CRM names the field {last.rejected.field}." if last.rejected.field else ""
            raise AllRefused(f"CRM set-up: it refuses every lead alike. {last.rejected.reason}{named}")

    async def _is_the_batch(self, refused: Sequence[Refused]) -> bool:
        """Whether the CRM takes one of them alone, which it refused in company: then there was too much in the call."""
        in_company = [one for one in refused if one.company >= SAME_REFUSAL]
        if len(in_company) < SAME_REFUSAL or self.drain.stopping():
            return False
        first = in_company[0]
        self._take_back([first])
        try:
            ends = await self.drain.send([first.owed])
        except ABOUT_ONE:
            return False
        if not any(isinstance(end.outcome, Delivered) for end in ends):
            return False
        self._take_back(in_company[1:])
        self.drain.keep_smaller(first.company)
        return True

    async def _takes_another(self, refused: list[Refused]) -> bool:
        """Whether the CRM takes a lead that was not tried yet; one that it refuses, too, is added to *refused*."""
        for _ in range(OTHERS):
            other = [] if self.drain.stopping() else self.canary.next_due([one.owed for one in refused])
            if not other:
                return False
            try:
                ends = await self.drain.send(other)
            except ABOUT_ONE:
                return False
            for end in ends:
                if isinstance(end.outcome, Delivered):
                    return True
                if isinstance(end.outcome, Rejected) and are_alike(end.outcome, refused[0].rejected):
                    refused.append(Refused(end.outcome, end.owed, 1))
        return False

    def _take_back(self, refused: Sequence[Refused]) -> None:
        """Unpark leads that were refused through no fault of theirs."""
        drain = self.drain
        with writing(drain.db):
            for one in refused:
                outbox.unpark(drain.db, one.owed.lead.id, drain.clock)
        # Some may have been counted by an earlier run.
        drain.summary.rejected = max(0, drain.summary.rejected - len(refused))
        for one in refused:
            drain.summary.forget(one.rejected.reason)


def are_alike(one: Rejected, other: Rejected) -> bool:
    """Whether two leads were refused for the same: the same code, and the same field or words, whatever the values."""
    if one.code != other.code or one.field != other.field:
        return False
    return bool(one.code and one.field) or _VALUES.sub("", one.reason) == _VALUES.sub("", other.reason)
