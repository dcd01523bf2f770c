"""Opens cameras with a timeout, because drivers may hang, and a call into one cannot be interrupted."""

import threading
from collections.abc import Callable
from contextlib import suppress

from camera.errors import CameraGone, to_camera_error
from camera.sentences import N_
from camera.sources.base import Source

# How long a camera may take to deliver its first image. Generous: slow webcams take three seconds.
OPEN_TIMEOUT_SECONDS = 12.0

# Threads whose call has not returned, by the camera's name. Until it does, that camera is not opened again.
_hung_threads: dict[str, threading.Thread] = {}


def open_with_timeout(name: str, open_source: Callable[[], Source]) -> Source:
    """
    Return the source that *open_source* opens, which returns once the first image has arrived. Messages call it *name*.

    Raises:
        CameraError: it cannot be opened, or does not answer in time.
    """
    if (before := _hung_threads.get(name)) is not None and before.is_alive():
        raise CameraGone(N_("{name} still does not respond. Unplug it and plug it back in."), name=name)
    opening = _OpenAttempt(open_source)
    opening.thread.start()
    opening.thread.join(OPEN_TIMEOUT_SECONDS)
    if not opening.finish_or_abandon():
        _hung_threads[name] = opening.thread
        raise CameraGone(N_("{name} does not respond. Unplug it and plug it back in."), name=name)
    if opening.source is None:
        raise to_camera_error(opening.error or CameraGone(N_("{name} sends no images."), name=name)) from opening.error
    return opening.source


class _OpenAttempt:
    """One call to open a source, in its own thread. A source that opens too late is closed again."""

    def __init__(self, open_source: Callable[[], Source]) -> None:
        self.open_source = open_source
        self.source: Source | None = None
        self.error: BaseException | None = None
        self.is_abandoned = self.has_ended = False
        self.lock = threading.Lock()
        self.thread = threading.Thread(target=self.open_in_thread, name="open a camera", daemon=True)

    def open_in_thread(self) -> None:
        """Open the source."""
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
        """Return whether the call has ended; if not, abandon it, so that it closes what it may still open."""
        with self.lock:
            self.is_abandoned = not self.has_ended
            return self.has_ended
