"""
Durable group commit: what many callers want to write at the same moment shares one transaction, and one flush.

What waits, for another process' lock and for the disk, waits in a thread, and so does what takes long; meanwhile the
next callers gather. What is done in a moment is done in the loop: two threads that take turns at Python cost more.
"""

import asyncio
import logging
import sqlite3
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, asynccontextmanager, suppress
from math import inf
from pathlib import Path
from typing import Any, TypeVar

from data.errors import StoreBusy, StoreError
from data.store import BUSY_SECONDS, Store, open_store, patience, writing

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")

GATHERING = 0.0003
"""Seconds in which those who post at the same moment gather: a transaction for one costs as much as one for ten."""

TOGETHER = 128
"""Leads, or other pieces of work, after which a transaction takes no more: the screen saves its badges in between."""


HELD_SECONDS = 0.1
"""After which a transaction takes nothing more that takes long, for the same reason."""

LOOK_SECONDS = 0.5
"""Between two looks, while another process writes, whether the server is to end."""

LAST_SECONDS = 6.0
"""For all that waits, once the server is to end: less than the 10 s after which its callers are hung up on."""

UNDONE = object()
"""The answer to a job that nobody has got to yet."""


class Full(Exception):
    """So much is waiting to be written that more would only wait longer."""


class Job:
    """A piece of work, or an item of many that are alike; and who waits for it."""

    __slots__ = ("answer", "done", "item", "weight", "work")

    def __init__(self, work: Callable[[Store], Any] | None, item: Any, weight: int = 1) -> None:
        self.work = work
        self.item = item
        self.weight = weight
        self.done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.answer: Any = UNDONE

    def tell(self) -> None:
        """Wake who waits."""
        if self.done.done():
            return
        if isinstance(self.answer, BaseException):
            self.done.set_exception(self.answer)
        else:
            self.done.set_result(self.answer)


