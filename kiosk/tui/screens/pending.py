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
from data.pause import Paused
from data.pending import Entry, Group
from data.store import Store
from kiosk.status.status import Standing
from kiosk.status.wording import leads_count, plain, still_there
from kiosk.tui.screens.lead import LeadScreen
from kiosk.tui.screens.lead_verbs import export_to, rate, used
from kiosk.tui.screens.pending_list import FILTERS, Choice, PendingList
from kiosk.tui.widgets.ask_line import AskLine

Verb: TypeAlias = Callable[[Store, str, str, Clock], bool]
"""What is done with one lead, by whom; whether that changed it."""

VERBS = (
    *("open", "mark", "retry", "retry_all", "discard", "restore", "filter", "cause", "search", "rate", "export"),
    *("pause", "go_on"),
)

NO_LEAD = "No lead is chosen: the list is empty."

OPEN_A_CAUSE = "Enter opens the leads of a cause."

NOTHING_DONE = {
    "sent again": "Nothing to send: delivered, discarded, or nobody is named yet.",
    "discarded": "Not discarded: it was discarded already.",
    "restored": "Nothing to restore: it is not discarded.",
}
"""What is said where a verb changed no lead."""

AT_ONCE = 200
"""Leads that are changed in one transaction: a badge that is saved meanwhile waits for no more than those."""


