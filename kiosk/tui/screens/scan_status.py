"""The part of the scan screen that follows the database: the status, the day's counts, and where the lead is."""

from contextlib import suppress
from dataclasses import replace

from textual import work

from data.errors import StoreError
from data.lead import Lead
from data.scans import count_scans_by_hour
from kiosk.config.load import Settings
from kiosk.status.status import KioskStatus
from kiosk.tui.booth_app import BoothScreen
from kiosk.tui.screens.card_facts import describe_meeting, read_card_facts
from kiosk.tui.widgets.scan_panels import ScanPanels
from kiosk.tui.widgets.status_line import StatusLine
from kiosk.tui.widgets.today_panel import TodayPanel
from kiosk.tui.widgets.top_bar import TopBar
from kiosk.tui.widgets.visitor_card import VisitorCard

# How many hours have a bar, and how often they are counted if nobody is scanned.
_HOURS_SHOWN = 8
_HOURS_READ_SECONDS = 60.0


class ScanStatus(BoothScreen[None]):
    """Shows what the database says, each second while it can be read."""

    settings: Settings
    scanned_lead: Lead | None = None
    """The lead on the card as it was when it was scanned, until it is known whether the visitor was met before."""
    hours_read_at = 0.0
    """When the scans of the last hours were counted, in seconds since 1970 UTC."""

    def show_status(self, status: KioskStatus | None, held_count: int) -> None:
        """Show the kiosk status, and the number of badges that could not be saved yet."""
        if status is None:  # `show_read_error` says why
            return
        line = self.query_one(StatusLine)
        line.status, line.held_count, line.problem = status, held_count, ""
        self.query_one(TopBar).status = status
        self.update_card()
        self.update_today(status)

    def show_read_error(self, sentence: str, held_count: int) -> None:
        """Show that the database cannot be read, in place of the last known status."""
        line = self.query_one(StatusLine)
        line.status, line.held_count, line.problem = None, held_count, sentence
        bar = self.query_one(TopBar)
        bar.status = None
        bar.refresh()  # so that the clock keeps running
        for panel in self.query(TodayPanel):
            panel.scanned_today = None

    @work(exclusive=True, group="card", exit_on_error=False)  # not shown: the worker's group
    async def update_card(self) -> None:
        """Show where the lead on the card is, and when the visitor was met before, if that is not shown yet."""
        card = self.query_one(VisitorCard)
        if (lead := card.lead) is None:
            return
        with suppress(StoreError):  # the status line says that the database cannot be read
            scanned = self.scanned_lead
            with_meeting = scanned is not None
            facts = await self.app.database.run(lambda db: read_card_facts(db, lead.id, with_meeting=with_meeting))
            if card.lead is None or card.lead.id != lead.id:
                return
            self.query_one(ScanPanels).show_delivery(is_delivered=facts.is_delivered)
            if scanned is None:
                return
            self.scanned_lead = None
            if facts.previous_scan is not None:
                met = describe_meeting(scanned, facts.previous_scan, self.app.clock.wall_time())
                card.texts = replace(card.texts, met_before=met)

    def update_today(self, status: KioskStatus) -> None:
        """Show how many badges were scanned today, and from time to time how many in each of the last hours."""
        panels = self.query(TodayPanel)
        has_changed = any(panel.scanned_today != status.scanned_today for panel in panels)
        for panel in panels:
            panel.scanned_today = status.scanned_today
        if has_changed or status.now - self.hours_read_at >= _HOURS_READ_SECONDS:
            self.hours_read_at = status.now
            self.update_hours(status.now)

    @work(exclusive=True, group="hours", exit_on_error=False)  # not shown: the worker's group
    async def update_hours(self, now: float) -> None:
        """Show how many badges were scanned in each of the last hours."""
        event = self.settings.event.name
        with suppress(StoreError):
            by_hour = await self.app.database.run(lambda db: count_scans_by_hour(db, event, now, _HOURS_SHOWN))
            for panel in self.query(TodayPanel):
                panel.by_hour = by_hour
