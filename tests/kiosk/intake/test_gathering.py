"""The writer waits for those who post at the same moment, and for nobody else."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.intake import writer as writer_module
from kiosk.intake.writer import GATHERED, GATHERING, TOGETHER, Job, Writer


class Time:
    """A clock that goes on only while somebody sleeps; meanwhile *comes* is called."""

    def __init__(self, comes: Callable[[int], None]) -> None:
        self.now, self.slept, self.comes = 0.0, 0, comes

    def monotonic(self) -> float:
        """The time."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let it pass."""
        self.now += seconds
        self.slept += 1
        self.comes(self.slept)


def gathered(monkeypatch: pytest.MonkeyPatch, *, more: int, at_first: int = 1) -> tuple[int, Time]:
    """How many jobs are written together where *more* come one by one, each while it is waited; and the clock."""
    loop = asyncio.new_event_loop()
    writer = Writer(Path("unused"), 10_000, lambda db, items: items)

    def job(number: int) -> None:
        if number <= more:
            writer.jobs.append(Job(None, number, loop))

    clock = Time(job)
    monkeypatch.setattr(writer_module, "time", clock)
    for _ in range(at_first):
        writer.jobs.append(Job(None, 0, loop))
    found = len(writer.next_jobs())
    loop.close()
    return found, clock


def test_one_alone_waits_for_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Less than a flush takes."""
    found, clock = gathered(monkeypatch, more=0)

    assert (1, GATHERING) == (found, clock.now)


def test_who_comes_meanwhile_is_written_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as more keeps coming."""
    found, clock = gathered(monkeypatch, more=5)

    assert (6, 6) == (found, clock.slept)


def test_it_is_written_though_more_keeps_coming(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for a stream that never ends."""
    found, clock = gathered(monkeypatch, more=10_000)

    assert found < 50
    assert GATHERED <= clock.now < 2 * GATHERED


def test_who_are_enough_already_are_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """There would be no room for more."""
    assert (TOGETHER, 0) == (lambda found: (found[0], found[1].slept))(
        gathered(monkeypatch, more=3, at_first=TOGETHER + 7)
    )
