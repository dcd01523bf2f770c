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
from data.listing import Listed, listed
from data.outbox import DELIVERED, DISCARDED, NEEDS_YOU, STATES, WAITING
from data.pending import Entry, Group
from data.store import Store
from kiosk.status.status import Standing
from kiosk.status.wording import leads_count, plain, span, why_waiting
from kiosk.tui.screens.failures import SaysFailures
from kiosk.tui.widgets.ask_line import AskLine
from kiosk.tui.widgets.keys import TwoLinesOfKeys

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

SHOWN = 1000
"""Lines at most; the search finds the others, and the verbs that take all take them too."""

COLUMNS = ("Who", "Company", "Since", "State", "Next try", "By", "Why")

Line: TypeAlias = Entry | Group


@dataclass(frozen=True, slots=True)
class Choice:
    """Which leads are shown."""

    filter: str = "not in the CRM"
    group: Group | None = None
    """Only those that are where they are for this reason."""
    search: str = ""

    @property
    def states(self) -> tuple[str, ...]:
        """Where they are."""
        return (self.group.state,) if self.group else FILTERS[self.filter]

    def leads(self, db: Store) -> Iterator[Listed]:
        """All of them, one after another, for an export."""
        cause, reason = (self.group.cause, self.group.reason) if self.group else ("", None)
        return listed(db, states=self.states, cause=cause, reason=reason, search=self.search)

    def entries(self, db: Store, clock: Clock, limit: int) -> list[Entry]:
        """At most *limit* of them, one by one."""
        cause, reason = (self.group.cause, self.group.reason) if self.group else ("", None)
        return pending.entries(
            db, clock, states=self.states, cause=cause, reason=reason, search=self.search, limit=limit
        )

    def lines(self, db: Store, clock: Clock, *, grouped: bool) -> tuple[list[Line], int]:
        """The lines that are shown, and how many leads there are."""
        if grouped:
            groups = self.groups(db)
            return [*groups], sum(group.leads for group in groups)
        found = self.entries(db, clock, SHOWN)
        return [*found], len(found) if len(found) < SHOWN else len(self.ids(db))

    def groups(self, db: Store) -> list[Group]:
        """All of them, by why they are where they are."""
        return pending.groups(db, states=self.states, search=self.search)

    def ids(self, db: Store) -> list[str]:
        """All of them, however many."""
        cause, reason = (self.group.cause, self.group.reason) if self.group else ("", None)
        return pending.ids(db, states=self.states, cause=cause, reason=reason, search=self.search)


