"""What all routes share: settings, clock, the group commit, and the database connections for reads."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from data.clock import Clock
from data.database_thread import DatabaseThread
from data.store import Store, open_store, run_query
from kiosk.api.ingest.group_commit import GroupCommit
from kiosk.api.ingest.save import ContactSaver
from kiosk.api.wire.problems import ApiProblem
from kiosk.config.load import Settings

_Result = TypeVar("_Result")

# Reads that may wait for the database thread; more get 503. They run one by one, because parallel reads would take the
# processor from posts.
MAX_PENDING_READS = 100


@dataclass(slots=True)
class ApiContext:
    """The shared state of one server."""

    settings: Settings
    clock: Clock
    group_commit: GroupCommit
    saver: ContactSaver
    database: DatabaseThread = field(init=False)
    """The connection for all reads but look-ups."""
    loop_db: Store | None = None
    """The connection of the event loop, for look-ups."""
    pending_reads: int = 0
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the server begins to shut down."""

    def __post_init__(self) -> None:
        self.database = DatabaseThread(self.settings.database_file, "api reads")

    def begin_stop(self) -> None:
        """End all event streams, and accept no more writes."""
        self.stopping.set()
        self.group_commit.stop_accepting()

    async def run_read(self, work: Callable[[Store], _Result]) -> _Result:
        """
        Run *work*, which only reads, in the database thread, and return its result.

        Raises:
            ApiProblem: too many reads are waiting.
            StoreError: the database cannot be read now.
        """
        if self.pending_reads >= MAX_PENDING_READS:
            raise ApiProblem(503, "Too many requests are waiting; try again.", retry_after=1)
        self.pending_reads += 1
        try:
            return await self.database.run(work)
        finally:
            self.pending_reads -= 1

    def look_up(self, work: Callable[[Store], _Result]) -> _Result:
        """
        Run *work* at once in the event loop, without waiting for other reads: only for look-ups by a key.

        Raises:
            StoreError: the database cannot be read now.
        """
        if self.loop_db is None:
            # A short timeout, because all requests wait meanwhile.
            self.loop_db = open_store(self.settings.database_file, timeout_seconds=1.0, may_create=False)
        return run_query(self.loop_db, work)

    def close(self) -> None:
        """Close the connections. A running read is interrupted, because nobody waits for it any more."""
        self.database.interrupt()
        if self.loop_db is not None:
            self.loop_db.close()
        self.database.close()