class PendingScreen(PendingList):
    """The list, and the verbs. A verb is for the leads that are marked, else for the line that the cursor is on."""

    CSS_PATH = "pending.tcss"
    shown_paused: Paused | None = None
    """What the keys were drawn for."""
    before_search = Choice()
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
        return action not in VERBS or not self.query_one(AskLine).display

    @property
    def is_paused(self) -> bool:
        """Whether sending is paused, as far as the screen knows."""
        return self.app.standing is not None and self.app.standing.paused is not None

    def show_standing(self, standing: Standing) -> None:
        """Show how things stand, and what the key does that pauses sending."""
        super().show_standing(standing)
        if standing.paused != self.shown_paused:
            self.shown_paused = standing.paused
            self.refresh_bindings()

    def meant(self) -> Callable[[Store], list[str]] | None:
        """The ids of the leads that a verb is for; None where there is none."""
        picked, line, choice = sorted(self.picked), self.chosen(), self.choice
        if picked:
            return lambda db: picked
        if isinstance(line, Group):
            return Choice(choice.filter, line, choice.search).ids
        return (lambda db: [line.lead.id]) if line else None

    @on(DataTable.RowSelected)
    def action_open(self) -> None:
        """Open the lead, or the leads that are where they are for this reason."""
        match self.chosen():
            case Entry() as entry:
                self.app.push_screen(LeadScreen(entry.lead.id), self.closed)
            case Group() as group:
                self.grouped = False
                self.show(group=group)
            case None:
                self.app.hint(NO_LEAD)

    def closed(self, _: None) -> None:
        """A lead was looked at, and perhaps mended."""
        self.reload()

    def action_mark(self) -> None:
        """Mark the lead, or take the mark off; the cursor goes on to the next."""
        if isinstance(entry := self.chosen(), Entry):
            self.picked ^= {entry.lead.id}
            self.query_one(DataTable).action_cursor_down()
            self.reload()
        else:
            self.app.hint(f"Only single leads can be marked. {OPEN_A_CAUSE}" if self.lines else NO_LEAD)

    def action_go_on(self) -> None:
        """Have sending go on."""
        self.action_pause()

    @work(exit_on_error=False)
    async def action_pause(self) -> None:
        """Pause sending, or go on: the database knows which, also where the key was struck twice in a moment."""
        who, clock = self.app.scanner.operator, self.app.clock
        is_paused = await self.app.ask(lambda db: pause.switch(db, who, clock))
        if is_paused is None:
            return
        if not is_paused:
            self.app.nudge()
        self.notify("Sending is paused; p goes on." if is_paused else "Sending goes on.", markup=False)
        await self.app.look()

    def action_retry(self) -> None:
        """Send these again, now."""
        self.retry(self.meant())

    def action_retry_all(self) -> None:
        """Send all that the choice shows again, now; also what there is no line for."""
        found = (self.meant() if self.grouped else self.choice.ids) if self.lines else None
        # Those that the CRM keeps as another's record are for a person to look at, one by one or by that cause.
        is_decided = self.choice.group is not None or isinstance(self.chosen(), Group)
        self.retry(found, outbox.retry_inside if is_decided else outbox.retry_without_deciding)

    def retry(self, found: Callable[[Store], list[str]] | None, verb: Verb = outbox.retry_inside) -> None:
        """Send leads again."""
        clock = self.app.clock
        self.do("sent again", found, lambda db, lead_id, who: verb(db, lead_id, who, clock))

    def action_discard(self) -> None:
        """Keep these from the CRM, after asking why; they can be restored."""
        line, found = self.chosen(), self.meant()
        if line is None or found is None:
            self.app.hint(NO_LEAD)
            return
        if not self.picked and line.state == DISCARDED:
            self.app.hint("Discarded already; u restores it.")
            return
        if self.picked:
            whom = leads_count(len(self.picked))
        else:
            whom = leads_count(line.leads) if isinstance(line, Group) else plain(line.label)
        self.query_one(AskLine).ask(f"Why discard {whom}?", "", lambda reason: self.discard(found, reason))

    def discard(self, found: Callable[[Store], list[str]], reason: str) -> None:
        """Discard leads, for a reason."""
        if not reason:
            self.notify("Not discarded: please give a reason.", markup=False)
            return
        clock = self.app.clock
        self.do("discarded", found, lambda db, lead_id, who: outbox.discard_inside(db, lead_id, reason, who, clock))

    def action_restore(self) -> None:
        """Undo a discard: of what is chosen, else the last one made here."""
        line, last, clock = self.chosen(), list(self.last_discarded), self.app.clock
        found = self.meant()
        if not self.picked and (line is None or line.state != DISCARDED):
            found = (lambda db: last) if last else None
        if found is None:
            self.app.hint("Nothing here is discarded. f shows the discarded leads.")
            return
        self.do("restored", found, lambda db, lead_id, who: outbox.restore_inside(db, lead_id, who, clock))

    @work(exit_on_error=False)
    async def do(
        self, what: str, found: Callable[[Store], list[str]] | None, verb: Callable[[Store, str, str], bool]
    ) -> None:
        """Use *verb* on leads, say how many it changed and what is left to do, and wake the worker."""
        if found is None:
            self.app.hint(NO_LEAD)
            return
        who = self.app.scanner.operator
        ids = await self.app.ask(found)
        done: list[str] = []
        for start in range(0, len(ids or []), AT_ONCE):
            some = (ids or [])[start : start + AT_ONCE]
            changed = await self.app.ask(lambda db, some=some: used(db, verb, some, who))  # type: ignore[misc]
            if changed is None:
                break
            done += changed
        if ids is None:
            return
        if what in ("discarded", "restored") and done:
            self.last_discarded = tuple(done) if what == "discarded" else ()
        self.app.nudge()
        self.notify(plain(await self.outcome(what, done)), markup=False)
        self.picked.clear()
        self.query_one(DataTable).focus()
        self.reload()

    async def outcome(self, what: str, done: list[str]) -> str:
        """What a verb came to, and what is left to do."""
        if not done:
            return NOTHING_DONE[what]
        rest = ""
        if what == "discarded":
            reached = await self.app.ask(lambda db: pending.reached(db, done))
            rest = " ".join(filter(None, ("u undoes it.", still_there(reached) if reached else "")))
        elif self.is_paused:
            rest = "Sending is paused: they go when it is resumed."
        return " ".join(filter(None, (f"{leads_count(len(done))} {what}.", rest)))

    @work(exit_on_error=False)
    async def action_rate(self, number: int) -> None:
        """Rate these; where all have that rating already it is taken back, as on the scan screen."""
        found, clock, who = self.meant(), self.app.clock, self.app.scanner.operator
        if found is None or self.grouped:
            self.app.hint(f"Only single leads can be rated. {OPEN_A_CAUSE}" if found else NO_LEAD)
            return
        rated = await self.app.ask(lambda db: rate(db, found(db), number, who, clock))
        if rated:
            self.app.nudge()
            self.notify(plain(rated), markup=False)
            self.reload()

    def action_filter(self) -> None:
        """Show the next kind of leads."""
        names = list(FILTERS)
        self.show(filter=names[(names.index(self.choice.filter) + 1) % len(names)], group=None)

    def action_cause(self) -> None:
        """Show leads by why they are where they are, and after that one by one again."""
        self.grouped = not self.grouped
        self.show(group=None)

    def action_search(self) -> None:
        """Ask what to look for, in the leads of all states."""
        self.query_one(AskLine).ask("Search all leads:", self.choice.search, self.search)

    def search(self, text: str) -> None:
        """Look everywhere; an empty search shows again what was shown before."""
        if not self.choice.search:
            self.before_search = self.choice
        if text:
            self.show(search=text, filter="all", group=None)
        else:
            self.show(search="", filter=self.before_search.filter, group=self.before_search.group)

    def action_export(self) -> None:
        """Ask where to write all that the choice shows."""
        if not self.lines:
            self.app.hint("The list is empty: there is nothing to export.")
            return
        day = time.strftime("%Y-%m-%d-%H%M%S", time.localtime(self.app.clock.wall()))
        self.query_one(AskLine).ask("Export to:", str(self.app.settings.folder / f"leads-{day}.csv"), self.export)

    def export(self, name: str) -> None:
        """Write all that the choice shows to a file of that name."""
        self.query_one(DataTable).focus()
        if name:
            self.write_to(name)

    @work(exit_on_error=False)
    async def write_to(self, name: str) -> None:
        """The same."""
        choice = self.choice
        written = await self.app.ask(lambda db: export_to(db, name, choice))
        if written:
            self.notify(plain(written), markup=False, timeout=15)

    def action_back(self) -> None:
        """From one group back to all groups; from there, back to scanning."""
        if self.choice.group is None:
            self.app.pop_screen()
        else:
            self.action_cause()
