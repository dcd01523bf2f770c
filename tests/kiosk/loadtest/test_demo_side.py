"""The figures of a booth in the demo."""

import asyncio
import time

import pytest

from kiosk.demo.contenders import BadgeLost, Contender
from kiosk.demo.render import format_progress, format_wait


def served(pace: float, *seconds: float) -> Contender:
    """A booth with these service times in *seconds*; a visitor with 0 is lost."""
    side = Contender("A booth", pace, len(seconds))

    async def save(number: int, badge: bytes) -> None:
        await asyncio.sleep(seconds[number])
        if not seconds[number]:
            raise BadgeLost("nobody knows")

    asyncio.run(side.serve_visitors([b""] * len(seconds), save))
    return side


def test_a_visitor_waits_for_those_in_front() -> None:
    """Waiting time is from arrival to departure."""
    side = served(0.01, 0.3, 0.3)

    assert side.waits[0] >= 0.3
    assert side.waits[1] >= 0.59
    assert side.longest == side.waits[1]


def test_a_lost_visitor_is_neither_in_line_nor_saved() -> None:
    """They are counted separately."""
    side = served(0.01, 0.02, 0.0, 0.02)

    assert (len(side.waits), side.lost, side.in_line) == (2, 1, 0)
    assert side.done_after is not None


def test_visitors_arrive_at_a_constant_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Visitors not served yet are in line, and count for the longest wait."""
    side = Contender("A booth", 1.0, 10, started=100.0)
    monkeypatch.setattr(time, "monotonic", lambda: 104.5)

    assert (side.arrived, side.in_line, side.longest) == (5, 5, 4.5)


def test_a_finished_booth_does_not_change() -> None:
    """However late it is displayed."""
    side = Contender("A booth", 1.0, 10, started=100.0, ended=103.5)

    assert (side.arrived, side.in_line, side.longest) == (4, 4, 3.5)


def test_a_booth_in_a_line() -> None:
    """The one-line form for logs and pipes."""
    side = Contender("A booth", 1.0, 3, started=0.0, ended=9.0, waits=[0.5, 0.1], lost=1, in_crm=2)

    assert format_progress(side) == "2 saved, 1 given up, 0 in line, 2 in the CRM."
    assert (format_wait(0.012), format_wait(12)) == ("12 ms", "12.0 s")
