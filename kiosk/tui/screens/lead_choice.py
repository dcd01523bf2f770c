"""Which leads the pending list shows: a filter, a cause and a search."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from data import pending
from data.clock import Clock
from data.language import N_
from data.listing import ListedLead, iterate_listed_leads
from data.outbox import DELIVERED, DISCARDED, NEEDS_YOU, STATES, WAITING
from data.pending import PendingEntry, PendingGroup
from data.store import Store

_NOT_IN_CRM = N_("not in the CRM")

# The filters by the name that is shown, and the states that each lets through.
FILTERS: dict[str, tuple[str, ...]] = {
    _NOT_IN_CRM: (WAITING, NEEDS_YOU),
    N_("needs you"): (NEEDS_YOU,),
    N_("waiting"): (WAITING,),
    N_("discarded"): (DISCARDED,),
    N_("delivered"): (DELIVERED,),
    N_("all"): STATES,
}

# How many rows the list shows; a search finds the other leads, and actions on everything shown include them.
_MAX_LIST_ROWS = 1000

ListRow: TypeAlias = PendingEntry | PendingGroup


@dataclass(frozen=True, slots=True)
class LeadChoice:
    """The choice of leads that the pending list shows."""

    filter: str = _NOT_IN_CRM
    group: PendingGroup | None = None
    """If set, only the leads that are in its state for its reason."""
    search: str = ""

    @property
    def states(self) -> tuple[str, ...]:
        """The states of these leads."""
        return (self.group.state,) if self.group else FILTERS[self.filter]

    def iterate_leads(self, db: Store) -> Iterator[ListedLead]:
        """Yield all of these leads, for an export."""
        cause, reason = (self.group.cause, self.group.reason) if self.group else ("", None)
        return iterate_listed_leads(db, states=self.states, cause=cause, reason=reason, search=self.search)

    def read_entries(self, db: Store, clock: Clock, limit: int) -> list[PendingEntry]:
        """Read at most *limit* of these leads."""
        cause, reason = (self.group.cause, self.group.reason) if self.group else ("", None)
        return pending.list_entries(
            db, clock, states=self.states, cause=cause, reason=reason, search=self.search, limit=limit
        )

    def read_rows(self, db: Store, clock: Clock, *, is_grouped: bool) -> tuple[list[ListRow], int]:
        """Read the rows to show, and count the leads that are in the choice."""
        if is_grouped:
            groups = self.read_groups(db)
            return [*groups], sum(group.leads for group in groups)
        entries = self.read_entries(db, clock, _MAX_LIST_ROWS)
        return [*entries], len(entries) if len(entries) < _MAX_LIST_ROWS else len(self.read_ids(db))

    def read_groups(self, db: Store) -> list[PendingGroup]:
        """Read these leads, grouped by state and reason."""
        return pending.list_groups(db, states=self.states, search=self.search)

    def read_ids(self, db: Store) -> list[str]:
        """Read the ids of all of these leads, however many there are."""
        cause, reason = (self.group.cause, self.group.reason) if self.group else ("", None)
        return pending.list_ids(db, states=self.states, cause=cause, reason=reason, search=self.search)
