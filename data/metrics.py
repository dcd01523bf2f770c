"""Metrics of the delivery: attempts and their outcomes, response times of the CRM, history of the gate."""

import time
from dataclasses import dataclass, field

from sqlite_utils import Database

from data import alert_queries
from data.clock import Clock
from data.uuid7 import get_uuid7_lower_bound

_COUNT_ATTEMPTS = """
    select outcome, sum(number) as number
      from (select outcome, count(*) as number from deliveries where destination = :destination group by outcome
            union all
            select outcome, number from delivery_totals where destination = :destination)
     group by outcome
     order by number desc
"""

_COUNT_RECENT_OUTCOMES = """
    select outcome, count(*) as number
      from deliveries
     where destination = :destination and started_at >= :since
     group by outcome
"""

_ANSWERED_OUTCOMES = ("delivered", "rejected", "retry", "refused")
"""Outcomes of attempts that the CRM responded to."""

_SELECT_ANSWER_TIMES = f"""
    select max(took) as took
      from deliveries
     where destination = :destination and started_at >= :since and outcome in {_ANSWERED_OUTCOMES}
     group by batch_id
     order by took
"""

_COUNT_LEADS_BETWEEN = "select count(*) from leads where id >= ? and id < ?"

_SELECT_GATE_CHANGES = (
    "select is_open, cause, sentence, at from gate_changes where destination = ? order by id desc limit ?"
)

HOUR_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class _GateChange:
    """The gate opened, or closed for a cause."""

    is_open: bool
    cause: str
    sentence: str
    at: float
    """Seconds since 1970 UTC."""


@dataclass(frozen=True, slots=True)
class Metrics:
    """Metrics of the delivery to one destination."""

    oldest_waiting: float | None
    """Seconds that the longest-waiting lead has waited, as the alert counts them; None if none waits."""
    attempts: dict[str, int] = field(default_factory=dict)
    """Number of attempts by outcome, over all time."""
    success_rate: float | None = None
    """Share of the last hour's attempts that delivered; None if there was none."""
    error_rate: float | None = None
    """Share of the last hour's attempts that failed through no fault of the lead; None if there was none."""
    answer_median: float | None = None
    """Median response time of the CRM in the last hour, in seconds; None if it sent no response."""
    answer_p95: float | None = None
    history: tuple[_GateChange, ...] = ()
    """Changes of the gate, the newest first."""


def read_metrics(db: Database, destination: str, clock: Clock, *, changes: int = 10) -> Metrics:
    """Return the metrics of *destination*, with the last *changes* of its gate."""
    values = {"destination": destination, "since": clock.wall_time() - HOUR_SECONDS}
    recent = {row["outcome"]: row["number"] for row in db.execute(_COUNT_RECENT_OUTCOMES, values)}
    took = [row["took"] for row in db.execute(_SELECT_ANSWER_TIMES, values)]
    oldest = alert_queries.find_oldest_wait(db)
    tries, taken, rejected = sum(recent.values()), recent.get("delivered", 0), recent.get("rejected", 0)
    return Metrics(
        oldest_waiting=None if oldest is None else max(0.0, clock.wall_time() - oldest),
        attempts={row["outcome"]: row["number"] for row in db.execute(_COUNT_ATTEMPTS, values)},
        success_rate=taken / tries if tries else None,
        error_rate=(tries - taken - rejected) / tries if tries else None,
        answer_median=_pick_quantile(took, 0.5),
        answer_p95=_pick_quantile(took, 0.95),
        history=tuple(
            _GateChange(bool(row["is_open"]), row["cause"], row["sentence"], row["at"])
            for row in db.execute(_SELECT_GATE_CHANGES, (destination, changes))
        ),
    )


def count_leads_between(db: Database, since: float, until: float) -> int:
    """Count the leads that were met between two times (seconds since 1970 UTC); their ids contain the time."""
    return int(
        db.execute(_COUNT_LEADS_BETWEEN, (get_uuid7_lower_bound(since), get_uuid7_lower_bound(until))).fetchone()[0]
    )


def count_leads_by_hour(db: Database, clock: Clock, hours: int = 12) -> list[tuple[float, int]]:
    """Return the start of each of the last *hours* by the wall clock, and how many leads were met in that hour."""
    now = clock.wall_time()
    local = time.localtime(now)
    this = int(now) - local.tm_min * 60 - local.tm_sec
    starts = [this - back * HOUR_SECONDS for back in reversed(range(hours))]
    return [(start, count_leads_between(db, start, start + HOUR_SECONDS)) for start in starts]


def _pick_quantile(ordered: list[float], share: float) -> float | None:
    """Return the value that *share* of the *ordered* values do not exceed; None if there are none."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else None
