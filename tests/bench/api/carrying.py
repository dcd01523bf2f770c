"""What the server costs a small computer: memory under a long load, start-up time, and idling."""

import os
import tempfile
import time
from pathlib import Path

from kiosk.loadtest.load_run import LoadPlan
from kiosk.loadtest.throwaway_kiosk import ThrowawayKiosk
from tests.bench.api.loaded import posted, serving
from tests.bench.footprint import read_processor_seconds
from tests.bench.report import Table

STAGES = (0, 10_000, 50_000, 100_000)

IDLE_SECONDS = 20.0


def resident(pid: int) -> float:
    """Return the resident memory of *pid* in megabytes."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024


def memory() -> Table:
    """Return the table of the server's memory after more and more posts."""
    table = Table(("posts", "memory MB", "posts a second since the row before", "failures"))
    with serving("ours") as (own, pid):
        before = 0
        for stage in STAGES:
            rate, failures = "", 0
            if stage:
                outcome = posted(own, LoadPlan(100, (stage - before) // 100), f"to-{stage}")
                rate, failures = f"{outcome.acknowledged / outcome.seconds:,.0f}", outcome.failures.total()
            table.add(f"{stage:,}", f"{resident(pid):.0f}", rate, failures)
            before = stage
    return table


def measure_start_and_idle() -> Table:
    """Return the table of how long `kiosk serve` takes to start, and what it needs while idle."""
    table = Table(("from the command to taking leads", "memory MB", "idle, % of one core"))
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        own = ThrowawayKiosk(Path(name))
        for _ in range(3):
            started, before = time.monotonic(), children()
            with own.run_command("serve"):
                took = time.monotonic() - started
                (pid,) = children() - before
                time.sleep(2.0)
                spent, since = read_processor_seconds(pid), time.monotonic()
                time.sleep(IDLE_SECONDS)
                idle = (read_processor_seconds(pid) - spent) / (time.monotonic() - since) * 100
                table.add(f"{took:.2f} s", f"{resident(pid):.0f}", f"{idle:.2f}")
    return table


def children() -> set[int]:
    """Return the process ids of our children."""
    text = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text()
    return {int(pid) for pid in text.split()}
