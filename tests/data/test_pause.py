"""Sending is paused by one row, which every process sees, and which outlives them all."""

import sqlite3
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from data import outbox, pause, scans
from data.checkpoint import move_log
from data.pause import Paused
from data.rescue import ready_store
from data.store import open_store, writing
from tests.data.conftest import Booth


def test_a_new_kiosk_sends(booth: Booth) -> None:
    assert pause.paused(booth.db) is None


def test_who_paused_and_since_when_is_seen_by_every_process(booth: Booth) -> None:
    """At once, and by those that are started later."""
    other = open_store(booth.path)
    since = booth.clock.wall()

    changed = pause.pause(booth.db, "Ana", booth.clock)

    later = open_store(booth.path)
    assert changed
    assert [Paused(since, "Ana")] * 3 == [pause.paused(db) for db in (booth.db, other, later)]
    other.close()
    later.close()


def test_who_paused_first_counts(booth: Booth) -> None:
    """A second pause changes nothing; going on ends it, whoever paused how often."""
    since = booth.clock.wall()
    pause.pause(booth.db, "Ana", booth.clock)
    booth.clock.tick(60)

    again = pause.pause(booth.db, "Bo", booth.clock)
    stands = pause.paused(booth.db)
    ended = [pause.resume(booth.db), pause.resume(booth.db)]

    assert (False, Paused(since, "Ana"), [True, False]) == (again, stands, ended)
    assert pause.paused(booth.db) is None


def test_one_key_pauses_and_goes_on(booth: Booth) -> None:
    """It says which of the two came of it."""
    said = [pause.switch(booth.db, "Ana", booth.clock) for _ in range(3)]

    assert [True, False, True] == said
    assert Paused(booth.clock.wall(), "Ana") == pause.paused(booth.db)


def test_a_pause_on_a_clock_that_nobody_had_set_is_told_by_the_one_that_was_set_later(booth: Booth) -> None:
    """As the time of a scan is."""
    right = booth.clock.wall()
    booth.clock.jump(-right)
    booth.clock.is_synced = False
    pause.pause(booth.db, "Ana", booth.clock)
    booth.clock.tick(300)

    before = pause.paused(booth.db)
    booth.clock.jump(right)
    booth.clock.is_synced = True
    scans.note_boot(booth.db, booth.clock)

    assert (Paused(0.0, "Ana"), Paused(right, "Ana")) == (before, pause.paused(booth.db))


def test_of_many_who_pause_at_once_one_is_told_that_it_did(booth: Booth) -> None:
    """Eight connections, one row."""

    def pause_it(name: str) -> bool:
        db = open_store(booth.path)
        try:
            return pause.pause(db, name, booth.clock)
        finally:
            db.close()

    with ThreadPoolExecutor(8) as threads:
        done = list(threads.map(pause_it, "abcdefgh"))

    found = pause.paused(booth.db)
    assert (1, 1) == (sum(done), booth.rows("paused"))
    assert found is not None and found.operator == "abcdefgh"[done.index(True)]


def test_there_is_never_a_second_row(booth: Booth) -> None:
    """Not by a mistake of ours either."""
    pause.pause(booth.db, "Ana", booth.clock)

    with pytest.raises(sqlite3.IntegrityError), writing(booth.db):
        booth.db.execute("insert into paused values (2, 0.0, '', 0.0, '')")


def test_no_lead_and_no_gate_is_touched(booth: Booth) -> None:
    """Nothing of what is owed changes by pausing and going on."""
    lead = booth.show(name="Ana", email="ana@x.example").lead
    with writing(booth.db):
        outbox.postpone(booth.db, lead.id, booth.clock, seconds=60, cause="retry", reason="Trouble.", spent=True)
    before = booth.owed(lead.id)

    pause.pause(booth.db, "Ana", booth.clock)
    pause.resume(booth.db)

    assert before == booth.owed(lead.id)
    assert 0 == booth.rows("gate")


@pytest.mark.parametrize("is_moved", [False, True], ids=["in the log", "in the file"])
def test_a_pause_outlives_a_damaged_database(booth: Booth, is_moved: bool) -> None:
    """What a person stopped stays stopped, whatever has to be read from damage."""
    booth.show(name="Ana")
    pause.pause(booth.db, "Ana", booth.clock)
    before = pause.paused(booth.db)
    if is_moved:
        move_log(booth.db)
    booth.db.close()
    subprocess.run(["dd", "if=/dev/urandom", f"of={booth.path}", "bs=4096", "count=1", "conv=notrunc"], check=True)

    ready_store(booth.path)

    with closing(open_store(booth.path)) as db:
        assert before is not None
        assert pause.paused(db) == before
        assert db.execute("select count(*) from repairs").fetchone()[0] == 1


def test_going_on_outlives_a_damaged_database(booth: Booth) -> None:
    """A pause that was ended is not found again in what SQLite left of it."""
    booth.show(name="Ana")
    pause.pause(booth.db, "Ana", booth.clock)
    move_log(booth.db)
    pause.resume(booth.db)
    booth.db.close()
    subprocess.run(["dd", "if=/dev/urandom", f"of={booth.path}", "bs=4096", "count=1", "conv=notrunc"], check=True)

    ready_store(booth.path)

    with closing(open_store(booth.path)) as db:
        assert pause.paused(db) is None
        assert db.execute("select count(*) from repairs").fetchone()[0] == 1


def test_a_pause_outlives_the_deletion_of_the_database(booth: Booth) -> None:
    """The open connection writes it again with the leads."""
    pause.pause(booth.db, "Ana", booth.clock)
    before = pause.paused(booth.db)
    subprocess.run(["sh", "-c", 'rm "$0"*', booth.path], check=True)

    booth.show(name="Ana")

    assert before is not None
    assert pause.paused(booth.db) == before