class PendingList(SaysFailures, Screen[None]):
    """The header, the list and what is chosen in it."""

    app: "KioskApp"

    def __init__(self) -> None:
        super().__init__()
        self.choice = Choice()
        self.grouped = False
        self.lines: list[Line] = []
        self.drawn: dict[str, list[str]] = {}
        """The cells of each line, by its key: only what has changed is drawn anew."""
        self.picked: set[str] = set()
        """The ids of leads that were marked, one by one."""

    def compose(self) -> ComposeResult:
        """The header, the list, the keys."""
        yield Static(id="header", markup=False)
        yield Static(id="sentence", markup=False)
        yield Static(id="showing", markup=False)
        yield DataTable(cursor_type="row", zebra_stripes=True)
        yield Static(id="why", markup=False)
        yield AskLine()
        yield TwoLinesOfKeys(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        """Fill the list."""
        table = self.query_one(DataTable)
        for column in COLUMNS:
            table.add_column(column, key=column)
        table.focus()
        if self.app.standing is not None:
            self.show_standing(self.app.standing)

    def show_standing(self, standing: Standing) -> None:
        """Show the header as things stand, and the list with it."""
        counts = standing.counts
        parts = (f"{counts.waiting} waiting", f"{counts.needs_you} need you", standing.last_success, standing.crm)
        self.query_one("#header", Static).update("  ·  ".join(part for part in parts if part))
        self.query_one("#sentence", Static).update(standing.sentence)
        self.reload()

    def show(self, **changes: object) -> None:
        """Show other leads; marks are of what was shown before."""
        self.choice = replace(self.choice, **changes)  # type: ignore[arg-type]
        self.picked.clear()
        self.query_one(DataTable).focus()
        self.fill([], self.app.standing)  # what is not shown any more is not what a key is for
        self.reload()

    @work(exclusive=True, group="list", exit_on_error=False)
    async def reload(self) -> None:
        """Read the list anew; the line that was chosen stays chosen."""
        standing, choice, grouped, clock = self.app.standing, self.choice, self.grouped, self.app.clock
        found = await self.app.ask(lambda db: choice.lines(db, clock, grouped=grouped))
        if found is None or standing is None:
            return
        lines, number = found
        self.query_one("#showing", Static).update(self.showing(lines, number))
        self.fill(lines, standing)

    def showing(self, lines: list[Line], number: int) -> str:
        """What is shown, in words."""
        choice = self.choice
        many = leads_count(number)
        if not self.grouped and len(lines) < number:
            many = f"{len(lines)} of {number} shown; the search finds the others"
        parts = (
            f"Showing: {choice.group.state if choice.group else choice.filter}",
            "by cause" if self.grouped else "",
            f"only: {plain(why_waiting(choice.group))}" if choice.group else "",
            f"search: {plain(choice.search)}" if choice.search else "",
            many,
            f"{len(self.picked)} marked" if self.picked else "",
        )
        return "  ·  ".join(part for part in parts if part)

    def fill(self, found: list[Line], standing: Standing | None) -> None:
        """Bring the table up to date, without moving what the eye rests on."""
        table = self.query_one(DataTable)
        cells = {key_of(line): self.cells(line, standing) for line in found if standing}
        keys = list(cells)
        if keys == list(self.drawn):
            for key, texts in cells.items():
                for column, text, before in zip(COLUMNS, texts, self.drawn[key], strict=True):
                    if text != before:
                        table.update_cell(key, column, as_text(text), update_width=True)
        else:
            top, row = table.scroll_y, self.row_to_choose(found)
            table.clear()
            widen_columns(table, list(cells.values()))
            for key, texts in cells.items():
                table.add_row(*map(as_text, texts), key=key)
            table.move_cursor(row=row, scroll=False)
            table.scroll_to(y=top, animate=False)
        self.drawn = cells
        self.lines = found
        self.show_why()

    def row_to_choose(self, found: list[Line]) -> int:
        """
        Where the cursor goes when the list is *found* from now on.

        It stays with its lead when others come before it. A lead that was mended moves to another part of the list,
        and whoever works through the list wants the next one, not that.
        """
        row, line = self.query_one(DataTable).cursor_row, self.chosen()
        for place, other in enumerate(found):
            if line is not None and key_of(other) == key_of(line) and other.state == line.state:
                return place
        return min(row, len(found) - 1)

    def chosen(self) -> Line | None:
        """The line that the cursor is on."""
        row = self.query_one(DataTable).cursor_row
        return self.lines[row] if 0 <= row < len(self.lines) else None

    @on(DataTable.RowHighlighted)
    def show_why(self) -> None:
        """Say in full why the chosen lead is where it is."""
        line, standing = self.chosen(), self.app.standing
        self.query_one("#why", Static).update(plain(standing.why(line)) if line and standing else "")

    def cells(self, line: Line, standing: Standing) -> list[str]:
        """A line of the list."""
        if isinstance(line, Group):
            texts = (leads_count(line.leads), "", "", line.state, "", "", standing.why(line))
        else:
            mark = "● " if line.lead.id in self.picked else ""
            texts = (
                mark + line.label,
                line.lead.contact.company,
                span(standing.now - line.scanned_at),
                line.state,
                standing.next_try(line),
                line.operator,
                standing.why(line),
            )
        widths = (26, 20, 8, 10, 9, 10, 200)
        return [plain(text)[:width] for text, width in zip(texts, widths, strict=True)]


def widen_columns(table: DataTable[Text], rows: list[list[str]]) -> None:
    """
    Make the columns of *table* as wide as *rows* need, before these are added.

    The table does so itself once nothing else is to be done; what it has drawn before that it keeps, cut off.
    """
    for column, *texts in zip(table.ordered_columns, *rows, strict=True):
        column.content_width = max(column.content_width, *map(cell_len, texts), 0)


def as_text(text: str) -> Text:
    """A cell; what comes from outside is plain text, never markup."""
    return Text(text, no_wrap=True)


def key_of(line: Line) -> str:
    """By which the table knows a line."""
    return "\n".join((line.state, line.cause, line.reason)) if isinstance(line, Group) else line.lead.id
