"""
Durable group commit: everything that is submitted at about the same time shares one transaction and one flush.

A thread writes a batch, and waits for other processes and for the disk. Meanwhile the next batch gathers. The steps:

    begin       as soon as no other process is writing
    save items  all items of the batch together
    slow work   one by one, for a tenth of a second at most; what is left goes into the next batch
    commit      flushes the disk
"""

import asyncio
import logging
import sqlite3
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from typing import Any, TypeVar

from data.database_thread import DatabaseThread
from data.errors import StoreBusy, StoreError
from data.store import BUSY_TIMEOUT_SECONDS, Store, open_store, savepoint, write_transaction
from kiosk.api.wire.problems import WriteQueueFull

log = logging.getLogger(__name__)

Result = TypeVar("Result")

# How long to wait for more jobs before a batch is written: a transaction for one lead costs as much as one for ten.
GATHER_SECONDS = 0.0003

# How many leads one transaction may write: few, so that the screen can save a badge between two transactions.
MAX_BATCH_LEADS = 128

# How long slow work may take in one transaction, for the same reason.
_MAX_SLOW_WORK_SECONDS = 0.1

# How long the thread waits for other processes before it looks whether the server is shutting down, and waits again.
_LOCK_WAIT_SECONDS = 0.5

# How long the group commit keeps waiting for another process's lock at shutdown. Shorter than uvicorn's timeout for
# open requests, so that all of them get a response.
SHUTDOWN_SECONDS = 5.0

_NOT_DONE = object()


@dataclass(slots=True, eq=False)
class WriteJob:
    """What one caller wants to write: an item, or a function that writes (*work*)."""

    item: Any = None
    work: Callable[[Store], Any] | None = None
    """Runs inside the transaction. An item that turns out to be slow becomes work, too."""
    leads: int = 1
    """How many leads it writes, which counts towards the size of a batch."""
    result: Any = _NOT_DONE
    """What the caller gets; an exception is raised in the caller."""
    future: asyncio.Future[Any] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def wake_caller(self) -> None:
        """Hand the result to the caller, unless the caller is gone."""
        if self.future.done():
            return
        if isinstance(self.result, BaseException):
            self.future.set_exception(self.result)
        else:
            self.future.set_result(self.result)


