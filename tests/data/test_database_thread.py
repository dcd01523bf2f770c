"""Work on the database is done in one thread, which is not the event loop's."""

import asyncio
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from data.database_thread import DatabaseThread
from data.errors import DiskFull, StoreError, StoreUnusable
from data.store import Store, open_store


@pytest.fixture
def thread(tmp_path: Path) -> Iterator[DatabaseThread]:
    """A thread for a new database; nothing is open yet."""
    open_store(tmp_path / "practice" / "kiosk.db").close()
    found = DatabaseThread(tmp_path / "practice" / "kiosk.db", "queries")
    yield found
    found.close()


def find_thread(db: Store) -> tuple[str, int]:
    """Return the thread that this runs in, and a figure from the database."""
    return threading.current_thread().name, db.execute("select count(*) from leads").fetchone()[0]


def test_all_work_is_done_in_the_same_other_thread(thread: DatabaseThread) -> None:
    """The connection belongs to it, and is opened with the first piece of work."""
    before = open_files(thread.path)

    async def ask() -> list[tuple[str, int]]:
        return [await thread.run(find_thread) for _ in range(3)]

    answers = asyncio.run(ask())

    assert before == []
    assert len(set(answers)) == 1
    assert answers[0][0].startswith("queries") and answers[0][1] == 0


def test_a_closed_thread_holds_no_file(tmp_path: Path) -> None:
    """Also when it is closed twice."""
    open_store(tmp_path / "practice" / "kiosk.db").close()
    thread = DatabaseThread(tmp_path / "practice" / "kiosk.db", "queries")
    asyncio.run(thread.run(find_thread))
    held = open_files(thread.path)

    thread.close()
    thread.close()

    assert held and not open_files(thread.path)


def open_files(store: Path) -> list[str]:
    """Return the database's files that this process has open."""
    links = [str(link.readlink()) for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
    return [link for link in links if link.startswith(str(store))]


def test_the_event_loop_continues_meanwhile(thread: DatabaseThread) -> None:
    """A slow disk makes nobody wait for a key."""

    async def ask_and_go_on() -> list[str]:
        order: list[str] = []
        question = asyncio.create_task(thread.run(lambda db: time.sleep(0.5)))
        question.add_done_callback(lambda _: order.append("answered"))
        await asyncio.sleep(0.05)
        order.append("a key")
        await question
        return order

    assert asyncio.run(ask_and_go_on()) == ["a key", "answered"]


def test_work_is_done_in_order(thread: DatabaseThread) -> None:
    """First come, first served, however long each piece takes."""
    done: list[int] = []

    async def ask() -> None:
        await asyncio.gather(
            *(thread.run(lambda db, n=n: (time.sleep(0.05 / (n + 1)), done.append(n))) for n in range(5))
        )

    asyncio.run(ask())

    assert done == list(range(5))


@pytest.mark.parametrize(("code", "kind"), [(sqlite3.SQLITE_FULL, DiskFull), (sqlite3.SQLITE_IOERR, StoreUnusable)])
def test_what_sqlite_says_is_a_sentence(thread: DatabaseThread, code: int, kind: type[StoreError]) -> None:
    """And the next piece of work is done."""

    def fails(db: Store) -> None:
        error = sqlite3.OperationalError("words of SQLite's")
        error.sqlite_errorcode = code
        raise error

    with pytest.raises(kind, match="nothing was saved"):
        asyncio.run(thread.run(fails))

    assert asyncio.run(thread.run(find_thread))[1] == 0


def test_a_database_that_cannot_be_opened_is_opened_later(thread: DatabaseThread) -> None:
    """Each piece of work tries again: the cause may be gone."""
    folder = thread.path.parent
    folder.rename(folder.with_name("elsewhere"))
    folder.write_text("a file in the folder's place")
    with pytest.raises(StoreUnusable):
        asyncio.run(thread.run(find_thread))
    folder.unlink()
    folder.with_name("elsewhere").rename(folder)

    assert asyncio.run(thread.run(find_thread))[1] == 0


def test_other_errors_come_as_they_are(thread: DatabaseThread) -> None:
    """A lead that does not exist is a KeyError, as without a thread."""
    with pytest.raises(KeyError, match="no-such-lead"):
        asyncio.run(thread.run(lambda db: {}["no-such-lead"]))
