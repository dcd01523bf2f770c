"""What the rules of the alerts measure in the database; each takes as long as what is asked about is much."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from sqlite_utils import Database

_COUNT_RECENT_DELIVERIES = """
    select count(*) as tried, coalesce(sum(outcome <> 'delivered'), 0) as failed
      from (select outcome, max(id)
              from deliveries
             where destination = :destination and started_at >= :since
               and outcome not in (select value from json_each(:besides))
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
    """How many leads were sent, and how many of them the CRM did not take when they were sent last."""

    leads: int
    failed: int


def count_recent_deliveries(
    db: Database, destination: str, since: float, excluded_outcomes: Iterable[str]
) -> RecentDeliveries:
    """
    How sending went since then; attempts that ended as *excluded_outcomes* says do not count.

    Leads are counted, not attempts: looking for the one bad lead in a hundred takes a dozen calls that are refused.
    """
    values = {"destination": destination, "since": since, "besides": json.dumps(list(excluded_outcomes))}
    row = db.execute(_COUNT_RECENT_DELIVERIES, values).fetchone()
    return RecentDeliveries(row["tried"], row["failed"])


def find_oldest_wait(db: Database) -> float | None:
    """
    Since when the lead that waits longest is owed to the CRM as it is; None where none waits.

    What was imported, edited, retried or restored today waits since today, whenever its badge was scanned.
    """
    since: float | None = db.execute(_SELECT_OLDEST_WAIT).fetchone()["since"]
    return since


def find_last_synced_time(db: Database) -> float | None:
    """A time that is past for sure: the last at which a time server had set the clock; None where none ever had."""
    at: float | None = db.execute(_SELECT_LAST_SYNCED_TIME).fetchone()["at"]
    return at
