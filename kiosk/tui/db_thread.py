"""Where the screen's questions to the database are answered: in one thread that is not the screen's."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from data.store import Store, asked, open_store

Answer = TypeVar("Answer")

PATIENCE = 2.0
"""Seconds to wait for another program that holds the database: the status line must not grow old meanwhile."""


class Desk:
    """One thread with a connection of its own, which is opened when it is first needed."""

    def __init__(self, store: Path) -> None:
        self.store = store
        self.db: Store | None = None
        self.thread = ThreadPoolExecutor(1, "desk")

    async def ask(self, work: Callable[[Store], Answer]) -> Answer:
        """
        What *work* answers.

        Raises:
            StoreError: the database cannot be used now.
        """
        return await asyncio.get_running_loop().run_in_executor(self.thread, self.do, work)

    def do(self, work: Callable[[Store], Answer]) -> Answer:
        """Do *work* in the desk's thread."""
        if self.db is None:
            self.db = open_store(self.store, patience=PATIENCE, create=False)
        return asked(self.db, work)

    def close(self) -> None:
        """End, after what is being done, and leave the database to others."""
        self.thread.submit(self.leave)
        self.thread.shutdown(wait=True)

    def leave(self) -> None:
        """Close the connection, which only the desk's thread may do."""
        if self.db is not None:
            self.db.close()
