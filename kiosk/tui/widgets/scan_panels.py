"""The middle of the scan screen: the camera and the day on the left; the welcome or the last visitor's card beside."""

import time
from typing import Any

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from data.language import _, format_time_with_seconds
from kiosk.config.load import Settings
from kiosk.scanning.scan_result import ScanResult
from kiosk.status.wording import sanitize_text
from kiosk.tui.widgets.result_strip import ResultStrip
from kiosk.tui.widgets.today_panel import TodayPanel
from kiosk.tui.widgets.viewfinder import Viewfinder
from kiosk.tui.widgets.visitor_card import CardTexts, VisitorCard
from kiosk.tui.widgets.welcome import Welcome


class ScanPanels(Horizontal):
    """Shows one of two things large: what to do with a badge, or the result of the last one."""

    def __init__(self, settings: Settings, *, has_camera: bool) -> None:
        """Prepare the panels; a booth with scanners only has no camera, and so no place for its image."""
        super().__init__(id="middle")
        self.settings = settings
        self.has_camera = has_camera
        self.saved_at = ""
        """The time of day of the last result."""

    def compose(self) -> ComposeResult:
        """Lay out the panels."""
        if self.has_camera:
            with Vertical(id="left"):
                yield Viewfinder(id="viewfinder", classes="panel")
                yield TodayPanel(id="today", classes="panel")
        yield Welcome(id="welcome", classes="panel")
        yield VisitorCard(self.settings.event.tags, is_larger=self.settings.screen.big_type)

    def on_mount(self) -> None:
        """Name the panels."""
        if self.has_camera:
            self.query_one(Viewfinder).border_title = _("Camera")
            self.query_one(TodayPanel).border_title = _("Today")
        self.query_one(Welcome).event = sanitize_text(self.settings.event.name)

    @property
    def card(self) -> VisitorCard:
        """The last visitor's card."""
        return self.query_one(VisitorCard)

    def show_result(self, result: ScanResult, now: float) -> None:
        """Show the result of a badge."""
        card, strip = self.card, self.query_one(ResultStrip)
        card.lead = result.lead
        # The card shows the name already, so a result that says only the name adds nothing.
        sentence = result.notice or ("" if result.kind in ("saved", "again") else result.sentence)
        card.texts = CardTexts(sentence=sentence, unread=result.unread)
        self.saved_at = format_time_with_seconds(time.localtime(now))
        strip.mood, strip.is_saved = result.mood, result.is_saved
        is_nameless = result.lead is not None and result.lead.needs_details
        question = _("who is it?")
        strip.word = f"{result.headline} · {question}" if is_nameless else result.headline
        self.show_delivery(is_delivered=False)
        for mood in ResultStrip.MOODS:
            card.set_class(mood == result.mood, f"-{mood}")
        self._show_panel(card)

    def show_delivery(self, *, is_delivered: bool) -> None:
        """Say where the lead on the card is; before the CRM has confirmed it, only that it is on this device."""
        where = _("in the CRM ✓") if is_delivered else _("on this device")
        if self.card.lead is None:
            where = ""
        self.query_one(ResultStrip).details = " · ".join(filter(None, (self.saved_at, where)))

    def show_welcome(self, *, camera_problem: bool) -> None:
        """Invite the next visitor."""
        welcome = self.query_one(Welcome)
        welcome.set_class(camera_problem, "-look")
        welcome.has_code = not camera_problem
        if camera_problem:
            welcome.border_title = _("No camera")
            welcome.invitation, welcome.sentence = _("No camera"), _("A USB scanner still works.")
        elif self.has_camera:
            welcome.border_title = _("Ready")
            welcome.invitation, welcome.sentence = _("Hold your badge here"), ""
        else:
            welcome.border_title = _("Ready")
            welcome.invitation, welcome.sentence = _("Scan your badge"), ""
        self._show_panel(welcome)

    def _show_panel(self, panel: VisitorCard | Welcome) -> None:
        """Show the card or the welcome, and hide the other."""
        for one in (self.card, self.query_one(Welcome)):
            one.display = one is panel

    @property
    def picture_size(self) -> tuple[int, int]:
        """The width and height in pixels of the camera images to show; 0 x 0 if none are shown."""
        viewfinder = self.query_one_optional(Viewfinder)
        # On a tiny terminal there may be room for the frame alone.
        return viewfinder.picture_size if viewfinder is not None and viewfinder.size.area else (0, 0)

    def show_picture(self, picture: Any) -> None:
        """Show a camera image."""
        if self.has_camera:
            self.query_one(Viewfinder).show_picture(picture)

    def show_camera(self, name: str, problem: str) -> None:
        """Show which camera works, or *problem*: why none does."""
        if not self.has_camera:
            return
        viewfinder = self.query_one(Viewfinder)
        viewfinder.border_subtitle = None if problem else sanitize_text(name).replace("[", r"\[")
        viewfinder.set_class(bool(problem), "-look")
        if problem:
            viewfinder.show_sentence(problem)
