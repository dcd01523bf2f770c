"""Leads that are refused alike, one after another: is it the set-up, the size of the batch, or the leads themselves?"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from data import outbox
from data.outbox import DueLead
from data.store import write_transaction
from sync.canary import MAX_CANARY_LEADS, SINGLE_LEAD_ERRORS, Canary
from sync.connectors.base import Delivered, Rejected
from sync.crm_calls import LeadOutcome
from sync.errors import ConfigurationFault

if TYPE_CHECKING:
    from sync.drain import Drain

_MAX_SAME_REFUSALS = 3
"""So many leads refused alike, one after another and none taken between: it may be the set-up, not the leads."""

_VALUE_PATTERN = re.compile(r"""(["'“„«`]).*?["'”“»`]|\S+@\S+""")
"""What differs from lead to lead in words that say the same: values in quotation marks, and addresses."""


class AllLeadsRefused(ConfigurationFault):
    """So many leads were refused alike, and no other is taken, that it is the set-up: nobody else need be tried."""


@dataclass(frozen=True, slots=True)
class _RefusedLead:
    """A lead that was refused, and how many were in its call."""

    rejected: Rejected
    due_lead: DueLead
    batch_size: int


class RepeatedRefusals:
    """Those refused one after another since the last lead that was taken."""

    def __init__(self, drain: "Drain", canary: Canary) -> None:
        self.drain = drain
        self.canary = canary
        self.similar: list[_RefusedLead] = []

    async def add_outcomes(self, ends: Sequence[LeadOutcome]) -> bool:
        """
        Look at how one call ended; whether a lead was taken in it, and all suspicion is over.

        Raises:
            AllRefused: so many were refused alike that it is the set-up; they are not parked.
        """
        if any(isinstance(end.outcome, Delivered) for end in ends):
            self.similar = []
            return True
        for end in ends:
            if isinstance(end.outcome, Rejected):
                alike = [other for other in self.similar if _is_same_refusal(other.rejected, end.outcome)]
                self.similar = [*alike, _RefusedLead(end.outcome, end.due_lead, len(ends))]
        if len(self.similar) >= _MAX_SAME_REFUSALS:
            await self._find_cause()
        return False

    async def _find_cause(self) -> None:
        """
        Find out why so many were refused alike.

        Raises:
            AllRefused: it is the set-up.
        """
        refused, last = list(self.similar), self.similar[-1]
        if await self._check_batch_size(refused):
            self.similar = []
            return
        works = await self.canary.try_recent_lead(last.due_lead.lead.id, require_delivery=True)
        if not works and len({one.rejected.reason for one in refused}) > 1:
            works = await self._try_other_leads(refused)
        self.similar = []  # where it could not be asked, the question stays
        if not works:
            self._unpark_refused(refused)
            named = f" The CRM names the field {last.rejected.field}." if last.rejected.field else ""
            raise AllLeadsRefused(f"CRM set-up: it refuses every lead alike. {last.rejected.reason}{named}")

    async def _check_batch_size(self, refused: Sequence[_RefusedLead]) -> bool:
        """Whether the CRM takes one of them alone, which it refused in company: then there was too much in the call."""
        in_company = [one for one in refused if one.batch_size >= _MAX_SAME_REFUSALS]
        if len(in_company) < _MAX_SAME_REFUSALS or self.drain.is_stopping():
            return False
        first = in_company[0]
        self._unpark_refused([first])
        try:
            ends = await self.drain.send_batch([first.due_lead])
        except SINGLE_LEAD_ERRORS:
            return False
        if not any(isinstance(end.outcome, Delivered) for end in ends):
            return False
        self._unpark_refused(in_company[1:])
        self.drain.limit_batch_size(first.batch_size)
        return True

    async def _try_other_leads(self, refused: list[_RefusedLead]) -> bool:
        """Whether the CRM takes a lead that was not tried yet; one that it refuses, too, is added to *refused*."""
        for _ in range(MAX_CANARY_LEADS):
            other = [] if self.drain.is_stopping() else self.canary.pick_next_due([one.due_lead for one in refused])
            if not other:
                return False
            try:
                ends = await self.drain.send_batch(other)
            except SINGLE_LEAD_ERRORS:
                return False
            for end in ends:
                if isinstance(end.outcome, Delivered):
                    return True
                if isinstance(end.outcome, Rejected) and _is_same_refusal(end.outcome, refused[0].rejected):
                    refused.append(_RefusedLead(end.outcome, end.due_lead, 1))
        return False

    def _unpark_refused(self, refused: Sequence[_RefusedLead]) -> None:
        """Unpark leads that were refused through no fault of theirs."""
        drain = self.drain
        with write_transaction(drain.db):
            for one in refused:
                outbox.unpark_lead(drain.db, one.due_lead.lead.id, drain.clock)
        # Some may have been counted by an earlier run.
        drain.summary.rejected = max(0, drain.summary.rejected - len(refused))
        for one in refused:
            drain.summary.remove_reason(one.rejected.reason)


def _is_same_refusal(one: Rejected, other: Rejected) -> bool:
    """Whether two leads were refused for the same: the same code, and the same field or words, whatever the values."""
    if one.code != other.code or one.field != other.field:
        return False
    return bool(one.code and one.field) or _VALUE_PATTERN.sub("", one.reason) == _VALUE_PATTERN.sub("", other.reason)
