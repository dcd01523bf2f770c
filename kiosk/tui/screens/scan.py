"""The scan screen: the camera's image, and the card of the last visitor or an invitation to the next."""

from collections.abc import Callable
from typing import Any

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.events import Key
from textual.timer import Timer
from textual.widgets import Button, Static

from data import leads
from data.language import N_, _
from data.lead import Lead
from kiosk.config.load import Settings
from kiosk.scanning.scan_result import NOT_SAVED, ScanResult
from kiosk.status.status import KioskStatus
from kiosk.status.wording import sanitize_text
from kiosk.tui.one_shot_timer import start_timer
from kiosk.tui.screens.scan_status import ScanStatus
from kiosk.tui.shared_notes import merge_notes
from kiosk.tui.unsaved_edits import UnsavedEdit
from kiosk.tui.widgets.large_text import TALL_ROWS
from kiosk.tui.widgets.prompt_line import PromptLine
from kiosk.tui.widgets.scan_panels import ScanPanels
from kiosk.tui.widgets.status_line import StatusLine
from kiosk.tui.widgets.steady_footer import SteadyFooter
from kiosk.tui.widgets.today_panel import TodayPanel
from kiosk.tui.widgets.top_bar import TopBar
from kiosk.tui.widgets.visitor_card import VisitorCard

# How long after a badge a refused code is one that is printed beside it, and must not replace its result.
_ADJACENT_CODE_SECONDS = 2.0

_CHANGE_SAVED = N_("Change saved for {name}.")
_NOTE_SAVED = N_("Note saved for {name}.")
_NO_LEAD_ON_CARD = N_("No visitor on the card: scan a badge first.")


