"""Sending is paused by one row, which every process sees, and which survives restarts."""

import sqlite3
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from data import outbox, pause, scans
from data.checkpoint import run_checkpoint
from data.pause import SendingPause
from data.recovery import prepare_store
from data.store import open_store, write_transaction
from tests.data.conftest import Booth


def test_a_new_kiosk_sends(booth: Booth) -> None:
    assert pause.read_pause(booth.db) is None


def test_who_paused_and_since_when_is_seen_by_every_process(booth: Booth) -> None:
    """At once, and by those that are started later."""
    other = open_store(booth.path)
    since = booth.clock.wall_time()

    changed = pause.pause_sending(booth.db, "Ana", booth.clock)

    later = open_store(booth.path)
    assert changed
    assert [pause.read_pause(db) for db in (booth.db, other, later)] == [SendingPause(since, "Ana")] * 3
    other.close()
    later.close()


def test_who_paused_first_counts(booth: Booth) -> None:
    """A second pause changes nothing, and one resume ends both."""
    since = booth.clock.wall_time()
    pause.pause_sending(booth.db, "Ana", booth.clock)
    booth.clock.tick(60)

    again = pause.pause_sending(booth.db, "Bo", booth.clock)
    stands = pause.read_pause(booth.db)
    ended = [pause.resume_sending(booth.db), pause.resume_sending(booth.db)]

    assert (False, SendingPause(since, "Ana"), [True, False]) == (again, stands, ended)
    assert pause.read_pause(booth.db) is None


def test_one_key_pauses_and_resumes(booth: Booth) -> None:
    """It returns which of the two happened."""
    said = [pause.toggle_pause(booth.db, "Ana", booth.clock) for _ in range(3)]

    assert said == [True, False, True]
    assert SendingPause(booth.clock.wall_time(), "Ana") == pause.read_pause(booth.db)


def test_a_pause_on_a_clock_that_nobody_had_set_is_corrected_once_it_is_set(booth: Booth) -> None:
    """As the time of a scan is."""
    right = booth.clock.wall_time()
    booth.clock.jump(-right)
    booth.clock.is_synced = False
    pause.pause_sending(booth.db, "Ana", booth.clock)
    booth.clock.tick(300)

    before = pause.read_pause(booth.db)
    booth.clock.jump(right)
    booth.clock.is_synced = True
    scans.record_boot_clock(booth.db, booth.clock)

    assert (before, pause.read_pause(booth.db)) == (SendingPause(0.0, "Ana"), SendingPause(right, "Ana"))


def test_of_many_who_pause_at_once_only_one_made_the_change(booth: Booth) -> None:
    """Eight connections, one row."""

    def pause_it(name: str) -> bool:
        db = open_store(booth.path)
        try:
            return pause.pause_sending(db, name, booth.clock)
        finally:
            db.close()

    with ThreadPoolExecutor(8) as threads:
        done = list(threads.map(pause_it, "abcdefgh"))

    found = pause.read_pause(booth.db)
    assert (sum(done), booth.count_rows("paused")) == (1, 1)
    assert found is not None and found.operator == "abcdefgh"[done.index(True)]


def test_there_is_never_a_second_row(booth: Booth) -> None:
    """Not even by a mistake in the code."""
    pause.pause_sending(booth.db, "Ana", booth.clock)

    with pytest.raises(sqlite3.IntegrityError), write_transaction(booth.db):
        booth.db.execute("insert into paused values (2, 0.0, '', 0.0, '')")


def test_no_lead_and_no_gate_is_touched(booth: Booth) -> None:
    """Pausing and resuming change nothing in the outbox."""
    lead = booth.show(name="Ana", email="ana@x.example").lead
    with write_transaction(booth.db):
        outbox.postpone_lead(
            booth.db, lead.id, booth.clock, seconds=60, cause="retry", reason="Trouble.", is_attempt=True
        )
    before = booth.read_outbox_row(lead.id)

    pause.pause_sending(booth.db, "Ana", booth.clock)
    pause.resume_sending(booth.db)

    assert booth.read_outbox_row(lead.id) == before
    assert booth.count_rows("gate") == 0


@pytest.mark.parametrize("is_moved", [False, True], ids=["in the log", "in the file"])
def test_a_pause_outlives_a_damaged_database(booth: Booth, is_moved: bool) -> None:
    """It survives a recovery from damage."""
    booth.show(name="Ana")
    pause.pause_sending(booth.db, "Ana", booth.clock)
    before = pause.read_pause(booth.db)
    if is_moved:
        run_checkpoint(booth.db)
    booth.db.close()
    subprocess.run(["dd", "if=/dev/urandom", f"of={booth.path}", "bs=4096", "count=1", "conv=notrunc"], check=True)

    prepare_store(booth.path)

    with closing(open_store(booth.path)) as db:
        assert before is not None
        assert pause.read_pause(db) == before
        assert db.execute("select count(*) from repairs").fetchone()[0] == 1


def test_resuming_outlives_a_damaged_database(booth: Booth) -> None:
    """A pause that has ended is not recovered from what SQLite left of it."""
    booth.show(name="Ana")
    pause.pause_sending(booth.db, "Ana", booth.clock)
    run_checkpoint(booth.db)
    pause.resume_sending(booth.db)
    booth.db.close()
    subprocess.run(["dd", "if=/dev/urandom", f"of={booth.path}", "bs=4096", "count=1", "conv=notrunc"], check=True)

    prepare_store(booth.path)

    with closing(open_store(booth.path)) as db:
        assert pause.read_pause(db) is None
        assert db.execute("select count(*) from repairs").fetchone()[0] == 1


def test_a_pause_outlives_the_deletion_of_the_database(booth: Booth) -> None:
    """The open connection writes it again with the leads."""
    pause.pause_sending(booth.db, "Ana", booth.clock)
    before = pause.read_pause(booth.db)
    subprocess.run(["sh", "-c", 'rm "$0"*', booth.path], check=True)

    booth.show(name="Ana")

    assert before is not None
    assert pause.read_pause(booth.db) == before
