"""The newest picture wins: a slow decoder never builds up latency."""

import contextlib
import threading
from collections.abc import Iterator

from camera.errors import CameraError, CameraGone, to_camera_error
from camera.sources.base import Shot, Source

SILENCE_SECONDS = 8.0
"""Seconds without a picture after which a camera counts as gone."""


class LatestFrameReader:
    """Reads a source in a thread of its own, and keeps the last picture of it alone."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.latest_shot: Shot | None = None
        self.has_ended = False
        self.error: CameraError | None = None
        self.is_closed = False
        self.state_changed = threading.Condition()
        self.thread = threading.Thread(target=self.read_shots, name="camera", daemon=True)
        self.thread.start()

    def read_shots(self) -> None:
        """Keep the newest picture, until the source ends or fails."""
        try:
            for shot in self.source.shots():
                with self.state_changed:
                    self.latest_shot = shot
                    self.state_changed.notify_all()
                if self.is_closed:
                    break
        except Exception as error:  # whatever a driver throws: the kiosk goes on without it
            self.error = to_camera_error(error)
        finally:
            with contextlib.suppress(Exception):
                self.source.close()
            with self.state_changed:
                self.has_ended = True
                self.state_changed.notify_all()

    def shots(self) -> Iterator[Shot]:
        """
        Pictures, each the newest at its time.

        Raises:
            CameraError: there are no more, although the source had not come to its end.
        """
        while True:
            with self.state_changed:
                came = self.state_changed.wait_for(
                    lambda: self.latest_shot is not None or self.has_ended or self.is_closed, SILENCE_SECONDS
                )
                shot, self.latest_shot = self.latest_shot, None
            if self.is_closed:
                return
            if shot is not None:
                yield shot
            elif self.error is not None:
                raise self.error
            elif self.has_ended:
                return
            elif not came:
                raise CameraGone("The camera gives no pictures any more: check its cable; it is tried again by itself.")

    def stop_waiting(self) -> None:
        """End `shots` at once, also where it waits for a picture that does not come; any thread may call this."""
        with self.state_changed:
            self.is_closed = True
            self.state_changed.notify_all()

    def close(self) -> None:
        """Stop reading. A driver that hangs is left behind: its thread ends with the process."""
        self.stop_waiting()
        self.thread.join(1.0)
