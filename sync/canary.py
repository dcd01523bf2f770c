"""Whether the destination takes another lead right now: then it is not at fault for what went wrong with one."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from data import outbox
from data.outbox import DueLead
from sync.connectors.base import Delivered, SharedRecord
from sync.errors import BatchRefused, ConfigurationFault, CrmDown, NotAuthorised, OutcomeUnknown

if TYPE_CHECKING:
    from sync.drain import Drain

RECENT_SECONDS = 600.0
"""Seconds in which a lead may be sent again to see whether the CRM takes it: later it may have been edited there."""

MAX_CANARY_LEADS = 2
"""So many other leads are tried, at most, before a fault counts as the destination's."""

SINGLE_LEAD_ERRORS = (BatchRefused, CrmDown, OutcomeUnknown, ConfigurationFault, NotAuthorised)
"""Ends of a call with one lead that may be about that lead alone."""


class Canary:
    """Tries other leads, one call at a time."""

    def __init__(self, drain: "Drain") -> None:
        self.drain = drain
        self.db, self.clock = drain.db, drain.clock

    async def try_leads(
        self, owed: list[DueLead], *, already_delivered: bool = False, require_delivery: bool = False
    ) -> bool:
        """
        Whether the CRM takes *owed*; a refusal proves, too, that it works, unless *require_delivery*.

        Raises:
            DestinationFault: it cannot be asked.
        """
        try:
            ends = await self.drain.send_batch(owed, already_delivered=already_delivered)
            return not require_delivery or any(isinstance(end.outcome, Delivered | SharedRecord) for end in ends)
        except SINGLE_LEAD_ERRORS:
            return False

    async def try_recent_lead(self, lead_id: str, *, require_delivery: bool = False) -> bool:
        """
        Whether the CRM takes a lead, other than this, that it got lately; where it got none, whether it says that it
        is well. False where it never took any, or may not be sent one again.

        Raises:
            DestinationFault: it cannot be asked.
        """
        connector = self.drain.connector
        if not connector.is_idempotent:
            return False
        if other := outbox.find_last_delivered(
            self.db, lead_id, connector.destination, self.clock.wall_time() - RECENT_SECONDS
        ):
            return await self.try_leads(other, already_delivered=True, require_delivery=require_delivery)
        return bool(outbox.find_last_delivered(self.db, lead_id, connector.destination)) and await self.check_health()

    async def check_health(self) -> bool:
        """
        Whether the CRM finds nothing wrong when it is asked without sending a lead.

        Raises:
            DestinationFault: it cannot be asked.
        """
        try:
            return all(finding.is_well for finding in await self.drain.calls.check_crm())
        except (CrmDown, OutcomeUnknown, BatchRefused):
            return False

    def pick_next_due(self, excluded: Sequence[DueLead]) -> list[DueLead]:
        """The lead that is due next, *excluded* these; none where no other is."""
        return outbox.list_due_leads(self.db, self.clock, 1, [item.lead.id for item in excluded])

    def has_ever_worked(self) -> bool:
        """Whether the destination ever proved to work."""
        return self.drain.calls.gate.last_success is not None

    def has_worked_recently(self) -> bool:
        """Whether the destination, as far as we know, works: it is open, and proved it a little while ago."""
        gate = self.drain.calls.gate
        return (
            gate.is_open
            and gate.last_success is not None
            and self.clock.wall_time() - gate.last_success < RECENT_SECONDS
        )
