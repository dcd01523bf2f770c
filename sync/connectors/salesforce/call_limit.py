"""The calls that an org has in 24 hours, shared by all its programs."""

import re
import time
from collections.abc import Callable, Mapping

from sync.errors import QuotaExceeded

_USAGE_PATTERN = re.compile(r"(?:^|[;,\s])api-usage=(\d{1,12})/(\d{1,12})")

USAGE_FRESH_SECONDS = 300.0
"""For so long a figure counts: afterwards one call may ask again, for calls come free by the hour."""


class CallLimit:
    """Reads `Sforce-Limit-Info`, and stops short of the limit."""

    def __init__(self, percent: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.stop_at_percent = percent
        self.clock = clock
        self.calls_used = self.calls_allowed = 0
        self.read_at = 0.0

    def record_usage(self, headers: Mapping[str, str]) -> None:
        """Remember what an answer's *headers* say of the limit."""
        if found := _USAGE_PATTERN.search(headers.get("sforce-limit-info", "")):
            self.calls_used, self.calls_allowed = int(found[1]), int(found[2])
            self.read_at = self.clock()

    def require_call_left(self) -> None:
        """
        Look whether one more call may be made.

        Raises:
            Quota: it would be one of those that are left to others.
        """
        is_fresh = self.calls_allowed and self.clock() - self.read_at < USAGE_FRESH_SECONDS
        if is_fresh and self.calls_used * 100 >= self.calls_allowed * self.stop_at_percent:
            raise QuotaExceeded(f"{self.describe_usage()}: the rest is left to others. Leads go on as calls come free.")

    def describe_usage(self) -> str:
        """How far the calls are used up, as a sentence begins."""
        return f"Of the CRM's {self.calls_allowed:,} calls in 24 hours {self.calls_used:,} are used"
