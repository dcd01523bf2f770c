"""Where the screen's questions to the database are answered: in one thread that is not the screen's."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from data.store import Store, open_store, run_query

Answer = TypeVar("Answer")

DB_WAIT_SECONDS = 2.0
"""Seconds to wait for another program that holds the database: the status line must not grow old meanwhile."""


class DatabaseThread:
    """One thread with a connection of its own, which is opened when it is first needed."""

    def __init__(self, store: Path) -> None:
        self.path = store
        self.connection: Store | None = None
        self.executor = ThreadPoolExecutor(1, "desk")

    async def run(self, work: Callable[[Store], Answer]) -> Answer:
        """
        What *work* answers.

        Raises:
            StoreError: the database cannot be used now.
        """
        return await asyncio.get_running_loop().run_in_executor(self.executor, self._run_in_thread, work)

    def _run_in_thread(self, work: Callable[[Store], Answer]) -> Answer:
        """Do *work* in the desk's thread."""
        if self.connection is None:
            self.connection = open_store(self.path, timeout_seconds=DB_WAIT_SECONDS, may_create=False)
        return run_query(self.connection, work)

    def close(self) -> None:
        """End, after what is being done, and leave the database to others."""
        self.executor.submit(self._close_connection)
        self.executor.shutdown(wait=True)

    def _close_connection(self) -> None:
        """Close the connection, which only the desk's thread may do."""
        if self.connection is not None:
            self.connection.close()
