"""
The capture loop: takes images from a source, decodes their codes, and reopens a source that failed.

It runs in a thread of its own, and ends only when the source ends or `stop` is called.
"""

import threading
import time
from collections.abc import Callable, Iterator

from camera.cooldown import CodeCooldown
from camera.errors import CameraError, CameraGone, to_camera_error
from camera.events import CameraEvent, CodesSeen, FrameProcessed, SourceEnded, SourceFailed, SourceWorking
from camera.image_health import FROZEN_IMAGE, ImageHealth
from camera.latest_frame import LatestFrameReader
from camera.payload import Decode
from camera.sources.base import ReadAware, Shot, Source

# How long to wait before a source that failed is opened again.
_REOPEN_SECONDS = 2.0


class CaptureLoop:
    """Watches one source for codes."""

    def __init__(
        self,
        open_source: Callable[[], Source],
        live: Decode,
        still: Decode,
        report_event: Callable[[CameraEvent], None],
        *,
        rest_seconds: float,
        max_fps: float,
    ) -> None:
        """
        *live* decodes the images of a live source, *still* single images; *report_event* gets every event.

        *open_source* raises CameraError while the source is unavailable. *rest_seconds* is how long a code is ignored
        after it was seen last.
        """
        self.open_source = open_source
        self.decode_live = live
        self.decode_still = still
        self.report_event = report_event
        self.cooldown = CodeCooldown(rest_seconds)
        self.min_frame_seconds = 1.0 / max_fps
        self.stop_requested = threading.Event()
        self.latest_frames: LatestFrameReader | None = None
        self.last_failure: str | None = None

    def run(self) -> None:
        """
        Process images until the source ends or `stop` is called. Failures are reported, and the source is reopened.
        """
        while not self.stop_requested.is_set():
            try:
                self.process_source(self._open_source())
                if not self.stop_requested.is_set():
                    self.report_event(SourceEnded())
                return
            except CameraError as error:
                self._report_failure(error.sentence)
                self.stop_requested.wait(_REOPEN_SECONDS)

    def stop(self) -> None:
        """Finish the current image and end the loop."""
        self.stop_requested.set()
        if self.latest_frames is not None:
            self.latest_frames.stop_waiting()

    def _open_source(self) -> Source:
        """
        Open the source.

        Raises:
            CameraError: it cannot be opened, for whatever reason.
        """
        try:
            return self.open_source()
        except (Exception, SystemExit) as error:  # a driver's library may even call sys.exit()
            raise to_camera_error(error) from None

    def process_source(self, source: Source) -> None:
        """
        Process every image of *source*; only the latest ones if the source is live.

        Raises:
            CameraError: the source stopped delivering before its end.
        """
        self.latest_frames = LatestFrameReader(source) if source.is_live else None
        images = self.latest_frames or source
        health = ImageHealth() if source.kind == "camera" else None
        if self.stop_requested.is_set():
            images.close()
            return
        try:
            for shot in _iterate_shots(images):
                if self.stop_requested.is_set():
                    return
                started = time.monotonic()
                self.process_shot(shot, source, health, started)
                if source.is_live:
                    self.stop_requested.wait(max(0.0, self.min_frame_seconds - (time.monotonic() - started)))
        finally:
            images.close()

    def process_shot(self, shot: Shot, source: Source, health: ImageHealth | None, now: float) -> None:
        """Find the codes in one image, and report the new ones, the image, and the camera's health."""
        found = tuple((self.decode_still if shot.is_still else self.decode_live)(shot.frame))
        new = tuple(payload for payload in found if self.cooldown.mark_seen(payload.data, now))
        if new:
            self.report_event(CodesSeen(new, source.kind))
        self.report_event(FrameProcessed(shot.frame, shot.file_name, found))
        if isinstance(source, ReadAware):
            for payload in found:
                source.mark_read(payload.data)
        if health is not None:
            health.check_frame(shot.frame, now)
            if health.problem == FROZEN_IMAGE:
                raise CameraGone(FROZEN_IMAGE)
            if health.problem:
                self._report_failure(health.problem)
                return
        # At the start `last_failure` is None, so that the first image too reports a working source.
        if self.last_failure != "":
            self.last_failure = ""
            self.report_event(SourceWorking(source.name))

    def _report_failure(self, sentence: str) -> None:
        """Report a failure, unless it is the same as the last one."""
        if sentence != self.last_failure:
            self.last_failure = sentence
            self.report_event(SourceFailed(sentence))


def _iterate_shots(images: Source | LatestFrameReader) -> Iterator[Shot]:
    """
    Yield the images.

    Raises:
        CameraError: the source failed, for whatever reason.
    """
    try:
        yield from images.read_shots()
    except Exception as error:
        raise to_camera_error(error) from None
