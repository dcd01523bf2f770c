"""What OpenCV opens: V4L2 cameras, video files, and network streams."""

import os
import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from camera.errors import BadPicture, CameraBusy, CameraGone, NoCamera
from camera.opencv import load_opencv
from camera.sentences import N_, Sentence
from camera.sources.base import Shot
from camera.sources.jpeg import MAX_MEGAPIXELS, MAX_PIXELS
from camera.sources.mjpeg import STREAM_BROKEN, STREAM_BROKEN_ONCE, STREAM_TOO_LARGE, MotionJpegSource, NotMotionJpeg

_STREAM_SILENT = N_("The stream from {host} does not respond. The kiosk keeps retrying.")
_STREAM_SILENT_ONCE = N_("The stream from {host} does not respond.")

STREAM_TIMEOUT_MS = 6000
"""How long a stream may send nothing."""


class _OpenCvSource:
    """A source behind `cv2.VideoCapture`."""

    def __init__(
        self, capture: Any, name: str, kind: str, lost_error: CameraGone | None, *, pause: float = 0.0
    ) -> None:
        """
        *lost_error* is raised if images stop arriving; None for a source that has an end. *pause* is the seconds
        between images.
        """
        self.capture = capture
        self.name = name
        self.kind = kind
        self.lost_error = lost_error
        self.pause_seconds = pause
        self.is_live = lost_error is not None

    def read_shots(self) -> Iterator[Shot]:
        """Yield the images, see `Source.read_shots`."""
        due = time.monotonic()
        while self.capture.isOpened():
            is_read, frame = self.capture.read()
            if not is_read or frame is None:
                break
            yield Shot(frame)
            if self.pause_seconds:
                due += self.pause_seconds
                time.sleep(max(0.0, due - time.monotonic()))
        if self.lost_error is not None:
            raise self.lost_error

    def close(self) -> None:
        """Release the device or file."""
        self.capture.release()


def open_device(path: Path, width: int, height: int) -> _OpenCvSource:
    """
    Open the camera at *path*, such as `/dev/video0`, requesting images of *width* x *height*.

    Raises:
        CameraError: it delivers none.
    """
    number = path.name.removeprefix("video")
    if not path.exists():
        raise NoCamera(
            N_("Camera {number} not found. Plug it in and it will be picked up automatically."),
            once=N_("Camera {number} not found."),
            number=number,
        )
    if not os.access(path, os.R_OK | os.W_OK):
        raise CameraBusy(
            N_("No permission to use camera {number}. Add this user to the group 'video' and sign in again."),
            number=number,
        )
    cv2 = load_opencv()
    capture = cv2.VideoCapture(str(path.resolve()), cv2.CAP_V4L2)
    if not capture.isOpened():
        capture.release()
        raise CameraBusy(N_("Camera {number} cannot be opened. Another program may be using it."), number=number)
    capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
    capture.set(cv2.CAP_PROP_FRAME_WIDTH, width)
    capture.set(cv2.CAP_PROP_FRAME_HEIGHT, height)
    capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
    if not capture.read()[0]:
        capture.release()
        raise CameraBusy(N_("Camera {number} sends no images. Another program may be using it."), number=number)
    unplugged = CameraGone(
        N_("Camera {number} was unplugged. Plug it back in and it will be picked up automatically."), number=number
    )
    return _OpenCvSource(capture, Sentence(N_("camera {number}"), number=number), "camera", unplugged)


def open_video(path: Path, *, in_real_time: bool) -> _OpenCvSource:
    """
    Open the video file at *path*; *in_real_time* plays it at its own speed, otherwise as fast as possible.

    Raises:
        BadPicture: it is not a readable video.
    """
    cv2 = load_opencv()
    capture = cv2.VideoCapture(str(path))
    if not capture.isOpened():
        raise BadPicture(N_("{name} cannot be read as an image or a video."), name=path.name)
    if _is_too_large(capture):
        capture.release()
        raise BadPicture(
            N_("{name}: its images are too large. Reduce them to less than {limit} megapixels."),
            name=path.name,
            limit=MAX_MEGAPIXELS,
        )
    rate = capture.get(cv2.CAP_PROP_FPS)
    pause = 1.0 / rate if in_real_time and 1.0 <= rate <= 240.0 else 0.0
    return _OpenCvSource(capture, path.name, "video", None, pause=pause)


def open_stream(url: str) -> _OpenCvSource | MotionJpegSource:
    """
    Open the RTSP or HTTP (MJPEG) stream at *url*.

    Raises:
        NoCamera: nothing answers.
        CameraGone: its images are too large.
    """
    host = extract_host(url)
    if url.startswith("http://"):
        try:
            return MotionJpegSource(url, host, STREAM_TIMEOUT_MS / 1000)
        except OSError:
            raise NoCamera(_STREAM_SILENT, once=_STREAM_SILENT_ONCE, host=host) from None
        except (NotMotionJpeg, ValueError):
            pass  # FFmpeg may know what it is: another way to sign in, another format, a redirect
    cv2 = load_opencv()
    waits: Sequence[int] = (
        cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, STREAM_TIMEOUT_MS, cv2.CAP_PROP_READ_TIMEOUT_MSEC, STREAM_TIMEOUT_MS,
        cv2.CAP_PROP_N_THREADS, 1,
    )  # fmt: skip
    capture = cv2.VideoCapture(url, cv2.CAP_FFMPEG, waits)
    if not capture.isOpened():
        raise NoCamera(_STREAM_SILENT, once=_STREAM_SILENT_ONCE, host=host)
    if _is_too_large(capture):
        capture.release()
        raise CameraGone(STREAM_TOO_LARGE, host=host, limit=MAX_MEGAPIXELS)
    name: str = Sentence(N_("stream from {host}"), host=host)
    return _OpenCvSource(capture, name, "stream", CameraGone(STREAM_BROKEN, once=STREAM_BROKEN_ONCE, host=host))


def _is_too_large(capture: Any) -> bool:
    """Return whether the images of an open source have too many pixels for the memory."""
    cv2 = load_opencv()
    pixels = capture.get(cv2.CAP_PROP_FRAME_WIDTH) * capture.get(cv2.CAP_PROP_FRAME_HEIGHT)
    return bool(pixels > MAX_PIXELS)


def redact_source(name: str) -> str:
    """Return the *name* of a source as it may be shown: of a URL, even a mistyped one, only scheme and host."""
    scheme, is_url, _ = name.partition("://")
    if is_url:
        return f"{scheme}://{extract_host(name)}" if scheme.isalnum() else extract_host(name)
    if "@" in name:
        return name.rpartition("@")[2].partition("/")[0]
    return name.partition("?")[0]


def extract_host(url: str) -> str:
    """Return the host of the stream at *url* as it may be shown: without user, password and path."""
    authority = re.sub(r"^\w+://", "", url)
    found = re.match(r"(?:[^/?#]*@)?(\[[0-9a-fA-F:.]*\]|[\w.-]*)(:\d+)?(?=[/?#]|$)", authority)
    shown = "".join(part or "" for part in found.groups()) if found else ""
    return shown or N_("the network")
