"""The pending list: where each lead is and why, when it is tried next, and what a person can do about it."""

import time
from collections.abc import Callable
from typing import TypeAlias

from textual import on, work
from textual.binding import Binding
from textual.widgets import DataTable

from data import outbox, pause, pending
from data.clock import Clock
from data.language import N_, _
from data.outbox import DISCARDED
from data.pause import SendingPause
from data.pending import PendingEntry, PendingGroup
from data.store import Store
from kiosk.status.lead_changes import (
    LeadChange,
    describe_change,
    describe_incomplete_restored,
    explain_unchanged,
)
from kiosk.status.status import KioskStatus
from kiosk.status.wording import describe_crm_leftovers, format_lead_count, sanitize_text
from kiosk.tui.booth_app import SENDING_TOPIC
from kiosk.tui.screens.lead import LeadScreen
from kiosk.tui.screens.lead_actions import NOTHING_CHANGED, apply_action, export_leads, rate_leads
from kiosk.tui.screens.lead_choice import LeadChoice
from kiosk.tui.screens.pending_list import PendingList
from kiosk.tui.widgets.prompt_line import PromptLine

# Sends the lead with an id again, for an operator; returns whether that changed it.
_RetryAction: TypeAlias = Callable[[Store, str, str, Clock], bool]


# Reads the ids of the leads that an action is for.
_ReadIds: TypeAlias = Callable[[Store], list[str]]

# Actions whose keys are letters while a line is typed.
_LIST_ACTIONS = (
    *("open", "mark", "retry", "retry_all", "discard", "restore", "filter", "cause", "search", "rate", "export"),
    *("pause", "resume"),
)

_NO_LEAD_SELECTED = N_("No lead is selected: the list is empty.")

# How many leads one transaction changes. A badge that is saved meanwhile waits for it, so it has to be short.
_MAX_LEADS_PER_TRANSACTION = 200

# How long the path of an export stays on the screen.
_EXPORT_RESULT_SECONDS = 15.0


