"""The calls that an org has in 24 hours, shared by all of its programs."""

import re
import time
from collections.abc import Callable, Mapping

from data.language import _, format_number
from sync.errors import QuotaExceeded

_USAGE_PATTERN = re.compile(r"(?:^|[;,\s])api-usage=(\d{1,12})/(\d{1,12})")

# How long a reported usage figure is trusted. After that one call may be made to learn the current one, because calls
# become available by the hour.
USAGE_FRESH_SECONDS = 300.0


class CallLimit:
    """Reads `Sforce-Limit-Info`, and stops before the limit is reached."""

    def __init__(self, percent: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.stop_at_percent = percent
        self.clock = clock
        self.calls_used = self.calls_allowed = 0
        self.read_at = 0.0

    def record_usage(self, headers: Mapping[str, str]) -> None:
        """Remember the usage in a response's *headers*."""
        if found := _USAGE_PATTERN.search(headers.get("sforce-limit-info", "")):
            self.calls_used, self.calls_allowed = int(found[1]), int(found[2])
            self.read_at = self.clock()

    def require_call_left(self) -> None:
        """
        Check that one more call may be made.

        Raises:
            QuotaExceeded: the rest of the calls are kept for other programs.
        """
        is_fresh = self.calls_allowed and self.clock() - self.read_at < USAGE_FRESH_SECONDS
        if is_fresh and self.calls_used * 100 >= self.calls_allowed * self.stop_at_percent:
            raise QuotaExceeded(
                _(
                    "{used} of the CRM's {allowed} calls in 24 hours are used; the rest are kept for other programs. "
                    "Sending resumes as calls become available."
                ).format(used=format_number(self.calls_used), allowed=format_number(self.calls_allowed))
            )
