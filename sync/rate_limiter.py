"""
A rate limiter: never more calls than the CRM allows, counted over all processes of this kiosk.

A call occupies a slot from when it is sent until one window after its response has arrived. Whenever in between the CRM
counted it, no window of the CRM can contain more calls than the limit.
"""

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from data.clock import Clock, SystemClock
from sync.disposable_files import is_usable_file, remove_unusable_file

log = logging.getLogger(__name__)

# How long a call without a recorded end occupies its slot: its process was probably killed.
MAX_CALL_SECONDS = 60.0

# How often a free slot is looked for.
_POLL_SECONDS = 0.05

_SCHEMA = """
    create table if not exists calls (
        id integer primary key,
        destination text not null,
        boot text not null,
        began real not null,
        ended real
    ) strict
"""

_OCCUPIED_SLOTS = """
    select coalesce(ended, began + :longest) as freed
      from calls
     where destination = :destination and boot = :boot and freed > :since
     order by freed desc
"""

_DELETE_OLD_CALLS = "delete from calls where boot <> :boot or coalesce(ended, began + :longest) <= :since"


@dataclass(frozen=True, slots=True)
class Rate:
    """How many calls a CRM accepts in how many seconds; 0 calls means no limit."""

    calls: int = 0
    seconds: float = 10.0


class RateLimiter:
    """Limits the calls to one destination. Its file is worthless after the window, and may be deleted at any time."""

    def __init__(self, destination: str, rate: Rate, path: Path | None = None, clock: Clock | None = None) -> None:
        """*path* is the file in which all processes of this kiosk count; without one, only this object counts."""
        self.destination = destination
        self.rate = rate
        self.path = path
        self.clock = clock or SystemClock()
        self.db: sqlite3.Connection | None = None

    @asynccontextmanager
    async def wait_for_slot(self) -> AsyncIterator[None]:
        """Wait until one more call is within the limit; make the call inside this context."""
        if not self.rate.calls:
            yield
            return
        while (call := self.take_slot()) is None:
            await asyncio.sleep(_POLL_SECONDS)
        try:
            yield
        finally:
            self.open_database().execute(
                "update calls set ended = ? where id = ?", (self.clock.seconds_since_boot(), call)
            )

    def adopt_rate(self, rate: Rate, remaining: int | None = None) -> None:
        """
        Keep within *rate* from now on, as reported by the CRM; *remaining* is how many calls it accepts right now.

        If that is less than by our own count, others use the same key: their calls occupy slots of ours.
        """
        self.rate = rate
        if remaining is None or not rate.calls:
            return
        db, now = self.open_database(), self.clock.seconds_since_boot()
        values = {"destination": self.destination, "boot": self.clock.boot_id, "longest": MAX_CALL_SECONDS}
        db.execute("begin immediate")
        try:
            taken = len(db.execute(_OCCUPIED_SLOTS, {**values, "since": now - rate.seconds}).fetchall())
            # Calls that we did not make, and the CRM counted: somebody else uses the same key.
            others = max(0, rate.calls - taken - remaining)
            insert = "insert into calls (destination, boot, began, ended) values (?, ?, ?, ?)"
            db.executemany(insert, [(self.destination, self.clock.boot_id, now, now)] * others)
        finally:
            db.execute("commit")

    def take_slot(self) -> int | None:
        """Take a slot for a call and return its id; None if no slot is free."""
        db, now = self.open_database(), self.clock.seconds_since_boot()
        values = {
            "destination": self.destination,
            "boot": self.clock.boot_id,
            "longest": MAX_CALL_SECONDS,
            "since": now - self.rate.seconds,
        }
        # Counting and inserting must be one step: another process may count at the same time.
        db.execute("begin immediate")
        try:
            taken = len(db.execute(_OCCUPIED_SLOTS, values).fetchall())
            if taken >= self.rate.calls:
                return None
            db.execute(_DELETE_OLD_CALLS, {**values, "since": now - 3600.0})
            insert = "insert into calls (destination, boot, began) values (:destination, :boot, :now)"
            return db.execute(insert, {**values, "now": now}).lastrowid
        finally:
            db.execute("commit")

    def open_database(self) -> sqlite3.Connection:
        """Return the connection to the file; if that is unusable, to a count in memory."""
        if self.db is None:
            try:
                self.db = self._open_shared_file()
            except (OSError, sqlite3.Error) as error:
                log.warning(
                    "%s cannot be used (%s): calls to the CRM are counted by this process alone. Delete it, or give it "
                    "to the user who runs the kiosk.",
                    self.path,
                    error,
                )
                self.db = open_call_log(":memory:")
        return self.db

    def _open_shared_file(self) -> sqlite3.Connection:
        """
        Open the file in which all processes count; a damaged one, or another user's, is replaced.

        Raises:
            OSError, sqlite3.Error: it can be neither used nor replaced.
        """
        if self.path is None or not self.path.parent.is_dir():  # a kiosk without a folder has no other processes
            return open_call_log(":memory:")
        if not is_usable_file(self.path):
            remove_unusable_file(self.path)
        self.path.touch(mode=0o600)
        try:
            return open_call_log(self.path)
        except sqlite3.DatabaseError:  # it is never flushed, so a power cut may damage it
            remove_unusable_file(self.path)
            return open_call_log(self.path)

    def close(self) -> None:
        """Close the file."""
        if self.db is not None:
            self.db.close()
            self.db = None


def open_call_log(path: Path | str) -> sqlite3.Connection:
    """
    Open the count in the file at *path*; nothing in it must survive a power cut, so nothing is flushed.

    Raises:
        sqlite3.DatabaseError: the file is damaged.
    """
    db = sqlite3.connect(path, timeout=30.0, isolation_level=None)
    try:
        db.execute("pragma journal_mode = wal")
        db.execute("pragma synchronous = off")
        db.execute(_SCHEMA)
    except BaseException:
        db.close()
        raise
    return db
