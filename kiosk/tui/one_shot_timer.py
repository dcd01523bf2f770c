"""A timer that runs out once, for certain."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from textual.message_pump import MessagePump
from textual.timer import Timer


def start_timer(node: MessagePump, seconds: float, callback: Callable[[], Awaitable[Any] | Any]) -> Timer:
    """
    Have *node* call *callback* once, after *seconds*, unless the timer is stopped before the call.

    In place of Textual's `set_timer`, for two reasons. That one skips ticks that are overdue, and with them the only
    tick of such a timer: if a busy machine halts the program for *seconds* just after it read the start time, the timer
    never ran out. A key then stayed undecided, and a card stayed on the screen. And it calls a callback that is queued
    already when the timer is stopped: a silence that a key has ended, or a card that the next badge has replaced.
    """

    def call_unless_stopped() -> Awaitable[Any] | Any:
        return callback() if timer._task is not None else None  # `stop` sets it to None

    timer = Timer(node, seconds, callback=partial(node.call_next, call_unless_stopped), repeat=0, skip=False)
    timer._start()
    node._timers.add(timer)  # so that it ends with the node
    return timer
