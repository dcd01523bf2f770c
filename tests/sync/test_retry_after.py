"""Reading how long a server asks us to wait."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.retry_after import MAX_WAIT_SECONDS, parse_retry_after

DATE = "Tue, 22 Sep 2026 14:00:00 GMT"
"""What the answer says the time is; the clock of this device says something else."""


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        (" 7 ", 7.0),
        ("1.5", 2.0),
        ("0", 1.0),
        ("3600", MAX_WAIT_SECONDS),
        ("Tue, 22 Sep 2026 14:05:00 GMT", 300.0),
        ("Tue, 22 Sep 2026 16:05:00 +0200", 300.0),
        ("Tue, 22 Sep 2026 14:05:00", 300.0),
        ("Tuesday, 22-Sep-26 14:05:00 GMT", 300.0),
        ("Tue, 22 Sep 2026 14:00:00 GMT", 1.0),
        ("Tue, 22 Sep 2026 15:00:00 GMT", MAX_WAIT_SECONDS),
    ],
)
def test_seconds_and_dates_are_understood(header: str, seconds: float) -> None:
    """Part seconds are rounded up; from one second to an hour; a date is measured against the answer's own."""
    assert parse_retry_after(header, DATE) == seconds


@pytest.mark.parametrize(
    "header",
    [
        None, "", "soon", "-5", "-0.5", "nan", "inf", "-inf", "1e999", "Tue, 22 Sep 2026 13:59:59 GMT",
        "Mon, 01 Jan 99999999999999999999 00:00:00 GMT", "Mon, 01 Jan 2024 00:00:00 +9999999999", "12 seconds",
        "3601", "60000", "86400", "1790000000", "1790000000000", "Thu, 22 Sep 2050 14:00:00 GMT",
    ],
)  # fmt: skip
def test_what_says_nothing_of_use_is_nothing(header: str | None) -> None:
    """Garbage, the past, milliseconds and seconds since 1970 (as in fastify-rate-limit#301) leave the wait to us."""
    assert parse_retry_after(header, DATE) is None


@pytest.mark.parametrize("date", [None, "", "yesterday", "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"])
def test_a_date_in_an_undated_answer_is_measured_against_this_device(date: str | None) -> None:
    """There is nothing better."""
    in_an_hour = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)

    seconds = parse_retry_after(in_an_hour, date)

    assert seconds is not None
    assert 3000 < seconds <= 3600


@given(st.text(max_size=60), st.none() | st.text(max_size=60))
def test_no_header_is_too_strange(header: str, date: str | None) -> None:
    """Whatever a server says, there comes a wait within bounds, or none."""
    seconds = parse_retry_after(header, date)

    assert seconds is None or 1.0 <= seconds <= MAX_WAIT_SECONDS
