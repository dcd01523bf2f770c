"""The screen's questions to the database are answered in one thread that is not the screen's."""

import asyncio
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from data.errors import DiskFull, StoreError, StoreUnusable
from data.store import Store, open_store
from kiosk.tui.db_thread import DatabaseThread


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[DatabaseThread]:
    """A desk beside a database; nothing is open yet."""
    open_store(tmp_path / "practice" / "kiosk.db").close()
    found = DatabaseThread(tmp_path / "practice" / "kiosk.db")
    yield found
    found.close()


def where(db: Store) -> tuple[str, int]:
    """The thread that this is answered in, and an answer of the database's."""
    return threading.current_thread().name, db.execute("select count(*) from leads").fetchone()[0]


def test_every_question_is_answered_in_the_same_other_thread(desk: DatabaseThread) -> None:
    """The connection belongs to it, and is made at the first question."""
    before = desk.connection

    async def ask() -> list[tuple[str, int]]:
        return [await desk.run(where) for _ in range(3)]

    answers = asyncio.run(ask())

    assert before is None
    assert len(set(answers)) == 1
    assert answers[0][0].startswith("desk") and answers[0][1] == 0


def test_whoever_leaves_the_desk_leaves_the_database(tmp_path: Path) -> None:
    """Nothing holds its files when the screen has ended."""
    open_store(tmp_path / "practice" / "kiosk.db").close()
    desk = DatabaseThread(tmp_path / "practice" / "kiosk.db")
    asyncio.run(desk.run(where))
    held = open_files(desk.path)

    desk.close()

    assert held and not open_files(desk.path)


def open_files(store: Path) -> list[str]:
    """The database's files that this process has open."""
    links = [str(link.readlink()) for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
    return [link for link in links if link.startswith(str(store))]


def test_the_screen_goes_on_while_a_question_is_answered(desk: DatabaseThread) -> None:
    """A slow disk makes nobody wait for a key."""

    async def ask_and_go_on() -> list[str]:
        order: list[str] = []
        question = asyncio.create_task(desk.run(lambda db: time.sleep(0.5)))
        question.add_done_callback(lambda _: order.append("answered"))
        await asyncio.sleep(0.05)
        order.append("a key")
        await question
        return order

    assert asyncio.run(ask_and_go_on()) == ["a key", "answered"]


def test_questions_are_answered_in_order(desk: DatabaseThread) -> None:
    """What was asked first is done first, whatever takes how long."""
    done: list[int] = []

    async def ask() -> None:
        await asyncio.gather(
            *(desk.run(lambda db, n=n: (time.sleep(0.05 / (n + 1)), done.append(n))) for n in range(5))
        )

    asyncio.run(ask())

    assert list(range(5)) == done


@pytest.mark.parametrize(("code", "kind"), [(sqlite3.SQLITE_FULL, DiskFull), (sqlite3.SQLITE_IOERR, StoreUnusable)])
def test_what_sqlite_says_is_a_sentence(desk: DatabaseThread, code: int, kind: type[StoreError]) -> None:
    """And the next question is answered again."""

    def fails(db: Store) -> None:
        error = sqlite3.OperationalError("words of SQLite's")
        error.sqlite_errorcode = code
        raise error

    with pytest.raises(kind, match="nothing was saved"):
        asyncio.run(desk.run(fails))

    assert asyncio.run(desk.run(where))[1] == 0


def test_a_database_that_cannot_be_opened_is_opened_later(desk: DatabaseThread) -> None:
    """Each question tries anew: somebody may have mended it."""
    folder = desk.path.parent
    folder.rename(folder.with_name("elsewhere"))
    folder.write_text("a file in the folder's place")
    with pytest.raises(StoreUnusable):
        asyncio.run(desk.run(where))
    folder.unlink()
    folder.with_name("elsewhere").rename(folder)

    assert asyncio.run(desk.run(where))[1] == 0


def test_other_errors_come_as_they_are(desk: DatabaseThread) -> None:
    """A lead that is not there is a KeyError, also from over there."""
    with pytest.raises(KeyError, match="no-such-lead"):
        asyncio.run(desk.run(lambda db: {}["no-such-lead"]))
