"""A timer runs out also where a busy machine halts the program while it is started."""

import asyncio
from itertools import chain, repeat
from unittest.mock import patch

from textual import _time
from textual.app import App

from kiosk.tui.one_shot_timer import start_timer


async def test_a_timer_that_is_overdue_when_it_starts_runs_out_all_the_same() -> None:
    """With Textual's own `set_timer` this waits forever."""
    rang = asyncio.Event()
    app: App[None] = App()
    async with app.run_test() as pilot:
        halted = chain([100.0], repeat(200.0))  # a hundred seconds pass between the first two readings of the clock
        with patch.object(_time, "get_time", lambda: next(halted)):
            start_timer(app, 1.0, rang.set)

            await asyncio.wait_for(rang.wait(), timeout=30)
        await pilot.pause()


async def test_a_timer_that_was_stopped_does_not_run_out() -> None:
    rang = asyncio.Event()
    app: App[None] = App()
    async with app.run_test() as pilot:
        timer = start_timer(app, 0.01, rang.set)
        timer.stop()

        await pilot.pause(0.1)

    assert not rang.is_set()


async def test_a_timer_that_is_stopped_while_its_callback_is_queued_does_not_call_it() -> None:
    """As when a key or a badge comes in the instant in which a silence or a card's time is over."""
    rang = asyncio.Event()
    app: App[None] = App()
    async with app.run_test() as pilot:
        with patch.object(app, "call_next") as queued:
            timer = start_timer(app, 0.01, rang.set)
            while not queued.called:
                await asyncio.sleep(0.01)
        timer.stop()

        app.call_next(*queued.call_args.args)
        await pilot.pause()

    assert not rang.is_set()
