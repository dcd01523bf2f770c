"""How long leads take to reach the CRM."""

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from data import outbox
from data.arrival import arrive
from data.clock import SystemClock
from data.store import Store, open_store
from kiosk.badges.profile import BadgeProfile
from kiosk.config.tables import EventSettings
from kiosk.printing.demo_people import build_demo_badges
from kiosk.scanning.capture import Capture
from sync.connectors.practice import PracticeConnector
from sync.drain import Drain
from sync.wake import WorkerWaker
from tests.bench.report import Table, percentile
from tests.bench.saving import make_arrival
from tests.conftest import PracticeCrm

CLOCK = SystemClock()


@contextmanager
def run_booth(**faults: object) -> Iterator[tuple[Path, PracticeCrm]]:
    """Run a practice CRM; yield its folder, and the CRM."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "practice"
        crm = PracticeCrm(folder)
        crm.start(**faults)
        try:
            yield folder, crm
        finally:
            crm.stop()


@contextmanager
def run_worker(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a worker on *folder*."""
    config = folder.parent / "kiosk.toml"
    config.write_text(f'[data]\nfolder = "{folder.parent}"\n')
    process = subprocess.Popen(
        [sys.executable, "-m", "kiosk", "--config", str(config), "worker"], stderr=subprocess.DEVNULL
    )
    try:
        time.sleep(2.0)
        yield process
    finally:
        process.terminate()
        process.wait(60)


def wait_until_delivered(db: Store, seconds: float) -> None:
    """
    Wait until no lead waits.

    Raises:
        TimeoutError: some still wait after *seconds*.
    """
    deadline = time.monotonic() + seconds
    while waiting := outbox.count_leads(db).waiting:
        if time.monotonic() >= deadline:
            raise TimeoutError(f"{waiting} leads still wait after {seconds:.0f} s")
        time.sleep(0.05)


def measure_idle_delivery(leads: int = 40, delay: float = 0.1) -> Table:
    """Measure the time from saved to in the CRM, one lead at a time."""
    with run_booth(delay=[delay, delay]) as (folder, _), run_worker(folder):
        db = open_store(folder / "kiosk.db")
        wake_worker = WorkerWaker(folder / "huey.db")
        for number in range(leads):
            arrive(db, make_arrival(number), CLOCK)
            wake_worker()
            time.sleep(0.5)
        wait_until_delivered(db, 30)
        rows = db.execute("select delivered_at - created_at from outbox join leads on leads.id = lead_id")
        times = [row[0] * 1000 for row in rows]
    table = Table(("the CRM answers in", "saved to in the CRM p50 ms", "p95 ms", "p95 without the CRM's answer"))
    p95 = percentile(times, 0.95)
    table.add(f"{delay * 1000:.0f} ms", f"{percentile(times, 0.5):.0f}", f"{p95:.0f}", f"{p95 - delay * 1000:.0f} ms")
    return table


def measure_full_outbox(leads: int = 10_000, delay: float = 0.1) -> Table:
    """Measure how long many waiting leads take, in batches of a hundred."""
    with run_booth(delay=[delay, delay], rate_limit=1_000_000) as (folder, crm):
        db = open_store(folder / "kiosk.db")
        db.execute("pragma synchronous = off")
        for number in range(leads):
            arrive(db, make_arrival(number), CLOCK)
        db.execute("pragma synchronous = full")
        connector = PracticeConnector(folder)
        summary = asyncio.run(Drain(db, connector, CLOCK).run())
        records = len(crm.contacts())
    ideal_seconds = leads / 100 * delay
    table = Table(
        (
            "waiting leads",
            "calls",
            "at once",
            "records in the CRM",
            "seconds",
            "calls x answer time",
            "ratio",
            "ratio to that many parallel calls",
        )
    )
    table.add(
        f"{leads:,}",
        summary.calls,
        connector.max_parallel_pushes,
        f"{records:,}",
        f"{summary.seconds:.1f}",
        f"{ideal_seconds:.1f}",
        f"{summary.seconds / ideal_seconds:.2f}",
        f"{summary.seconds * connector.max_parallel_pushes / ideal_seconds:.2f}",
    )
    return table


def measure_slow_crm(badges: int = 100) -> Table:
    """Measure how fast badges are saved one after another, while the CRM takes two to five seconds a call."""
    with run_booth(delay=[2, 5]) as (folder, crm), run_worker(folder):
        capture = Capture(folder / "kiosk.db", EventSettings(), BadgeProfile(), CLOCK, WorkerWaker(folder / "huey.db"))
        times = []
        people = [payload for payload in build_demo_badges(badges * 2) if payload.startswith((b"BEGIN", b"MECARD"))][
            :badges
        ]
        for payload in people:
            started = time.perf_counter()
            capture.save_payload(payload, payload.decode(), "qr", "camera")
            times.append((time.perf_counter() - started) * 1000)
            time.sleep(0.05)
        started = time.monotonic()
        wait_until_delivered(capture.db, 120)
        seconds = time.monotonic() - started
        table = Table(
            ("badges", "saved p50 ms", "slowest ms", "in the CRM", "waiting", "calls", "last one delivered after")
        )
        table.add(
            badges,
            f"{percentile(times, 0.5):.1f}",
            f"{max(times):.1f}",
            len(crm.contacts()),
            outbox.count_leads(capture.db).waiting,
            crm.stats()["calls"],
            f"{seconds:.0f} s",
        )
    return table
