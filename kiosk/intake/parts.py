"""What the endpoints share: the settings, the writer, a connection to read with, the clock."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from data.clock import Clock
from data.store import Store, asked, open_store
from kiosk.config.load import Settings
from kiosk.intake.body import Problem
from kiosk.intake.taking import Taking
from kiosk.intake.writer import Writer

Answer = TypeVar("Answer")

READS = 100
"""That may wait: they are done one after the other, for reading computes, and so holds up whoever posts."""


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
    door: Store | None = None
    """The loop's own."""
    reading: int = 0
    """How many wait to read."""
    leaving: bool = False
    """Whether the server is about to end: whoever listens is let go."""

    def leave(self) -> None:
        """Let go of whoever listens, and take nothing more; called by a signal, at any moment."""
        self.leaving = True
        self.writer.leave()

    async def read(self, work: Callable[[Store], Answer]) -> Answer:
        """
        What *work* answers, in the reader's thread; it writes nothing.

        Raises:
            Problem: so many read that this would wait too long.
            StoreError: the database cannot be read now.
        """
        if self.reading >= READS:
            raise Problem(503, "So much is asked at the same time that this has to wait; ask again.", retry_after=1)
        self.reading += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self.reader, self.do, work)
        finally:
            self.reading -= 1

    def look(self, work: Callable[[Store], Answer]) -> Answer:
        """
        What *work* answers, at once and in the loop: for what is found by its key, however much else is read.

        Raises:
            StoreError: the database cannot be read now.
        """
        if self.door is None:
            self.door = open_store(self.settings.store, patience=1.0, create=False)  # everybody waits meanwhile
        return asked(self.door, work)

    def do(self, work: Callable[[Store], Answer]) -> Answer:
        """Do *work* in the reader's thread."""
        if self.db is None:
            self.db = open_store(self.settings.store, create=False)
        return asked(self.db, work)

    def close(self) -> None:
        """Let go of the database."""
        if self.db is not None:
            self.reader.submit(self.db.close)
        if self.door is not None:
            self.door.close()
        self.reader.shutdown(wait=True)
