"""Who delivers: ours and the rivals, each with its queue and its own consumer process."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from data.arrival import arrive
from data.clock import SystemClock
from data.store import open_store
from sync.connectors.practice import PracticeConnector
from tests.bench.rivals.query import rows
from tests.bench.saving import make_arrival
from tests.conftest import ROOT, PracticeCrm
from tests.support.booth import Booth

HERE = "tests.bench.rivals"


class Contender(Protocol):
    """One way to deliver leads."""

    name: str
    at_once: int
    """How many calls it makes at the same time."""
    a_call: int
    """How many leads a call holds."""

    def fill(self, folder: Path, crm: PracticeCrm, leads: int) -> None:
        """Put so many leads into its queue."""
        ...

    def start(self, folder: Path, crm: PracticeCrm) -> subprocess.Popen[bytes]:
        """Start its consumer."""
        ...

    def left(self, folder: Path) -> int:
        """How many leads are in its queue."""
        ...


class Ours:
    """The outbox and the kiosk's worker."""

    name = "ours"
    at_once = PracticeConnector.max_parallel_pushes
    a_call = PracticeConnector.batch_size

    def fill(self, folder: Path, crm: PracticeCrm, leads: int) -> None:
        """Save leads as the kiosk does, but for the flush of each."""
        db, clock = open_store(folder / "practice" / "kiosk.db"), SystemClock()
        db.execute("pragma synchronous = off")
        for number in range(leads):
            arrive(db, make_arrival(number), clock)
        db.close()

    def start(self, folder: Path, crm: PracticeCrm) -> subprocess.Popen[bytes]:
        """`kiosk worker`"""
        return Booth(folder).start("worker", log=folder / "log")

    def left(self, folder: Path) -> int:
        """What waits, for whatever reason."""
        return int(
            rows(folder / "practice" / "kiosk.db", "select count(*) from outbox where state <> 'delivered'")[0][0]
        )


@dataclass(frozen=True, slots=True)
class Rival:
    """A queue library, with a consumer as its documentation has it."""

    name: str
    module: str
    work: tuple[str, ...]
    """What Python is to run for its consumer."""
    file: str
    count: str
    """How many leads are in *file*, as SQL."""
    at_once: int = 1
    a_call: int = 1

    def fill(self, folder: Path, crm: PracticeCrm, leads: int) -> None:
        """Enqueue each lead."""
        subprocess.run(
            [sys.executable, "-m", f"{HERE}.{self.module}", str(leads)],
            env=self.environment(folder, crm),
            cwd=ROOT,
            check=True,
        )

    def start(self, folder: Path, crm: PracticeCrm) -> subprocess.Popen[bytes]:
        """Start its consumer."""
        with (folder / "log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, *self.work], env=self.environment(folder, crm), cwd=ROOT, stdout=log, stderr=log
            )

    def left(self, folder: Path) -> int:
        """What it still means to do."""
        return int(rows(folder / self.file, self.count)[0][0])

    def environment(self, folder: Path, crm: PracticeCrm) -> Mapping[str, str]:
        """Where its queue and the CRM are."""
        return {**os.environ, "QUEUE": str(folder), "CRM_URL": crm.url, "CRM_TOKEN": crm.token}


class Bare(Rival):
    """No queue at all."""

    def left(self, folder: Path) -> int:
        """What the CRM does not have yet."""
        wanted = (folder / "bodies").read_text(encoding="utf-8").count('"client_id"')
        return wanted - int(rows(folder / "practice" / "practice-crm.db", "select count(*) from contacts")[0][0])


BARE = Bare("bare calls", "bare", ("-m", f"{HERE}.bare"), "", "", Ours.at_once, Ours.a_call)


def huey(workers: int) -> Rival:
    """Huey with so many worker threads."""
    return Rival(
        f"Huey, {workers} worker{'s' * (workers > 1)}",
        "huey_tasks",
        ("-m", "huey.bin.huey_consumer", f"{HERE}.huey_tasks.huey", "-w", str(workers), "-q"),
        "huey.db",
        "select (select count(*) from task) + (select count(*) from schedule)",
        workers,
    )


RIVALS = (
    huey(1),
    huey(4),
    Rival(
        "litequeue",
        "litequeue_consumer",
        ("-m", f"{HERE}.litequeue_consumer"),
        "litequeue.db",
        "select count(*) from Queue where status in (0, 1)",
    ),
    Rival(
        "persist-queue",
        "persist_queue_consumer",
        ("-m", f"{HERE}.persist_queue_consumer"),
        "persist-queue/data.db",
        "select count(*) from ack_queue_default where status < 5",
    ),
)
