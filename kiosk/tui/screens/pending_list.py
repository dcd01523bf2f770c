"""What the pending list shows: leads one by one, or by why they are where they are; and which of them are meant."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from rich.cells import cell_len
from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import DataTable, Static

from data import pending
from data.clock import Clock
from data.listing import ListedLead, iterate_listed_leads
from data.outbox import DELIVERED, DISCARDED, NEEDS_YOU, STATES, WAITING
from data.pending import PendingEntry, PendingGroup
from data.store import Store
from kiosk.status.status import KioskStatus
from kiosk.status.wording import format_duration, format_lead_count, get_group_reason, sanitize_text
from kiosk.tui.screens.failures import FailureReporter
from kiosk.tui.widgets.prompt_line import PromptLine
from kiosk.tui.widgets.two_line_footer import TwoLineFooter

if TYPE_CHECKING:
    from kiosk.tui.app import KioskApp

FILTERS: dict[str, tuple[str, ...]] = {
    "not in the CRM": (WAITING, NEEDS_YOU),
    "needs you": (NEEDS_YOU,),
    "waiting": (WAITING,),
    "discarded": (DISCARDED,),
    "delivered": (DELIVERED,),
    "all": STATES,
}

_MAX_LIST_ROWS = 1000
"""Lines at most; the search finds the others, and the verbs that take all take them too."""

COLUMNS = ("Who", "Company", "Since", "State", "Next try", "By", "Why")

_ListRow: TypeAlias = PendingEntry | PendingGroup


@dataclass(frozen=True, slots=True)
class LeadChoice:
    """Which leads are shown."""

    filter: str = "not in the CRM"
    group: PendingGroup | None = None
    """Only those that are where they are for this reason."""
    search: str = ""

    @property
    def states(self) -> tuple[str, ...]:
        """Where they are."""
        return (self.group.state,) if self.group else FILTERS[self.filter]

    def iterate_leads(self, db: Store) -> Iterator[ListedLead]:
        """All of them, one after another, for an export."""
        cause, reason = (self.group.cause, self.group.reason) if self.group else ("", None)
        return iterate_listed_leads(db, states=self.states, cause=cause, reason=reason, search=self.search)

    def read_entries(self, db: Store, clock: Clock, limit: int) -> list[PendingEntry]:
        """At most *limit* of them, one by one."""
        cause, reason = (self.group.cause, self.group.reason) if self.group else ("", None)
        return pending.list_entries(
            db, clock, states=self.states, cause=cause, reason=reason, search=self.search, limit=limit
        )

    def read_rows(self, db: Store, clock: Clock, *, is_grouped: bool) -> tuple[list[_ListRow], int]:
        """The lines that are shown, and how many leads there are."""
        if is_grouped:
            groups = self.read_groups(db)
            return [*groups], sum(group.leads for group in groups)
        found = self.read_entries(db, clock, _MAX_LIST_ROWS)
        return [*found], len(found) if len(found) < _MAX_LIST_ROWS else len(self.read_ids(db))

    def read_groups(self, db: Store) -> list[PendingGroup]:
        """All of them, by why they are where they are."""
        return pending.list_groups(db, states=self.states, search=self.search)

    def read_ids(self, db: Store) -> list[str]:
        """All of them, however many."""
        cause, reason = (self.group.cause, self.group.reason) if self.group else ("", None)
        return pending.list_ids(db, states=self.states, cause=cause, reason=reason, search=self.search)


class PendingList(FailureReporter, Screen[None]):
    """The header, the list and what is chosen in it."""

    app: "KioskApp"

    def __init__(self) -> None:
        super().__init__()
        self.choice = LeadChoice()
        self.is_grouped = False
        self.list_rows: list[_ListRow] = []
        self.drawn_cells: dict[str, list[str]] = {}
        """The cells of each line, by its key: only what has changed is drawn anew."""
        self.marked_ids: set[str] = set()
        """The ids of leads that were marked, one by one."""

    def compose(self) -> ComposeResult:
        """The header, the list, the keys."""
        yield Static(id="header", markup=False)
        yield Static(id="sentence", markup=False)
        yield Static(id="showing", markup=False)
        yield DataTable(cursor_type="row", zebra_stripes=True)
        yield Static(id="why", markup=False)
        yield PromptLine()
        yield TwoLineFooter(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        """Fill the list."""
        table = self.query_one(DataTable)
        for column in COLUMNS:
            table.add_column(column, key=column)
        table.focus()
        if self.app.status is not None:
            self.show_status(self.app.status)

    def show_status(self, standing: KioskStatus) -> None:
        """Show the header as things stand, and the list with it."""
        counts = standing.counts
        parts = (
            f"{counts.waiting} waiting",
            f"{counts.needs_you} need you",
            standing.last_success_text,
            standing.crm_summary,
        )
        self.query_one("#header", Static).update("  ·  ".join(part for part in parts if part))
        self.query_one("#sentence", Static).update(standing.sentence)
        self.reload_list()

    def show_choice(self, **changes: object) -> None:
        """Show other leads; marks are of what was shown before."""
        self.choice = replace(self.choice, **changes)  # type: ignore[arg-type]
        self.marked_ids.clear()
        self.query_one(DataTable).focus()
        self.update_table([], self.app.status)  # what is not shown any more is not what a key is for
        self.reload_list()

    @work(exclusive=True, group="list", exit_on_error=False)
    async def reload_list(self) -> None:
        """Read the list anew; the line that was chosen stays chosen."""
        standing, choice, grouped, clock = self.app.status, self.choice, self.is_grouped, self.app.clock
        found = await self.app.run_in_database(lambda db: choice.read_rows(db, clock, is_grouped=grouped))
        if found is None or standing is None:
            return
        lines, number = found
        self.query_one("#showing", Static).update(self.describe_choice(lines, number))
        self.update_table(lines, standing)

    def describe_choice(self, lines: list[_ListRow], number: int) -> str:
        """What is shown, in words."""
        choice = self.choice
        many = format_lead_count(number)
        if not self.is_grouped and len(lines) < number:
            many = f"{len(lines)} of {number} shown; the search finds the others"
        parts = (
            f"Showing: {choice.group.state if choice.group else choice.filter}",
            "by cause" if self.is_grouped else "",
            f"only: {sanitize_text(get_group_reason(choice.group))}" if choice.group else "",
            f"search: {sanitize_text(choice.search)}" if choice.search else "",
            many,
            f"{len(self.marked_ids)} marked" if self.marked_ids else "",
        )
        return "  ·  ".join(part for part in parts if part)

    def update_table(self, found: list[_ListRow], standing: KioskStatus | None) -> None:
        """Bring the table up to date, without moving what the eye rests on."""
        table = self.query_one(DataTable)
        cells = {_get_row_key(line): self.build_cells(line, standing) for line in found if standing}
        keys = list(cells)
        if keys == list(self.drawn_cells):
            for key, texts in cells.items():
                for column, text, before in zip(COLUMNS, texts, self.drawn_cells[key], strict=True):
                    if text != before:
                        table.update_cell(key, column, make_cell(text), update_width=True)
        else:
            top, row = table.scroll_y, self.find_cursor_row(found)
            table.clear()
            _widen_columns(table, list(cells.values()))
            for key, texts in cells.items():
                table.add_row(*map(make_cell, texts), key=key)
            table.move_cursor(row=row, scroll=False)
            table.scroll_to(y=top, animate=False)
        self.drawn_cells = cells
        self.list_rows = found
        self.show_reason()

    def find_cursor_row(self, found: list[_ListRow]) -> int:
        """
        Where the cursor goes when the list is *found* from now on.

        It stays with its lead when others come before it. A lead that was mended moves to another part of the list,
        and whoever works through the list wants the next one, not that.
        """
        row, line = self.query_one(DataTable).cursor_row, self.get_current_row()
        for place, other in enumerate(found):
            if line is not None and _get_row_key(other) == _get_row_key(line) and other.state == line.state:
                return place
        return min(row, len(found) - 1)

    def get_current_row(self) -> _ListRow | None:
        """The line that the cursor is on."""
        row = self.query_one(DataTable).cursor_row
        return self.list_rows[row] if 0 <= row < len(self.list_rows) else None

    @on(DataTable.RowHighlighted)
    def show_reason(self) -> None:
        """Say in full why the chosen lead is where it is."""
        line, standing = self.get_current_row(), self.app.status
        self.query_one("#why", Static).update(sanitize_text(standing.explain_state(line)) if line and standing else "")

    def build_cells(self, line: _ListRow, standing: KioskStatus) -> list[str]:
        """A line of the list."""
        if isinstance(line, PendingGroup):
            texts = (format_lead_count(line.leads), "", "", line.state, "", "", standing.explain_state(line))
        else:
            mark = "● " if line.lead.id in self.marked_ids else ""
            texts = (
                mark + line.label,
                line.lead.contact.company,
                format_duration(standing.now - line.scanned_at),
                line.state,
                standing.describe_next_try(line),
                line.operator,
                standing.explain_state(line),
            )
        widths = (26, 20, 8, 10, 9, 10, 200)
        return [sanitize_text(text)[:width] for text, width in zip(texts, widths, strict=True)]


def _widen_columns(table: DataTable[Text], rows: list[list[str]]) -> None:
    """
    Make the columns of *table* as wide as *rows* need, before these are added.

    The table does so itself once nothing else is to be done; what it has drawn before that it keeps, cut off.
    """
    for column, *texts in zip(table.ordered_columns, *rows, strict=True):
        column.content_width = max(column.content_width, *map(cell_len, texts), 0)


def make_cell(text: str) -> Text:
    """A cell; what comes from outside is plain text, never markup."""
    return Text(text, no_wrap=True)


def _get_row_key(line: _ListRow) -> str:
    """By which the table knows a line."""
    return "\n".join((line.state, line.cause, line.reason)) if isinstance(line, PendingGroup) else line.lead.id
