"""One round of alert evaluation: apply the rules, store what changed, and post it to the webhook."""

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
"""Delay before a failed post is tried again: doubles from the first value up to the second."""

# How long to wait for a database that another process has locked. Short: the next round comes soon.
DATABASE_TIMEOUT_SECONDS = 5.0


class AlertEvaluator:
    """
    Evaluates the alert rules and reports changes.

    Several processes may have one; a file lock lets one of them work at a time, so each alert is raised and ended once.
    """

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.settings = settings
        self.clock = clock
        self.clock_check = ClockCheck(settings, clock)
        self.post_failures = 0
        """Consecutive failed posts."""
        self.next_post_at = -inf
        """Earliest time of the next post, in seconds since boot."""
        # Kept in memory too, so that an alert is not posted twice where the database could not be written afterwards.
        self.posted_keys: set[tuple[str, bool]] = set()
        """Alert id and "is over" of everything that the receiver has accepted."""

    def run_round(self, *, worker_up_seconds: float | None = None, worker_gone_seconds: float | None = None) -> None:
        """
        Evaluate the rules once, unless another process is doing so.

        The caller passes for how long the worker has been running, or for how long it has been missing.
        """
        try:
            with hold_lock(self.settings.alerts_lock):
                self.clock_check.request_time()
                db = open_store(self.settings.database_file, timeout_seconds=DATABASE_TIMEOUT_SECONDS, may_create=False)
                try:
                    self._record_changes(db, worker_up_seconds, worker_gone_seconds)
                    self._post_pending(db)
                finally:
                    db.close()
        except LockHeld:
            log.debug("another process is evaluating the alerts")
        except (StoreError, sqlite3.Error, OSError) as error:
            log.warning("alerts cannot be stored now: %s", error)

    def _record_changes(self, db: Store, worker_up_seconds: float | None, worker_gone_seconds: float | None) -> None:
        """Write alerts that were raised or ended to the database and to the log."""
        snapshot = take_full_snapshot(
            db,
            self.settings,
            self.clock,
            ahead_seconds=self.clock_check.compute_seconds_ahead(),
            worker_up_seconds=worker_up_seconds,
            worker_gone_seconds=worker_gone_seconds,
        )
        current = evaluate_rules(snapshot, self.settings.alerts, alerts.read_open_alerts(db))
        raised, over = alerts.update_alerts(db, current, self.clock)
        for alert in raised:
            log.warning("ALERT: %s %s", sanitize_text(alert.sentence), sanitize_text(alert.advice))
        for alert in over:
            log.warning("over: %s", sanitize_text(alert.sentence))

    def _post_pending(self, db: Store) -> None:
        """Post every change that the receiver has not accepted yet, the oldest first."""
        if not self.settings.alerts.webhook_url or self.clock.seconds_since_boot() < self.next_post_at:
            return
        from kiosk.alerts.webhook import explain_failure  # imports all of HTTP, which most kiosks never need here

        try:
            while found := alerts.list_unreported_alerts(db, self.clock):
                asyncio.run(self._post_alerts(db, found))
            self.post_failures = 0
        except (SyncError, TimeoutError) as error:
            requested = getattr(error, "retry_after", None) or 0.0
            backoff = POST_BACKOFF_BASE_SECONDS * 2.0 ** min(self.post_failures, 30)
            seconds = max(requested, min(POST_BACKOFF_MAX_SECONDS, backoff))
            self.post_failures += 1
            self.next_post_at = self.clock.seconds_since_boot() + seconds
            reason = sanitize_text(explain_failure(error))
            log.info("an alert cannot be posted now (%s); next try in %s", reason, format_duration(seconds))

    async def _post_alerts(self, db: Store, found: list[alerts.Alert]) -> None:
        """
        Post alerts one by one, and mark each as reported once it was accepted.

        Raises:
            SyncError, TimeoutError: an alert was not accepted, as far as we know.
            StoreError: an accepted alert could not be marked.
        """
        from kiosk.alerts.webhook import build_document, make_http_client, post_alert

        http = make_http_client(self.settings)
        try:
            for alert in found:
                key = (alert.id, alert.is_reported)
                if key not in self.posted_keys:
                    receipt = await post_alert(http, self.settings.alerts, build_document(alert, self.settings))
                    self.posted_keys.add(key)
                    self.clock_check.record_date(receipt.receiver_date)
                alerts.mark_reported(db, alert, self.clock)
        finally:
            await http.aclose()
