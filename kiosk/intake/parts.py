"""What the endpoints share: the settings, the writer, a connection to read with, the clock."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from data.clock import Clock
from data.errors import StoreError
from data.place import check_place
from data.store import Store, asked, open_existing
from kiosk.config import Settings
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
    left: list[Store] = field(default_factory=list)
    """Databases that were moved or replaced under us; closing them would move a log that may be somebody else's."""
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
        self.door = self.at_its_place(self.door, patience=1.0)  # everybody waits meanwhile
        return asked(self.door, work)

    def do(self, work: Callable[[Store], Answer]) -> Answer:
        """Do *work* in the reader's thread."""
        self.db = self.at_its_place(self.db)
        return asked(self.db, work)

    def at_its_place(self, db: Store | None, patience: float | None = None) -> Store:
        """
        *db*, or the database that is at its place now: one that was put back or replaced is opened again.

        Raises:
            StoreError: there is none, or it cannot be opened.
        """
        if db is not None:
            try:
                check_place(db)
                return db
            except StoreError:
                self.left.append(db)
        return open_existing(self.settings.store, patience=patience)

    def close(self) -> None:
        """Let go of the database."""
        if self.db is not None:
            self.reader.submit(self.db.close)
        if self.door is not None:
            self.door.close()
        self.reader.shutdown(wait=True)
