"""What is wrong with the kiosk as a whole, since when, and whether the webhook was told: one open row a cause."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlite_utils import Database

from data.clock import Clock
from data.ids import uuid7
from data.store import writing

DAY = 86_400.0

KEPT = 90 * DAY
"""Seconds that an alert is kept after it was over."""

OPEN = "select * from alerts where over_at is null order by since, id"

RAISE = """
    insert into alerts (id, cause, sentence, advice, since)
    values (:id, :cause, :sentence, :advice, :since)
        on conflict (cause) where over_at is null do nothing
"""

END = "update alerts set over_at = :now where cause = :cause and over_at is null"

FORGET = "delete from alerts where over_at < :before"

UNTOLD = """
    select *
      from alerts
     where (told_at is null and coalesce(over_at, :now) > :since)
        or (told_at is not null and over_at is not null and told_over_at is null)
     order by since, id
"""

TOLD = "update alerts set told_at = :now where id = :id and told_at is null"

TOLD_OVER = "update alerts set told_over_at = :now where id = :id"


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
    is_told: bool = field(default=False, compare=False)
    """Whether the webhook knows that it was raised."""


def current(db: Database) -> dict[str, Alert]:
    """What is wrong as it was written down, by its cause."""
    return {row["cause"]: alert_from(row) for row in db.execute(OPEN)}


def note(db: Database, alerts: Iterable[Alert], clock: Clock) -> tuple[list[Alert], list[Alert]]:
    """
    Write down that *alerts* is what is wrong now; what is new in it, and what is over.

    Where nothing changed nothing is written. Two processes may do so at once: a cause is open once.

    Raises:
        StoreError: nothing was written.
    """
    wrong, now = {alert.cause: alert for alert in alerts}, clock.wall()
    before = current(db)
    if wrong.keys() == before.keys():
        return [], []
    with writing(db):
        before = current(db)
        raised = [alert for cause, alert in wrong.items() if cause not in before]
        over = [alert for cause, alert in before.items() if cause not in wrong]
        for alert in raised:
            values = {"id": uuid7(now), "cause": alert.cause, "sentence": alert.sentence, "advice": alert.advice}
            db.execute(RAISE, {**values, "since": alert.since})
        for alert in over:
            db.execute(END, {"cause": alert.cause, "now": now})
        db.execute(FORGET, {"before": now - KEPT})
    return raised, over


def untold(db: Database, clock: Clock) -> list[Alert]:
    """
    What the webhook is to be told next, the oldest first; one that is over and was told of is told to be over.

    What nobody heard of, and was over a day ago, is nobody's concern any more.
    """
    now = clock.wall()
    return [alert_from(row) for row in db.execute(UNTOLD, {"now": now, "since": now - DAY})]


def told(db: Database, alert: Alert, clock: Clock) -> None:
    """
    Note that the webhook knows of *alert* what `untold` said of it.

    Raises:
        StoreError: nothing was written.
    """
    with writing(db):
        db.execute(TOLD_OVER if alert.is_told else TOLD, {"id": alert.id, "now": clock.wall()})


def alert_from(row: sqlite3.Row) -> Alert:
    """The alert in a row."""
    return Alert(
        row["cause"],
        row["sentence"],
        row["advice"],
        row["since"],
        id=row["id"],
        over_at=row["over_at"],
        is_told=row["told_at"] is not None,
    )
