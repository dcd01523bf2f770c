"""Whether the destination takes another lead right now: then it is not at fault for what went wrong with one."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from data import outbox
from data.outbox import Owed
from sync.connectors.base import Delivered, Shared
from sync.errors import BatchRefused, CrmDown, NotAuthorised, SetUpFault, Unsure

if TYPE_CHECKING:
    from sync.drain import Drain

LATELY = 600.0
"""Seconds in which a lead may be sent again to see whether the CRM takes it: later it may have been edited there."""

OTHERS = 2
"""So many other leads are tried, at most, before a fault counts as the destination's."""

ABOUT_ONE = (BatchRefused, CrmDown, Unsure, SetUpFault, NotAuthorised)
"""Ends of a call with one lead that may be about that lead alone."""


class Canary:
    """Tries other leads, one call at a time."""

    def __init__(self, drain: "Drain") -> None:
        self.drain = drain
        self.db, self.clock = drain.db, drain.clock

    async def takes(self, owed: list[Owed], *, again: bool = False, refused_is_no: bool = False) -> bool:
        """
        Whether the CRM takes *owed*; a refusal proves, too, that it works, unless *refused_is_no*.

        Raises:
            DestinationFault: it cannot be asked.
        """
        try:
            ends = await self.drain.send(owed, again=again)
            return not refused_is_no or any(isinstance(end.outcome, Delivered | Shared) for end in ends)
        except ABOUT_ONE:
            return False

    async def still_works(self, lead_id: str, *, refused_is_no: bool = False) -> bool:
        """
        Whether the CRM takes a lead, other than this, that it got lately; where it got none, whether it says that it
        is well. False where it never took any, or may not be sent one again.

        Raises:
            DestinationFault: it cannot be asked.
        """
        connector = self.drain.connector
        if not connector.may_repeat:
            return False
        if other := outbox.another(self.db, lead_id, connector.destination, self.clock.wall() - LATELY):
            return await self.takes(other, again=True, refused_is_no=refused_is_no)
        return bool(outbox.another(self.db, lead_id, connector.destination)) and await self.is_well()

    async def is_well(self) -> bool:
        """
        Whether the CRM finds nothing wrong when it is asked without sending a lead.

        Raises:
            DestinationFault: it cannot be asked.
        """
        try:
            return all(finding.is_well for finding in await self.drain.calls.check())
        except (CrmDown, Unsure, BatchRefused):
            return False

    def next_due(self, besides: Sequence[Owed]) -> list[Owed]:
        """The lead that is due next, *besides* these; none where no other is."""
        return outbox.due(self.db, self.clock, 1, [item.lead.id for item in besides])

    def has_ever_worked(self) -> bool:
        """Whether the destination ever proved to work."""
        return self.drain.calls.gate.last_success is not None

    def has_worked_lately(self) -> bool:
        """Whether the destination, as far as we know, works: it is open, and proved it a little while ago."""
        gate = self.drain.calls.gate
        return gate.is_open and gate.last_success is not None and self.clock.wall() - gate.last_success < LATELY
