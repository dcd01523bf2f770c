"""What others say the time is: known from answers that came anyway, or asked where no time server sets our clock."""

import asyncio
from datetime import datetime

from data.clock import Clock
from kiosk.config.load import Settings

ASK_INTERVAL_SECONDS = 900.0
"""Between two times that somebody is asked."""


class ClockCheck:
    """The time of others, kept as how it stands to the seconds since boot, which no setting of a clock changes."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.settings = settings
        self.clock = clock
        self.offset: float | None = None
        """Their time minus our seconds since boot; None where nobody has said it."""
        self.asked_at: float | None = None

    def record_date(self, date: datetime | None) -> None:
        """Somebody said what time it is, perhaps."""
        if date is not None:
            self.offset = date.timestamp() - self.clock.seconds_since_boot()
            self.asked_at = self.clock.seconds_since_boot()

    def compute_ahead(self) -> float | None:
        """How many seconds our clock is ahead of theirs; None where that is not known."""
        return None if self.offset is None else self.clock.wall_time() - (self.offset + self.clock.seconds_since_boot())

    def ask_network(self) -> None:
        """
        Ask the address that tells whether the internet is there, now and then; it gets no data.

        Nobody is asked where a time server sets the clock, where the rule is off, and in a practice.
        """
        settings, now = self.settings, self.clock.seconds_since_boot()
        url = settings.network.check_url
        if settings.is_practice or not url or not settings.alerts.clock_seconds or self.clock.is_synchronized():
            return
        if self.asked_at is not None and now - self.asked_at < ASK_INTERVAL_SECONDS:
            return
        from sync.connectivity import check_internet
        from sync.transport import find_proxy

        self.asked_at = now
        around = asyncio.run(check_internet(url, proxy=find_proxy(settings.network.proxy, url)))
        if around.internet == "yes":
            self.record_date(around.server_time)
