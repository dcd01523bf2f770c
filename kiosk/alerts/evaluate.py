"""One round of looking: judge, write down what has changed, and tell the webhook where a network allows."""

import asyncio
import logging
import sqlite3
from math import inf

from data import alerts
from data.clock import Clock
from data.errors import StoreError
from data.store import Store, open_store
from kiosk.alerts.clock_check import ClockCheck
from kiosk.alerts.current import evaluate_rules
from kiosk.alerts.snapshot import take_full_snapshot
from kiosk.config.load import Settings
from kiosk.status.wording import format_duration, sanitize_text
from sync.errors import SyncError
from sync.file_lock import LockHeld, hold_lock

log = logging.getLogger(__name__)

POST_BACKOFF_BASE_SECONDS, POST_BACKOFF_MAX_SECONDS = 15.0, 600.0
"""Seconds before a receiver that did not take an alert is tried again: doubled from the first to the second."""

DATABASE_TIMEOUT_SECONDS = 5.0
"""Seconds to wait for a database that another program holds: the next round comes soon."""


class AlertEvaluator:
    """Looks for what is wrong; whichever process does, one at a time, it is raised once and over once."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.settings = settings
        self.clock = clock
        self.clock_check = ClockCheck(settings, clock)
        self.post_failures = 0
        """Of the receiver, in a row."""
        self.next_post_at = -inf
        """When it is tried again, in seconds since boot."""
        self.posted_keys: set[tuple[str, bool]] = set()
        """What the receiver has, also where that could not be written down."""

    def run_round(self, *, worker_up_seconds: float | None = None, worker_gone_seconds: float | None = None) -> None:
        """Look once, unless another process is looking; for how many seconds the worker is up, or gone."""
        try:
            with hold_lock(self.settings.alerts_lock):
                self.clock_check.ask_network()
                db = open_store(self.settings.database_file, timeout_seconds=DATABASE_TIMEOUT_SECONDS, may_create=False)
                try:
                    self._record_changes(db, worker_up_seconds, worker_gone_seconds)
                    self._post_pending(db)
                finally:
                    db.close()
        except LockHeld:
            log.debug("somebody else is looking for what is wrong")
        except (StoreError, sqlite3.Error, OSError) as error:
            log.warning("alerts cannot be written down now: %s", error)

    def _record_changes(self, db: Store, sender_up: float | None, sender_gone: float | None) -> None:
        """Write down what has changed, in the database and in the log."""
        ahead = self.clock_check.compute_ahead()
        seen = take_full_snapshot(
            db,
            self.settings,
            self.clock,
            ahead_seconds=ahead,
            worker_up_seconds=sender_up,
            worker_gone_seconds=sender_gone,
        )
        raised, over = alerts.update_alerts(
            db, evaluate_rules(seen, self.settings.alerts, alerts.read_open_alerts(db)), self.clock
        )
        for alert in raised:
            log.warning("ALERT: %s %s", sanitize_text(alert.sentence), sanitize_text(alert.advice))
        for alert in over:
            log.warning("over: %s", sanitize_text(alert.sentence))

    def _post_pending(self, db: Store) -> None:
        """Tell the receiver what it does not know yet, the oldest first."""
        if not self.settings.alerts.webhook_url or self.clock.seconds_since_boot() < self.next_post_at:
            return
        from kiosk.alerts.webhook import explain_failure  # with all of HTTP, which most kiosks never need here

        try:
            while found := alerts.list_unreported_alerts(db, self.clock):
                asyncio.run(self._post_alerts(db, found))
            self.post_failures = 0
        except (SyncError, TimeoutError) as error:
            asked = getattr(error, "retry_after", None) or 0.0
            seconds = max(
                asked, min(POST_BACKOFF_MAX_SECONDS, POST_BACKOFF_BASE_SECONDS * 2.0 ** min(self.post_failures, 30))
            )
            self.post_failures += 1
            self.next_post_at = self.clock.seconds_since_boot() + seconds
            log.info(
                "an alert cannot be posted now (%s); tried again in %s",
                sanitize_text(explain_failure(error)),
                format_duration(seconds),
            )

    async def _post_alerts(self, db: Store, found: list[alerts.Alert]) -> None:
        """
        Post alerts, and write down after each that it has arrived.

        Raises:
            SyncError, TimeoutError: one did not arrive, as far as we know.
            StoreError: it could not be written down.
        """
        from kiosk.alerts.webhook import build_document, open_connection, post_alert

        http = open_connection(self.settings)
        try:
            for alert in found:
                key = (alert.id, alert.is_reported)
                if key not in self.posted_keys:
                    done = await post_alert(http, self.settings.alerts, build_document(alert, self.settings))
                    self.posted_keys.add(key)
                    self.clock_check.record_date(done.receiver_date)
                alerts.mark_reported(db, alert, self.clock)
        finally:
            await http.aclose()
