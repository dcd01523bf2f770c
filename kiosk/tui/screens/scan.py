"""The screen at the booth: what the camera sees, one big word, the last visitor's card."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.events import Key
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Button, Footer, Static

from data import leads
from data.lead import Lead
from kiosk.config.load import Settings
from kiosk.scanning.capture import ScanResult
from kiosk.status.status import KioskStatus
from kiosk.status.wording import sanitize_text
from kiosk.tui.screens.failures import FailureReporter
from kiosk.tui.shared_notes import merge_notes
from kiosk.tui.unsaved_edits import UnsavedEdit
from kiosk.tui.widgets.big_word import BigWord
from kiosk.tui.widgets.prompt_line import PromptLine
from kiosk.tui.widgets.status_line import StatusLine
from kiosk.tui.widgets.viewfinder import Viewfinder
from kiosk.tui.widgets.visitor_card import VisitorCard

if TYPE_CHECKING:
    from kiosk.tui.app import KioskApp

_MOOD_BY_KIND = {
    "not saved": "bad",
    "saved": "good",
    "again": "good",
    "needs details": "look",
    "test": "calm",
    "refused": "look",
}
"""The mood of the big word, by what came of a badge."""

_ADJACENT_CODE_SECONDS = 2.0
"""A code that is no badge is passed over for so long after a person's: it was printed beside that."""


_NO_LEAD_ON_CARD = "No visitor on the card: scan a badge first."


