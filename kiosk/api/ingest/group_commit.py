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
from collections.abc import Callable
from math import inf
from pathlib import Path
from typing import Any, TypeVar

from data.database_thread import DatabaseThread
from data.errors import StoreBusy, StoreError
from data.store import BUSY_TIMEOUT_SECONDS, Store, open_store, write_transaction
from kiosk.api.wire.problems import WriteQueueFull

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")

GATHER_SECONDS = 0.0003
"""Seconds in which those who post at the same moment gather: a transaction for one costs as much as one for ten."""

MAX_BATCH_LEADS = 128
"""Leads, or other pieces of work, after which a transaction takes no more: the screen saves its badges in between."""


MAX_SLOW_WORK_SECONDS = 0.1
"""After which a transaction takes nothing more that takes long, for the same reason."""

LOCK_WAIT_SECONDS = 0.5
"""Between two looks, while another process writes, whether the server is to end."""

SHUTDOWN_SECONDS = 6.0
"""For all that waits, once the server is to end: less than the 10 s after which its callers are hung up on."""

_NOT_DONE = object()
"""The answer to a job that nobody has got to yet."""


class WriteJob:
    """A piece of work, or an item of many that are alike; and who waits for it."""

    __slots__ = ("answer", "done", "item", "weight", "work")

    def __init__(self, work: Callable[[Store], Any] | None, item: Any, weight: int = 1) -> None:
        self.work = work
        self.item = item
        self.weight = weight
        self.done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.answer: Any = _NOT_DONE

    def wake_caller(self) -> None:
        """Wake who waits."""
        if self.done.done():
            return
        if isinstance(self.answer, BaseException):
            self.done.set_exception(self.answer)
        else:
            self.done.set_result(self.answer)


class GroupCommit:
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
        self.jobs: deque[WriteJob] = deque()
        self.ends_at = inf
        """By when everything is written or refused, once the server is to end."""
        self.task: asyncio.Task[None] | None = None
        self.database = DatabaseThread(store, "group commit", timeout_seconds=LOCK_WAIT_SECONDS)

    def check_store(self) -> None:
        """
        See that there will be something to write to.

        Raises:
            StoreError: the database cannot be opened.
        """
        open_store(self.store, may_create=False).close()

    async def submit_work(self, work: Callable[[Store], Answer], weight: int = 1) -> Answer:
        """
        What *work* answers, once all that it wrote is on the disk. It runs inside `writing`, in a thread.

        *weight* is how many leads it writes.

        Raises:
            Full: too much is waiting; nothing was done.
            StoreError: nothing was written.
        """
        answer: Answer = await self._enqueue(WriteJob(work, None, weight))
        return answer

    async def submit_item(self, item: Any) -> Any:
        """
        What *together* answers for *item*, once it is on the disk.

        Raises:
            Full: too much is waiting; nothing was done.
            StoreError: nothing was written.
        """
        return await self._enqueue(WriteJob(None, item))

    def _enqueue(self, job: WriteJob) -> asyncio.Future[Any]:
        """
        The answer to *job*, which waits for its turn.

        Raises:
            Full: too much is waiting.
        """
        if len(self.jobs) >= self.limit or self.ends_at < inf:
            raise WriteQueueFull
        self.jobs.append(job)
        if self.task is None or self.task.done():
            self.task = asyncio.get_running_loop().create_task(self._write_until_empty())
        return job.done

    def stop_accepting(self) -> None:
        """Take nothing more, and have what waits written soon or not at all; called by a signal, at any moment."""
        self.ends_at = min(self.ends_at, time.monotonic() + SHUTDOWN_SECONDS)

    async def finish(self) -> None:
        """Take nothing more, write what waits, and let go."""
        self.stop_accepting()
        if self.task is not None:
            await self.task
        self.database.close()

    async def _write_until_empty(self) -> None:
        """Write, batch after batch, until nothing waits."""
        while self.jobs:
            await asyncio.sleep(GATHER_SECONDS)
            jobs = self._take_batch()
            if await self._write_batch(jobs):
                self.after()
            self.jobs.extendleft(job for job in reversed(jobs) if job.answer is _NOT_DONE)
            for job in jobs:
                if job.answer is not _NOT_DONE:
                    job.wake_caller()

    def _take_batch(self) -> list[WriteJob]:
        """What is to be written together."""
        found, weight = [], 0
        while self.jobs and weight < MAX_BATCH_LEADS:
            found.append(self.jobs.popleft())
            weight += found[-1].weight
        return found

    async def _write_batch(self, jobs: list[WriteJob]) -> bool:
        """
        Do *jobs* in one transaction, as far as there is time; one that fails takes back its own writes only.

        Returns whether anything was committed; if not, every job has its error.
        """
        try:
            await self.database.run(lambda db: self._write_in_thread(db, jobs))
            return True
        except StoreError as error:
            _fail_all(jobs, error)
        except Exception as error:
            log.exception("the group commit failed")
            _fail_all(jobs, error)
        return False

    def _write_in_thread(self, db: Store, jobs: list[WriteJob]) -> None:
        """
        Do *jobs* in one transaction, once no other process is writing.

        Raises:
            StoreError: nothing was written.
        """
        give_up_at = time.monotonic() + BUSY_TIMEOUT_SECONDS
        while True:
            has_begun = False
            try:
                with write_transaction(db):
                    has_begun = True
                    self.before(db)
                    self._do_jobs(db, jobs)
                return
            except StoreBusy:
                # The connection waits for LOCK_WAIT_SECONDS only, so that the end of the server is noticed meanwhile.
                if has_begun or time.monotonic() >= min(give_up_at, self.ends_at):
                    raise

    def _do_jobs(self, db: Store, jobs: list[WriteJob]) -> None:
        """Do *jobs*: the items together, and then what takes long."""
        items = [job for job in jobs if job.work is None]
        if items:
            for job, answer in zip(items, self.together(db, [job.item for job in items]), strict=True):
                job.answer = _NOT_DONE if answer is None else answer
        if left := [job for job in jobs if job.answer is _NOT_DONE]:
            self._do_slow_jobs(db, left)

    def _do_slow_jobs(self, db: Store, jobs: list[WriteJob]) -> None:
        """Do *jobs*, one after the other, as far as there is time."""
        until = time.monotonic() + MAX_SLOW_WORK_SECONDS
        for job in jobs:
            job.answer = self.alone(db, job.item) if job.work is None else self._do_in_savepoint(db, job.work)
            if time.monotonic() >= until:
                break

    def _do_in_savepoint(self, db: Store, work: Callable[[Store], Any]) -> Any:
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


def _fail_all(jobs: list[WriteJob], error: Exception) -> None:
    """Have all *jobs* end with *error*."""
    for job in jobs:
        job.answer = error
