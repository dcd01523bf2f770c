"""
Durable group commit: what many callers want to write at the same moment shares one transaction, and one flush.

What waits, for another process' lock and for the disk, waits in a thread, and meanwhile the next callers gather. What
computes does so in the loop: two threads that take turns at Python cost more than one that does both.
"""

import asyncio
import logging
import sqlite3
from collections import deque
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from data.errors import StoreBusy, StoreError
from data.store import Store, open_store, patience, writing

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")

GATHERING = 0.0003
"""Seconds in which those who post at the same moment gather: a transaction for one costs as much as one for ten."""

TOGETHER = 128
"""Leads, or other pieces of work, after which a transaction takes no more: the screen saves its badges in between."""


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
        self.answer: Any = None

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
        after: Callable[[], None] = lambda: None,
    ) -> None:
        """
        At most *limit* pieces of work wait. *together* does all items of a transaction, and answers or fails each.

        *after* is called after each transaction.
        """
        self.store = store
        self.together = together
        self.limit = limit
        self.after = after
        self.before: Callable[[Store], None] = lambda db: None
        """Called in each transaction."""
        self.jobs: deque[Job] = deque()
        self.stopping = False
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
        open_store(self.store).close()

    async def do(self, work: Callable[[Store], Answer], weight: int = 1) -> Answer:
        """
        What *work* answers, once all that it wrote is on the disk. It runs inside `writing`.

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
        if len(self.jobs) >= self.limit or self.stopping:
            raise Full
        self.jobs.append(job)
        if self.running is None or self.running.done():
            self.running = asyncio.get_running_loop().create_task(self.run())
        return job.done

    async def finish(self) -> None:
        """Take nothing more, write what waits, and let go."""
        self.stopping = True
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
            await self.write(jobs)
            for job in jobs:
                job.tell()
            self.after()

    def next_jobs(self) -> list[Job]:
        """What is to be written together."""
        found, weight = [], 0
        while self.jobs and weight < TOGETHER:
            found.append(self.jobs.popleft())
            weight += found[-1].weight
        return found

    async def write(self, jobs: list[Job]) -> None:
        """Do all *jobs* in one transaction; one that fails takes back its own writes and no other's."""
        try:
            if self.db is None:
                self.db = await in_thread(self.aside, lambda: open_store(self.store, shared=True))
            async with writing_aside(self.db, self.aside):
                self.before(self.db)
                self.work_off(self.db, jobs)
        except StoreError as error:
            answer_all(jobs, error)
        except Exception as error:
            log.exception("the writer failed")
            answer_all(jobs, error)

    def work_off(self, db: Store, jobs: list[Job]) -> None:
        """Do all *jobs*, the items together."""
        items = [job for job in jobs if job.work is None]
        if items:
            for job, answer in zip(items, self.together(db, [job.item for job in items]), strict=True):
                job.answer = answer
        for job in jobs:
            if job.work is not None:
                job.answer = self.attempt(db, job.work)

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


@asynccontextmanager
async def writing_aside(db: Store, thread: ThreadPoolExecutor) -> AsyncIterator[None]:
    """`writing`, whose waits are in *thread*: for another process that is writing, and for the flush."""
    steps = writing(db)
    try:
        with patience(db, 0.0):
            steps.__enter__()
    except StoreBusy:
        steps = writing(db)
        await in_thread(thread, steps.__enter__)
    try:
        yield
    except BaseException as error:
        trouble = error
        await in_thread(thread, lambda: steps.__exit__(type(trouble), trouble, trouble.__traceback__))
        raise
    await in_thread(thread, lambda: steps.__exit__(None, None, None))


def answer_all(jobs: list[Job], error: Exception) -> None:
    """Have all *jobs* end with *error*."""
    for job in jobs:
        job.answer = error
