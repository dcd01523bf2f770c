"""The calls that an org has in 24 hours, shared by all its programs."""

import re
import time
from collections.abc import Callable, Mapping

from sync.errors import Quota

USAGE = re.compile(r"(?:^|[;,\s])api-usage=(\d{1,12})/(\d{1,12})")

FRESH_SECONDS = 300.0
"""For so long a figure counts: afterwards one call may ask again, for calls come free by the hour."""


class CallLimit:
    """Reads `Sforce-Limit-Info`, and stops short of the limit."""

    def __init__(self, percent: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.percent = percent
        self.clock = clock
        self.used = self.limit = 0
        self.read_at = 0.0

    def note(self, headers: Mapping[str, str]) -> None:
        """Remember what an answer's *headers* say of the limit."""
        if found := USAGE.search(headers.get("sforce-limit-info", "")):
            self.used, self.limit = int(found[1]), int(found[2])
            self.read_at = self.clock()

    def check(self) -> None:
        """
        Look whether one more call may be made.

        Raises:
            Quota: it would be one of those that are left to others.
        """
        is_fresh = self.limit and self.clock() - self.read_at < FRESH_SECONDS
        if is_fresh and self.used * 100 >= self.limit * self.percent:
            raise Quota(f"{self.spoken()}: the rest is left to others. Leads go on as calls come free.")

    def spoken(self) -> str:
        """How far the calls are used up, as a sentence begins."""
        return f"Of the CRM's {self.limit:,} calls in 24 hours {self.used:,} are used"
