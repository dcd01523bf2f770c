"""The worker as it really runs: a process of its own, beside a kiosk that saves and a CRM that misbehaves."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from data import gates, outbox
from data.clock import SystemClock
from data.gates import Gate
from data.store import Store, write_transaction
from sync.wake import request_drain
from sync.waking_queue import WakeTimer
from sync.worker import WorkerFiles, _Worker
from tests.support.clock import FakeClock
from tests.support.waiting import PATIENCE_SECONDS, wait_until
from tests.support.workers import Workers, delivered, running

Save = Callable[..., list[str]]


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[Workers]:
    """Starts workers."""
    found = Workers(tmp_path)
    yield found
    found.stop_all()


def test_a_lead_is_delivered_soon_after_it_was_saved(
    workers: Workers, store: Store, save_leads: Save, practice_crm: Any
) -> None:
    """A wake-up reaches an idle worker: nothing waits for the one-minute timer."""
    running(workers, store, save_leads)
    started = time.monotonic()

    save_leads(store, "ana@initech.com")
    request_drain(workers.queue)
    wait_until(lambda: delivered(store) == 2, "the worker is woken")

    assert time.monotonic() - started < 20
    assert {contact["email"] for contact in practice_crm.contacts()} == {"first@initech.com", "ana@initech.com"}


def test_leads_move_within_seconds_of_the_crm_coming_back(
    workers: Workers, store: Store, save_leads: Save, practice_crm: Any
) -> None:
    """Nobody has to ask: the worker probes by itself."""
    running(workers, store, save_leads)
    practice_crm.stop()
    save_leads(store, "ana@initech.com")
    request_drain(workers.queue)
    wait_until(
        lambda: store.execute("select 1 from gate where cause = 'CRM unreachable'").fetchone(), "the gate closes"
    )

    practice_crm.start()
    started = time.monotonic()
    wait_until(lambda: delivered(store) == 2, "the worker probes")

    assert time.monotonic() - started < 25


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_the_call_in_flight_end(
    workers: Workers, store: Store, save_leads: Save, practice_crm: Any, how: int
) -> None:
    """Its outcome is written down, nothing is sent twice, and the worker ends well."""
    process = running(workers, store, save_leads)
    calls = practice_crm.stats()["calls"]
    practice_crm.set_faults(delay=1.5)
    save_leads(store, "ana@initech.com")
    request_drain(workers.queue)
    wait_until(lambda: practice_crm.stats()["calls"] > calls, "the call is made")

    os.kill(process.pid, how)
    status = process.wait(PATIENCE_SECONDS)

    assert (status, delivered(store)) == (0, 2)
    assert practice_crm.stats() == {"contacts": 2, "repeats": 0, "calls": calls + 1, "over": 0}


def test_a_second_worker_is_refused(workers: Workers, store: Store, save_leads: Save, practice_crm: Any) -> None:
    """With a sentence and no traceback; the first one continues."""
    first = running(workers, store, save_leads)

    second = workers.start()
    status = second.wait(PATIENCE_SECONDS)

    log = workers.log.read_text()
    assert status == 1
    assert "are already being sent by another process" in log
    assert "Traceback" not in log
    assert first.poll() is None


def test_a_queue_that_was_deleted_or_damaged_loses_nothing(
    workers: Workers, store: Store, save_leads: Save, practice_crm: Any
) -> None:
    """It is a wake-up call and no more."""
    workers.start().send_signal(signal.SIGKILL)
    workers.queue.unlink(missing_ok=True)
    save_leads(store, "ana@initech.com")
    process = workers.start()
    wait_until(lambda: delivered(store) == 1, "a new queue is made")
    process.kill()
    process.wait(30)
    for path in workers.queue.parent.glob("huey.db*"):
        path.write_bytes(b"this is no database" * 1000)
    save_leads(store, "bob@initech.com")
    workers.start()

    wait_until(lambda: delivered(store) == 2, "a damaged queue is created again")

    assert "Traceback" not in workers.log.read_text()


def test_a_queue_that_is_deleted_under_a_running_worker_is_taken_up_again(
    workers: Workers, store: Store, save_leads: Save, practice_crm: Any
) -> None:
    """The next wake-up creates a new file, and the worker finds it."""
    running(workers, store, save_leads)
    for path in workers.queue.parent.glob("huey.db*"):
        path.unlink()

    save_leads(store, "ana@initech.com")
    request_drain(workers.queue)
    started = time.monotonic()
    wait_until(lambda: delivered(store) == 2, "the worker looks into the new queue")

    assert time.monotonic() - started < 20
    assert "Traceback" not in workers.log.read_text()


def test_a_queue_that_is_damaged_under_a_running_worker_is_replaced(
    workers: Workers, store: Store, save_leads: Save, practice_crm: Any
) -> None:
    """By the next wake-up; the worker continues with the new file."""
    running(workers, store, save_leads)
    for path in workers.queue.parent.glob("huey.db*"):
        path.write_bytes(b"this is no database" * 1000)

    save_leads(store, "ana@initech.com")
    # Huey lets go of a connection to a damaged file without closing it, and this process complains of such.
    wake = "import sys, pathlib; from sync.wake import request_drain; request_drain(pathlib.Path(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", wake, str(workers.queue)], check=True, timeout=60)

    wait_until(lambda: delivered(store) == 2, "the worker looks into the new queue")


def test_killing_the_worker_again_and_again_doubles_and_loses_nothing(
    workers: Workers, store: Store, save_leads: Save, practice_crm: Any
) -> None:
    """Ten SIGKILLs while two hundred leads go to a slow CRM that loses answers: one record each in the end."""
    chance = random.Random(2026)
    practice_crm.set_faults(delay="0-0.3", lost_answers=0.3, rate_limit=100_000)
    saved: list[str] = []
    for kill in range(10):
        saved += save_leads(store, *(f"visitor{kill}-{number}@initech.com" for number in range(20)))
        calls = practice_crm.stats()["calls"]
        process = workers.start()
        wait_until(lambda seen=calls: was_called(practice_crm, workers, seen), "the worker calls the CRM")  # type: ignore[misc]
        time.sleep(chance.uniform(0.0, 0.3))
        process.kill()
        process.wait(30)

    practice_crm.set_faults(delay=0, lost_answers=0)
    workers.start()
    wait_until(lambda: all_delivered(store, workers), "everything is delivered")

    assert sorted(saved) == sorted(contact["client_id"] for contact in practice_crm.contacts())
    assert outbox.count_leads(store) == outbox.OutboxCounts(delivered=200)
    assert practice_crm.stats()["contacts"] == 200


def was_called(crm: Any, workers: Workers, before: int) -> bool:
    """Whether there was a call since; where not, the worker is asked to try whatever the gate says."""
    if crm.stats()["calls"] > before:
        return True
    request_drain(workers.queue, now=True)
    time.sleep(0.1)
    return False


def all_delivered(store: Store, workers: Workers) -> bool:
    """Whether nothing is owed; where not, the worker is asked again."""
    if delivered(store) == 200:
        return True
    request_drain(workers.queue, now=True)
    time.sleep(0.3)
    return False


def test_a_start_is_a_try_at_once_whatever_closed_the_gate(
    workers: Workers, store: Store, save_leads: Save, practice_crm: Any
) -> None:
    """Somebody has just mended it, perhaps; only what the CRM asked for itself is kept."""
    save_leads(store, "ana@initech.com")
    far = SystemClock().seconds_since_boot() + 3000.0
    with write_transaction(store):
        gates.write_gate(store, Gate("practice", False, "CRM down", "Trouble.", 1.0, far, SystemClock().boot_id, 9))

    workers.start()

    wait_until(lambda: delivered(store) == 1, "the worker tries")


def test_a_start_keeps_to_a_wait_that_the_crm_asked_for(
    workers: Workers, store: Store, save_leads: Save, practice_crm: Any
) -> None:
    """A restart does not bypass a limit."""
    save_leads(store, "ana@initech.com")
    far = SystemClock().seconds_since_boot() + 3000.0
    with write_transaction(store):
        gates.write_gate(store, Gate("practice", False, "throttled", "Wait.", 1.0, far, SystemClock().boot_id, 1))

    workers.start()
    wait_until(lambda: "the worker starts" in workers.log.read_text(), "the worker starts")
    time.sleep(1.5)

    assert (delivered(store), practice_crm.stats()["calls"]) == (0, 0)


def test_after_an_error_of_the_database_the_worker_tries_again_soon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten seconds later, also if SQLite's error was not translated."""

    def fail(self: _Worker) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(_Worker, "_open_resources", fail)
    clock = FakeClock()
    files = WorkerFiles(*(tmp_path / name for name in ("kiosk.db", "huey.db", "worker.lock", "drain.lock")))
    worker = _Worker(files, lambda: NotImplemented, clock, None, lambda: None)  # type: ignore[arg-type]
    worker.timer = WakeTimer(clock, lambda: None)

    worker.run_drain(now=False)

    assert worker.timer.due_at == clock.seconds_since_boot() + 10.0
