"""The newest picture wins: a slow decoder never builds up latency."""

import contextlib
import threading
from collections.abc import Iterator

from camera.errors import CameraError, CameraGone, in_words
from camera.sources.base import Shot, Source

SILENCE = 8.0
"""Seconds without a picture after which a camera counts as gone."""


class Newest:
    """Reads a source in a thread of its own, and keeps the last picture of it alone."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.latest: Shot | None = None
        self.ended = False
        self.trouble: CameraError | None = None
        self.closed = False
        self.changed = threading.Condition()
        self.thread = threading.Thread(target=self.read, name="camera", daemon=True)
        self.thread.start()

    def read(self) -> None:
        """Keep the newest picture, until the source ends or fails."""
        try:
            for shot in self.source.shots():
                with self.changed:
                    self.latest = shot
                    self.changed.notify_all()
                if self.closed:
                    break
        except Exception as error:  # whatever a driver throws: the kiosk goes on without it
            self.trouble = in_words(error)
        finally:
            with contextlib.suppress(Exception):
                self.source.close()
            with self.changed:
                self.ended = True
                self.changed.notify_all()

    def shots(self) -> Iterator[Shot]:
        """
        Pictures, each the newest at its time.

        Raises:
            CameraError: there are no more, although the source had not come to its end.
        """
        while True:
            with self.changed:
                came = self.changed.wait_for(lambda: self.latest is not None or self.ended or self.closed, SILENCE)
                shot, self.latest = self.latest, None
            if self.closed:
                return
            if shot is not None:
                yield shot
            elif self.trouble is not None:
                raise self.trouble
            elif self.ended:
                return
            elif not came:
                raise CameraGone("The camera gives no pictures any more: check its cable; it is tried again by itself.")

    def let_go(self) -> None:
        """End `shots` at once, also where it waits for a picture that does not come; any thread may call this."""
        with self.changed:
            self.closed = True
            self.changed.notify_all()

    def close(self) -> None:
        """Stop reading. A driver that hangs is left behind: its thread ends with the process."""
        self.let_go()
        self.thread.join(1.0)