class ScanScreen(FailureReporter, Screen[None]):
    """Scans all the time; `1` to `5` rate the last lead, letters tag it, `n` notes."""

    CSS_PATH = "scan.tcss"
    AUTO_FOCUS = ""
    """Nothing has the focus by accident: Enter would press the button that has it."""
    VERTICAL_BREAKPOINTS = [(0, "-low"), (29, "-high")]
    BINDINGS = [
        Binding("n", "note", "Note"),
        Binding("f3", "operator", "Operator", key_display="F3"),
        Binding("escape", "clear", "Clear", show=False),
        *[Binding(str(number), f"rate({number})", show=False) for number in range(1, 6)],
    ]
    app: "KioskApp"

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.settings = settings
        self.clear_timer: Timer | None = None
        self.camera_problem = ""
        """Why there is no picture."""
        self.has_unsaved_badge = False
        self.is_showing_result = False
        """Whether the screen says what came of a badge."""
        self.last_lead_at = -_ADJACENT_CODE_SECONDS
        self.noted_lead: Lead | None = None
        """Whom the note is about that is typed, or was typed last."""
        self.saved_note = ""
        """That note as this screen saved it last."""
        self.dropped_notes: dict[str, str] = {}
        """Notes that were dropped with Escape or could not be saved, by lead: `n` brings them back."""
        self.failed_edits: dict[str, UnsavedEdit] = {}
        """Those that could not be saved: the end of the kiosk saves them."""

    def compose(self) -> ComposeResult:
        """The parts, from top to bottom."""
        if self.settings.is_practice:
            yield Static("PRACTICE  ·  leads go to the practice CRM on this device and nowhere else", id="practice")
        yield BigWord(id="word")
        with Horizontal(id="middle"):
            yield Viewfinder(id="viewfinder")
            yield VisitorCard(self.settings.event.tags)
        yield PromptLine()
        yield StatusLine(id="status")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Begin ready."""
        self.query_one(StatusLine).operator = self.settings.event.operator
        self.action_clear()

    def on_resize(self) -> None:
        """Ask for pictures of the size that there is room for."""
        self.call_after_refresh(self.request_picture_size)

    def request_picture_size(self) -> None:
        """Tell the camera's side how large a picture is wanted; while the screens are taken down, nothing."""
        if (viewfinder := self.query_one_optional(Viewfinder)) is not None:
            self.app.bridge.picture_size = viewfinder.picture_size

    def on_screen_suspend(self) -> None:
        """Another screen is in front: no picture is wanted."""
        self.app.bridge.picture_size = (0, 0)

    def on_screen_resume(self) -> None:
        """This screen is in front again."""
        self.call_after_refresh(self.request_picture_size)

    def show_result(self, captured: ScanResult) -> None:
        """Show what came of a badge; what is being typed goes on, and belongs to whom it was about."""
        now = time.monotonic()
        if captured.is_saved:
            self.last_lead_at = now
        elif captured.kind == "refused" and now - self.last_lead_at < _ADJACENT_CODE_SECONDS:
            return
        self.query_one(PromptLine).close_at_next_pause()
        card = self.query_one(VisitorCard)
        self.is_showing_result = True
        self.has_unsaved_badge = captured.kind == "not saved"
        card.lead, card.unread = captured.lead, captured.unread
        card.sentence = "" if captured.kind in ("saved", "again") else captured.sentence
        self.show_word(captured.headline, "look" if captured.unread else _MOOD_BY_KIND[captured.kind])
        self.hold_card()
        self.clear_timer = self.set_timer(self.settings.event.card_seconds, self.action_clear)

    def show_word(self, word: str, mood: str) -> None:
        """Show the big word."""
        big = self.query_one(BigWord)
        big.word, big.mood = word, mood

    def hold_card(self) -> None:
        """Keep the card until the next badge."""
        if self.clear_timer is not None:
            self.clear_timer.stop()
            self.clear_timer = None

    def action_clear(self) -> None:
        """Clear the card: ready for the next visitor."""
        self.hold_card()
        self.is_showing_result = False
        self.last_lead_at = -_ADJACENT_CODE_SECONDS
        card = self.query_one(VisitorCard)
        card.lead, card.unread = None, ()
        if self.has_unsaved_badge:
            return
        card.sentence = "" if self.camera_problem else "Show a badge to the camera."
        self.show_word(*(("No camera", "look") if self.camera_problem else ("Ready", "calm")))

    def show_picture(self, picture: Any) -> None:
        """Show the camera's picture, unless there is something to say in its place."""
        if not self.camera_problem:
            self.query_one(Viewfinder).show_picture(picture)

    def show_camera_state(self, name: str, trouble: str) -> None:
        """Say how the camera stands; scanning goes on by itself when it is back."""
        self.camera_problem = trouble
        self.query_one(StatusLine).camera = "no camera" if trouble else f"{name} ok"
        if trouble:
            self.query_one(Viewfinder).show_sentence(trouble)
        if not self.is_showing_result:
            self.action_clear()

    def show_status(self, standing: KioskStatus, held: int) -> None:
        """Show how everything stands."""
        line = self.query_one(StatusLine)
        line.status, line.held_count, line.problem = standing, held, ""
        self.query_one(VisitorCard).scanned_today = standing.scanned_today
        if self.has_unsaved_badge and not held:
            self.has_unsaved_badge = False
            if self.query_one(VisitorCard).lead is None:
                self.action_clear()

    def show_read_error(self, sentence: str, held: int) -> None:
        """Say that the database cannot be read; nothing older than that is claimed."""
        line = self.query_one(StatusLine)
        line.status, line.held_count, line.problem = None, held, sentence

    def on_key(self, event: Key) -> None:
        """Any key holds the card; a tag's letter tags the lead."""
        self.hold_card()
        if not self.is_prompt_open and event.character and event.character.lower() in self.settings.event.tags:
            self.toggle_tag(event.character.lower())

    @on(Button.Pressed)
    def press_button(self, event: Button.Pressed) -> None:
        """Do what the key would do."""
        self.hold_card()
        what, _, which = (event.button.id or "").partition("-")
        if what == "rate":
            self.action_rate(int(which))
        elif what == "tag":
            self.toggle_tag(which)
        self.set_focus(None)

    @property
    def is_prompt_open(self) -> bool:
        """Whether a line is being typed."""
        return self.query_one(PromptLine).display

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While a line is typed, digits are digits."""
        return action != "rate" or not self.is_prompt_open

    def action_rate(self, number: int) -> None:
        """Rate the last lead; the same number again takes the rating back."""
        self.change_card_lead(lambda lead: {"rating": None if lead.rating == number else number})

    def toggle_tag(self, letter: str) -> None:
        """Tag the last lead, or take the tag off."""
        tag = self.settings.event.tags[letter]
        self.change_card_lead(
            lambda lead: {
                "tags": tuple(other for other in lead.tags if other != tag) if tag in lead.tags else (*lead.tags, tag)
            }
        )

    def action_note(self) -> None:
        """Ask for a note on the last lead. A pause in typing saves it; after the next badge it also closes the line."""
        lead = self.query_one(VisitorCard).lead
        if lead is None:
            self.app.show_hint(_NO_LEAD_ON_CARD)
            return
        self.hold_card()
        line, before = self.query_one(PromptLine), sanitize_text(lead.note).strip()
        line.finish_prompt()  # an open note is of somebody else, perhaps
        self.noted_lead, self.saved_note = lead, before
        value = self.dropped_notes.pop(lead.id, before)
        line.open_prompt(
            f"Note on {sanitize_text(lead.label)}:", value, lambda text: self.keep_note(lead, text), draft_of=before
        )

    def keep_note(self, lead: Lead, text: str) -> None:
        """Keep a note on *lead*, whoever is on the card by now; what others noted meanwhile stays."""
        before, self.saved_note = self.saved_note, text
        self.save_note(lead, text, before)

    @work(exit_on_error=False)
    async def save_note(self, lead: Lead, text: str, before: str) -> None:
        """The same; a note that cannot be saved comes back with `n`."""
        if await self.change_lead(lambda now: {"note": merge_notes(text, now.note, before)}, lead):
            self.failed_edits.pop(lead.id, None)
            return
        self.dropped_notes[lead.id] = text
        self.failed_edits[lead.id] = UnsavedEdit(lead.id, {"note": text}, before)
        if self.noted_lead is not None and self.noted_lead.id == lead.id:
            self.saved_note = before

    @on(PromptLine.DraftDropped)
    def remember_dropped_note(self, message: PromptLine.DraftDropped) -> None:
        """Remember a note that was dropped with Escape."""
        if self.noted_lead is not None:
            self.dropped_notes[self.noted_lead.id] = message.text
            self.app.show_hint("Note not saved. Press n to get back what you typed.")

    def collect_unsaved_edits(self) -> list[UnsavedEdit]:
        """The note that is being typed, as far as no pause has saved it, and those that could not be saved."""
        text = self.query_one(PromptLine).ungiven_draft
        if text is None or self.noted_lead is None:
            return [*self.failed_edits.values()]
        others = [unsaved for lead_id, unsaved in self.failed_edits.items() if lead_id != self.noted_lead.id]
        return [*others, UnsavedEdit(self.noted_lead.id, {"note": text}, self.saved_note)]

    def action_operator(self) -> None:
        """Ask who scans from now on."""
        self.query_one(PromptLine).open_prompt("Who scans?", self.app.camera_scanner.operator, self.set_operator)

    def set_operator(self, name: str) -> None:
        """From the next badge on, *name* scans."""
        self.app.camera_scanner.operator = name
        self.query_one(StatusLine).operator = name

    @work(exit_on_error=False)
    async def change_card_lead(self, changes: Callable[[Lead], dict[str, Any]]) -> None:
        """Change the lead on the card."""
        lead = self.query_one(VisitorCard).lead
        if lead is None:
            self.app.show_hint(_NO_LEAD_ON_CARD)
        else:
            await self.change_lead(changes, lead)

    async def change_lead(self, changes: Callable[[Lead], dict[str, Any]], lead: Lead) -> bool:
        """Change *lead*; the newest revision counts. Whether it is saved."""
        operator, clock, lead_id = self.app.camera_scanner.operator, self.app.clock, lead.id
        edited = await self.app.run_in_database(
            lambda db: leads.edit_lead(db, lead_id, changes(leads.get_lead(db, lead_id)), operator, clock)
        )
        if edited is None:
            return False
        self.app.wake_worker()
        card = self.query_one(VisitorCard)
        if card.lead is not None and card.lead.id == edited.id:
            card.lead = edited
        else:
            self.notify(f"Kept for {sanitize_text(edited.label)}.", markup=False)
        return True
