"""The pending list: where each lead is, why, when it is tried next, and what a person can do."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import Screen
from textual.widgets import DataTable, Static

from data import outbox, pending
from data.outbox import DELIVERED, DISCARDED, NEEDS_YOU, STATES, WAITING
from data.pending import Entry
from data.store import Store
from kiosk.screens.lead import LeadScreen
from kiosk.standing import Standing
from kiosk.widgets.ask_line import AskLine
from kiosk.widgets.keys import TwoLinesOfKeys
from kiosk.words import leads_count, next_try, plain, span, why

if TYPE_CHECKING:
    from kiosk.app import KioskApp

FILTERS: dict[str, tuple[str, ...]] = {
    "not in the CRM": (WAITING, NEEDS_YOU),
    "needs you": (NEEDS_YOU,),
    "waiting": (WAITING,),
    "discarded": (DISCARDED,),
    "delivered": (DELIVERED,),
    "all": STATES,
}

SHOWN = 1000
"""Lines at most; the search finds the others."""

VERBS = ("open", "retry", "retry_all", "discard", "restore", "filter", "cause", "search")

COLUMNS = ("Who", "Company", "Since", "State", "Next try", "By", "Why")


class PendingScreen(Screen[None]):
    """The list, its header, and the verbs."""

    CSS_PATH = "pending.tcss"
    BINDINGS = [
        Binding("o", "open", "Open"),
        Binding("r", "retry", "Retry"),
        Binding("R,shift+r", "retry_all", "Retry all", key_display="R"),
        Binding("d", "discard", "Discard"),
        Binding("u", "restore", "Restore"),
        Binding("s", "app.sync_now", "Sync now"),
        Binding("f5", "app.sync_now", show=False),
        Binding("f", "filter", "Show"),
        Binding("c", "cause", "Cause"),
        Binding("slash", "search", "Search"),
        Binding("escape", "back", "Back", key_display="Esc"),
    ]
    app: "KioskApp"

    def __init__(self) -> None:
        super().__init__()
        self.shown = "not in the CRM"
        self.cause = ""
        self.search = ""
        self.entries: list[Entry] = []

    def compose(self) -> ComposeResult:
        """The header, the list, the keys."""
        yield Static(id="header", markup=False)
        yield Static(id="sentence", markup=False)
        yield Static(id="showing", markup=False)
        yield DataTable(cursor_type="row", zebra_stripes=True)
        yield Static(id="why", markup=False)
        yield AskLine()
        yield TwoLinesOfKeys(show_command_palette=False, compact=True)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While a line is typed, letters are letters."""
        return action not in VERBS or not self.query_one(AskLine).display

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

    @work(exclusive=True, group="list", exit_on_error=False)
    async def reload(self) -> None:
        """Read the list anew; the line that was chosen stays chosen."""
        standing = self.app.standing
        states, cause, search, clock = FILTERS[self.shown], self.cause, self.search, self.app.clock
        found = await self.app.ask(
            lambda db: pending.entries(db, clock, states=states, cause=cause, search=search, limit=SHOWN)
        )
        if found is None or standing is None:
            return
        kept = [f"cause: {cause}" if cause else "", f"search: {plain(search)}" if search else ""]
        many = f"the first {SHOWN} leads; the search finds the others"
        parts = (f"Showing: {self.shown}", *kept, leads_count(len(found)) if len(found) < SHOWN else many)
        self.query_one("#showing", Static).update("  ·  ".join(part for part in parts if part))
        self.fill(found, standing)

    def fill(self, found: list[Entry], standing: Standing) -> None:
        """Bring the table up to date, without moving what the eye rests on."""
        table = self.query_one(DataTable)
        if [entry.lead.id for entry in found] == [entry.lead.id for entry in self.entries]:
            for entry in found:
                for column, cell in zip(COLUMNS, cells(entry, standing), strict=True):
                    table.update_cell(entry.lead.id, column, cell)
        else:
            chosen, top = table.cursor_row, table.scroll_y
            chosen_id = self.entries[chosen].lead.id if 0 <= chosen < len(self.entries) else ""
            table.clear()
            for entry in found:
                table.add_row(*cells(entry, standing), key=entry.lead.id)
            ids = [entry.lead.id for entry in found]
            table.move_cursor(row=ids.index(chosen_id) if chosen_id in ids else min(chosen, len(ids) - 1), scroll=False)
            table.scroll_to(y=top, animate=False)
        self.entries = found
        self.show_why()

    def chosen(self) -> Entry | None:
        """The lead that the cursor is on."""
        row = self.query_one(DataTable).cursor_row
        return self.entries[row] if 0 <= row < len(self.entries) else None

    @on(DataTable.RowHighlighted)
    def show_why(self) -> None:
        """Say in full why the chosen lead is where it is."""
        entry, standing = self.chosen(), self.app.standing
        text = why(entry, standing.gate, standing.sender_runs) if entry and standing else ""
        self.query_one("#why", Static).update(plain(text))

    @on(DataTable.RowSelected)
    def action_open(self) -> None:
        """Open the lead."""
        if entry := self.chosen():
            self.app.push_screen(LeadScreen(entry.lead.id), self.closed)

    def closed(self, _: None) -> None:
        """A lead was looked at, and perhaps mended."""
        self.reload()

    def action_retry(self) -> None:
        """Send the chosen lead again, now."""
        if entry := self.chosen():
            self.do("sent again", [entry], lambda db, lead_id, who: outbox.retry(db, lead_id, who, self.app.clock))

    def action_retry_all(self) -> None:
        """Send everything that is shown again, now."""
        self.do("sent again", self.entries, lambda db, lead_id, who: outbox.retry(db, lead_id, who, self.app.clock))

    def action_discard(self) -> None:
        """Keep the chosen lead from the CRM, after asking why; it can be restored."""
        if (entry := self.chosen()) and entry.state != DISCARDED:
            question = f"Why discard {plain(entry.lead.label)}?"
            self.query_one(AskLine).ask(question, "", lambda reason: self.discard(entry, reason))

    def discard(self, entry: Entry, reason: str) -> None:
        """Discard a lead, for a reason."""
        if not reason:
            self.notify("Nothing was discarded: it takes a reason.", markup=False)
            return
        clock = self.app.clock
        self.do("discarded", [entry], lambda db, lead_id, who: outbox.discard(db, lead_id, reason, who, clock))

    def action_restore(self) -> None:
        """Undo a discard."""
        if entry := self.chosen():
            self.do("restored", [entry], lambda db, lead_id, who: outbox.restore(db, lead_id, who, self.app.clock))

    @work(exit_on_error=False)
    async def do(self, what: str, found: list[Entry], verb: Callable[[Store, str, str], bool]) -> None:
        """Use *verb* on leads, say how many it changed, and wake the worker."""
        ids, who = [entry.lead.id for entry in found], self.app.scanner.operator
        done = await self.app.ask(lambda db: sum(verb(db, lead_id, who) for lead_id in ids))
        if done is not None:
            self.app.nudge()
            self.notify(f"{leads_count(done)} {what}.", markup=False)
            self.query_one(DataTable).focus()
            self.reload()

    def action_filter(self) -> None:
        """Show the next kind of leads."""
        names = list(FILTERS)
        self.shown = names[(names.index(self.shown) + 1) % len(names)]
        self.reload()

    @work(exclusive=True, group="cause", exit_on_error=False)
    async def action_cause(self) -> None:
        """Show only leads with the next cause that there is."""
        found = await self.app.ask(pending.causes)
        causes = ["", *(found or {})]
        self.cause = causes[(causes.index(self.cause) + 1) % len(causes)] if self.cause in causes else ""
        self.reload()

    def action_search(self) -> None:
        """Ask what to look for."""
        self.query_one(AskLine).ask("Search:", self.search, self.set_search)

    def set_search(self, text: str) -> None:
        """Show only leads that hold *text*."""
        self.search = text
        self.query_one(DataTable).focus()
        self.reload()

    def action_back(self) -> None:
        """Back to scanning."""
        self.app.pop_screen()


def cells(entry: Entry, standing: Standing) -> list[Text]:
    """One lead as a line of the list; what comes from outside is plain text."""
    texts = (
        entry.lead.label,
        entry.lead.contact.company,
        span(standing.now - entry.scanned_at),
        entry.state,
        next_try(entry, standing.gate, standing.gate_seconds),
        entry.operator,
        why(entry, standing.gate, standing.sender_runs),
    )
    widths = (26, 20, 8, 10, 9, 10, 200)
    return [Text(plain(text)[:width], no_wrap=True) for text, width in zip(texts, widths, strict=True)]
