"""Waiting for something to come true: an event or a state, never a fixed time."""

import asyncio
import time
from collections.abc import Callable

PATIENCE_SECONDS = 60.0
"""After so long a test gives up. Nothing needs nearly as long, but the machine may be doing other things."""


def became_true(condition: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> bool:
    """Return whether *condition* held within *seconds*."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= end:
            return bool(condition())
        time.sleep(0.02)
    return True


def wait_until(condition: Callable[[], object], what: str = "", seconds: float = PATIENCE_SECONDS) -> float:
    """Wait until *condition* holds; return how many seconds that took. *what* says in an error what did not come."""
    started = time.monotonic()
    assert became_true(condition, seconds), f"not within {seconds:g} s: {what or condition}"
    return time.monotonic() - started


async def wait_in_loop(condition: Callable[[], object], what: str = "", seconds: float = PATIENCE_SECONDS) -> None:
    """The same in an event loop, which runs meanwhile."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds:g} s: {what or condition}"
        await asyncio.sleep(0.02)