class ScanScreen(ScanStatus):
    """Scans all the time; `1` to `5` rate the last lead, letters tag it, `n` adds a note."""

    CSS_PATH = "scan.tcss"
    # Nothing gets the focus automatically, because Enter would press the button that has it.
    AUTO_FOCUS = ""
    VERTICAL_BREAKPOINTS = [(0, "-tiny"), (20, "-low"), (29, "-high")]
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]
    BINDINGS = [
        Binding("n", "note", N_("Note")),
        Binding("f3", "operator", N_("Operator"), key_display="F3"),
        Binding("escape", "clear", N_("Clear"), show=False),
        *[Binding(str(number), f"rate({number})", show=False) for number in range(1, 6)],
    ]

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.settings = settings
        self.has_camera = not settings.camera.is_none
        """Whether this booth has a camera; one with scanners only shows no image and misses none."""
        self.clear_timer: Timer | None = None
        self.camera_problem = ""
        """Why there is no image; empty while there is one."""
        self.has_unsaved_badge = False
        """Whether the last badge could not be saved."""
        self.is_showing_result = False
        """Whether the screen shows the result of a badge."""
        self.last_lead_at = -_ADJACENT_CODE_SECONDS
        """When a badge was saved last, in seconds since the device started."""
        self.noted_lead: Lead | None = None
        """The lead whose note is being typed, or was typed last."""
        self.saved_note = ""
        """That note as this screen saved it last."""
        self.dropped_notes: dict[str, str] = {}
        """Notes that were dropped with Escape or could not be saved, by lead id; `n` brings them back."""
        self.failed_edits: dict[str, UnsavedEdit] = {}
        """Notes that could not be saved, by lead id; they are saved when the kiosk ends."""

    def compose(self) -> ComposeResult:
        """Lay out the parts, from top to bottom."""
        yield TopBar(self.settings.event.name, self.settings.event.kiosk)
        if self.settings.is_practice:
            yield Static(_("PRACTICE MODE: leads only go to the practice CRM on this device."), id="practice")
        yield ScanPanels(self.settings, has_camera=self.has_camera)
        yield PromptLine()
        with Horizontal(id="foot"):
            yield TodayPanel(id="today-line")
            yield StatusLine(id="status")
        yield SteadyFooter(show_command_palette=False)

    def on_mount(self) -> None:
        """Show that the kiosk is ready."""
        self.set_class(not self.has_camera, "-no-camera")
        self.set_class(self.settings.screen.big_type, "-big-type")
        bar = self.query_one(TopBar)
        bar.operator, bar.has_camera = self.settings.event.operator, self.has_camera
        self.action_clear()

    def on_resize(self) -> None:
        """Ask for camera images of the new size, and use all of a tall terminal."""
        self.set_class(self.app.size.height >= TALL_ROWS, "-tall")
        self.call_after_refresh(self.request_picture_size)

    def request_picture_size(self) -> None:
        """Ask for camera images of the viewfinder's size."""
        # There are no panels any more while the app takes its screens down.
        if (panels := self.query_one_optional(ScanPanels)) is not None:
            self.app.set_picture_size(*panels.picture_size)

    def on_screen_suspend(self) -> None:
        """Ask for no camera images while another screen is in front."""
        self.app.set_picture_size(0, 0)

    def on_screen_resume(self) -> None:
        """Ask for camera images again."""
        self.call_after_refresh(self.request_picture_size)

    def show_result(self, result: ScanResult) -> None:
        """Show the result of a badge; a note that is being typed stays with the person it was started for."""
        now = self.app.clock.seconds_since_boot()
        if result.is_saved:
            self.last_lead_at = now
        elif result.kind == "refused" and now - self.last_lead_at < _ADJACENT_CODE_SECONDS:
            return
        self.query_one(PromptLine).close_at_next_pause()
        self.is_showing_result = True
        self.has_unsaved_badge = result.kind == NOT_SAVED
        self.query_one(ScanPanels).show_result(result, self.app.clock.wall_time())
        self.scanned_lead = result.lead
        self.update_card()
        self.hold_card()
        self.clear_timer = start_timer(self, self.settings.event.card_seconds, self.action_clear)

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
        panels = self.query_one(ScanPanels)
        panels.card.lead = None
        if not self.has_unsaved_badge:  # that a badge is not saved stays on the screen until it is
            panels.show_welcome(camera_problem=bool(self.camera_problem))

    def show_picture(self, picture: Any) -> None:
        """Show a camera image, unless there is a problem to show in its place."""
        if not self.camera_problem:
            self.query_one(ScanPanels).show_picture(picture)

    def show_camera_state(self, name: str, problem: str) -> None:
        """Show whether the camera works; *problem* is why it does not."""
        if not self.has_camera:
            return
        self.camera_problem = problem
        self.query_one(TopBar).camera = not problem
        self.query_one(ScanPanels).show_camera(name, problem)
        if not self.is_showing_result:
            self.action_clear()

    def show_status(self, status: KioskStatus | None, held_count: int) -> None:
        """Show the kiosk status, and the number of badges that could not be saved yet."""
        super().show_status(status, held_count)
        if status is not None and self.has_unsaved_badge and not held_count:
            self.has_unsaved_badge = False
            if self.query_one(VisitorCard).lead is None:
                self.action_clear()

    def on_key(self, event: Key) -> None:
        """Keep the card on any key; the letter of a tag tags the lead."""
        self.hold_card()
        if not self.is_prompt_open and event.character and event.character.lower() in self.settings.event.tags:
            self.toggle_tag(event.character.lower())

    @on(Button.Pressed)
    def press_button(self, event: Button.Pressed) -> None:
        """Do what the key of the button would do."""
        self.hold_card()
        action, letter = (event.button.id or "").partition("-")[::2]
        if action == "rate":
            self.action_rate(int(letter))
        elif action == "tag":
            self.toggle_tag(letter)
        # A click focuses nothing either, or Enter would press the button for the next visitor.
        self.set_focus(None)

    @property
    def is_prompt_open(self) -> bool:
        """Whether a line is being typed."""
        return self.query_one(PromptLine).display

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Disable rating by digits while a line is typed."""
        return action != "rate" or not self.is_prompt_open

    def action_rate(self, number: int) -> None:
        """Rate the lead on the card; the same number again removes the rating."""
        self.change_card_lead(lambda lead: {"rating": None if lead.rating == number else number})

    def toggle_tag(self, letter: str) -> None:
        """Tag the lead on the card, or remove the tag."""
        tag = self.settings.event.tags[letter]

        def toggle(lead: Lead) -> dict[str, Any]:
            others = tuple(other for other in lead.tags if other != tag)
            return {"tags": others if tag in lead.tags else (*lead.tags, tag)}

        self.change_card_lead(toggle)

    def action_note(self) -> None:
        """Ask for a note on the lead on the card; Enter, a pause or the next badge saves it."""
        lead = self.query_one(VisitorCard).lead
        if lead is None:
            self.app.show_hint(_(_NO_LEAD_ON_CARD))
            return
        self.hold_card()
        prompt, note = self.query_one(PromptLine), sanitize_text(lead.note).strip()
        prompt.finish_prompt()  # an open note may be about somebody else
        self.noted_lead, self.saved_note = lead, note
        value = self.dropped_notes.pop(lead.id, note)
        question = _("Note on {name}:").format(name=sanitize_text(lead.label))
        prompt.open_prompt(question, value, lambda text: self.keep_note(lead, text), draft_of=note)

    def keep_note(self, lead: Lead, text: str) -> None:
        """Save a note on *lead*, whoever is on the card by now."""
        original_note, self.saved_note = self.saved_note, text
        self.save_note(lead, text, original_note)

    @work(exit_on_error=False)
    async def save_note(self, lead: Lead, text: str, original_note: str) -> None:
        """Save a note, with what others have added to it meanwhile; if that fails, `n` brings it back."""
        if await self.change_lead(
            lambda current: {"note": merge_notes(text, current.note, original_note)}, lead, _NOTE_SAVED
        ):
            self.failed_edits.pop(lead.id, None)
            return
        self.dropped_notes[lead.id] = text
        self.failed_edits[lead.id] = UnsavedEdit(lead.id, {"note": text}, original_note)
        if self.noted_lead is not None and self.noted_lead.id == lead.id:
            self.saved_note = original_note

    @on(PromptLine.DraftDropped)
    def remember_dropped_note(self, message: PromptLine.DraftDropped) -> None:
        """Remember a note that was dropped with Escape, so that `n` can bring it back."""
        if self.noted_lead is not None:
            self.dropped_notes[self.noted_lead.id] = message.text
            self.app.show_hint(_("Note not saved. Press n to get back what you typed."))

    def collect_unsaved_edits(self) -> list[UnsavedEdit]:
        """Return the part of the note that no pause has saved yet, and the notes that could not be saved."""
        text = self.query_one(PromptLine).unsaved_draft
        if text is None or self.noted_lead is None:
            return [*self.failed_edits.values()]
        others = [edit for lead_id, edit in self.failed_edits.items() if lead_id != self.noted_lead.id]
        return [*others, UnsavedEdit(self.noted_lead.id, {"note": text}, self.saved_note)]

    def action_operator(self) -> None:
        """Ask who is scanning from now on."""
        self.query_one(PromptLine).open_prompt(_("Who is scanning?"), self.app.operator, self.set_operator)

    def set_operator(self, name: str) -> None:
        """Record *name* as the operator from the next badge on."""
        self.app.operator = name
        self.query_one(TopBar).operator = name

    @work(exit_on_error=False)
    async def change_card_lead(self, get_changes: Callable[[Lead], dict[str, Any]]) -> None:
        """Change the lead on the card."""
        lead = self.query_one(VisitorCard).lead
        if lead is None:
            self.app.show_hint(_(_NO_LEAD_ON_CARD))
        else:
            await self.change_lead(get_changes, lead)

    async def change_lead(
        self, get_changes: Callable[[Lead], dict[str, Any]], lead: Lead, saved_sentence: str = _CHANGE_SAVED
    ) -> bool:
        """
        Change *lead* by what *get_changes* returns for its newest revision; return whether that was saved.

        *saved_sentence* is shown if the lead is not on the card any more.
        """
        operator, clock, lead_id = self.app.operator, self.app.clock, lead.id
        edited = await self.app.run_in_database(
            lambda db: leads.edit_lead(db, lead_id, get_changes(leads.get_lead(db, lead_id)), operator, clock)
        )
        if edited is None:
            return False
        self.app.wake_worker()
        card = self.query_one(VisitorCard)
        if card.lead is not None and card.lead.id == edited.id:
            card.lead = edited
        else:
            self.notify(_(saved_sentence).format(name=sanitize_text(edited.label)), markup=False)
        return True
