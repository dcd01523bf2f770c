"""One round of looking: judge, write down what has changed, and tell the webhook where a network allows."""

import asyncio
import logging
import sqlite3
from math import inf

from data import alerts
from data.clock import Clock
from data.errors import StoreError
from data.store import Store, open_store
from kiosk.alerts.clock_check import OthersClock
from kiosk.alerts.current import judged
from kiosk.alerts.snapshot import thorough
from kiosk.config.load import Settings
from kiosk.status.wording import plain, span
from sync.errors import SyncError
from sync.lock import Held, held

log = logging.getLogger(__name__)

POST_BASE, POST_CAP = 15.0, 600.0
"""Seconds before a receiver that did not take an alert is tried again: doubled from the first to the second."""

PATIENCE = 5.0
"""Seconds to wait for a database that another program holds: the next round comes soon."""


class Watcher:
    """Looks for what is wrong; whichever process does, one at a time, it is raised once and over once."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.settings = settings
        self.clock = clock
        self.others = OthersClock(settings, clock)
        self.failures = 0
        """Of the receiver, in a row."""
        self.next_post = -inf
        """When it is tried again, in seconds since boot."""
        self.posted: set[tuple[str, bool]] = set()
        """What the receiver has, also where that could not be written down."""

    def round(self, *, sender_up: float | None = None, sender_gone: float | None = None) -> None:
        """Look once, unless another process is looking; for how many seconds the worker is up, or gone."""
        try:
            with held(self.settings.alerts_lock):
                self.others.ask()
                db = open_store(self.settings.store, patience=PATIENCE, create=False)
                try:
                    self.judge(db, sender_up, sender_gone)
                    self.tell(db)
                finally:
                    db.close()
        except Held:
            log.debug("somebody else is looking for what is wrong")
        except (StoreError, sqlite3.Error, OSError) as error:
            log.warning("alerts cannot be written down now: %s", error)

    def judge(self, db: Store, sender_up: float | None, sender_gone: float | None) -> None:
        """Write down what has changed, in the database and in the log."""
        ahead = self.others.ahead()
        seen = thorough(db, self.settings, self.clock, ahead=ahead, sender_up=sender_up, sender_gone=sender_gone)
        raised, over = alerts.note(db, judged(seen, self.settings.alerts, alerts.current(db)), self.clock)
        for alert in raised:
            log.warning("ALERT: %s %s", plain(alert.sentence), plain(alert.advice))
        for alert in over:
            log.warning("over: %s", plain(alert.sentence))

    def tell(self, db: Store) -> None:
        """Tell the receiver what it does not know yet, the oldest first."""
        if not self.settings.alerts.webhook_url or self.clock.mono() < self.next_post:
            return
        from kiosk.alerts.webhook import why  # with all of HTTP, which most kiosks never need here

        try:
            while found := alerts.untold(db, self.clock):
                asyncio.run(self.post_all(db, found))
            self.failures = 0
        except (SyncError, TimeoutError) as error:
            asked = getattr(error, "retry_after", None) or 0.0
            seconds = max(asked, min(POST_CAP, POST_BASE * 2.0 ** min(self.failures, 30)))
            self.failures += 1
            self.next_post = self.clock.mono() + seconds
            log.info("an alert cannot be posted now (%s); tried again in %s", plain(why(error)), span(seconds))

    async def post_all(self, db: Store, found: list[alerts.Alert]) -> None:
        """
        Post alerts, and write down after each that it has arrived.

        Raises:
            SyncError, TimeoutError: one did not arrive, as far as we know.
            StoreError: it could not be written down.
        """
        from kiosk.alerts.webhook import connection, document_of, post

        http = connection(self.settings)
        try:
            for alert in found:
                key = (alert.id, alert.is_told)
                if key not in self.posted:
                    done = await post(http, self.settings.alerts, document_of(alert, self.settings))
                    self.posted.add(key)
                    self.others.heard(done.date)
                alerts.told(db, alert, self.clock)
        finally:
            await http.aclose()
