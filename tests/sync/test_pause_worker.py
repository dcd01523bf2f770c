"""A pause applies to every process: a running worker, a restarted one, and in the middle of a run."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from data import gates, outbox, pause
from data.clock import SystemClock
from data.gates import Gate
from data.store import Store, write_transaction
from sync.connectors.practice import PracticeConnector
from sync.wake import request_drain
from tests.support.waiting import wait_until
from tests.support.workers import Workers, delivered, running

Save = Callable[..., list[str]]

IN_VAIN_SECONDS = 1.0
"""How long to watch for calls that should not be made; an idle worker notices a wake-up at once."""

SHARE = PracticeConnector.max_parallel_pushes * PracticeConnector.batch_size
"""Leads that may be under way at once."""


@pytest.fixture
def workers(tmp_path: Any) -> Iterator[Workers]:
    """Starts workers."""
    found = Workers(tmp_path)
    yield found
    found.stop_all()


def is_logged(workers: Workers, sentence: str, times: int = 1) -> bool:
    """Whether the log says that so often."""
    return workers.log.read_text().count(sentence) == times


def test_a_running_worker_sends_nothing_until_sending_is_resumed(
    workers: Workers, store: Store, save_leads: Save, practice_crm: Any
) -> None:
    """Woken, and asked to try at once; the log says once that it is paused and by whom, and that it was resumed."""
    running(workers, store, save_leads)
    calls = practice_crm.stats()["calls"]
    pause.pause_sending(store, "Ana", SystemClock())
    save_leads(store, "ana@initech.com", "bo@initech.com")
    request_drain(workers.queue)
    wait_until(lambda: is_logged(workers, "sending is paused by Ana"), "the worker sees the pause")
    request_drain(workers.queue, now=True)
    time.sleep(IN_VAIN_SECONDS)
    during = delivered(store), practice_crm.stats()["calls"]

    pause.resume_sending(store)
    request_drain(workers.queue)

    wait_until(lambda: delivered(store) == 3, "sending resumes")
    assert (1, calls) == during
    assert is_logged(workers, "sending is paused by Ana")
    wait_until(lambda: is_logged(workers, "sending was resumed"), "the worker logs it at the end of the drain")
    assert practice_crm.stats() == {"contacts": 3, "repeats": 0, "calls": calls + 1, "over": 0}


def test_a_pause_outlives_the_worker_and_its_try_at_the_start_is_made_after_it(
    workers: Workers, store: Store, save_leads: Save, practice_crm: Any
) -> None:
    """The gate stays closed for its cause meanwhile; somebody has mended it perhaps, so a new worker tries at once."""
    save_leads(store, "ana@initech.com")
    far = Gate(
        "practice",
        False,
        "CRM down",
        "Trouble.",
        1.0,
        SystemClock().seconds_since_boot() + 3000.0,
        SystemClock().boot_id,
        9,
    )
    with write_transaction(store):
        gates.write_gate(store, far)
    pause.pause_sending(store, "Ana", SystemClock())
    for number in (1, 2):
        process = workers.start()
        wait_until(lambda so_far=number: is_logged(workers, "sending is paused", so_far), "it sees the pause")  # type: ignore[misc]
        if number == 1:
            process.kill()
            process.wait(30)
    time.sleep(IN_VAIN_SECONDS)
    during = delivered(store), practice_crm.stats()["calls"], gates.read_gate(store, "practice")

    pause.resume_sending(store)
    request_drain(workers.queue)

    wait_until(lambda: delivered(store) == 1, "the worker tries")
    assert (0, 0, far) == during


def test_a_pause_in_the_middle_of_hundreds_of_leads_lets_only_the_calls_under_way_end(
    workers: Workers, store: Store, save_leads: Save, practice_crm: Any
) -> None:
    """Killed and restarted meanwhile, asked to try at once; in the end each lead is in the CRM once."""
    saved = save_leads(store, *(f"visitor{number}@initech.com" for number in range(2 * SHARE + 50)))
    practice_crm.set_faults(delay=1.0, rate_limit=100_000)
    process = workers.start()
    wait_until(lambda: store.execute("select count(*) from batches").fetchone()[0] >= 4, "several calls are under way")

    pause.pause_sending(store, "Ana", SystemClock())
    begun = store.execute("select count(*) from batches").fetchone()[0]
    wait_until(lambda: is_logged(workers, "sending is paused by Ana"), "the run ends")
    ended = delivered(store), practice_crm.stats()
    process.kill()
    process.wait(30)
    workers.start()
    wait_until(lambda: is_logged(workers, "sending is paused by Ana", 2), "the new worker sees the pause")
    request_drain(workers.queue, now=True)
    time.sleep(IN_VAIN_SECONDS)
    later = delivered(store), practice_crm.stats()
    owed = outbox.count_leads(store)
    pause.resume_sending(store)
    request_drain(workers.queue)
    wait_until(lambda: delivered(store) == len(saved), "all are delivered")

    # One more may have been written down between our two statements: its look came first.
    assert begun <= ended[1]["calls"] <= begun + 1
    assert ended == later
    assert (0, len(saved) - later[0]) == (owed.needs_you, owed.waiting)
    assert 0 < later[0] == ended[1]["contacts"] < len(saved)
    assert store.execute("select sum(attempts) from outbox").fetchone()[0] == 0
    assert sorted(saved) == sorted(contact["client_id"] for contact in practice_crm.contacts())
    assert practice_crm.stats()["repeats"] == 0
