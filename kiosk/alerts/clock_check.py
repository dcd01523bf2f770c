"""Compares this device's clock with the time that servers report."""

import asyncio
from datetime import datetime

from data.clock import Clock
from kiosk.config.load import Settings

_ASK_INTERVAL_SECONDS = 900.0
"""Minimum time between two requests for the time."""


class ClockCheck:
    """
    The time that servers reported, taken from responses that arrived anyway or requested for this purpose.

    It is stored as an offset to the seconds since boot, because those do not change when somebody sets the clock.
    """

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.settings = settings
        self.clock = clock
        self.offset: float | None = None
        """Server time minus our seconds since boot; None until a server has reported the time."""
        self.asked_at: float | None = None
        """Seconds since boot at the last report or request."""

    def record_date(self, date: datetime | None) -> None:
        """Remember the time that a server reported; None is ignored."""
        if date is not None:
            self.offset = date.timestamp() - self.clock.seconds_since_boot()
            self.asked_at = self.clock.seconds_since_boot()

    def compute_seconds_ahead(self) -> float | None:
        """Return by how many seconds our clock is ahead of the servers' time, or None if that is unknown."""
        if self.offset is None:
            return None
        return self.clock.wall_time() - (self.offset + self.clock.seconds_since_boot())

    def request_time(self) -> None:
        """
        Request the time from the connectivity check's URL, at most every `_ASK_INTERVAL_SECONDS`.

        Does nothing if a time server sets the clock, if the clock alert is switched off, or in practice mode.
        """
        settings, now = self.settings, self.clock.seconds_since_boot()
        url = settings.network.check_url
        if settings.is_practice or not url or not settings.alerts.clock_seconds or self.clock.is_synchronized():
            return
        if self.asked_at is not None and now - self.asked_at < _ASK_INTERVAL_SECONDS:
            return
        from sync.connectivity import check_internet  # imported late: most kiosks never need HTTP here
        from sync.transport import find_proxy

        self.asked_at = now
        network = asyncio.run(check_internet(url, proxy=find_proxy(settings.network.proxy, url)))
        # A login page has a clock, too, but anybody may have set it.
        if network.internet == "yes":
            self.record_date(network.server_time)
