"""The pending list: where each lead is, why, when it is tried next, and what a person can do."""

import time
from collections.abc import Callable
from typing import TypeAlias

from textual import on, work
from textual.binding import Binding
from textual.widgets import DataTable

from data import outbox, pause, pending
from data.clock import Clock
from data.outbox import DISCARDED
from data.pause import SendingPause
from data.pending import PendingEntry, PendingGroup
from data.store import Store
from kiosk.status.status import KioskStatus
from kiosk.status.wording import describe_crm_leftovers, format_lead_count, sanitize_text
from kiosk.tui.screens.lead import LeadScreen
from kiosk.tui.screens.lead_actions import apply_action, export_leads, rate_leads
from kiosk.tui.screens.pending_list import FILTERS, LeadChoice, PendingList
from kiosk.tui.widgets.prompt_line import PromptLine

_LeadAction: TypeAlias = Callable[[Store, str, str, Clock], bool]
"""What is done with one lead, by whom; whether that changed it."""

_LIST_ACTIONS = (
    *("open", "mark", "retry", "retry_all", "discard", "restore", "filter", "cause", "search", "rate", "export"),
    *("pause", "go_on"),
)

_NO_LEAD_SELECTED = "No lead is chosen: the list is empty."

_OPEN_CAUSE_HINT = "Enter opens the leads of a cause."

_NOTHING_CHANGED = {
    "sent again": "Nothing to send: delivered, discarded, or nobody is named yet.",
    "discarded": "Not discarded: it was discarded already.",
    "restored": "Nothing to restore: it is not discarded.",
}
"""What is said where a verb changed no lead."""

MAX_LEADS_PER_TRANSACTION = 200
"""Leads that are changed in one transaction: a badge that is saved meanwhile waits for no more than those."""


