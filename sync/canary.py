"""Canary leads: does the CRM accept another lead right now? Then it is not at fault for one that failed."""

from collections.abc import Sequence

from data import outbox
from data.outbox import DueLead
from sync.connectors.base import Delivered, SharedRecord
from sync.errors import BatchRefused, ConfigurationFault, CrmDown, NotAuthorised, OutcomeUnknown
from sync.sender import Sender

# Only a lead that was delivered within this time is sent again as a canary: later, somebody may have edited it in the
# CRM, and sending it would undo that.
RECENT_SECONDS = 600.0

SINGLE_LEAD_ERRORS = (BatchRefused, CrmDown, OutcomeUnknown, ConfigurationFault, NotAuthorised)
"""Errors of a call with one lead that may be about that lead alone."""


class Canary:
    """Tries other leads, one call at a time."""

    def __init__(self, sender: Sender) -> None:
        self.sender = sender
        self.db, self.clock = sender.db, sender.clock

    async def try_leads(
        self, due_leads: list[DueLead], *, already_delivered: bool = False, require_delivery: bool = False
    ) -> bool:
        """
        Send *due_leads* and return whether that proves that the CRM works.

        A refusal that names the lead proves it, too, unless *require_delivery*.

        Raises:
            DestinationFault: the CRM cannot be reached.
        """
        try:
            outcomes = await self.sender.send_batch(due_leads, already_delivered=already_delivered)
            return not require_delivery or any(isinstance(one.outcome, Delivered | SharedRecord) for one in outcomes)
        except SINGLE_LEAD_ERRORS:
            return False

    async def try_recent_lead(self, lead_id: str, *, require_delivery: bool = False) -> bool:
        """
        Return whether the CRM accepts a recently delivered lead once more, one other than *lead_id*.

        If none was delivered recently, the connector's check decides. False if no other lead was ever delivered, or if
        sending one twice would create a second record.

        Raises:
            DestinationFault: the CRM cannot be reached.
        """
        connector = self.sender.connector
        if not connector.is_idempotent:
            return False
        since = self.clock.wall_time() - RECENT_SECONDS
        if recent := outbox.find_last_delivered(self.db, lead_id, connector.destination, since):
            return await self.try_leads([recent], already_delivered=True, require_delivery=require_delivery)
        has_delivered = outbox.find_last_delivered(self.db, lead_id, connector.destination) is not None
        return has_delivered and await self.check_health()

    async def check_health(self) -> bool:
        """
        Return whether the connector's check, which sends no lead, finds nothing wrong.

        Raises:
            DestinationFault: the CRM cannot be reached.
        """
        try:
            return all(result.is_well for result in await self.sender.caller.check_crm())
        except (CrmDown, OutcomeUnknown, BatchRefused):
            return False

    def pick_next_due(self, excluded: Sequence[DueLead]) -> list[DueLead]:
        """Return the next due lead that is not in *excluded*, as a list of one; empty if there is none."""
        return outbox.list_due_leads(self.db, self.clock, 1, [due_lead.lead.id for due_lead in excluded])

    def has_ever_worked(self) -> bool:
        """Return whether the destination ever answered for a lead or passed its check."""
        return self.sender.caller.gate.last_success is not None

    def has_worked_recently(self) -> bool:
        """Return whether the gate is open, and the CRM answered for a lead or passed its check in `RECENT_SECONDS`."""
        gate = self.sender.caller.gate
        if not gate.is_open or gate.last_success is None:
            return False
        return self.clock.wall_time() - gate.last_success < RECENT_SECONDS
