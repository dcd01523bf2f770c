"""`kiosk run` reports a dead worker; the alert ends only when a new worker has run for a while."""

import os
import signal
from contextlib import ExitStack, closing

import pytest

from data import alerts
from data.clock import SystemClock
from data.store import open_store
from kiosk.alerts.current import read_alerts
from kiosk.alerts.rules import STEADY_SECONDS
from kiosk.alerts.schedule import ServerStandInAlerts, StandInAlerts, WorkerAlerts
from sync.file_lock import hold_lock, is_lock_held
from tests.kiosk.alerts.conftest import Alerted
from tests.support.clock import FakeClock
from tests.support.kiosk_processes import children
from tests.support.waiting import wait_until

NOT_AGAIN = "import kiosk.runtime.child_process as p; p.RESTART_PAUSES_SECONDS = (3600.0,)"
"""A kiosk that does not start its worker again."""

SOON = (
    "from kiosk.alerts.schedule import AlertThread, StandInAlerts, WorkerAlerts; "
    "AlertThread.interval_seconds = StandInAlerts.interval_seconds = 0.2; WorkerAlerts.min_interval_seconds = 0.1"
)
SURE = "import kiosk.alerts.rules as r; r.STEADY_SECONDS = 1.0"


def test_the_kiosk_reports_that_its_worker_died_and_the_next_worker_that_it_is_over(booth: Alerted) -> None:
    """Each is reported once, although two processes check."""
    booth.configure("[camera]\nsource = 'demo'\n[practice]\nseconds_each = 60\n", sender_seconds=1)
    # TOML does not allow the same table twice, so the port of the practice CRM is set with the table itself.
    booth.config.write_text(
        booth.config.read_text().replace("practice.port = 0\n", "").replace("60\n", "60\nport = 0\n")
    )
    kiosk = booth.run_patched(f"{NOT_AGAIN}; {SOON}", "run")
    wait_until(lambda: is_lock_held(booth.settings.worker_lock))
    (worker,) = (pid for pid, command in children(kiosk.pid).items() if " worker " in command)

    os.kill(worker, signal.SIGKILL)
    assert booth.receiver.hears(("sender", "raised"))
    booth.worker(f"{SOON}; {SURE}")

    assert booth.receiver.hears(("sender", "raised"), ("sender", "over"))
    assert booth.logged(r"ALERT: Sending has not been running for 1 s: leads are saved, but not sent\.")
    assert len(booth.receiver.requests) == 2


def test_a_server_alone_reports_that_there_is_no_worker_and_the_next_worker_that_it_is_over(booth: Alerted) -> None:
    """On the page, in `kiosk status` and to the webhook: leads are taken, and nobody sends them."""
    booth.configure("api.port = 0", sender_seconds=1)
    server = booth.run_patched(SOON, "serve")
    assert booth.receiver.hears(("sender", "raised"))
    with closing(open_store(booth.settings.database_file)) as db:
        seen = [alert.cause for alert in read_alerts(db, booth.settings, SystemClock())]
    status = booth.run_patched("pass", "status")
    status.wait(30)
    booth.worker(f"{SOON}; {SURE}")

    assert booth.receiver.hears(("sender", "raised"), ("sender", "over"))
    assert seen == ["sender"]
    assert booth.logged(r"ALERT        Sending has not been running for 1 s: leads are saved, but not sent\.")
    server.terminate()
    assert server.wait(30) == 0


class Watched:
    """A kiosk's stand-in, whose worker a test starts and kills."""

    def __init__(self, booth: Alerted, clock: FakeClock) -> None:
        self.settings = booth.settings
        self.clock = clock
        self.stand_in = StandInAlerts(self.settings, clock)
        open_store(self.settings.database_file).close()

    def passes(self, seconds: float, *, runs: bool) -> list[str]:
        """Let time pass, with a worker if *runs*, while the stand-in checks; return the causes of the open alerts."""
        with ExitStack() as stack:
            if runs:
                stack.enter_context(hold_lock(self.settings.worker_lock))
            for _ in range(int(seconds // 5)):
                self.clock.tick(5)
                self.stand_in.check_once()
        db = open_store(self.settings.database_file)
        found = list(alerts.read_open_alerts(db))
        db.close()
        return found


@pytest.fixture
def watched(booth: Alerted, clock: FakeClock) -> Watched:
    """A kiosk whose worker is not there yet."""
    return Watched(booth, clock)


def test_a_worker_that_is_just_being_started_is_not_reported_missing(watched: Watched) -> None:
    """Nor is one that was killed once, and runs again."""
    assert watched.passes(20, runs=False) == []
    assert watched.passes(100, runs=True) == []
    assert watched.passes(40, runs=False) == []
    assert watched.passes(100, runs=True) == []


def test_a_worker_that_is_gone_for_a_minute_is_reported_missing(watched: Watched) -> None:
    watched.passes(100, runs=True)

    assert watched.passes(55, runs=False) == []
    assert watched.passes(15, runs=False) == ["sender"]


def test_a_worker_that_fails_again_and_again_is_as_good_as_none(watched: Watched) -> None:
    """It never lives long enough to do its work."""
    watched.passes(100, runs=True)
    for _ in range(2):
        watched.passes(30, runs=False)
        watched.passes(5, runs=True)

    assert watched.passes(30, runs=False) == ["sender"]


def test_only_a_worker_that_has_run_for_a_while_ends_the_alert(watched: Watched) -> None:
    """Its first check comes as soon as it is started."""
    assert watched.passes(100, runs=False) == ["sender"]
    with hold_lock(watched.settings.worker_lock):
        worker = WorkerAlerts(watched.settings, watched.clock)
        worker.check_once()
        early = watched.passes(0, runs=False)
        watched.clock.tick(STEADY_SECONDS)
        worker.check_once()

    assert early == ["sender"]
    assert watched.passes(0, runs=False) == []


def test_while_a_kiosk_runs_the_server_leaves_the_alerts_to_it(watched: Watched) -> None:
    """And begins to count once it has ended."""
    watched.stand_in = ServerStandInAlerts(watched.settings, watched.clock)
    with hold_lock(watched.settings.kiosk_lock):
        early = watched.passes(200, runs=False)

    assert early + watched.passes(60, runs=False) == []
    assert watched.passes(15, runs=False) == ["sender"]


def test_while_a_worker_runs_the_kiosk_leaves_the_alerts_to_it(watched: Watched, booth: Alerted) -> None:
    booth.configure(disk_free_mb=10_000_000)
    watched = Watched(booth, watched.clock)

    assert watched.passes(60, runs=True) == []
    assert watched.passes(30, runs=False) == ["disk"]
    assert booth.receiver.story == [("disk", "raised")]
