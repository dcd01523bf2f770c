"""
Alerts: what is wrong with the kiosk as a whole, since when, and whether the webhook knows. One open row per cause.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlite_utils import Database

from data.clock import Clock
from data.store import write_transaction
from data.uuid7 import new_uuid7

DAY_SECONDS = 86_400.0

RETENTION_SECONDS = 90 * DAY_SECONDS
"""How long an alert is kept after it has ended."""

_SELECT_OPEN = "select * from alerts where over_at is null order by since, id"

_INSERT_ALERT = """
    insert into alerts (id, cause, sentence, advice, since)
    values (:id, :cause, :sentence, :advice, :since)
        on conflict (cause) where over_at is null do nothing
"""

_CLOSE_ALERT = "update alerts set over_at = :now where cause = :cause and over_at is null"

_DELETE_OLD = "delete from alerts where over_at < :before"

_SELECT_UNREPORTED = """
    select *
      from alerts
     where (told_at is null and coalesce(over_at, :now) > :since)
        or (told_at is not null and over_at is not null and told_over_at is null)
     order by since, id
"""

_MARK_RAISE_REPORTED = "update alerts set told_at = :now where id = :id and told_at is null"

_MARK_END_REPORTED = "update alerts set told_over_at = :now where id = :id"


@dataclass(frozen=True, slots=True)
class Alert:
    """A problem of the whole kiosk that a person can do something about."""

    cause: str
    """One word that identifies it: there is at most one open alert per cause."""
    sentence: str
    """What is wrong, in counts and causes; never anything about a visitor."""
    advice: str
    """What to do."""
    since: float
    """Seconds since 1970 UTC."""
    id: str = field(default="", compare=False)
    """Empty while it is not in the database."""
    over_at: float | None = field(default=None, compare=False)
    """When it ended, in seconds since 1970 UTC; None while it lasts."""
    is_reported: bool = field(default=False, compare=False)
    """Whether the webhook has accepted that it was raised."""


def read_open_alerts(db: Database) -> dict[str, Alert]:
    """Return the open alerts by their cause."""
    return {row["cause"]: _alert_from_row(row) for row in db.execute(_SELECT_OPEN)}


def update_alerts(db: Database, alerts: Iterable[Alert], clock: Clock) -> tuple[list[Alert], list[Alert]]:
    """
    Raise those of *alerts* whose cause is not open yet, end open ones that are not among them, and return both lists.

    An open alert keeps the sentence with which it was raised. Nothing is written if the causes are the same. Two
    processes may call this at once: a cause is open only once.

    Raises:
        StoreError: nothing was written.
    """
    wrong, now = {alert.cause: alert for alert in alerts}, clock.wall_time()
    before = read_open_alerts(db)
    if wrong.keys() == before.keys():
        return [], []
    with write_transaction(db):
        before = read_open_alerts(db)
        raised = [alert for cause, alert in wrong.items() if cause not in before]
        over = [alert for cause, alert in before.items() if cause not in wrong]
        for alert in raised:
            values = {"id": new_uuid7(now), "cause": alert.cause, "sentence": alert.sentence, "advice": alert.advice}
            db.execute(_INSERT_ALERT, {**values, "since": alert.since})
        for alert in over:
            db.execute(_CLOSE_ALERT, {"cause": alert.cause, "now": now})
        db.execute(_DELETE_OLD, {"before": now - RETENTION_SECONDS})
    return raised, over


def list_unreported_alerts(db: Database, clock: Clock) -> list[Alert]:
    """
    List what the webhook has to be sent next, oldest first: new alerts, and the end of alerts that it knows.

    An alert that was never sent and ended more than a day ago is left out: it helps nobody any more.
    """
    now = clock.wall_time()
    return [_alert_from_row(row) for row in db.execute(_SELECT_UNREPORTED, {"now": now, "since": now - DAY_SECONDS})]


def mark_reported(db: Database, alert: Alert, clock: Clock) -> None:
    """
    Record that the webhook accepted what `list_unreported_alerts` returned for *alert*.

    Raises:
        StoreError: nothing was written.
    """
    with write_transaction(db):
        db.execute(
            _MARK_END_REPORTED if alert.is_reported else _MARK_RAISE_REPORTED,
            {"id": alert.id, "now": clock.wall_time()},
        )


def _alert_from_row(row: sqlite3.Row) -> Alert:
    """Convert a row of the table `alerts`."""
    return Alert(
        row["cause"],
        row["sentence"],
        row["advice"],
        row["since"],
        id=row["id"],
        over_at=row["over_at"],
        is_reported=row["told_at"] is not None,
    )
