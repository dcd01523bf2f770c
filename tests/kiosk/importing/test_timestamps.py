"""Timestamps as programs and people write them."""

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.importing.timestamps import detect_day_first, parse_timestamp


@pytest.fixture(autouse=True)
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Use the time zone of Berlin, which is two hours ahead of UTC in summer."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Europe/Berlin")
        time.tzset()
        yield
    time.tzset()


WRITTEN = [
    "2026-05-13T14:30:00", "2026-05-13 14:30", "2026-05-13T12:30:00Z", "2026-05-13T12:30:00+00:00",
    "2026-05-13 08:30 -04:00", "20260513T143000", "2026-5-13 14:30:00.000", "2026/05/13 2:30 PM", "2026.05.13, 14.30",
    "13.05.2026 14:30", "13.5.26 14:30:00", "13/05/2026 14:30", "05/13/2026 2:30 PM", "5/13/26, 2:30 p.m.",
    "13-05-2026 14h30", "13 May 2026 14:30", "13-May-2026 14:30", "May 13, 2026 2:30:00 pm", "May 13th 2026 14:30",
    "46155.6041666667", 46155.6041666667, "46155,6041666667", 1778675400, "1778675400", 1778675400000,
    datetime(2026, 5, 13, 14, 30), datetime(2026, 5, 13, 12, 30, tzinfo=UTC),
]  # fmt: skip


@pytest.mark.parametrize("value", WRITTEN, ids=repr)
def test_timestamps_are_parsed(value: Any) -> None:
    """Without a time zone, in this device's."""
    assert datetime(2026, 5, 13, 12, 30, tzinfo=UTC).timestamp() == parse_timestamp(value)


@pytest.mark.parametrize(
    "value", ["2026-05-13", "13.05.2026", "5/13/2026", 46155, "46155", date(2026, 5, 13)], ids=repr
)
def test_a_day_without_a_time_is_midnight(value: Any) -> None:
    """In this device's time zone."""
    assert datetime(2026, 5, 12, 22, tzinfo=UTC).timestamp() == parse_timestamp(value)


@pytest.mark.parametrize("value", ["", None])
def test_an_empty_value_is_none(value: Any) -> None:
    """It is not an error."""
    assert parse_timestamp(value) is None


@pytest.mark.parametrize(
    "value",
    ["soon", "45", 45, True, "13:30", "32.01.2026", "2026-02-30", "13.13.2026", "5/13/2026 14:30 PM", "1 Foo 2026",
     "9999-12-31T23:59:59", "0001-01-01", "1e5", "٤٦١٥٥", "nan", float("inf"), "=NOW()", "13.05.2026 25:00"],
    ids=repr,
)  # fmt: skip
def test_anything_else_is_refused(value: Any) -> None:
    """Times are never guessed."""
    with pytest.raises(ValueError, match=r"not a time|that no kiosk has seen"):
        parse_timestamp(value)


def test_an_ambiguous_date_needs_a_choice() -> None:
    """Nobody would notice a wrong day."""
    with pytest.raises(ValueError, match="ambiguous date '05/06/2026': use --dates day-first"):
        parse_timestamp("05/06/2026")
    assert datetime(2026, 6, 4, 22, tzinfo=UTC).timestamp() == parse_timestamp("05/06/2026", day_first=True)
    assert datetime(2026, 5, 5, 22, tzinfo=UTC).timestamp() == parse_timestamp("05/06/2026", day_first=False)
    assert datetime(2026, 5, 4, 22, tzinfo=UTC).timestamp() == parse_timestamp("05/05/2026")


def test_other_dates_tell_the_order_of_day_and_month() -> None:
    """Unless they disagree."""
    assert detect_day_first(["05/06/2026", "13/06/2026 9:00", None, 46155]) is True
    assert detect_day_first(["05/06/2026", "06/13/2026"]) is False
    assert detect_day_first(["05/06/2026", "13.06.2026"]) is None
    assert detect_day_first(["13/06/2026", "06/13/2026"]) is None


@given(st.text() | st.floats() | st.integers())
def test_any_cell_can_be_parsed(value: Any) -> None:
    """It is a time or a sentence."""
    try:
        seconds = parse_timestamp(value)
    except ValueError as error:
        assert str(error)
    else:
        assert seconds is None or datetime.fromtimestamp(seconds, UTC).year >= 1970


ABROAD = [
    "Wed, 13 May 2026 14:30:00", "13.05.2026, 14:30 Uhr", "13/05/2026 à 14:30", "2026年5月13日 14:30",
    "2026. 5. 13. 14:30",
    "2026년 5월 13일 14:30", "13. Mai 2026 14:30", "mercredi 13 mai 2026 à 14:30", "13 de mayo de 2026, 14:30",
    "13 maggio 2026 alle 14:30", "13 maja 2026 14:30", "13 мая 2026 г. 14:30", "May 13, 2026 at 2:30 PM",
    "Wednesday, May 13, 2026 2:30 pm", "Mittwoch, 13. Mai 2026 um 14:30 Uhr", "13. května 2026 14:30",
    "mar. 13 mai 2026 14:30",
]  # fmt: skip


@pytest.mark.parametrize("text", ABROAD)
def test_timestamps_of_other_countries_are_parsed(text: str) -> None:
    """With the day of the week, and "at" and "o'clock" in their languages."""
    assert parse_timestamp(text) == datetime(2026, 5, 13, 14, 30).timestamp()


@pytest.mark.parametrize("text", ["soon", "call me", "maybe 7", "Ana 13 2026", "13 Ana 2026", "May"])
def test_an_invalid_timestamp_is_quoted_as_written(text: str) -> None:
    """Not in its simplified form."""
    with pytest.raises(ValueError) as raised:
        parse_timestamp(text)

    assert str(raised.value).startswith(repr(text))