class GroupCommit:
    """Writes what is submitted, batch after batch, in the order in which it was submitted."""

    def __init__(
        self,
        database_file: Path,
        max_waiting: int,
        save_items: Callable[[Store, list[Any]], list[Any]],
        save_slow_item: Callable[[Store, Any], Any],
        after_commit: Callable[[], None] = lambda: None,
    ) -> None:
        """
        *save_items* saves the items of a batch and returns the result of each, or None if an item is slow; such items
        *save_slow_item* then saves one by one. At most *max_waiting* jobs can wait.
        """
        self.database_file = database_file
        self.max_waiting = max_waiting
        self.save_items = save_items
        self.save_slow_item = save_slow_item
        self.after_commit = after_commit
        self.on_transaction: Callable[[Store], None] = lambda db: None
        """Called at the beginning of each transaction; what it writes is committed with it."""
        self.jobs: deque[WriteJob] = deque()
        self.give_up_at = inf
        """Deadline for all jobs, in monotonic seconds; infinite until the server shuts down."""
        self.task: asyncio.Task[None] | None = None
        # With a short timeout, so that the thread notices between two waits that the server is shutting down.
        self.database = DatabaseThread(database_file, "group commit", timeout_seconds=_LOCK_WAIT_SECONDS)

    def check_store(self) -> None:
        """
        Check at the start that the database can be opened.

        Raises:
            StoreError: it cannot.
        """
        open_store(self.database_file, may_create=False).close()

    async def submit_item(self, item: Any) -> Any:
        """
        Return the result of *item* once it is flushed to the disk.

        Raises:
            WriteQueueFull, StoreError: nothing was written.
        """
        return await self._enqueue(WriteJob(item=item))

    async def submit_work(self, work: Callable[[Store], Result], leads: int = 1) -> Result:
        """
        Return the result of *work*, which writes about *leads* leads, once all of it is flushed to the disk.

        Raises:
            WriteQueueFull, StoreError: nothing was written.
        """
        result: Result = await self._enqueue(WriteJob(work=work, leads=leads))
        return result

    def _enqueue(self, job: WriteJob) -> asyncio.Future[Any]:
        """
        Let *job* wait for its turn, and return the future of its result.

        Raises:
            WriteQueueFull: too many jobs are waiting.
        """
        if len(self.jobs) >= self.max_waiting or self.give_up_at < inf:
            raise WriteQueueFull
        self.jobs.append(job)
        if self.task is None or self.task.done():
            self.task = asyncio.get_running_loop().create_task(self._write_until_empty())
        return job.future

    def stop_accepting(self) -> None:
        """Refuse new jobs, and set a deadline for those that wait."""
        self.give_up_at = min(self.give_up_at, time.monotonic() + SHUTDOWN_SECONDS)

    async def finish(self) -> None:
        """Write what waits, and close the database."""
        self.stop_accepting()
        if self.task is not None:
            await self.task
        self.database.close()

    async def _write_until_empty(self) -> None:
        """Write batch after batch until no job waits."""
        while self.jobs:
            await asyncio.sleep(GATHER_SECONDS)
            batch = self._take_batch()
            if await self._write_batch(batch):
                self.after_commit()
            self.jobs.extendleft(job for job in reversed(batch) if job.result is _NOT_DONE)
            for job in batch:
                if job.result is not _NOT_DONE:
                    job.wake_caller()

    def _take_batch(self) -> list[WriteJob]:
        """Take the jobs that share the next transaction off the queue."""
        batch, leads = [], 0
        while self.jobs and leads < MAX_BATCH_LEADS:
            batch.append(self.jobs.popleft())
            leads += batch[-1].leads
        return batch

    async def _write_batch(self, batch: list[WriteJob]) -> bool:
        """Write *batch* in one transaction; return whether it was committed. If not, every result is the error."""
        try:
            await self.database.run(lambda db: self._write_in_transaction(db, batch))
            return True
        except StoreError as error:
            _fail_all(batch, error)
        except Exception as error:
            log.exception("a batch could not be written")
            _fail_all(batch, error)
        return False

    def _write_in_transaction(self, db: Store, batch: list[WriteJob]) -> None:
        """
        Write *batch* and commit, as soon as no other process is writing. Runs in the database thread.

        Raises:
            StoreError: nothing was written.
        """
        give_up_at = time.monotonic() + BUSY_TIMEOUT_SECONDS
        while True:
            has_begun = False
            try:
                with write_transaction(db):
                    has_begun = True
                    self.on_transaction(db)
                    self._save_items(db, [job for job in batch if job.work is None])
                    _do_slow_work(db, [job for job in batch if job.result is _NOT_DONE])
                return
            except StoreBusy:
                # `self.give_up_at` may change while this waits, when the server begins to shut down.
                if has_begun or time.monotonic() >= min(give_up_at, self.give_up_at):
                    raise

    def _save_items(self, db: Store, jobs: list[WriteJob]) -> None:
        """Save the items of *jobs*; those that are slow become work."""
        if not jobs:
            return
        for job, result in zip(jobs, self.save_items(db, [job.item for job in jobs]), strict=True):
            if result is None:
                job.work = lambda db, item=job.item: self.save_slow_item(db, item)
            else:
                job.result = result


def _do_slow_work(db: Store, jobs: list[WriteJob]) -> None:
    """Do the work of *jobs* one by one until their time is used up. Runs in the database thread."""
    stop_at = time.monotonic() + _MAX_SLOW_WORK_SECONDS
    for job in jobs:
        assert job.work is not None
        job.result = _do_in_savepoint(db, job.work)
        if time.monotonic() >= stop_at:
            break


def _do_in_savepoint(db: Store, work: Callable[[Store], Any]) -> Any:
    """Do *work* and return its result; if it fails, undo only what it wrote, and return the error."""
    try:
        with savepoint(db, "job"):
            return work(db)
    except sqlite3.OperationalError:
        raise  # a full disk is not the fault of one job
    except Exception as error:
        return error


def _fail_all(jobs: list[WriteJob], error: Exception) -> None:
    """Make *error* the result of all *jobs*."""
    for job in jobs:
        job.result = error
