"""Scans: one row per scan, never deleted; and the machine's boots, from which the times of scans are corrected."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from data.badge_text import is_badge_payload
from data.clock import FIRST_RELEASE_TIME, Clock
from data.lead import ScanRecord
from data.store import write_transaction

_UPSERT_BOOT = """
    insert into boots (boot_id, "offset", synced, seen_at)
    values (:boot, :offset, :synced, :now)
    on conflict (boot_id) do update
       set "offset" = excluded."offset", synced = excluded.synced, seen_at = excluded.seen_at
     where excluded.synced >= boots.synced
"""

_INSERT_BOOT = """
    insert into boots (boot_id, "offset", synced, seen_at)
    values (:boot, :offset, :synced, :now)
    on conflict (boot_id) do nothing
"""

_INSERT_CLOCK_SET = "insert into clocks_set (boot_id) values (:boot) on conflict (boot_id) do nothing"

HOUR_SECONDS = 3600

# How far the wall clock may drift from the time since boot. More is a jump: somebody set the clock.
_MAX_DRIFT_SECONDS = 60

_SELECT_FIRST_SCAN_TIMES = """
    select lead_id, min(at) as at
      from scan_times
     where lead_id in ({placeholders})
     group by lead_id
"""

_SELECT_SCANS = """
    select at, payload, symbology, source, operator, kind
      from scan_times
     where lead_id = ?
     order by id
     limit ?
"""

# Scans of one badge within this time are one meeting: a badge that is held too long, a scanner that beeps twice.
_MEETING_SECONDS = 120.0

_SELECT_PREVIOUS_SCAN = """
    select at, symbology, source, operator
      from scan_times
     where lead_id = :lead
       and at <= (select max(at) from scan_times where lead_id = :lead) - :gap
     order by at desc
     limit 1
"""

_COUNT_SCANS_BY_HOUR = """
    select cast((:now - wall_at) / :hour as integer) as back, count(*)
      from scans
     where event = :event and wall_at > :since and wall_at <= :now and lead_id is not null
     group by back
"""

_IS_MISDATED = f"boot_id = :boot and abs(wall_at - monotonic - :offset) > {_MAX_DRIFT_SECONDS}"  # not shown: SQL

_REQUEUE_MISDATED = f"""
    update outbox
       set revision = revision + 1,
           state = case state when 'delivered' then 'waiting' else state end,
           changed_at = :now
     where delivered_revision is not null
       and lead_id in (select lead_id from scans where {_IS_MISDATED})
"""

_SELECT_ANY_MISDATED = f"select 1 from scans where {_IS_MISDATED} limit 1"

_UPDATE_LEAD_REVISIONS = f"""
    update leads
       set revision = (select revision from outbox where lead_id = leads.id)
     where id in (select lead_id from scans where {_IS_MISDATED})
"""


@dataclass(frozen=True, slots=True)
class Scan:
    """A scan as it is shown to people."""

    at: float
    """Seconds since 1970 UTC, corrected by what is known about the clock now."""
    payload: bytes | None
    """What the code carried; None if it must not be stored, or if there was no code."""
    symbology: str
    source: str
    operator: str


def list_scans(db: Database, lead_id: str, limit: int) -> list[Scan]:
    """List the first *limit* scans of a lead, oldest first."""
    found = []
    for at, payload, symbology, source, operator, kind in db.execute(_SELECT_SCANS, (lead_id, limit)):
        kept = payload if payload is not None and is_badge_payload(source, kind, payload) else None
        found.append(Scan(at, kept, symbology, source, operator))
    return found


def find_scan(db: Database, scan: ScanRecord) -> sqlite3.Row | None:
    """
    Return `id` and `lead_id` of a scan that is recorded already: the same payload at the same time is the same scan.
    """
    found: sqlite3.Row | None = db.execute(
        "select id, lead_id from scans where payload_hash = ? and wall_at = ? and monotonic = ?",
        (scan.payload_hash, scan.wall_at, scan.monotonic),
    ).fetchone()
    return found


def record_boot_clock(db: Database, clock: Clock) -> None:
    """
    Record the difference between the wall clock and the time since boot.

    If the clock was set while the machine was running, by a time server or by hand, the scans of this boot get the new
    time, and leads that were sent with a time more than a minute off are sent again. A time set by hand does not
    replace a time server's, and a clock that is certainly wrong is not used.

    Raises:
        StoreError: nothing was written.
    """
    synced, now = clock.is_synchronized(), clock.wall_time()
    values = {"boot": clock.boot_id, "offset": now - clock.seconds_since_boot(), "synced": synced, "now": now}
    with write_transaction(db):
        before = db.execute('select synced, "offset" from boots where boot_id = ?', (clock.boot_id,)).fetchone()
        if now < FIRST_RELEASE_TIME and not synced:
            db.execute(_INSERT_BOOT, values)
            return
        db.execute(_UPSERT_BOOT, values)
        if before is not None and before["synced"] and not synced:
            return
        is_new = before is None or (synced and not before["synced"])
        if is_new or abs(now - clock.seconds_since_boot() - before["offset"]) > _MAX_DRIFT_SECONDS:
            _requeue_misdated_leads(db, values)


def _requeue_misdated_leads(db: Database, values: dict[str, object]) -> None:
    """
    Send the leads of this boot again whose time was more than a minute off; note in `clocks_set` if somebody set the
    clock by hand. Runs inside `write_transaction`.
    """
    # The times themselves need no change: the view `scan_times` computes them from `boots` and `clocks_set`.
    if not values["synced"] and db.execute(_SELECT_ANY_MISDATED, values).fetchone():
        db.execute(_INSERT_CLOCK_SET, values)
    db.execute(_REQUEUE_MISDATED, values)
    db.execute(_UPDATE_LEAD_REVISIONS, values)


def find_first_scan_times(db: Database, lead_ids: Sequence[str]) -> dict[str, float]:
    """Return when each lead was first scanned (seconds since 1970 UTC), corrected by what is known about the clock."""
    rows = db.execute(_SELECT_FIRST_SCAN_TIMES.format(placeholders=", ".join("?" * len(lead_ids))), tuple(lead_ids))
    return {row["lead_id"]: row["at"] for row in rows}


def count_scans(db: Database, event: str, since: float = 0.0) -> int:
    """
    Count the scans at *event* from *since* on (seconds since 1970 UTC), without refused ones.

    By the wall clock at each scan: later corrections of the clock are not considered.
    """
    sql = "select count(*) from scans where event = ? and wall_at >= ? and lead_id is not null"
    return int(db.execute(sql, (event, since)).fetchone()[0])


def count_scans_by_hour(db: Database, event: str, now: float, hours: int) -> tuple[int, ...]:
    """Count the scans at *event* in each of the last *hours*, oldest first; the last hour ends *now*."""
    values = {"event": event, "now": now, "since": now - hours * HOUR_SECONDS, "hour": HOUR_SECONDS}
    found = dict(map(tuple, db.execute(_COUNT_SCANS_BY_HOUR, values)))
    return tuple(found.get(back, 0) for back in reversed(range(hours)))


def find_previous_scan(db: Database, lead_id: str) -> Scan | None:
    """Return the last scan of a lead that was not part of its latest meeting; None if it was met once."""
    row = db.execute(_SELECT_PREVIOUS_SCAN, {"lead": lead_id, "gap": _MEETING_SECONDS}).fetchone()
    return Scan(row["at"], None, row["symbology"], row["source"], row["operator"]) if row else None
