"""Measure the API, print the results, and write them to their section of docs/performance.md."""

import os
import platform
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from kiosk.loadtest.load_run import CRM_FAULTS, LoadPlan, run_load
from kiosk.loadtest.table import format_milliseconds
from kiosk.loadtest.throwaway_kiosk import run_throwaway_kiosk
from tests.bench.api import carrying, cost, screen
from tests.bench.api.loaded import Race
from tests.bench.report import Table, put_section

SLOW_FLUSH = 0.005

HEAD = """# The booth's API

Measured by `make bench-api` on {date}, {machine}; the clients run on the same machine, in one process.
Other programs used {load:.1f} cores meanwhile: if that is more than a little, trust the ratios more than the times.

"""


def measure_many_people() -> Table:
    """Measure a hundred people with single posts, beside the same server without storage and beside simple servers."""
    return build_race_table(("ours", "nothing", "plain", "sketch", "plain, nothing"), LoadPlan(100, 100), 5, "nothing")


def measure_slow_disk() -> Table:
    """Measure the same on a disk whose commits take 5 ms longer."""
    return build_race_table(
        ("ours", "one flush a request", "plain"), LoadPlan(100, 10), 3, "one flush a request", SLOW_FLUSH
    )


def build_race_table(kinds: Sequence[str], load: LoadPlan, rounds: int, measure: str, flush: float = 0.0) -> Table:
    """Return the table of a race; the last column is relative to the throughput of *measure*."""
    race = Race(kinds, load, rounds, flush)
    table = Table(("server", "posts a second", "p50 ms", "p95", "p99", "max", "failures", f"throughput to {measure}"))
    for kind in kinds:
        times = (format_milliseconds(race.time(kind, share)) for share in (0.5, 0.95, 0.99, 1.0))
        ratio = race.rate(kind) / race.rate(measure)
        table.add(kind, f"{race.rate(kind):,.0f}", *times, race.failures(kind), f"{ratio:.2f}")
    return table


def measure_bulk_posts() -> Table:
    """Measure twenty devices that post a hundred contacts at a time, and a thousand people at once."""
    table = Table(("load", "contacts a second", "p50 ms", "p99", "max", "failures"))
    for what, load in (
        ("20 devices, 100 contacts a post", LoadPlan(20, 10, bulk=True)),
        ("1,000 people", LoadPlan(1000, 10)),
    ):
        race = Race(("ours",), load, 3)
        times = (format_milliseconds(race.time("ours", share)) for share in (0.5, 0.99, 1.0))
        table.add(what, f"{race.rate('ours'):,.0f}", *times, race.failures("ours"))
    return table


def measure_beside_practice_crms() -> Table:
    """Measure a hundred people on a whole kiosk, with different practice CRMs."""
    header = ("the CRM", "posts", "mean ms", "p99", "max", "failures", "saved", "delivered in a minute", "duplicates")
    table = Table(header)
    for crm, faults in CRM_FAULTS.items():
        with run_throwaway_kiosk(faults) as own:
            found = run_load(LoadPlan(100, 10, crm=crm), own)
        times = (format_milliseconds(time) for time in (found.mean, found.p99, found.max))
        table.add(crm, found.posts, *times, found.failures, found.saved, found.delivered, found.duplicates)
    return table


SECTIONS = {
    "Many people at once": ("p99 under 200 ms; at least 0.75 of storing nothing.", measure_many_people),
    "What storing costs": (f"Batches of {cost.TOGETHER}, one thread, nothing beside it.", cost.measure_storing),
    "On a disk with slow flushes": (
        "5 ms more for each commit: at least ten times one flush a request.",
        measure_slow_disk,
    ),
    "In bulk, and a thousand people": ("None is refused without a clear error.", measure_bulk_posts),
    "Whatever the CRM does": ("A whole kiosk with its worker: clients notice nothing.", measure_beside_practice_crms),
    "The screen meanwhile": ("No viewfinder picture is later than 200 ms.", screen.measure_while_many_post),
    "Memory under load": ("The server's memory does not grow.", carrying.memory),
    "Start-up and idling": ("`kiosk serve`, three times.", carrying.measure_start_and_idle),
}

NOTES = """## Notes

- *nothing* is the same server with a group commit that answers without saving. *plain* is Starlette with one insert
  into one table and one commit per request, as durable as ours; *sketch* is that with group commit; *plain, nothing*
  is that without a table. All have fresh databases and take turns; the figures are medians of the rounds.
- At 0.75 of *nothing*, storing could cost a third of the rest of a post (HTTP, JSON, authentication, the response).
  *What storing costs* is about as much as that rest: each lead goes into five tables, so that it can be recognised,
  delivered and restored, and most of it is SQLite's own work. The sketch, with one table and no deduplication,
  reaches 0.7 of its own *nothing*. Tried, and not faster: one statement for many rows, and other gathering times. Ids
  that grow with time (UUIDv7) save a sixth of the storing. A writer process of its own would use the other core,
  which is busy with the clients here, and need forty megabytes more on a Pi.
- The clients run on the same two cores and take a third of what the server takes.
- *One flush a request* is our own server with one post per transaction. The 5 ms are added to each commit, for all
  alike.
- *The screen* is the real app with demo badges, on the same data folder as the server, the worker and the load.
- `tests/kiosk/api/test_killed.py` (in `make soak`) checks that nothing acknowledged is lost when the server is
  killed.
"""


def main() -> None:
    """Run all sections, or those whose title begins with an argument."""
    before = os.getloadavg()[1]
    text = HEAD.format(
        load=before,
        date=time.strftime("%Y-%m-%d"),
        machine=f"{os.cpu_count()} cores of {platform.machine()}, Python {platform.python_version()}",
    )
    wanted = tuple(sys.argv[1:])
    for title, (bound, measure) in SECTIONS.items():
        if wanted and not title.startswith(wanted):
            continue
        section = f"## {title}\n\n{bound}\n\n{measure()}\n"
        sys.stdout.write(section)
        sys.stdout.flush()
        text += section
    if not wanted:
        put_section(Path("docs/performance.md"), "intake", text + NOTES)


if __name__ == "__main__":
    main()
