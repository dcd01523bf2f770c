"""
Durable group commit: what many callers want to write at the same moment shares one transaction, and one flush.

One thread writes. While it flushes, the next callers gather; nobody waits for a flush of their own, nor for a lock, and
nobody is answered before the flush that holds their lead.
"""

import asyncio
import logging
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from data.errors import StoreError
from data.store import Store, open_store, writing

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")

GATHERING = 0.0003
"""Seconds to see whether more comes; two threads that take turns at Python cost more than they do at the same time."""

GATHERED = 0.005
"""Seconds after which it is written though more keeps coming."""

TOGETHER = 256
"""Leads, or other pieces of work, after which a transaction takes no more: the screen saves its badges in between."""


class Full(Exception):
    """So much is waiting to be written that more would only wait longer."""


class Job:
    """A piece of work, or an item of many that are alike; and who waits for it."""

    __slots__ = ("answer", "done", "item", "loop", "weight", "work")

    def __init__(
        self, work: Callable[[Store], Any] | None, item: Any, loop: asyncio.AbstractEventLoop, weight: int = 1
    ) -> None:
        self.work = work
        self.item = item
        self.loop = loop
        self.weight = weight
        self.done: asyncio.Future[Any] = loop.create_future()
        self.answer: Any = None


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

        *after* is called after each transaction, in the writer's thread.
        """
        self.store = store
        self.together = together
        self.limit = limit
        self.after = after
        self.before: Callable[[Store], None] = lambda db: None
        """Called in each transaction."""
        self.jobs: deque[Job] = deque()
        self.wanted = threading.Condition()
        self.stopping = False
        self.thread = threading.Thread(target=self.run, name="writer", daemon=True)

    def start(self) -> None:
        """
        Begin to write.

        Raises:
            StoreError: the database cannot be opened.
        """
        open_store(self.store).close()
        self.thread.start()

    async def do(self, work: Callable[[Store], Answer], weight: int = 1) -> Answer:
        """
        What *work* answers, once all that it wrote is on the disk. It runs inside `writing`.

        *weight* is how many leads it writes.

        Raises:
            Full: too much is waiting; nothing was done.
            StoreError: nothing was written.
        """
        answer: Answer = await self.queued(Job(work, None, asyncio.get_running_loop(), weight))
        return answer

    async def take(self, item: Any) -> Any:
        """
        What *together* answers for *item*, once it is on the disk.

        Raises:
            Full: too much is waiting; nothing was done.
            StoreError: nothing was written.
        """
        return await self.queued(Job(None, item, asyncio.get_running_loop()))

    def queued(self, job: Job) -> asyncio.Future[Any]:
        """
        The answer to *job*, which waits for its turn.

        Raises:
            Full: too much is waiting.
        """
        with self.wanted:
            if len(self.jobs) >= self.limit or self.stopping:
                raise Full
            self.jobs.append(job)
            self.wanted.notify()
        return job.done

    def stop(self) -> None:
        """Write what waits, and end."""
        with self.wanted:
            self.stopping = True
            self.wanted.notify()
        if self.thread.is_alive():
            self.thread.join(30.0)

    def run(self) -> None:
        """Write, batch after batch."""
        db: Store | None = None
        while jobs := self.next_jobs():
            try:
                db = db or open_store(self.store)
            except StoreError as error:
                answer_all(jobs, error)
            else:
                self.write(db, jobs)
            tell_all(jobs)
            self.after()
        if db is not None:
            db.close()

    def next_jobs(self) -> list[Job]:
        """What is to be written together; nothing at the end."""
        with self.wanted:
            while not self.jobs and not self.stopping:
                self.wanted.wait()
        self.gather()
        with self.wanted:
            found, weight = [], 0
            while self.jobs and weight < TOGETHER:
                found.append(self.jobs.popleft())
                weight += found[-1].weight
            return found

    def gather(self) -> None:
        """Wait for those who post at this moment, too: as long as more keeps coming, and not for long."""
        seen, until = 0, time.monotonic() + GATHERED
        while seen < len(self.jobs) < TOGETHER and time.monotonic() < until:
            seen = len(self.jobs)
            time.sleep(GATHERING)

    def write(self, db: Store, jobs: list[Job]) -> None:
        """Do all *jobs* in one transaction; one that fails takes back its own writes and no other's."""
        try:
            with writing(db):
                self.before(db)
                self.work_off(db, jobs)
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


def answer_all(jobs: list[Job], error: Exception) -> None:
    """Have all *jobs* end with *error*."""
    for job in jobs:
        job.answer = error


def tell_all(jobs: list[Job]) -> None:
    """Wake those who wait, each in its own loop."""
    by_loop: dict[asyncio.AbstractEventLoop, list[Job]] = {}
    for job in jobs:
        by_loop.setdefault(job.loop, []).append(job)
    for loop, told in by_loop.items():
        with suppress(RuntimeError):  # a loop that has ended has nobody who waits
            loop.call_soon_threadsafe(tell, told)


def tell(jobs: list[Job]) -> None:
    """Wake those who wait."""
    for job in jobs:
        if job.done.done():
            continue
        if isinstance(job.answer, BaseException):
            job.done.set_exception(job.answer)
        else:
            job.done.set_result(job.answer)
