"""The table of the pending list: leads one by one or grouped by cause, and the row that the cursor is on."""

from dataclasses import replace

from rich.cells import cell_len
from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.widgets import DataTable, Static

from data.language import N_, _, format_number, ngettext
from data.pending import PendingGroup
from kiosk.status.status import KioskStatus
from kiosk.status.wording import (
    describe_pause_in_list,
    format_duration,
    format_lead_count,
    format_needs_you_count,
    format_waiting_count,
    get_group_reason,
    sanitize_text,
)
from kiosk.tui.booth_app import BoothScreen
from kiosk.tui.screens.lead_choice import FILTERS, LeadChoice, ListRow
from kiosk.tui.widgets.prompt_line import PromptLine
from kiosk.tui.widgets.two_line_footer import TwoLineFooter

_COLUMNS = (N_("Who"), N_("Company"), N_("Since"), N_("State"), N_("Next try"), N_("Scanned by"), N_("Why"))

# The longest text of each column.
_MAX_CELL_CHARACTERS = (26, 20, 8, 10, 17, 10, 200)


class PendingList(BoothScreen[None]):
    """The header, the table, and the reason of the current row."""

    def __init__(self) -> None:
        super().__init__()
        self.choice = LeadChoice()
        self.choice_before_search = LeadChoice()
        """What was shown before a search, which looks through all states."""
        self.is_grouped = False
        """Whether leads are grouped by cause."""
        self.list_rows: list[ListRow] = []
        self.drawn_cells: dict[str, list[str]] = {}
        """The cells of each row by its key, so that only those that changed are drawn again."""
        self.marked_ids: set[str] = set()
        """The ids of the marked leads."""

    def compose(self) -> ComposeResult:
        """Lay out the header, the table and the footer."""
        yield Static(id="header", markup=False)
        yield Static(id="sentence", markup=False)
        yield Static(id="showing", markup=False)
        yield DataTable(cursor_type="row", zebra_stripes=True)
        yield Static(id="why", markup=False)
        yield PromptLine()
        yield TwoLineFooter(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        """Fill the table."""
        table = self.query_one(DataTable)
        for column in _COLUMNS:
            table.add_column(_(column), key=column)
        table.focus()
        self.show_status(self.app.status, held_count=0)  # the list does not show badges that are not saved

    def show_status(self, status: KioskStatus | None, held_count: int) -> None:
        """Show the kiosk status in the header, and read the list again."""
        if status is None:  # the last one stays: the list could not be read either
            return
        has_next_try = status.is_worker_running and not status.gate.is_open and status.paused is None
        duration = format_duration(status.gate_retry_seconds)
        parts = (
            format_waiting_count(status.counts.waiting),
            format_needs_you_count(status.counts.needs_you),
            status.crm_summary,
            # The sentence below says it, too, but after what the CRM says, which may be long.
            _("next try in {duration}").format(duration=duration) if has_next_try else "",
            status.last_success_text,
        )
        self.query_one("#header", Static).update("  ·  ".join(part for part in parts if part))
        sentence = describe_pause_in_list(status.paused, status.now) if status.paused else status.sentence
        self.query_one("#sentence", Static).update(sentence)
        self.reload_list()

    def show_choice(self, **changes: object) -> None:
        """Show other leads: *changes* are fields of `LeadChoice`. Marks are removed."""
        self.choice = replace(self.choice, **changes)  # type: ignore[arg-type]
        self.marked_ids.clear()
        self.query_one(DataTable).focus()
        # Emptied at once, so that no key acts on a lead that is not shown any more.
        self.update_table([], self.app.status)
        self.reload_list()

    def action_filter(self) -> None:
        """Switch to the next filter."""
        names = list(FILTERS)
        self.show_choice(filter=names[(names.index(self.choice.filter) + 1) % len(names)], group=None)

    def action_cause(self) -> None:
        """Group the leads by cause, or show them one by one again."""
        self.is_grouped = not self.is_grouped
        self.show_choice(group=None)

    def action_search(self) -> None:
        """Ask what to search for."""
        self.query_one(PromptLine).open_prompt(_("Search all leads:"), self.choice.search, self.search_for)

    def search_for(self, text: str) -> None:
        """Search the leads of all states; an empty search shows again what was shown before."""
        if not self.choice.search:
            self.choice_before_search = self.choice
        if text:
            self.show_choice(search=text, filter="all", group=None)
        else:
            previous = self.choice_before_search
            self.show_choice(search="", filter=previous.filter, group=None if self.is_grouped else previous.group)

    def action_back(self) -> None:
        """Go back from the leads of a cause to all causes, then end a search, and at last go back to scanning."""
        if self.choice.group is not None:
            self.action_cause()
        elif self.choice.search:
            self.search_for("")
        else:
            self.app.pop_screen()

    @work(exclusive=True, group="list", exit_on_error=False)
    async def reload_list(self) -> None:
        """Read the list again; the cursor stays on its lead."""
        status, choice, is_grouped, clock = self.app.status, self.choice, self.is_grouped, self.app.clock
        found = await self.app.run_in_database(lambda db: choice.read_rows(db, clock, is_grouped=is_grouped))
        if found is None or status is None:
            return
        rows, lead_count = found
        self.query_one("#showing", Static).update(self.describe_choice(rows, lead_count))
        self.update_table(rows, status)

    def describe_choice(self, rows: list[ListRow], lead_count: int) -> str:
        """Describe which leads are shown, and how many."""
        choice, status = self.choice, self.app.status
        has_attendee_list = status is not None and status.has_attendee_list
        reason = get_group_reason(choice.group, has_attendee_list) if choice.group else ""
        count = format_lead_count(lead_count)
        if not self.is_grouped and len(rows) < lead_count:
            count = _("{shown} of {count} shown; search finds the rest").format(
                shown=format_number(len(rows)), count=format_number(lead_count)
            )
        marked = len(self.marked_ids)
        parts = (
            _("Showing: {filter}").format(filter=_(choice.group.state if choice.group else choice.filter)),
            _("by cause") if self.is_grouped else "",
            _("search: {text}").format(text=choice.search) if choice.search else "",
            count,
            ngettext("{count} marked", "{count} marked", marked).format(count=format_number(marked)) if marked else "",
            # Last, because a narrow screen may cut it off: it is shown in full below the table.
            _("only: {reason}").format(reason=reason) if reason else "",
        )
        return "  ·  ".join(sanitize_text(part) for part in parts if part)

    def update_table(self, rows: list[ListRow], status: KioskStatus | None) -> None:
        """Show *rows* in the table, without moving what a person is looking at."""
        table = self.query_one(DataTable)
        cells = {_get_row_key(row): self.build_cells(row, status) for row in rows if status}
        if list(cells) == list(self.drawn_cells):
            for key, texts in cells.items():
                for column, text, drawn_text in zip(_COLUMNS, texts, self.drawn_cells[key], strict=True):
                    if text != drawn_text:
                        table.update_cell(key, column, _make_cell(text), update_width=True)
        else:
            scroll_y, cursor_row = table.scroll_y, self.find_cursor_row(rows)
            table.clear()
            _widen_columns(table, list(cells.values()))
            for key, texts in cells.items():
                table.add_row(*map(_make_cell, texts), key=key)
            table.move_cursor(row=cursor_row, scroll=False)
            table.scroll_to(y=scroll_y, animate=False)
        self.drawn_cells = cells
        self.list_rows = rows
        self.show_reason()

    def find_cursor_row(self, rows: list[ListRow]) -> int:
        """
        Return where the cursor belongs once *rows* are shown.

        It stays on its lead while the lead keeps its state. A lead that was fixed moves to another part of the list;
        then the cursor stays in place, because whoever works through the list wants the next lead.
        """
        current = self.get_current_row()
        for number, row in enumerate(rows):
            if current is not None and _get_row_key(row) == _get_row_key(current) and row.state == current.state:
                return number
        return min(self.query_one(DataTable).cursor_row, len(rows) - 1)

    def get_current_row(self) -> ListRow | None:
        """Return the row that the cursor is on; None if the list is empty."""
        number = self.query_one(DataTable).cursor_row
        return self.list_rows[number] if 0 <= number < len(self.list_rows) else None

    @on(DataTable.RowHighlighted)
    def show_reason(self) -> None:
        """Show in full why the lead on the current row is in its state."""
        row, status = self.get_current_row(), self.app.status
        self.query_one("#why", Static).update(sanitize_text(status.explain_state(row)) if row and status else "")

    def build_cells(self, row: ListRow, status: KioskStatus) -> list[str]:
        """Return the texts of a row, one per column."""
        if isinstance(row, PendingGroup):
            texts = (format_lead_count(row.leads), "", "", _(row.state), "", "", status.explain_state(row))
        else:
            mark = "● " if row.lead.id in self.marked_ids else ""
            texts = (
                mark + row.label,
                row.lead.contact.company,
                format_duration(status.now - row.scanned_at),
                _(row.state),
                status.describe_next_try(row),
                row.operator,
                status.explain_state(row),
            )
        return [sanitize_text(text)[:longest] for text, longest in zip(texts, _MAX_CELL_CHARACTERS, strict=True)]


def _widen_columns(table: DataTable[Text], rows: list[list[str]]) -> None:
    """Make the columns of *table* wide enough for *rows*, before these are added."""
    # The table would only do so when it is idle, and would leave rows that it drew before that cut off.
    for column, *texts in zip(table.ordered_columns, *rows, strict=True):
        column.content_width = max(column.content_width, *map(cell_len, texts), 0)


def _make_cell(text: str) -> Text:
    """Make a cell of plain text, in which nothing is markup."""
    return Text(text, no_wrap=True)


def _get_row_key(row: ListRow) -> str:
    """Return the key of a row in the table: unique, and the same after the list is read again."""
    return "\n".join((row.state, row.cause, row.reason)) if isinstance(row, PendingGroup) else row.lead.id
