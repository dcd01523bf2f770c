"""A disk that takes its time for a flush."""

import sqlite3
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest


class SlowFlush(sqlite3.Connection):
    """A connection to a file on such a disk; Python continues meanwhile, as with a real one."""

    seconds = 0.0

    def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
        """Do it; a commit flushes."""
        if sql == "commit":
            time.sleep(self.seconds)
        return super().execute(sql, *values)


def slow_down(patch: "pytest.MonkeyPatch", seconds: float) -> None:
    """Have every commit of this process take so much longer, until *patch* is undone."""
    connect = sqlite3.connect
    patch.setattr(SlowFlush, "seconds", seconds)
    patch.setattr(sqlite3, "connect", lambda *names, **options: connect(*names, factory=SlowFlush, **options))
