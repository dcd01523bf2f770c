"""Opening what may never answer: drivers hang, and nothing can end a call into one."""

import threading
from collections.abc import Callable
from contextlib import suppress

from camera.errors import CameraGone, in_words
from camera.sources.base import Source

OPEN_SECONDS = 12.0
"""How long a camera may take to open and to give its first picture; slow webcams take three."""

_hanging: dict[str, threading.Thread] = {}
"""Calls that have not come back, by what they were to open: it is not asked a second time meanwhile."""


def open_patiently(name: str, open_source: Callable[[], Source]) -> Source:
    """
    What *open_source* opens, whose first picture is known to come; *name* is what to call it.

    Raises:
        CameraError: it cannot be opened, or does not answer.
    """
    if (before := _hanging.get(name)) is not None and before.is_alive():
        raise CameraGone(f"{name} still does not answer: unplug it and plug it in again.")
    opening = _Opening(open_source)
    opening.thread.start()
    opening.thread.join(OPEN_SECONDS)
    if not opening.has_ended_in_time():
        _hanging[name] = opening.thread
        raise CameraGone(f"{name} opens and gives no picture: unplug it and plug it in again.")
    if opening.source is None:
        raise in_words(opening.error or CameraGone(f"{name} gives no picture.")) from opening.error
    return opening.source


class _Opening:
    """One call to open a source, in a thread of its own; what opens too late is closed again."""

    def __init__(self, open_source: Callable[[], Source]) -> None:
        self.open_source = open_source
        self.source: Source | None = None
        self.error: BaseException | None = None
        self.is_too_late = self.has_ended = False
        self.lock = threading.Lock()
        self.thread = threading.Thread(target=self.open, name="open a camera", daemon=True)

    def open(self) -> None:
        """Open it."""
        source: Source | None = None
        try:
            source = self.open_source()
        except (Exception, SystemExit) as error:
            self.error = error
        with self.lock:
            self.has_ended = True
            if not self.is_too_late:
                self.source = source
                return
        if source is not None:
            with suppress(Exception):
                source.close()

    def has_ended_in_time(self) -> bool:
        """Whether it has ended by now; if not, what it opens later is closed by it."""
        with self.lock:
            self.is_too_late = not self.has_ended
            return self.has_ended
