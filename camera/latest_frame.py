"""Always the latest image: a slow decoder skips images and never falls behind."""

import contextlib
import threading
from collections.abc import Iterator

from camera.errors import CameraError, CameraGone, to_camera_error
from camera.sentences import N_
from camera.sources.base import Shot, Source

# Without an image for this long, a camera counts as gone. Some webcams pause for several seconds while they adapt to
# the light.
SILENCE_SECONDS = 8.0


class LatestFrameReader:
    """Reads a source in its own thread, and keeps only its latest image."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.latest_shot: Shot | None = None
        self.has_ended = False
        self.error: CameraError | None = None
        self.is_closed = False
        self.state_changed = threading.Condition()
        self.thread = threading.Thread(target=self._keep_latest, name="camera", daemon=True)
        self.thread.start()

    def _keep_latest(self) -> None:
        """Keep the latest image until the source ends or fails."""
        try:
            for shot in self.source.read_shots():
                with self.state_changed:
                    self.latest_shot = shot
                    self.state_changed.notify_all()
                if self.is_closed:
                    break
        except Exception as error:  # whatever a driver raises: the kiosk continues without it
            self.error = to_camera_error(error)
        finally:
            with contextlib.suppress(Exception):
                self.source.close()
            with self.state_changed:
                self.has_ended = True
                self.state_changed.notify_all()

    def read_shots(self) -> Iterator[Shot]:
        """
        Yield images, each the latest at its time.

        Raises:
            CameraError: the source stopped delivering before its end.
        """
        while True:
            with self.state_changed:
                has_news = self.state_changed.wait_for(
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
            elif not has_news:
                raise CameraGone(
                    N_("The camera has stopped sending images. Check its cable; the kiosk keeps retrying.")
                )

    def stop_waiting(self) -> None:
        """End `read_shots` at once, even while it waits for an image. Any thread may call this."""
        with self.state_changed:
            self.is_closed = True
            self.state_changed.notify_all()

    def close(self) -> None:
        """Stop reading. The thread of a driver that hangs is left behind; it ends with the process."""
        self.stop_waiting()
        self.thread.join(1.0)