class Writer:
    """Writes what its callers want written, in the order in which they came."""

    def __init__(
        self,
        store: Path,
        limit: int,
        together: Callable[[Store, list[Any]], list[Any]],
        alone: Callable[[Store, Any], Any],
        after: Callable[[], None] = lambda: None,
    ) -> None:
        """
        At most *limit* pieces of work wait. *together* does the items of a transaction, and answers or fails each;
        where it answers None *alone* does, in a thread, for that takes longer.

        *after* is called after each transaction.
        """
        self.store = store
        self.together = together
        self.alone = alone
        self.limit = limit
        self.after = after
        self.before: Callable[[Store], None] = lambda db: None
        """Called in each transaction."""
        self.jobs: deque[Job] = deque()
        self.ends_at = inf
        """By when everything is written or refused, once the server is to end."""
        self.running: asyncio.Task[None] | None = None
        self.aside = ThreadPoolExecutor(1, "writer")
        """Where it is waited."""
        self.db: Store | None = None

    def check(self) -> None:
        """
        See that there will be something to write to.

        Raises:
            StoreError: the database cannot be opened.
        """
        open_store(self.store, create=False).close()

    async def do(self, work: Callable[[Store], Answer], weight: int = 1) -> Answer:
        """
        What *work* answers, once all that it wrote is on the disk. It runs inside `writing`, in a thread.

        *weight* is how many leads it writes.

        Raises:
            Full: too much is waiting; nothing was done.
            StoreError: nothing was written.
        """
        answer: Answer = await self.queued(Job(work, None, weight))
        return answer

    async def take(self, item: Any) -> Any:
        """
        What *together* answers for *item*, once it is on the disk.

        Raises:
            Full: too much is waiting; nothing was done.
            StoreError: nothing was written.
        """
        return await self.queued(Job(None, item))

    def queued(self, job: Job) -> asyncio.Future[Any]:
        """
        The answer to *job*, which waits for its turn.

        Raises:
            Full: too much is waiting.
        """
        if len(self.jobs) >= self.limit or self.ends_at < inf:
            raise Full
        self.jobs.append(job)
        if self.running is None or self.running.done():
            self.running = asyncio.get_running_loop().create_task(self.run())
        return job.done

    def leave(self) -> None:
        """Take nothing more, and have what waits written soon or not at all; called by a signal, at any moment."""
        self.ends_at = min(self.ends_at, time.monotonic() + LAST_SECONDS)

    async def finish(self) -> None:
        """Take nothing more, write what waits, and let go."""
        self.leave()
        if self.running is not None:
            await self.running
        if self.db is not None:
            self.db.close()
        self.aside.shutdown()

    async def run(self) -> None:
        """Write, batch after batch, until nothing waits."""
        while self.jobs:
            await asyncio.sleep(GATHERING)
            jobs = self.next_jobs()
            if await self.write(jobs):
                self.after()
            self.jobs.extendleft(job for job in reversed(jobs) if job.answer is UNDONE)
            for job in jobs:
                if job.answer is not UNDONE:
                    job.tell()

    def next_jobs(self) -> list[Job]:
        """What is to be written together."""
        found, weight = [], 0
        while self.jobs and weight < TOGETHER:
            found.append(self.jobs.popleft())
            weight += found[-1].weight
        return found

    async def write(self, jobs: list[Job]) -> bool:
        """
        Do *jobs* in one transaction, as far as there is time; one that fails takes back its own writes, no other's.

        Whether anything was committed; else all are answered.
        """
        try:
            if self.db is None:
                self.db = await in_thread(self.aside, lambda: open_store(self.store, shared=True, create=False))
            async with self.writing(self.db):
                self.before(self.db)
                await self.work_off(self.db, jobs)
            return True
        except StoreError as error:
            answer_all(jobs, error)
        except Exception as error:
            log.exception("the writer failed")
            answer_all(jobs, error)
        return False

    @asynccontextmanager
    async def writing(self, db: Store) -> AsyncIterator[None]:
        """`data.store.writing`, whose waits are in the thread: where another process is writing, and for the flush."""
        steps = await self.begun(db)
        try:
            yield
        except BaseException as error:
            trouble = error
            await in_thread(self.aside, lambda: steps.__exit__(type(trouble), trouble, trouble.__traceback__))
            raise
        await in_thread(self.aside, lambda: steps.__exit__(None, None, None))

    async def begun(self, db: Store) -> AbstractContextManager[None]:
        """
        `writing`, begun; nearly always at once.

        Raises:
            StoreBusy: another process writes, and has done so for too long.
        """
        with suppress(StoreBusy), patience(db, 0.0):
            return entered(writing(db))
        until = time.monotonic() + BUSY_SECONDS
        while True:
            try:
                with patience(db, LOOK_SECONDS):
                    return await in_thread(self.aside, lambda: entered(writing(db)))
            except StoreBusy:
                if time.monotonic() >= min(until, self.ends_at):
                    raise

    async def work_off(self, db: Store, jobs: list[Job]) -> None:
        """Do *jobs*: the items together, and then what takes long."""
        items = [job for job in jobs if job.work is None]
        if items:
            for job, answer in zip(items, self.together(db, [job.item for job in items]), strict=True):
                job.answer = UNDONE if answer is None else answer
        if left := [job for job in jobs if job.answer is UNDONE]:
            await in_thread(self.aside, lambda: self.work_off_aside(db, left))

    def work_off_aside(self, db: Store, jobs: list[Job]) -> None:
        """Do *jobs*, one after the other, as far as there is time."""
        until = time.monotonic() + HELD_SECONDS
        for job in jobs:
            job.answer = self.alone(db, job.item) if job.work is None else self.attempt(db, job.work)
            if time.monotonic() >= until:
                break

    def attempt(self, db: Store, work: Callable[[Store], Any]) -> Any:
        """What one piece of work answers, or the error that it ended with; then nothing of it is written."""
        db.conn.execute("savepoint job")
        try:
            answer = work(db)
        except sqlite3.OperationalError:
            raise  # a full disk is nobody's own fault, and may have ended the whole transaction
        except Exception as error:
            db.conn.execute("rollback to job")
            answer = error
        db.conn.execute("release job")
        return answer


async def in_thread(thread: ThreadPoolExecutor, work: Callable[[], Answer]) -> Answer:
    """What *work* answers, which waits in *thread*."""
    return await asyncio.get_running_loop().run_in_executor(thread, work)


def entered(steps: AbstractContextManager[None]) -> AbstractContextManager[None]:
    """*steps*, begun."""
    steps.__enter__()
    return steps


def answer_all(jobs: list[Job], error: Exception) -> None:
    """Have all *jobs* end with *error*."""
    for job in jobs:
        job.answer = error
