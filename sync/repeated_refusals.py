"""Leads that are refused for the same reason one after another: the configuration, the batch size, or the leads?"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from data import outbox
from data.language import N_, _
from data.outbox import DueLead
from data.store import write_transaction
from sync.canary import SINGLE_LEAD_ERRORS, Canary
from sync.connectors.base import Delivered, Rejected
from sync.crm_calls import LeadOutcome
from sync.errors import ConfigurationFault
from sync.isolation_steps import MAX_OTHER_LEADS
from sync.sender import Sender

# How many leads must be refused for the same reason, with none accepted in between, to make the configuration suspect.
_MAX_SAME_REFUSALS = 3

# What differs from lead to lead in messages that say the same: quoted values, and e-mail addresses.
_VALUE_PATTERN = re.compile(r"""(["'“„«`]).*?["'”“»`]|\S+@\S+""")


# How the connectors introduce what the CRM says of a lead that it rejected.
_REJECTED_SENTENCES = (
    N_("The CRM rejected it: {message}"),
    N_("A rule of the CRM rejected it: {message}"),
    N_("HubSpot rejected it: {message}"),
    N_("Odoo rejected it: {message}"),
    N_("The receiver rejected it: {message}"),
)


class AllLeadsRefused(ConfigurationFault):
    """Every lead is refused for the same reason: the configuration is at fault, and no other lead need be tried."""

    is_for_all_leads = True


@dataclass(frozen=True, slots=True)
class _RefusedLead:
    """A refused lead, and how many leads were in its call."""

    rejected: Rejected
    due_lead: DueLead
    batch_size: int


class RepeatedRefusals:
    """The leads that were refused for one reason since the CRM last accepted a lead."""

    def __init__(self, sender: Sender, canary: Canary) -> None:
        self.sender = sender
        self.canary = canary
        self.similar: list[_RefusedLead] = []

    async def add_outcomes(self, outcomes: Sequence[LeadOutcome]) -> bool:
        """
        Add the outcomes of one call, and return whether a lead was delivered in it, which ends all suspicion.

        Raises:
            AllLeadsRefused: the configuration is at fault; the refused leads are not parked.
        """
        if any(isinstance(one.outcome, Delivered) for one in outcomes):
            self.similar = []
            return True
        for one in outcomes:
            if isinstance(one.outcome, Rejected):
                similar = [other for other in self.similar if _is_same_refusal(other.rejected, one.outcome)]
                self.similar = [*similar, _RefusedLead(one.outcome, one.due_lead, len(outcomes))]
        if len(self.similar) >= _MAX_SAME_REFUSALS:
            await self._find_cause()
        return False

    async def _find_cause(self) -> None:
        """
        Find out why so many leads were refused for the same reason.

        Raises:
            AllLeadsRefused: the configuration is at fault.
        """
        refused, last = list(self.similar), self.similar[-1]
        if await self._check_batch_size(refused):
            self.similar = []
            return
        works = await self.canary.try_recent_lead(last.due_lead.lead.id, require_delivery=True)
        if not works and len({one.rejected.reason for one in refused}) > 1:
            works = await self._try_other_leads(refused)
        # Only now: if the CRM could not be reached, an error was raised above, and the suspicion stays.
        self.similar = []
        if not works:
            self._unpark_refused(refused)
            raise AllLeadsRefused(_describe_refusal(last.rejected))

    async def _check_batch_size(self, refused: Sequence[_RefusedLead]) -> bool:
        """Return whether the CRM accepts one of *refused* alone: then there was too much in the call."""
        in_batches = [one for one in refused if one.batch_size >= _MAX_SAME_REFUSALS]
        if len(in_batches) < _MAX_SAME_REFUSALS or self.sender.is_stopping():
            return False
        first = in_batches[0]
        self._unpark_refused([first])
        try:
            outcomes = await self.sender.send_batch([first.due_lead])
        except SINGLE_LEAD_ERRORS:
            return False
        if not any(isinstance(one.outcome, Delivered) for one in outcomes):
            return False
        self._unpark_refused(in_batches[1:])
        self.sender.limit_batch_size(first.batch_size)
        return True

    async def _try_other_leads(self, refused: list[_RefusedLead]) -> bool:
        """Return whether the CRM accepts a lead that was not tried yet; one that it refuses is added to *refused*."""
        for _number in range(MAX_OTHER_LEADS):
            if self.sender.is_stopping():
                return False
            other = self.canary.pick_next_due([one.due_lead for one in refused])
            if not other:
                return False
            try:
                outcomes = await self.sender.send_batch(other)
            except SINGLE_LEAD_ERRORS:
                return False
            for one in outcomes:
                if isinstance(one.outcome, Delivered):
                    return True
                if isinstance(one.outcome, Rejected) and _is_same_refusal(one.outcome, refused[0].rejected):
                    refused.append(_RefusedLead(one.outcome, one.due_lead, 1))
        return False

    def _unpark_refused(self, refused: Sequence[_RefusedLead]) -> None:
        """Let leads wait again that were refused through no fault of their own."""
        sender = self.sender
        with write_transaction(sender.db):
            for one in refused:
                outbox.unpark_lead(sender.db, one.due_lead.lead.id, sender.clock)
        # An earlier run may have counted some of them.
        sender.summary.rejected = max(0, sender.summary.rejected - len(refused))
        for one in refused:
            sender.summary.remove_reason(one.rejected.reason)


def _describe_refusal(rejected: Rejected) -> str:
    """Return the sentence for a configuration with which every lead is refused."""
    reason = rejected.reason
    for sentence in _REJECTED_SENTENCES:
        # "It" is one lead, and this sentence is about all of them.
        reason = reason.removeprefix(_(sentence).format(message=""))
    if rejected.field:
        return _("The CRM rejects every lead for the same reason: {reason} The field is {field}.").format(
            reason=reason, field=rejected.field
        )
    return _("The CRM rejects every lead for the same reason: {reason}").format(reason=reason)


def _is_same_refusal(one: Rejected, other: Rejected) -> bool:
    """Return whether two leads were refused for one reason: the same code, and the same field or wording."""
    if one.code != other.code or one.field != other.field:
        return False
    return bool(one.code and one.field) or _VALUE_PATTERN.sub("", one.reason) == _VALUE_PATTERN.sub("", other.reason)
