"""What is wrong with the kiosk as a whole, since when, and whether the webhook was told: one open row a cause."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlite_utils import Database

from data.clock import Clock
from data.store import write_transaction
from data.uuid7 import new_uuid7

DAY_SECONDS = 86_400.0

RETENTION_SECONDS = 90 * DAY_SECONDS
"""Seconds that an alert is kept after it was over."""

_SELECT_OPEN = "select * from alerts where over_at is null order by since, id"

_INSERT_ALERT = """
    insert into alerts (id, cause, sentence, advice, since)
    values (:id, :cause, :sentence, :advice, :since)
        on conflict (cause) where over_at is null do nothing
"""

CLOSE_ALERT = "update alerts set over_at = :now where cause = :cause and over_at is null"

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
    """Something is wrong that a person can do something about."""

    cause: str
    """One word, by which it is known again."""
    sentence: str
    """What is wrong: counts and causes, nothing that is about a person."""
    advice: str
    """What to do."""
    since: float
    """Seconds since 1970 UTC."""
    id: str = field(default="", compare=False)
    """Empty where it was not written down yet."""
    over_at: float | None = field(default=None, compare=False)
    """When it was over; None: it is not."""
    is_reported: bool = field(default=False, compare=False)
    """Whether the webhook knows that it was raised."""


def read_open_alerts(db: Database) -> dict[str, Alert]:
    """What is wrong as it was written down, by its cause."""
    return {row["cause"]: _alert_from_row(row) for row in db.execute(_SELECT_OPEN)}


def update_alerts(db: Database, alerts: Iterable[Alert], clock: Clock) -> tuple[list[Alert], list[Alert]]:
    """
    Write down that *alerts* is what is wrong now; what is new in it, and what is over.

    Where nothing changed nothing is written. Two processes may do so at once: a cause is open once.

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
            db.execute(CLOSE_ALERT, {"cause": alert.cause, "now": now})
        db.execute(_DELETE_OLD, {"before": now - RETENTION_SECONDS})
    return raised, over


def list_unreported_alerts(db: Database, clock: Clock) -> list[Alert]:
    """
    What the webhook is to be told next, the oldest first; one that is over and was told of is told to be over.

    What nobody heard of, and was over a day ago, is nobody's concern any more.
    """
    now = clock.wall_time()
    return [_alert_from_row(row) for row in db.execute(_SELECT_UNREPORTED, {"now": now, "since": now - DAY_SECONDS})]


def mark_reported(db: Database, alert: Alert, clock: Clock) -> None:
    """
    Note that the webhook knows of *alert* what `untold` said of it.

    Raises:
        StoreError: nothing was written.
    """
    with write_transaction(db):
        db.execute(
            _MARK_END_REPORTED if alert.is_reported else _MARK_RAISE_REPORTED,
            {"id": alert.id, "now": clock.wall_time()},
        )


def _alert_from_row(row: sqlite3.Row) -> Alert:
    """The alert in a row."""
    return Alert(
        row["cause"],
        row["sentence"],
        row["advice"],
        row["since"],
        id=row["id"],
        over_at=row["over_at"],
        is_reported=row["told_at"] is not None,
    )
