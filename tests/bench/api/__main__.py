"""Measure the booth's API, print it, and write it to docs/performance.md; what other benches wrote there stays."""

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

Measured by `make bench-api` on {date}, {machine}; the people who post are on the same machine, in one process.
Other programs wanted {load:.1f} cores meanwhile: where that is more than a little, the ratios say more than the times.

"""


def many_people() -> Table:
    """A hundred people, single posts, beside the same server storing nothing and beside what anybody writes first."""
    return raced(("ours", "nothing", "plain", "sketch", "plain, nothing"), LoadPlan(100, 100), 5, "nothing")


def slow_disk() -> Table:
    """The same where each commit takes 5 ms longer."""
    return raced(("ours", "one flush a request", "plain"), LoadPlan(100, 10), 3, "one flush a request", SLOW_FLUSH)


def raced(kinds: Sequence[str], load: LoadPlan, rounds: int, measure: str, flush: float = 0.0) -> Table:
    """The table of a race; the last column is to the throughput of *measure*."""
    race = Race(kinds, load, rounds, flush)
    table = Table(("server", "posts a second", "p50 ms", "p95", "p99", "max", "failures", f"throughput to {measure}"))
    for kind in kinds:
        times = (format_milliseconds(race.time(kind, share)) for share in (0.5, 0.95, 0.99, 1.0))
        ratio = race.rate(kind) / race.rate(measure)
        table.add(kind, f"{race.rate(kind):,.0f}", *times, race.failures(kind), f"{ratio:.2f}")
    return table


def in_bulk() -> Table:
    """Twenty devices that post a hundred contacts at a time; and a thousand people at once."""
    table = Table(("load", "contacts a second", "p50 ms", "p99", "max", "failures"))
    for what, load in (
        ("20 devices, 100 contacts a post", LoadPlan(20, 10, bulk=True)),
        ("1,000 people", LoadPlan(1000, 10)),
    ):
        race = Race(("ours",), load, 3)
        times = (format_milliseconds(race.time("ours", share)) for share in (0.5, 0.99, 1.0))
        table.add(what, f"{race.rate('ours'):,.0f}", *times, race.failures("ours"))
    return table


def whatever_the_crm() -> Table:
    """A hundred people on a whole kiosk, while its CRM is one way or another."""
    header = ("the CRM", "posts", "mean ms", "p99", "max", "failures", "saved", "delivered in a minute", "duplicates")
    table = Table(header)
    for crm, faults in CRM_FAULTS.items():
        with run_throwaway_kiosk(faults) as own:
            found = run_load(LoadPlan(100, 10, crm=crm), own)
        times = (format_milliseconds(time) for time in (found.mean, found.p99, found.max))
        table.add(crm, found.posts, *times, found.failures, found.saved, found.delivered, found.duplicates)
    return table


SECTIONS = {
    "Many people at once": ("p99 under 200 ms; at least 0.75 of storing nothing.", many_people),
    "What storing costs": (f"Batches of {cost.TOGETHER}, one thread, nothing beside it.", cost.of_storing),
    "On a disk with slow flushes": ("5 ms more for each commit: at least ten times one flush a request.", slow_disk),
    "In bulk, and a thousand people": ("None is refused without a clear answer.", in_bulk),
    "Whatever the CRM does": ("A whole kiosk, worker and all: who posts notices nothing.", whatever_the_crm),
    "The screen meanwhile": ("No picture of the viewfinder later than 200 ms.", screen.while_many_post),
    "What a Pi carries": ("The server's memory is flat.", carrying.memory),
    "Standing there": ("`kiosk serve`, three times.", carrying.standing),
}

NOTES = """## How to read this, too

- *nothing* is the same server whose writer answers without writing; it does not even make leads of what was posted.
  *plain* is Starlette with one insert into one table and one commit a request, as durable as ours; *sketch* is that
  with group commit, *plain, nothing* is it without its table. All have fresh databases and take turns; the figures are
  medians of the rounds.
- 0.75 of storing nothing would leave for storing a third of what all the rest of a post costs (HTTP, JSON, the door,
  the answer). *What storing costs* is about as much as that rest: each lead goes into five tables, so that it is known
  again, delivered and undone, and most of it is SQLite's own work; the sketch, with one table and nothing known of
  anybody, comes to 0.7 of its own *nothing*. Tried, and no faster: one statement for many rows, a thread that
  writes beside the loop (a sixth slower), other times to gather. Ids that grow with time (UUIDv7) in place of others
  save a sixth of the storing. A writer in a process of its own would have the other core, which here belongs to those
  who post, and takes forty megabytes more of a Pi.
- The two cores also carry those who post, a third of what the server takes.
- *One flush a request* is our own server with one post a transaction. The 5 ms are slept in the commit, for all alike.
- *The screen* is the real app with demo badges, on the same data folder as the server, the worker and the load.
- That nothing acknowledged is lost under SIGKILLs of the server is `tests/kiosk/api/test_killed.py`, in
  `make soak`.
"""


def main() -> None:
    """Run all sections, or those whose title begins as an argument."""
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