class PendingScreen(PendingList):
    """The list and its actions, which are for the marked leads, or else for the row that the cursor is on."""

    CSS_PATH = "pending.tcss"
    drawn_pause: SendingPause | None = None
    """The pause for which the footer was drawn last."""
    last_discarded: tuple[str, ...] = ()
    """The ids of the leads that were discarded here last, so that `u` can restore them after they left the list."""
    BINDINGS = [
        Binding("o", "open", N_("Open")),
        Binding("space", "mark", N_("Mark"), key_display=N_("Space")),
        Binding("r", "retry", N_("Retry")),
        Binding("R,shift+r", "retry_all", N_("Retry all"), key_display="R"),
        Binding("d", "discard", N_("Discard")),
        Binding("u", "restore", N_("Undo")),
        Binding("p", "pause", N_("Pause")),
        Binding("p", "resume", N_("Resume")),
        Binding("s", "app.sync_now", N_("Sync now")),
        Binding("f5", "app.sync_now", show=False),
        Binding("f", "filter", N_("State")),
        Binding("c", "cause", N_("By cause")),
        Binding("slash", "search", N_("Search")),
        Binding("e", "export", N_("Export")),
        Binding("escape", "back", N_("Back"), key_display="Esc"),
        *[Binding(str(number), f"rate({number})", show=False) for number in range(1, 6)],
    ]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Disable the list's keys while a line is typed, and show `p` as Pause or Resume."""
        if action in ("pause", "resume") and (action == "resume") != self.is_paused:
            return False
        return action not in _LIST_ACTIONS or not self.query_one(PromptLine).display

    @property
    def is_paused(self) -> bool:
        """Whether sending is paused, by the last status."""
        return self.app.status is not None and self.app.status.paused is not None

    def show_status(self, status: KioskStatus | None, held_count: int) -> None:
        """Show the kiosk status, and whether `p` pauses or resumes."""
        super().show_status(status, held_count)
        if status is not None and status.paused != self.drawn_pause:
            self.drawn_pause = status.paused
            self.refresh_bindings()

    def get_targets(self) -> _ReadIds | None:
        """Return how to read the ids of the leads that an action is for; None if the list is empty."""
        marked, row, choice = sorted(self.marked_ids), self.get_current_row(), self.choice
        if marked:
            return lambda db: marked
        if isinstance(row, PendingGroup):
            return LeadChoice(choice.filter, row, choice.search).read_ids
        return (lambda db: [row.lead.id]) if row else None

    @on(DataTable.RowSelected)
    def action_open(self) -> None:
        """Open the lead, or show the leads of the cause."""
        match self.get_current_row():
            case PendingEntry() as entry:
                self.app.push_screen(LeadScreen(entry.lead.id), self.handle_lead_closed)
            case PendingGroup() as group:
                self.is_grouped = False
                self.show_choice(group=group)
            case None:
                self.app.show_hint(_(_NO_LEAD_SELECTED))

    def handle_lead_closed(self, result: None) -> None:
        """Show the lead as it is after its screen was closed."""
        self.reload_list()

    def action_mark(self) -> None:
        """Mark the lead, or remove its mark, and go to the next."""
        if isinstance(entry := self.get_current_row(), PendingEntry):
            self.marked_ids ^= {entry.lead.id}
            self.query_one(DataTable).action_cursor_down()
            self.reload_list()
        elif self.list_rows:
            self.app.show_hint(_("Only single leads can be marked. Press Enter to open the leads of a cause."))
        else:
            self.app.show_hint(_(_NO_LEAD_SELECTED))

    def action_resume(self) -> None:
        """Resume sending."""
        self.action_pause()

    @work(exit_on_error=False)
    async def action_pause(self) -> None:
        """Pause sending, or resume it."""
        operator, clock = self.app.operator, self.app.clock
        # The database decides which: the screen does not know the state yet if the key is pressed twice at once.
        is_paused = await self.app.run_in_database(lambda db: pause.toggle_pause(db, operator, clock))
        if is_paused is None:
            return
        if not is_paused:
            self.app.wake_worker()
        sentence = _("Sending paused. Press p again to resume.") if is_paused else _("Sending resumed.")
        self.app.replace_notification(SENDING_TOPIC, sentence)
        await self.app.refresh_status()

    def action_retry(self) -> None:
        """Send the leads again, now."""
        self.retry_leads(self.get_targets())

    def action_retry_all(self) -> None:
        """Send everything that is shown again, including the leads that the table has no row for."""
        read_ids = (self.get_targets() if self.is_grouped else self.choice.read_ids) if self.list_rows else None
        # Leads that the CRM keeps as another lead's record are for a person to decide: one by one, or by that cause.
        is_decided = self.choice.group is not None or isinstance(self.get_current_row(), PendingGroup)
        self.retry_leads(read_ids, outbox.retry_in_transaction if is_decided else outbox.retry_unless_shared_record)

    def retry_leads(self, read_ids: _ReadIds | None, retry: _RetryAction = outbox.retry_in_transaction) -> None:
        """Send leads again."""
        clock = self.app.clock
        self.apply_to_leads("retry", read_ids, lambda db, lead_id, operator: retry(db, lead_id, operator, clock))

    def action_discard(self) -> None:
        """Ask for a reason, and then discard the leads."""
        row, read_ids = self.get_current_row(), self.get_targets()
        if row is None or read_ids is None:
            self.app.show_hint(_(_NO_LEAD_SELECTED))
            return
        if not self.marked_ids and row.state == DISCARDED:
            self.app.show_hint(_("Already discarded. Press u to restore it."))
            return
        if self.marked_ids:
            who = format_lead_count(len(self.marked_ids))
        else:
            who = format_lead_count(row.leads) if isinstance(row, PendingGroup) else sanitize_text(row.label)
        question = _("Why discard {who}?").format(who=who)
        self.query_one(PromptLine).open_prompt(question, "", lambda reason: self.discard_leads(read_ids, reason))

    def discard_leads(self, read_ids: _ReadIds, reason: str) -> None:
        """Discard leads, for a reason."""
        if not reason:
            self.notify(_("Not discarded: please give a reason."), markup=False)
            return
        clock = self.app.clock
        self.apply_to_leads(
            "discard",
            read_ids,
            lambda db, lead_id, operator: outbox.discard_in_transaction(db, lead_id, reason, operator, clock),
        )

    def action_restore(self) -> None:
        """Restore the discarded leads that are selected, or else those that were discarded here last."""
        row, last, clock = self.get_current_row(), list(self.last_discarded), self.app.clock
        read_ids = self.get_targets()
        if not self.marked_ids and (row is None or row.state != DISCARDED):
            read_ids = (lambda db: last) if last else None
        if read_ids is None:
            self.app.show_hint(_("Nothing here is discarded. Press f to see the discarded leads."))
            return
        self.apply_to_leads(
            "restore",
            read_ids,
            lambda db, lead_id, operator: outbox.restore_in_transaction(db, lead_id, operator, clock),
        )

    @work(exit_on_error=False)
    async def apply_to_leads(
        self, change: LeadChange, read_ids: _ReadIds | None, action: Callable[[Store, str, str], bool]
    ) -> None:
        """Apply *action* to leads, wake the worker, and say how many it changed and what is left to do."""
        if read_ids is None:
            self.app.show_hint(_(_NO_LEAD_SELECTED))
            return
        operator = self.app.operator
        ids = await self.app.run_in_database(read_ids)
        if ids is None:
            return
        changed_ids: list[str] = []
        for start in range(0, len(ids), _MAX_LEADS_PER_TRANSACTION):
            batch = ids[start : start + _MAX_LEADS_PER_TRANSACTION]
            changed = await self.app.run_in_database(
                lambda db, batch=batch: apply_action(db, action, batch, operator)  # type: ignore[misc]
            )
            if changed is None:
                break
            changed_ids += changed
        if change in ("discard", "restore") and changed_ids:
            self.last_discarded = tuple(changed_ids) if change == "discard" else ()
        self.app.wake_worker()
        self.notify(sanitize_text(await self.describe_outcome(change, ids, changed_ids)), markup=False)
        self.marked_ids.clear()
        self.query_one(DataTable).focus()
        self.reload_list()

    async def describe_outcome(self, change: LeadChange, ids: list[str], changed_ids: list[str]) -> str:
        """Say how many of the leads were changed, and what is left to do; or why none was."""
        clock = self.app.clock
        if len(ids) == 1 and not changed_ids:
            entry = await self.app.run_in_database(lambda db: pending.get_entry(db, clock, ids[0]))
            return explain_unchanged(change, entry, _("press u to restore it.")) if entry else ""
        if not changed_ids:
            return _(NOTHING_CHANGED[change])
        sentences = [describe_change(change, len(changed_ids))]
        if change == "restore":
            incomplete = await self.app.run_in_database(lambda db: pending.count_incomplete(db, changed_ids))
            sentences.append(describe_incomplete_restored(len(changed_ids), incomplete or 0))
        if change == "discard":
            sentences.append(_("Press u to undo."))
            presence = await self.app.run_in_database(lambda db: pending.find_crm_presence(db, changed_ids))
            if presence:
                sentences.append(describe_crm_leftovers(presence))
        elif self.is_paused:
            sentences.append(_("Sending is paused: they are sent once it is resumed."))
        return " ".join(filter(None, sentences))

    @work(exit_on_error=False)
    async def action_rate(self, number: int) -> None:
        """Rate the leads; if all have that rating already, remove it, as on the scan screen."""
        read_ids, clock, operator = self.get_targets(), self.app.clock, self.app.operator
        if read_ids is None:
            self.app.show_hint(_(_NO_LEAD_SELECTED))
            return
        if self.is_grouped:
            self.app.show_hint(_("Only single leads can be rated. Press Enter to open the leads of a cause."))
            return
        sentence = await self.app.run_in_database(lambda db: rate_leads(db, read_ids(db), number, operator, clock))
        if sentence:
            self.app.wake_worker()
            self.notify(sanitize_text(sentence), markup=False)
            self.reload_list()

    def action_export(self) -> None:
        """Ask for the file to write everything shown to."""
        if not self.list_rows:
            self.app.show_hint(_("The list is empty: there is nothing to export."))
            return
        day = time.strftime("%Y-%m-%d-%H%M%S", time.localtime(self.app.clock.wall_time()))
        path = self.app.settings.folder / f"leads-{day}.csv"
        self.query_one(PromptLine).open_prompt(_("Export to:"), str(path), self.start_export)

    def start_export(self, name: str) -> None:
        """Export to the file called *name*, if there is a name."""
        self.query_one(DataTable).focus()
        if name:
            self.export_to_file(name)

    @work(exit_on_error=False)
    async def export_to_file(self, name: str) -> None:
        """Write everything shown to the file called *name*, and say so."""
        choice = self.choice
        sentence = await self.app.run_in_database(lambda db: export_leads(db, name, choice))
        if sentence:
            self.notify(sanitize_text(sentence), markup=False, timeout=_EXPORT_RESULT_SECONDS)
