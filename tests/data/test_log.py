"""The log that saves are added to: moved into the file only when that is worth a second flush, and never lost."""

import subprocess
from pathlib import Path

from data.checkpoint import LONG_LOG_PAGES, MAX_LOG_PAGES, checkpoint_if_long, has_reached_frame
from data.store import open_store
from tests.data.conftest import Booth

SAVES = 200
"""Enough for a long log: each adds ten pages and more."""


def log_of(booth: Booth) -> Path:
    """Return the path of the log beside the file."""
    return Path(f"{booth.path}-wal")


def read_salt(log: Path) -> bytes:
    """Return what SQLite changes in a log's header whenever it starts the log over."""
    return log.read_bytes()[16:24]


def show_many(booth: Booth) -> None:
    """Show badges until the log is long."""
    for number in range(SAVES):
        booth.show(name=f"Visitor {number}")


def test_no_save_waits_for_the_log_to_be_moved_into_the_file(booth: Booth) -> None:
    """Saving only ever adds to the log; somebody else moves it, and the log starts over."""
    other = open_store(booth.path)
    show_many(booth)

    log = log_of(booth).stat().st_size
    assert LONG_LOG_PAGES * 4096 < log < MAX_LOG_PAGES * 4096
    checkpoint_if_long(other)
    booth.show(name="Ana Lopez")
    assert log_of(booth).stat().st_size == log
    other.close()


def test_a_short_log_is_left_alone(booth: Booth) -> None:
    """The save that starts a log over is flushed twice. If each delivery led to that, every save would be."""
    other = open_store(booth.path)
    booth.show(name="Ana Lopez")
    before = read_salt(log_of(booth))

    checkpoint_if_long(other)
    booth.show(name="Bob Kovac")

    assert read_salt(log_of(booth)) == before
    other.close()


def test_a_log_that_began_anew_is_short_although_its_file_is_long(booth: Booth) -> None:
    """What is left over from before does not count."""
    other = open_store(booth.path)
    show_many(booth)
    first = read_salt(log_of(booth))
    checkpoint_if_long(other)
    booth.show(name="Ana Lopez")
    second = read_salt(log_of(booth))

    checkpoint_if_long(other)
    booth.show(name="Bob Kovac")

    assert first != second
    assert read_salt(log_of(booth)) == second
    other.close()


def test_every_page_of_a_log_is_counted(booth: Booth, tmp_path: Path) -> None:
    """As SQLite writes it: the header, and a frame a page; a file that is cut off, or not there, has none."""
    booth.show(name="Ana Lopez")
    log, cut = log_of(booth), tmp_path / "cut"
    head, frame = 32, 24 + 4096
    salts = [log.read_bytes()[at + 8 : at + 16] for at in range(head, log.stat().st_size, frame)]
    frames = salts.count(log.read_bytes()[16:24])  # behind them, others may be left over from before
    cut.write_bytes(log.read_bytes()[: head + 5 * frame])

    assert frames > 5
    assert [has_reached_frame(log, number) for number in (1, frames, frames + 1)] == [True, True, False]
    assert [has_reached_frame(cut, number) for number in (5, 6)] == [True, False]
    cut.write_bytes(b"")
    assert not has_reached_frame(cut, 1)
    assert not has_reached_frame(tmp_path / "nothing", 1)


def test_what_was_saved_since_the_log_began_anew_is_in_it(booth: Booth, tmp_path: Path) -> None:
    """A copy of both files as they lie on the disk, as after a pulled plug, has every lead."""
    other = open_store(booth.path)
    show_many(booth)
    checkpoint_if_long(other)
    booth.show(name="Ana Lopez")

    copy = tmp_path / "copy.db"
    for end in ("", "-wal"):  # in another process: closing the file in this one would drop SQLite's locks
        subprocess.run(["cp", f"{booth.path}{end}", f"{copy}{end}"], check=True)
    found = open_store(copy)

    assert found.execute("select count(*) from leads").fetchone()[0] == SAVES + 1
    assert found.execute("pragma integrity_check").fetchone()[0] == "ok"
    found.close()
    other.close()
