"""What the endpoints share: the settings, the writer, a connection to read with, the clock."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from data.clock import Clock
from data.database_thread import DatabaseThread
from data.store import Store, open_store, run_query
from kiosk.api.ingest.group_commit import GroupCommit
from kiosk.api.ingest.save import ContactSaver
from kiosk.api.wire.requests import ApiProblem
from kiosk.config.load import Settings

Answer = TypeVar("Answer")

MAX_PENDING_READS = 100
"""That may wait: they are done one after the other, for reading computes, and so holds up whoever posts."""


@dataclass(slots=True)
class ApiContext:
    """Made once a server."""

    settings: Settings
    clock: Clock
    writer: GroupCommit
    saver: ContactSaver
    database: DatabaseThread = field(init=False)
    """Where everything that takes long is read."""
    loop_db: Store | None = None
    """The event loop's own connection, for what is found by its key."""
    pending_reads: int = 0
    """How many wait to read."""
    is_stopping: bool = False
    """Whether the server is about to end: whoever listens is let go."""

    def __post_init__(self) -> None:
        self.database = DatabaseThread(self.settings.database_file, "api reads")

    def begin_stop(self) -> None:
        """Let go of whoever listens, and take nothing more; called by a signal, at any moment."""
        self.is_stopping = True
        self.writer.stop_accepting()

    async def run_read(self, work: Callable[[Store], Answer]) -> Answer:
        """
        What *work* answers, in the reader's thread; it writes nothing.

        Raises:
            Problem: so many read that this would wait too long.
            StoreError: the database cannot be read now.
        """
        if self.pending_reads >= MAX_PENDING_READS:
            raise ApiProblem(503, "So much is asked at the same time that this has to wait; ask again.", retry_after=1)
        self.pending_reads += 1
        try:
            return await self.database.run(work)
        finally:
            self.pending_reads -= 1

    def look_up(self, work: Callable[[Store], Answer]) -> Answer:
        """
        What *work* answers, at once and in the loop: for what is found by its key, however much else is read.

        Raises:
            StoreError: the database cannot be read now.
        """
        if self.loop_db is None:
            self.loop_db = open_store(
                self.settings.database_file, timeout_seconds=1.0, may_create=False
            )  # everybody waits meanwhile
        return run_query(self.loop_db, work)

    def close(self) -> None:
        """Let go of the database."""
        if self.loop_db is not None:
            self.loop_db.close()
        self.database.close()
