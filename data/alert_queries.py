"""Queries behind the rules of the alerts; each takes time in proportion to what it asks about."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from sqlite_utils import Database

_COUNT_RECENT_DELIVERIES = """
    select count(*) as tried, coalesce(sum(outcome <> 'delivered'), 0) as failed
      from (select outcome, max(id)
              from deliveries
             where destination = :destination and started_at >= :since
               and outcome not in (select value from json_each(:excluded))
             group by lead_id)
"""

_SELECT_OLDEST_WAIT = """
    select min(max(leads.updated_at,
                   coalesce((select min(at) from scan_times where scan_times.lead_id = leads.id), 0),
                   coalesce((select max(at) from actions
                              where actions.lead_id = leads.id and verb <> 'not taken'), 0))) as since
      from outbox
      join leads on leads.id = outbox.lead_id
     where outbox.state = 'waiting'
"""

_SELECT_LAST_SYNCED_TIME = "select max(seen_at) as at from boots where synced"


@dataclass(frozen=True, slots=True)
class RecentDeliveries:
    """How many leads were sent, and how many of them the CRM did not accept the last time."""

    leads: int
    failed: int


def count_recent_deliveries(
    db: Database, destination: str, since: float, excluded_outcomes: Iterable[str]
) -> RecentDeliveries:
    """
    Count what was sent since *since*, without attempts that ended in one of *excluded_outcomes*.

    Leads are counted, not attempts: finding the one bad lead among a hundred takes a dozen refused calls.
    """
    values = {"destination": destination, "since": since, "excluded": json.dumps(list(excluded_outcomes))}
    row = db.execute(_COUNT_RECENT_DELIVERIES, values).fetchone()
    return RecentDeliveries(row["tried"], row["failed"])


def find_oldest_wait(db: Database) -> float | None:
    """
    Return when the longest-waiting lead began to wait in its present state; None if none is waiting.

    A lead that was imported, edited, retried or restored today has been waiting since today, whenever its badge was
    scanned.
    """
    since: float | None = db.execute(_SELECT_OLDEST_WAIT).fetchone()["since"]
    return since


def find_last_synced_time(db: Database) -> float | None:
    """
    Return the latest time that was recorded while the clock was set by a time server; None if there is none.

    It cannot lie in the future.
    """
    at: float | None = db.execute(_SELECT_LAST_SYNCED_TIME).fetchone()["at"]
    return at
