"""A thread that dies by a mistake of ours must not look like a kiosk that works, or like one that has ended."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def report_thread_crashes(report: Callable[[BaseException], object]) -> Iterator[None]:
    """Meanwhile *report* gets what any thread dies of; it is called in that thread."""
    before = threading.excepthook
    threading.excepthook = lambda crash: report(crash.exc_value or crash.exc_type())
    try:
        yield
    finally:
        threading.excepthook = before
