"""Report threads that crash: a kiosk with a dead thread must not look healthy, nor as if it had ended normally."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def report_thread_crashes(report: Callable[[BaseException], object]) -> Iterator[None]:
    """Within the block, call *report* with the exception of any thread that crashes, in that thread."""
    before = threading.excepthook
    threading.excepthook = lambda crash: report(crash.exc_value or crash.exc_type())
    try:
        yield
    finally:
        threading.excepthook = before
