"""What the endpoints share: the settings, the writer, a connection to read with, the clock."""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from data.clock import Clock
from data.errors import translated
from data.store import Store, open_store
from kiosk.config import Settings
from kiosk.intake.taking import Taking
from kiosk.intake.writer import Writer

Answer = TypeVar("Answer")


@dataclass(slots=True)
class Parts:
    """Made once a server."""

    settings: Settings
    clock: Clock
    writer: Writer
    taking: Taking
    reader: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "reader"))
    db: Store | None = None
    """The reader's, opened in its thread."""
    leaving: bool = False
    """Whether the server is about to end: whoever listens is let go."""

    def leave(self) -> None:
        """Let go of whoever listens; called by a signal, at any moment."""
        self.leaving = True

    async def read(self, work: Callable[[Store], Answer]) -> Answer:
        """
        What *work* answers, in the reader's thread; it writes nothing.

        Raises:
            StoreError: the database cannot be read now.
        """
        return await asyncio.get_running_loop().run_in_executor(self.reader, self.do, work)

    def do(self, work: Callable[[Store], Answer]) -> Answer:
        """Do *work* in the reader's thread."""
        if self.db is None:
            self.db = open_store(self.settings.store)
        try:
            return work(self.db)
        except sqlite3.Error as error:
            raise translated(error) from error

    def close(self) -> None:
        """Let go of the database."""
        if self.db is not None:
            self.reader.submit(self.db.close)
        self.reader.shutdown(wait=True)
