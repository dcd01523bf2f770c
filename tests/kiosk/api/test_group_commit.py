"""Concurrent writes share a transaction and its flush, and nobody is answered before that."""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from data.errors import DiskFull, StoreBusy
from data.store import Store, open_store, write_transaction
from kiosk.api.ingest.group_commit import MAX_BATCH_LEADS, GroupCommit
from kiosk.api.wire.problems import WriteQueueFull
from tests.support.slow_flush import slow_down

FLUSH = 0.005
"""Seconds, as a memory card may take for it."""


class Slow:
    """A group commit on a slow disk, which counts its commits."""

    def __init__(self, path: Path, limit: int = 2000) -> None:
        self.path = path
        self.sizes: list[int] = []
        if not path.exists():  # the server makes it at its start; its writer never does
            open_store(path).close()
        self.writer = GroupCommit(path, limit, self.together, self.alone, self.after)
        self.writer.check_store()
        self.commits = 0

    def together(self, db: Store, items: list[Any]) -> list[Any]:
        """Write *items*, except slow ones."""
        self.sizes.append(len(items))
        for item in items:
            if item != "long":
                db.execute("insert into boots values (?, 0, 0, 0)", (str(item),))
        return [None if item == "long" else item for item in items]

    def alone(self, db: Store, item: Any) -> Any:
        """Write a slow *item*."""
        db.execute("insert into boots values (?, 0, 0, 0)", (str(item),))
        time.sleep(0.03)
        return item

    def after(self) -> None:
        """Count a commit."""
        self.commits += 1

    def written(self) -> int:
        """Count the rows that another connection sees."""
        db = sqlite3.connect(self.path)
        try:
            return int(db.execute("select count(*) from boots").fetchone()[0])
        finally:
            db.close()


@contextmanager
def slow(path: Path, *, flush: float = FLUSH, **options: Any) -> Iterator[Slow]:
    """Run a group commit on a slow disk, and finish it."""
    with pytest.MonkeyPatch.context() as patch:
        slow_down(patch, flush)
        found = Slow(path, **options)
        try:
            yield found
        finally:
            asyncio.run(found.writer.finish())


def test_many_at_once_take_few_flushes(tmp_path: Path) -> None:
    """A thousand writes of a hundred waiting clients take at most a hundred commits."""
    with slow(tmp_path / "kiosk.db") as disk:

        async def client(number: int) -> None:
            for turn in range(10):
                assert await disk.writer.submit_item(f"{number}/{turn}") == f"{number}/{turn}"

        async def all_of_them() -> None:
            await asyncio.gather(*(client(number) for number in range(100)))

        asyncio.run(all_of_them())

        assert 1000 == disk.written() == sum(disk.sizes)
        assert disk.commits <= 100


def test_nobody_is_answered_before_the_flush(tmp_path: Path) -> None:
    """By the time of the result, another connection finds the row."""
    with slow(tmp_path / "kiosk.db") as disk:

        async def look() -> None:
            for turn in range(20):
                await disk.writer.submit_item(turn)
                assert disk.written() > turn

        asyncio.run(look())


def test_a_full_queue_refuses_and_recovers(tmp_path: Path) -> None:
    """The queue is bounded; a refused caller can try again, and nothing of it is written."""
    with slow(tmp_path / "kiosk.db", limit=10, flush=0.2) as disk:

        async def flood() -> list[Any]:
            return await asyncio.gather(
                *(disk.writer.submit_item(number) for number in range(100)), return_exceptions=True
            )

        ends = asyncio.run(flood())
        refused = [end for end in ends if isinstance(end, WriteQueueFull)]

        assert 80 <= len(refused) <= 90
        assert 100 - len(refused) == disk.written()
        assert asyncio.run(once(disk.writer, "again")) == "again"


async def once(writer: GroupCommit, item: Any) -> Any:
    """Submit one item."""
    return await writer.submit_item(item)


def test_a_transaction_is_bounded_however_the_leads_come(tmp_path: Path) -> None:
    """Bulk requests share one only up to the limit that keeps the screen responsive."""
    lots: list[list[int]] = []
    with slow(tmp_path / "kiosk.db") as disk:

        async def bulk() -> None:
            await asyncio.gather(
                *(disk.writer.submit_work(lambda db, n=n: lots.append([n, disk.commits]), 100) for n in range(10))
            )

        asyncio.run(bulk())

    by_commit = [sum(100 for _, commit in lots if commit == wanted) for wanted in {commit for _, commit in lots}]
    assert list(range(10)) == [number for number, _ in lots]
    assert max(by_commit) < MAX_BATCH_LEADS + 100


def test_a_failing_job_undoes_only_its_own_writes(tmp_path: Path) -> None:
    """Also after it has written something."""
    with slow(tmp_path / "kiosk.db") as disk:

        def half(db: Store) -> None:
            db.execute("insert into boots values ('half', 0, 0, 0)")
            raise ZeroDivisionError

        async def both() -> Sequence[Any]:
            return await asyncio.gather(
                disk.writer.submit_item("one"),
                disk.writer.submit_work(half),
                disk.writer.submit_item("two"),
                return_exceptions=True,
            )

        ends = asyncio.run(both())

        assert [ends[0], ends[2]] == ["one", "two"]
        assert isinstance(ends[1], ZeroDivisionError)
        assert disk.written() == 2


