"""Files that mean nothing after their moment: of another user, or a folder in their place, they stop no delivery."""

import asyncio
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from sync.file_lock import LockHeld, hold_lock, is_lock_held
from sync.queue_consumer import open_or_replace_queue, open_worker_queue
from sync.rate_limiter import Rate, RateLimiter
from sync.waking_queue import WakeSocket

OTHER = 12345
"""A user who is not us."""

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="ONLY root CAN GIVE A FILE TO SOMEBODY ELSE")


@contextmanager
def as_user(number: int) -> Iterator[None]:
    """Be that user for a while."""
    os.seteuid(number)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder of `OTHER`'s; in it, what root's kiosk left behind."""
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        os.chown(name, OTHER, OTHER)
        yield Path(name)


def try_slots(pace: RateLimiter) -> list[bool]:
    """Whether each of four calls found a place."""
    return [pace.take_slot() is not None for _ in range(4)]


@pytest.mark.parametrize("name", ["pace.db", "huey.db", "some.lock"])
@pytest.mark.parametrize("what", ["of root", "a folder", "a full folder"])
def test_what_is_in_the_place_of_a_throw_away_file_is_got_out_of_the_way(folder: Path, name: str, what: str) -> None:
    """The limit is counted, the worker is woken and the lock is held, as ever."""
    path = folder / name
    if what == "of root":
        path.touch(0o600)
    else:
        path.mkdir()
    if what == "a full folder":
        (path / "holiday.jpg").touch()

    with as_user(OTHER):
        if name == "pace.db":
            assert try_slots(RateLimiter("crm", Rate(3, 10.0), path)) == [True, True, True, False]
        elif name == "huey.db":
            queue = open_or_replace_queue(path)
            assert queue.storage.queue_size() == 0
            queue.storage.close()
        else:
            with hold_lock(path):
                assert is_lock_held(path)
    assert path.is_file()
    assert path.stat().st_uid == OTHER
    assert [found.name for found in folder.rglob("holiday.jpg")] == ["holiday.jpg"] * (what == "a full folder")


def test_sending_works_without_files_that_cannot_be_replaced(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """In a folder that takes no new files: each says what it is, and what to do."""
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        for file in ("pace.db", "huey.db"):
            (Path(name) / file).touch(0o600)
        Path(name).chmod(0o755)
        with as_user(OTHER):
            assert try_slots(RateLimiter("crm", Rate(3, 10.0), Path(name) / "pace.db")) == [True, True, True, False]
            queue = open_worker_queue(Path(name) / "huey.db")
            queue.storage.start_listening()
            WakeSocket(Path(name) / "huey.db").wake_worker()
            assert queue.storage.wake_socket.wait_for_wake_up(5.0)
            assert not queue.storage.wake_socket.wait_for_wake_up(0.01)
            queue.storage.wake_socket.receiver.close()
            queue.storage.close()
            queue.private.cleanup()

    assert len(caplog.messages) == 2
    for file, message in zip(("pace.db", "huey.db"), caplog.messages, strict=True):
        assert f"{file} cannot be used ([Errno 13] Permission denied" in message
        assert "Delete it, or give it to the user who runs the kiosk." in message


def test_tasks_that_another_user_put_there_are_never_run(folder: Path) -> None:
    """Huey unpickles what it finds: a file that others can write, or have made, is thrown away."""
    path = folder / "huey.db"
    with closing(sqlite3.connect(path)) as planted:
        planted.execute("create table task (x)")
    os.chown(path, OTHER + 1, OTHER + 1)
    path.chmod(0o666)

    queue = open_or_replace_queue(path)

    assert queue.storage.queue_size() == 0
    queue.storage.close()
    assert (path.stat().st_uid, path.stat().st_mode & 0o022) == (0, 0)


def test_a_lock_of_another_user_who_lives_is_held(folder: Path) -> None:
    """It is not taken away from a process that has it."""
    path = folder / "some.lock"
    with hold_lock(path), as_user(OTHER):
        assert is_lock_held(path)
        with pytest.raises(LockHeld), hold_lock(path):
            pass


def test_a_guarded_lock_whose_file_is_deleted_is_held_again(tmp_path: Path) -> None:
    """Who asks whether the worker lives hears that it does."""
    path = tmp_path / "worker.lock"
    with hold_lock(path, guarded=True):
        path.unlink()
        assert not is_lock_held(path)

        async def until_held() -> None:
            while not is_lock_held(path):
                await asyncio.sleep(0.05)

        asyncio.run(asyncio.wait_for(until_held(), 30.0))
    assert not is_lock_held(path)


def test_nobody_guards_a_lock_that_is_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever looked in that moment would find the handle closed, and take the lock again for as long as we live."""
    path = tmp_path / "drain.lock"
    monkeypatch.setattr("sync.file_lock.GUARD_POLL_SECONDS", 0.0001)
    for _ in range(50):
        with hold_lock(path, guarded=True):
            pass
        assert [thread.name for thread in threading.enumerate() if thread.name == "guard drain.lock"] == []
        assert not is_lock_held(path)
