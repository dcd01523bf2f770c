"""Opening what may never answer: drivers hang, and nothing can end a call into one."""

import threading
from collections.abc import Callable
from contextlib import suppress

from camera.errors import CameraGone, to_camera_error
from camera.sources.base import Source

OPEN_TIMEOUT_SECONDS = 12.0
"""How long a camera may take to open and to give its first picture; slow webcams take three."""

_hung_threads: dict[str, threading.Thread] = {}
"""Calls that have not come back, by what they were to open: it is not asked a second time meanwhile."""


def open_with_timeout(name: str, open_source: Callable[[], Source]) -> Source:
    """
    What *open_source* opens, whose first picture is known to come; *name* is what to call it.

    Raises:
        CameraError: it cannot be opened, or does not answer.
    """
    if (before := _hung_threads.get(name)) is not None and before.is_alive():
        raise CameraGone(f"{name} still does not answer: unplug it and plug it in again.")
    opening = _OpenAttempt(open_source)
    opening.thread.start()
    opening.thread.join(OPEN_TIMEOUT_SECONDS)
    if not opening.finish_or_abandon():
        _hung_threads[name] = opening.thread
        raise CameraGone(f"{name} opens and gives no picture: unplug it and plug it in again.")
    if opening.source is None:
        raise to_camera_error(opening.error or CameraGone(f"{name} gives no picture.")) from opening.error
    return opening.source


class _OpenAttempt:
    """One call to open a source, in a thread of its own; what opens too late is closed again."""

    def __init__(self, open_source: Callable[[], Source]) -> None:
        self.open_source = open_source
        self.source: Source | None = None
        self.error: BaseException | None = None
        self.is_abandoned = self.has_ended = False
        self.lock = threading.Lock()
        self.thread = threading.Thread(target=self.open_in_thread, name="open a camera", daemon=True)

    def open_in_thread(self) -> None:
        """Open it."""
        source: Source | None = None
        try:
            source = self.open_source()
        except (Exception, SystemExit) as error:
            self.error = error
        with self.lock:
            self.has_ended = True
            if not self.is_abandoned:
                self.source = source
                return
        if source is not None:
            with suppress(Exception):
                source.close()

    def finish_or_abandon(self) -> bool:
        """Whether it has ended by now; if not, what it opens later is closed by it."""
        with self.lock:
            self.is_abandoned = not self.has_ended
            return self.has_ended