@pytest.mark.parametrize(
    ("code", "error"), [(sqlite3.SQLITE_FULL, DiskFull), (sqlite3.SQLITE_BUSY, StoreBusy)], ids=["full", "busy"]
)
def test_a_disk_error_fails_the_whole_batch(tmp_path: Path, code: int, error: type[Exception]) -> None:
    """Every caller of the batch gets the error; the next batch succeeds."""
    with slow(tmp_path / "kiosk.db") as disk:
        fails = [True]

        def broken(db: Store) -> None:
            if fails:
                trouble = sqlite3.OperationalError("no room")
                trouble.sqlite_errorcode = code
                raise trouble

        async def three() -> Sequence[Any]:
            return await asyncio.gather(
                disk.writer.submit_item("one"),
                disk.writer.submit_work(broken),
                disk.writer.submit_item("two"),
                return_exceptions=True,
            )

        ends = asyncio.run(three())
        fails.clear()
        again = asyncio.run(three())

        assert [type(end) for end in ends] == [error] * 3
        assert again == ["one", None, "two"]
        assert disk.written() == 2


def test_a_database_that_cannot_be_opened_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The callers get the error, and the group commit keeps working."""
    import data.database_thread as module

    real, fails = open_store, [True, True]

    def opened(path: Path, **options: bool) -> Store:
        if fails and fails.pop(0):
            raise DiskFull("The disk is full.")
        return real(path, **options)

    monkeypatch.setattr(module, "open_store", opened)
    with slow(tmp_path / "kiosk.db") as disk:
        for _ in range(2):
            with pytest.raises(DiskFull):
                asyncio.run(once(disk.writer, "early"))

        assert asyncio.run(once(disk.writer, "late")) == "late"
        assert disk.written() == 1


def test_waiting_jobs_are_written_at_shutdown(tmp_path: Path) -> None:
    """Nothing more is accepted, and nothing accepted is lost."""
    with slow(tmp_path / "kiosk.db", flush=0.1) as disk:

        async def leave() -> list[Any]:
            waiting = [asyncio.ensure_future(disk.writer.submit_item(number)) for number in range(50)]
            await asyncio.sleep(0)
            await disk.writer.finish()
            return await asyncio.gather(*waiting)

        assert [*range(50)] == asyncio.run(leave())
        assert disk.written() == 50
        with pytest.raises(WriteQueueFull):
            asyncio.run(once(disk.writer, "late"))


def test_a_cancelled_caller_does_not_affect_others(tmp_path: Path) -> None:
    """Its item is saved, and the others get their results."""
    with slow(tmp_path / "kiosk.db") as disk:

        async def leave() -> list[Any]:
            waiting = [asyncio.ensure_future(disk.writer.submit_item(number)) for number in range(3)]
            await asyncio.sleep(0)
            waiting[1].cancel()
            return await asyncio.gather(*waiting, return_exceptions=True)

        ends = asyncio.run(leave())

        assert [ends[0], ends[2]] == [0, 2]
        assert isinstance(ends[1], asyncio.CancelledError)
        assert disk.written() == 3


def test_the_event_loop_runs_while_another_process_writes(tmp_path: Path) -> None:
    """The lock and the flush are waited for in the thread; afterwards everything is written."""
    with slow(tmp_path / "kiosk.db") as disk:
        other = sqlite3.connect(disk.path, isolation_level=None)

        async def held() -> tuple[int, Any]:
            other.execute("begin immediate")
            waiting = asyncio.ensure_future(disk.writer.submit_item("patient"))
            turns = 0
            while turns < 20:
                await asyncio.sleep(0.01)
                turns += 1
            assert not waiting.done()
            other.execute("rollback")
            return turns, await waiting

        try:
            assert asyncio.run(asyncio.wait_for(held(), 20)) == (20, "patient")
        finally:
            other.close()
        assert disk.written() == 1


def test_slow_work_blocks_neither_the_event_loop_nor_the_database(tmp_path: Path) -> None:
    """It runs in the thread, a transaction ends after a tenth of a second, and other callers get their results."""
    with slow(tmp_path / "kiosk.db") as disk:
        ticks = 0

        async def tick() -> None:
            nonlocal ticks
            while True:
                await asyncio.sleep(0.005)
                ticks += 1

        async def all_of_them() -> list[Any]:
            ticking = asyncio.create_task(tick())
            quick = asyncio.ensure_future(disk.writer.submit_item("quick"))
            found = await asyncio.gather(quick, *(disk.writer.submit_item("long") for _ in range(1)))
            many = [disk.writer.submit_work(lambda db: time.sleep(0.03)) for _ in range(12)]
            await asyncio.gather(*many)
            ticking.cancel()
            return found

        assert asyncio.run(all_of_them()) == ["quick", "long"]
        assert ticks >= 12
        assert disk.commits >= 3
        assert disk.written() == 2


def test_posts_that_cannot_be_saved_together_are_saved_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Only a post that cannot be saved alone either is refused."""
    from data import lead_table
    from kiosk.api.ingest.save import ContactSaver, SavedContact
    from kiosk.api.wire.requests import NewContact
    from kiosk.badges.profile import BadgeProfile
    from kiosk.config.tables import EventSettings
    from tests.kiosk.api.devices import PHONE
    from tests.support.clock import FakeClock

    insert: Callable[..., None] = lead_table.insert_new_leads

    def breaks(db: Store, found: Any) -> None:
        insert(db, found)
        if len(found) > 1:
            raise sqlite3.IntegrityError("one of them")

    monkeypatch.setattr(lead_table, "insert_new_leads", breaks)
    db = open_store(tmp_path / "kiosk.db")
    taking = ContactSaver(EventSettings("Expo"), BadgeProfile(), FakeClock())
    with write_transaction(db):
        ends = taking.save_many(db, [(NewContact(client_id=str(n), name=f"P {n}"), PHONE) for n in range(3)])

    assert [end.status for end in ends if isinstance(end, SavedContact)] == ["created"] * 3
    assert db.execute("select count(*) from leads").fetchone()[0] == 3
    assert "one by one" in caplog.text
    db.close()
