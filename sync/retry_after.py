"""Parse how long a server asks us to wait."""

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

# The longest wait that is believed: some servers mean milliseconds, and some send a timestamp in seconds since 1970.
MAX_WAIT_SECONDS = 3600.0


def parse_retry_after(retry_after: str | None, date: str | None) -> float | None:
    """
    Return the seconds in a `Retry-After` header (RFC 9110, 10.2.3); None if it makes no sense.

    An HTTP date is compared with the response's own *date*, because the clock of this device may be wrong.
    """
    if not retry_after:
        return None
    try:
        given = float(retry_after)
        seconds = float(math.ceil(given)) if given >= 0 else given
    except (ValueError, OverflowError):
        timestamp = parse_http_date(retry_after)
        if timestamp is None:
            return None
        now = parse_http_date(date or "") or datetime.now(UTC)
        seconds = (timestamp - now).total_seconds()
    return max(seconds, 1.0) if 0 <= seconds <= MAX_WAIT_SECONDS else None


def parse_http_date(text: str) -> datetime | None:
    """Return the time that an HTTP date names; None if it is not a date."""
    try:
        timestamp = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return timestamp if timestamp.tzinfo else timestamp.replace(tzinfo=UTC)
