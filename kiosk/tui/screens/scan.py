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
from kiosk.scanning.capture import Captured
from kiosk.status.status import Standing
from kiosk.status.wording import plain
from kiosk.tui.screens.failures import SaysFailures
from kiosk.tui.shared_notes import with_others
from kiosk.tui.unsaved_edits import Unsaved
from kiosk.tui.widgets.ask_line import AskLine
from kiosk.tui.widgets.big_word import BigWord
from kiosk.tui.widgets.card import Card
from kiosk.tui.widgets.status_line import StatusLine
from kiosk.tui.widgets.viewfinder import Viewfinder

if TYPE_CHECKING:
    from kiosk.tui.app import KioskApp

MOODS = {
    "not saved": "bad",
    "saved": "good",
    "again": "good",
    "needs details": "look",
    "test": "calm",
    "refused": "look",
}
"""The mood of the big word, by what came of a badge."""

BESIDE_SECONDS = 2.0
"""A code that is no badge is passed over for so long after a person's: it was printed beside that."""


NOBODY = "No visitor on the card: scan a badge first."


class ScanScreen(SaysFailures, Screen[None]):
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
        self.clearing: Timer | None = None
        self.trouble = ""
        """Why there is no picture."""
        self.unsaved = False
        self.speaks = False
        """Whether the screen says what came of a badge."""
        self.person_at = -BESIDE_SECONDS
        self.noted: Lead | None = None
        """Whom the note is about that is typed, or was typed last."""
        self.note_before = ""
        """That note as this screen saved it last."""
        self.dropped: dict[str, str] = {}
        """Notes that were dropped with Escape or could not be saved, by lead: `n` brings them back."""
        self.failed: dict[str, Unsaved] = {}
        """Those that could not be saved: the end of the kiosk saves them."""

    def compose(self) -> ComposeResult:
        """The parts, from top to bottom."""
        if self.settings.is_practice:
            yield Static("PRACTICE  ·  leads go to the practice CRM on this device and nowhere else", id="practice")
        yield BigWord(id="word")
        with Horizontal(id="middle"):
            yield Viewfinder(id="viewfinder")
            yield Card(self.settings.event.tags)
        yield AskLine()
        yield StatusLine(id="status")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Begin ready."""
        self.query_one(StatusLine).operator = self.settings.event.operator
        self.action_clear()

    def on_resize(self) -> None:
        """Ask for pictures of the size that there is room for."""
        self.call_after_refresh(self.fit_picture)

    def fit_picture(self) -> None:
        """Tell the camera's side how large a picture is wanted; while the screens are taken down, nothing."""
        if (viewfinder := self.query_one_optional(Viewfinder)) is not None:
            self.app.relay.size = viewfinder.pixels

    def on_screen_suspend(self) -> None:
        """Another screen is in front: no picture is wanted."""
        self.app.relay.size = (0, 0)

    def on_screen_resume(self) -> None:
        """This screen is in front again."""
        self.call_after_refresh(self.fit_picture)

    def badge_taken(self, captured: Captured) -> None:
        """Show what came of a badge; what is being typed goes on, and belongs to whom it was about."""
        now = time.monotonic()
        if captured.is_saved:
            self.person_at = now
        elif captured.kind == "refused" and now - self.person_at < BESIDE_SECONDS:
            return
        self.query_one(AskLine).badge_came()
        card = self.query_one(Card)
        self.speaks = True
        self.unsaved = captured.kind == "not saved"
        card.lead, card.unread = captured.lead, captured.unread
        card.sentence = "" if captured.kind in ("saved", "again") else captured.sentence
        self.say(captured.headline, "look" if captured.unread else MOODS[captured.kind])
        self.hold()
        self.clearing = self.set_timer(self.settings.event.card_seconds, self.action_clear)

    def say(self, word: str, mood: str) -> None:
        """Show the big word."""
        big = self.query_one(BigWord)
        big.word, big.mood = word, mood

    def hold(self) -> None:
        """Keep the card until the next badge."""
        if self.clearing is not None:
            self.clearing.stop()
            self.clearing = None

    def action_clear(self) -> None:
        """Clear the card: ready for the next visitor."""
        self.hold()
        self.speaks = False
        self.person_at = -BESIDE_SECONDS
        card = self.query_one(Card)
        card.lead, card.unread = None, ()
        if self.unsaved:
            return
        card.sentence = "" if self.trouble else "Show a badge to the camera."
        self.say(*(("No camera", "look") if self.trouble else ("Ready", "calm")))

    def show_picture(self, picture: Any) -> None:
        """Show the camera's picture, unless there is something to say in its place."""
        if not self.trouble:
            self.query_one(Viewfinder).show(picture)

    def camera_changed(self, name: str, trouble: str) -> None:
        """Say how the camera stands; scanning goes on by itself when it is back."""
        self.trouble = trouble
        self.query_one(StatusLine).camera = "no camera" if trouble else f"{name} ok"
        if trouble:
            self.query_one(Viewfinder).say(trouble)
        if not self.speaks:
            self.action_clear()

    def show_standing(self, standing: Standing, held: int) -> None:
        """Show how everything stands."""
        line = self.query_one(StatusLine)
        line.standing, line.held, line.trouble = standing, held, ""
        self.query_one(Card).today = standing.scanned_today
        if self.unsaved and not held:
            self.unsaved = False
            if self.query_one(Card).lead is None:
                self.action_clear()

    def cannot_read(self, sentence: str, held: int) -> None:
        """Say that the database cannot be read; nothing older than that is claimed."""
        line = self.query_one(StatusLine)
        line.standing, line.held, line.trouble = None, held, sentence

    def on_key(self, event: Key) -> None:
        """Any key holds the card; a tag's letter tags the lead."""
        self.hold()
        if not self.is_asking and event.character and event.character.lower() in self.settings.event.tags:
            self.tag(event.character.lower())

    @on(Button.Pressed)
    def pressed(self, event: Button.Pressed) -> None:
        """Do what the key would do."""
        self.hold()
        what, _, which = (event.button.id or "").partition("-")
        if what == "rate":
            self.action_rate(int(which))
        elif what == "tag":
            self.tag(which)
        self.set_focus(None)

    @property
    def is_asking(self) -> bool:
        """Whether a line is being typed."""
        return self.query_one(AskLine).display

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While a line is typed, digits are digits."""
        return action != "rate" or not self.is_asking

    def action_rate(self, number: int) -> None:
        """Rate the last lead; the same number again takes the rating back."""
        self.change(lambda lead: {"rating": None if lead.rating == number else number})

    def tag(self, letter: str) -> None:
        """Tag the last lead, or take the tag off."""
        tag = self.settings.event.tags[letter]
        self.change(
            lambda lead: {
                "tags": tuple(other for other in lead.tags if other != tag) if tag in lead.tags else (*lead.tags, tag)
            }
        )

    def action_note(self) -> None:
        """Ask for a note on the last lead. A pause in typing saves it; after the next badge it also closes the line."""
        lead = self.query_one(Card).lead
        if lead is None:
            self.app.hint(NOBODY)
            return
        self.hold()
        line, before = self.query_one(AskLine), plain(lead.note).strip()
        line.finish()  # an open note is of somebody else, perhaps
        self.noted, self.note_before = lead, before
        value = self.dropped.pop(lead.id, before)
        line.ask(f"Note on {plain(lead.label)}:", value, lambda text: self.note(lead, text), draft_of=before)

    def note(self, lead: Lead, text: str) -> None:
        """Keep a note on *lead*, whoever is on the card by now; what others noted meanwhile stays."""
        before, self.note_before = self.note_before, text
        self.save_note(lead, text, before)

    @work(exit_on_error=False)
    async def save_note(self, lead: Lead, text: str, before: str) -> None:
        """The same; a note that cannot be saved comes back with `n`."""
        if await self.has_changed(lambda now: {"note": with_others(text, now.note, before)}, lead):
            self.failed.pop(lead.id, None)
            return
        self.dropped[lead.id] = text
        self.failed[lead.id] = Unsaved(lead.id, {"note": text}, before)
        if self.noted is not None and self.noted.id == lead.id:
            self.note_before = before

    @on(AskLine.Dropped)
    def keep_dropped(self, message: AskLine.Dropped) -> None:
        """Remember a note that was dropped with Escape."""
        if self.noted is not None:
            self.dropped[self.noted.id] = message.text
            self.app.hint("Note not saved. Press n to get back what you typed.")

    def unsaved_edits(self) -> list[Unsaved]:
        """The note that is being typed, as far as no pause has saved it, and those that could not be saved."""
        text = self.query_one(AskLine).ungiven
        if text is None or self.noted is None:
            return [*self.failed.values()]
        others = [unsaved for lead_id, unsaved in self.failed.items() if lead_id != self.noted.id]
        return [*others, Unsaved(self.noted.id, {"note": text}, self.note_before)]

    def action_operator(self) -> None:
        """Ask who scans from now on."""
        self.query_one(AskLine).ask("Who scans?", self.app.scanner.operator, self.set_operator)

    def set_operator(self, name: str) -> None:
        """From the next badge on, *name* scans."""
        self.app.scanner.operator = name
        self.query_one(StatusLine).operator = name

    @work(exit_on_error=False)
    async def change(self, changes: Callable[[Lead], dict[str, Any]]) -> None:
        """Change the lead on the card."""
        lead = self.query_one(Card).lead
        if lead is None:
            self.app.hint(NOBODY)
        else:
            await self.has_changed(changes, lead)

    async def has_changed(self, changes: Callable[[Lead], dict[str, Any]], lead: Lead) -> bool:
        """Change *lead*; the newest revision counts. Whether it is saved."""
        operator, clock, lead_id = self.app.scanner.operator, self.app.clock, lead.id
        edited = await self.app.ask(
            lambda db: leads.edit(db, lead_id, changes(leads.get(db, lead_id)), operator, clock)
        )
        if edited is None:
            return False
        self.app.nudge()
        card = self.query_one(Card)
        if card.lead is not None and card.lead.id == edited.id:
            card.lead = edited
        else:
            self.notify(f"Kept for {plain(edited.label)}.", markup=False)
        return True
