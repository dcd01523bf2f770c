"""How soon the worker starts: after a save, and after an outage; and what it costs while there is nothing to do."""

import time

from data.arrival import arrive
from data.clock import SystemClock
from data.store import Store, open_store
from sync.wake import WorkerWaker
from tests.bench.delivery import run_booth, run_worker, wait_until_delivered
from tests.bench.footprint import SECONDS, read_processor_seconds
from tests.bench.report import Table, percentile
from tests.bench.saving import make_arrival

CLOCK = SystemClock()

OUTAGE = 30.0
"""Seconds without the CRM."""


def measure_wake_up(leads: int = 100) -> Table:
    """Measure from a save's return to the start of its delivery, and the idle worker's processor time."""
    with run_booth(rate_limit=1_000_000) as (folder, _), run_worker(folder) as process:
        db, wake_worker = open_store(folder / "kiosk.db"), WorkerWaker(folder / "huey.db")
        times = [measure_start_delay(db, wake_worker, number) for number in range(leads)]
        wait_until_delivered(db, 30)
        before = read_processor_seconds(process.pid)
        time.sleep(SECONDS)
        idle = (read_processor_seconds(process.pid) - before) / SECONDS * 100
    table = Table(("saved to its delivery's start p50 ms", "p95 ms", "slowest ms", "idle worker, % of one core"))
    table.add(*(f"{percentile(times, share):.1f}" for share in (0.5, 0.95, 1.0)), f"{idle:.2f}")
    return table


def measure_start_delay(db: Store, wake_worker: WorkerWaker, number: int) -> float:
    """Save one lead for an idle worker; return after how many milliseconds the batch with it began."""
    lead = arrive(db, make_arrival(number), CLOCK).lead
    wake_worker()
    saved = CLOCK.wall_time()
    sql = "select started_at from batches join batch_members on batch_id = batches.id where lead_id = ?"
    while not (found := db.execute(sql, (lead.id,)).fetchall()):
        time.sleep(0.1)
    time.sleep(0.2)  # it is idle again
    return float(found[0][0] - saved) * 1000


def measure_outage(leads: int = 1000, delay: float = 0.1) -> Table:
    """Measure the delivery of leads that were saved while the CRM was unreachable; nobody presses anything."""
    table = Table(
        ("waiting leads", "outage", "first one in the CRM after", "last one after", "calls after it", "waiting")
    )
    with run_booth(delay=[delay, delay]) as (folder, crm), run_worker(folder):
        db, wake_worker = open_store(folder / "kiosk.db"), WorkerWaker(folder / "huey.db")
        port = int(crm.url.rsplit(":", 1)[1])
        crm.stop()
        began = time.monotonic()
        for number in range(leads):
            arrive(db, make_arrival(number), CLOCK)
            wake_worker()
        time.sleep(max(0.0, OUTAGE - (time.monotonic() - began)))
        crm.start(port, delay=[delay, delay])
        back = time.time()
        wait_until_delivered(db, 120)
        times = [contact["created_at"] - back for contact in crm.contacts()]
        waiting = db.execute("select count(*) from outbox where state <> 'delivered'").fetchone()[0]
        table.add(
            f"{leads:,}",
            f"{OUTAGE:.0f} s",
            f"{min(times):.1f} s",
            f"{max(times):.1f} s",
            crm.stats()["calls"],
            waiting,
        )
    return table
