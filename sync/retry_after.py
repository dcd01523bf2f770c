"""How long a server asks us to wait."""

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

MAX_WAIT_SECONDS = 3600.0
"""What is longer is not believed: some servers mean milliseconds, and some name the moment in seconds since 1970."""


def parse_retry_after(retry_after: str | None, date: str | None) -> float | None:
    """
    The seconds in a `Retry-After` header (RFC 9110, 10.2.3); None where it says nothing that can be believed.

    A moment in time is measured against the answer's own *date*, for the clock of this device may be wrong.
    """
    if not retry_after:
        return None
    try:
        given = float(retry_after)
        seconds = float(math.ceil(given)) if given >= 0 else given
    except (ValueError, OverflowError):
        moment = parse_http_date(retry_after)
        if moment is None:
            return None
        now = parse_http_date(date or "") or datetime.now(UTC)
        seconds = (moment - now).total_seconds()
    return max(seconds, 1.0) if 0 <= seconds <= MAX_WAIT_SECONDS else None


def parse_http_date(text: str) -> datetime | None:
    """The moment that an HTTP date names; None where it is no date."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