class PendingScreen(PendingList):
    """The list, and the verbs. A verb is for the leads that are marked, else for the line that the cursor is on."""

    CSS_PATH = "pending.tcss"
    drawn_pause: SendingPause | None = None
    """What the keys were drawn for."""
    choice_before_search = LeadChoice()
    """What was shown before a search, which looks everywhere."""
    last_discarded: tuple[str, ...] = ()
    """The ids of the leads that were discarded here last: `u` brings them back though the list shows them no more."""
    BINDINGS = [
        Binding("o", "open", "Open"),
        Binding("space", "mark", "Mark", key_display="Space"),
        Binding("r", "retry", "Retry"),
        Binding("R,shift+r", "retry_all", "Send all", key_display="R"),
        Binding("d", "discard", "Discard"),
        Binding("u", "restore", "Restore"),
        Binding("p", "pause", "Pause"),
        Binding("p", "go_on", "Go on"),
        Binding("s", "app.sync_now", "Sync now"),
        Binding("f5", "app.sync_now", show=False),
        Binding("f", "filter", "Show"),
        Binding("c", "cause", "By cause"),
        Binding("slash", "search", "Search"),
        Binding("e", "export", "Export"),
        Binding("escape", "back", "Back", key_display="Esc"),
        *[Binding(str(number), f"rate({number})", show=False) for number in range(1, 6)],
    ]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While a line is typed, letters are letters; while sending is paused, its key says what it does then."""
        if action in ("pause", "go_on") and (action == "go_on") != self.is_paused:
            return False
        return action not in _LIST_ACTIONS or not self.query_one(PromptLine).display

    @property
    def is_paused(self) -> bool:
        """Whether sending is paused, as far as the screen knows."""
        return self.app.status is not None and self.app.status.paused is not None

    def show_status(self, standing: KioskStatus) -> None:
        """Show how things stand, and what the key does that pauses sending."""
        super().show_status(standing)
        if standing.paused != self.drawn_pause:
            self.drawn_pause = standing.paused
            self.refresh_bindings()

    def get_targets(self) -> Callable[[Store], list[str]] | None:
        """The ids of the leads that a verb is for; None where there is none."""
        picked, line, choice = sorted(self.marked_ids), self.get_current_row(), self.choice
        if picked:
            return lambda db: picked
        if isinstance(line, PendingGroup):
            return LeadChoice(choice.filter, line, choice.search).read_ids
        return (lambda db: [line.lead.id]) if line else None

    @on(DataTable.RowSelected)
    def action_open(self) -> None:
        """Open the lead, or the leads that are where they are for this reason."""
        match self.get_current_row():
            case PendingEntry() as entry:
                self.app.push_screen(LeadScreen(entry.lead.id), self.handle_lead_closed)
            case PendingGroup() as group:
                self.is_grouped = False
                self.show_choice(group=group)
            case None:
                self.app.show_hint(_NO_LEAD_SELECTED)

    def handle_lead_closed(self, _: None) -> None:
        """A lead was looked at, and perhaps mended."""
        self.reload_list()

    def action_mark(self) -> None:
        """Mark the lead, or take the mark off; the cursor goes on to the next."""
        if isinstance(entry := self.get_current_row(), PendingEntry):
            self.marked_ids ^= {entry.lead.id}
            self.query_one(DataTable).action_cursor_down()
            self.reload_list()
        else:
            self.app.show_hint(
                f"Only single leads can be marked. {_OPEN_CAUSE_HINT}" if self.list_rows else _NO_LEAD_SELECTED
            )

    def action_go_on(self) -> None:
        """Have sending go on."""
        self.action_pause()

    @work(exit_on_error=False)
    async def action_pause(self) -> None:
        """Pause sending, or go on: the database knows which, also where the key was struck twice in a moment."""
        who, clock = self.app.camera_scanner.operator, self.app.clock
        is_paused = await self.app.run_in_database(lambda db: pause.toggle_pause(db, who, clock))
        if is_paused is None:
            return
        if not is_paused:
            self.app.wake_worker()
        self.notify("Sending is paused; p goes on." if is_paused else "Sending goes on.", markup=False)
        await self.app.refresh_status()

    def action_retry(self) -> None:
        """Send these again, now."""
        self.retry_leads(self.get_targets())

    def action_retry_all(self) -> None:
        """Send all that the choice shows again, now; also what there is no line for."""
        found = (self.get_targets() if self.is_grouped else self.choice.read_ids) if self.list_rows else None
        # Those that the CRM keeps as another's record are for a person to look at, one by one or by that cause.
        is_decided = self.choice.group is not None or isinstance(self.get_current_row(), PendingGroup)
        self.retry_leads(found, outbox.retry_in_transaction if is_decided else outbox.retry_unless_shared_record)

    def retry_leads(
        self, found: Callable[[Store], list[str]] | None, verb: _LeadAction = outbox.retry_in_transaction
    ) -> None:
        """Send leads again."""
        clock = self.app.clock
        self.apply_to_leads("sent again", found, lambda db, lead_id, who: verb(db, lead_id, who, clock))

    def action_discard(self) -> None:
        """Keep these from the CRM, after asking why; they can be restored."""
        line, found = self.get_current_row(), self.get_targets()
        if line is None or found is None:
            self.app.show_hint(_NO_LEAD_SELECTED)
            return
        if not self.marked_ids and line.state == DISCARDED:
            self.app.show_hint("Discarded already; u restores it.")
            return
        if self.marked_ids:
            whom = format_lead_count(len(self.marked_ids))
        else:
            whom = format_lead_count(line.leads) if isinstance(line, PendingGroup) else sanitize_text(line.label)
        self.query_one(PromptLine).open_prompt(
            f"Why discard {whom}?", "", lambda reason: self.discard_leads(found, reason)
        )

    def discard_leads(self, found: Callable[[Store], list[str]], reason: str) -> None:
        """Discard leads, for a reason."""
        if not reason:
            self.notify("Not discarded: please give a reason.", markup=False)
            return
        clock = self.app.clock
        self.apply_to_leads(
            "discarded", found, lambda db, lead_id, who: outbox.discard_in_transaction(db, lead_id, reason, who, clock)
        )

    def action_restore(self) -> None:
        """Undo a discard: of what is chosen, else the last one made here."""
        line, last, clock = self.get_current_row(), list(self.last_discarded), self.app.clock
        found = self.get_targets()
        if not self.marked_ids and (line is None or line.state != DISCARDED):
            found = (lambda db: last) if last else None
        if found is None:
            self.app.show_hint("Nothing here is discarded. f shows the discarded leads.")
            return
        self.apply_to_leads(
            "restored", found, lambda db, lead_id, who: outbox.restore_in_transaction(db, lead_id, who, clock)
        )

    @work(exit_on_error=False)
    async def apply_to_leads(
        self, what: str, found: Callable[[Store], list[str]] | None, verb: Callable[[Store, str, str], bool]
    ) -> None:
        """Use *verb* on leads, say how many it changed and what is left to do, and wake the worker."""
        if found is None:
            self.app.show_hint(_NO_LEAD_SELECTED)
            return
        who = self.app.camera_scanner.operator
        ids = await self.app.run_in_database(found)
        done: list[str] = []
        for start in range(0, len(ids or []), MAX_LEADS_PER_TRANSACTION):
            some = (ids or [])[start : start + MAX_LEADS_PER_TRANSACTION]
            changed = await self.app.run_in_database(lambda db, some=some: apply_action(db, verb, some, who))  # type: ignore[misc]
            if changed is None:
                break
            done += changed
        if ids is None:
            return
        if what in ("discarded", "restored") and done:
            self.last_discarded = tuple(done) if what == "discarded" else ()
        self.app.wake_worker()
        self.notify(sanitize_text(await self.describe_outcome(what, done)), markup=False)
        self.marked_ids.clear()
        self.query_one(DataTable).focus()
        self.reload_list()

    async def describe_outcome(self, what: str, done: list[str]) -> str:
        """What a verb came to, and what is left to do."""
        if not done:
            return _NOTHING_CHANGED[what]
        rest = ""
        if what == "discarded":
            reached = await self.app.run_in_database(lambda db: pending.find_crm_presence(db, done))
            rest = " ".join(filter(None, ("u undoes it.", describe_crm_leftovers(reached) if reached else "")))
        elif self.is_paused:
            rest = "Sending is paused: they go when it is resumed."
        return " ".join(filter(None, (f"{format_lead_count(len(done))} {what}.", rest)))

    @work(exit_on_error=False)
    async def action_rate(self, number: int) -> None:
        """Rate these; where all have that rating already it is taken back, as on the scan screen."""
        found, clock, who = self.get_targets(), self.app.clock, self.app.camera_scanner.operator
        if found is None or self.is_grouped:
            self.app.show_hint(f"Only single leads can be rated. {_OPEN_CAUSE_HINT}" if found else _NO_LEAD_SELECTED)
            return
        rated = await self.app.run_in_database(lambda db: rate_leads(db, found(db), number, who, clock))
        if rated:
            self.app.wake_worker()
            self.notify(sanitize_text(rated), markup=False)
            self.reload_list()

    def action_filter(self) -> None:
        """Show the next kind of leads."""
        names = list(FILTERS)
        self.show_choice(filter=names[(names.index(self.choice.filter) + 1) % len(names)], group=None)

    def action_cause(self) -> None:
        """Show leads by why they are where they are, and after that one by one again."""
        self.is_grouped = not self.is_grouped
        self.show_choice(group=None)

    def action_search(self) -> None:
        """Ask what to look for, in the leads of all states."""
        self.query_one(PromptLine).open_prompt("Search all leads:", self.choice.search, self.search_for)

    def search_for(self, text: str) -> None:
        """Look everywhere; an empty search shows again what was shown before."""
        if not self.choice.search:
            self.choice_before_search = self.choice
        if text:
            self.show_choice(search=text, filter="all", group=None)
        else:
            self.show_choice(search="", filter=self.choice_before_search.filter, group=self.choice_before_search.group)

    def action_export(self) -> None:
        """Ask where to write all that the choice shows."""
        if not self.list_rows:
            self.app.show_hint("The list is empty: there is nothing to export.")
            return
        day = time.strftime("%Y-%m-%d-%H%M%S", time.localtime(self.app.clock.wall_time()))
        self.query_one(PromptLine).open_prompt(
            "Export to:", str(self.app.settings.folder / f"leads-{day}.csv"), self.start_export
        )

    def start_export(self, name: str) -> None:
        """Write all that the choice shows to a file of that name."""
        self.query_one(DataTable).focus()
        if name:
            self.export_to_file(name)

    @work(exit_on_error=False)
    async def export_to_file(self, name: str) -> None:
        """The same."""
        choice = self.choice
        written = await self.app.run_in_database(lambda db: export_leads(db, name, choice))
        if written:
            self.notify(sanitize_text(written), markup=False, timeout=15)

    def action_back(self) -> None:
        """From one group back to all groups; from there, back to scanning."""
        if self.choice.group is None:
            self.app.pop_screen()
        else:
            self.action_cause()
