"""How delivery goes: the queue, the attempts and their ends, the CRM's answer time, the gate's history."""

import time
from dataclasses import dataclass, field

from sqlite_utils import Database

from data import alert_queries
from data.clock import Clock
from data.uuid7 import uuid7_lower_bound

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
"""The ends of an attempt that the CRM answered."""

SELECT_ANSWER_TIMES = f"""
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
    """How delivery to one destination goes."""

    oldest_waiting: float | None
    """Seconds that the first lead has waited to be sent, as the alert counts them; None where none waits."""
    attempts: dict[str, int] = field(default_factory=dict)
    """How often an attempt at a lead ended how, over all time."""
    success_rate: float | None = None
    """The share of attempts within the last hour that delivered; None where there was none."""
    error_rate: float | None = None
    """The share that the CRM or the network failed, through no fault of the lead; None where there was none."""
    answer_median: float | None = None
    """Seconds that the CRM took for an answer within the last hour; None where there was none."""
    answer_p95: float | None = None
    history: tuple[_GateChange, ...] = ()
    """The newest first."""


def read_metrics(db: Database, destination: str, clock: Clock, *, changes: int = 10) -> Metrics:
    """How delivery to *destination* goes, with the last *changes* of its gate."""
    values = {"destination": destination, "since": clock.wall_time() - HOUR_SECONDS}
    recent = {row["outcome"]: row["number"] for row in db.execute(_COUNT_RECENT_OUTCOMES, values)}
    took = [row["took"] for row in db.execute(SELECT_ANSWER_TIMES, values)]
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
    """How many leads were met from *since* until *until*, seconds since 1970 UTC: their ids tell that, in any list."""
    return int(db.execute(_COUNT_LEADS_BETWEEN, (uuid7_lower_bound(since), uuid7_lower_bound(until))).fetchone()[0])


def count_leads_by_hour(db: Database, clock: Clock, hours: int = 12) -> list[tuple[float, int]]:
    """The beginning of each of the last hours by the clock on the wall, and how many leads were met in it."""
    now = clock.wall_time()
    local = time.localtime(now)
    this = int(now) - local.tm_min * 60 - local.tm_sec
    starts = [this - back * HOUR_SECONDS for back in reversed(range(hours))]
    return [(start, count_leads_between(db, start, start + HOUR_SECONDS)) for start in starts]


def _pick_quantile(ordered: list[float], share: float) -> float | None:
    """The value that *share* of the *ordered* values do not exceed; None where there are none."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else None
