"""A separate thread for database work, for programs whose event loop must never wait for the disk."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from sqlite_utils import Database

from data.store import open_store, run_query

_Result = TypeVar("_Result")


class DatabaseThread:
    """One thread with a connection of its own, which is opened when it is first needed."""

    def __init__(self, path: Path, name: str, timeout_seconds: float | None = None) -> None:
        """
        Work on the database at *path* in a thread called *name*.

        *timeout_seconds* is how long to wait for another process that holds the database; None: the default of
        `open_store`.
        """
        self.path = path
        self._timeout_seconds = timeout_seconds
        self._db: Database | None = None
        self._is_closed = False
        self._executor = ThreadPoolExecutor(1, name)

    async def run(self, work: Callable[[Database], _Result]) -> _Result:
        """
        Run *work* after everything that was submitted before it, and return its result.

        Raises:
            StoreError: the database cannot be used now; the next call tries again.
        """
        return await asyncio.get_running_loop().run_in_executor(self._executor, self._run_in_thread, work)

    def _run_in_thread(self, work: Callable[[Database], _Result]) -> _Result:
        """Run *work*, in the thread."""
        if self._db is None:
            self._db = open_store(self.path, timeout_seconds=self._timeout_seconds, may_create=False)
        return run_query(self._db, work)

    def interrupt(self) -> None:
        """Abort the running query, because nobody waits for it any more. Any thread may call this."""
        if self._db is not None:
            self._db.conn.interrupt()

    def close(self) -> None:
        """Finish what was submitted, then close the connection; blocks until then. A second call does nothing."""
        if not self._is_closed:
            self._is_closed = True
            self._executor.submit(self._close_connection)
            self._executor.shutdown(wait=True)

    def _close_connection(self) -> None:
        """Close the connection, which only its own thread may do."""
        if self._db is not None:
            self._db.close()
