"""What OpenCV opens: cameras of V4L2, video files, and streams of the network."""

import os
import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from camera.errors import BadPicture, CameraBusy, CameraGone, NoCamera
from camera.opencv import load_opencv
from camera.sources.base import Shot
from camera.sources.mjpeg import MAX_PIXELS, MotionJpegSource, NotMotionJpeg

STREAM_TIMEOUT_MS = 6000
"""How long a stream may keep silent."""


class _OpenCvSource:
    """A source behind `cv2.VideoCapture`."""

    def __init__(
        self, capture: Any, name: str, kind: str, gone: str, *, pause: float = 0.0, ends: bool = False
    ) -> None:
        """*gone* is what to say when pictures cease, unless the source *ends*; *pause* is seconds between two."""
        self.capture = capture
        self.name = name
        self.kind = kind
        self.gone_message = gone
        self.pause_seconds = pause
        self.is_finite = ends
        self.is_live = not ends

    def shots(self) -> Iterator[Shot]:
        """The pictures, see `Source.shots`."""
        due = time.monotonic()
        while self.capture.isOpened():
            came, frame = self.capture.read()
            if not came or frame is None:
                break
            yield Shot(frame)
            if self.pause_seconds:
                due += self.pause_seconds
                time.sleep(max(0.0, due - time.monotonic()))
        if not self.is_finite:
            raise CameraGone(self.gone_message)

    def close(self) -> None:
        """Let go of it."""
        self.capture.release()


def open_device(path: Path, width: int, height: int) -> _OpenCvSource:
    """
    The camera at *path*, such as `/dev/video0`, asked for pictures of *width* x *height*.

    Raises:
        CameraError: it gives none.
    """
    name = f"camera {path.name.removeprefix('video')}"
    if not path.exists():
        raise NoCamera(f"There is no {name}: plug it in; it is found by itself.")
    if not os.access(path, os.R_OK | os.W_OK):
        raise CameraBusy(f"This user may not use {name}: add them to the group 'video' and sign in again.")
    cv2 = load_opencv()
    capture = cv2.VideoCapture(str(path.resolve()), cv2.CAP_V4L2)
    if not capture.isOpened():
        capture.release()
        raise CameraBusy(f"{name.capitalize()} cannot be opened: another program may be using it.")
    capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
    capture.set(cv2.CAP_PROP_FRAME_WIDTH, width)
    capture.set(cv2.CAP_PROP_FRAME_HEIGHT, height)
    capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
    if not capture.read()[0]:
        capture.release()
        raise CameraBusy(f"{name.capitalize()} gives no picture: another program may be using it.")
    return _OpenCvSource(
        capture, name, "camera", f"{name.capitalize()} is gone: plug it in again; it is found by itself."
    )


def open_video(path: Path, *, in_real_time: bool) -> _OpenCvSource:
    """
    The video file at *path*; *in_real_time* shows it as fast as it was filmed, else it goes as fast as it can.

    Raises:
        BadPicture: it is no video that can be read.
    """
    cv2 = load_opencv()
    capture = cv2.VideoCapture(str(path))
    if not capture.isOpened():
        raise BadPicture(f"{path.name} cannot be read as a picture or a video.")
    if _is_too_large(capture):
        capture.release()
        raise BadPicture(f"{path.name}: its pictures are too large; make them smaller than 20 megapixels.")
    rate = capture.get(cv2.CAP_PROP_FPS)
    pause = 1.0 / rate if in_real_time and 1.0 <= rate <= 240.0 else 0.0
    return _OpenCvSource(capture, path.name, "video", "", pause=pause, ends=True)


def open_stream(url: str) -> _OpenCvSource | MotionJpegSource:
    """
    The RTSP or HTTP (MJPEG) stream at *url*.

    Raises:
        NoCamera: nothing answers there.
    """
    host = extract_host(url)
    if url.startswith("http://"):
        try:
            return MotionJpegSource(url, host, STREAM_TIMEOUT_MS / 1000)
        except OSError:
            raise NoCamera(f"The stream of {host} does not answer; it is tried again by itself.") from None
        except (NotMotionJpeg, ValueError):
            pass  # FFmpeg may know what it is: another sign-in, another format, another address
    cv2 = load_opencv()
    waits: Sequence[int] = (
        cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, STREAM_TIMEOUT_MS, cv2.CAP_PROP_READ_TIMEOUT_MSEC, STREAM_TIMEOUT_MS,
        cv2.CAP_PROP_N_THREADS, 1,
    )  # fmt: skip
    capture = cv2.VideoCapture(url, cv2.CAP_FFMPEG, waits)
    if not capture.isOpened():
        raise NoCamera(f"The stream of {host} does not answer; it is tried again by itself.")
    if _is_too_large(capture):
        capture.release()
        raise CameraGone(
            f"The stream of {host} sends pictures of over 20 megapixels: set its camera to a smaller size."
        )
    gone = f"The stream of {host} broke off; it is tried again by itself."
    return _OpenCvSource(capture, f"stream of {host}", "stream", gone)


def _is_too_large(capture: Any) -> bool:
    """Whether the pictures of an open source have more pixels than there is memory for."""
    cv2 = load_opencv()
    pixels = capture.get(cv2.CAP_PROP_FRAME_WIDTH) * capture.get(cv2.CAP_PROP_FRAME_HEIGHT)
    return bool(pixels > MAX_PIXELS)


def redact_source(name: str) -> str:
    """The *name* of a source as it may be shown: of a URL, also of one that is mistyped, the scheme and the host."""
    scheme, is_url, _ = name.partition("://")
    if is_url:
        return f"{scheme}://{extract_host(name)}" if scheme.isalnum() else f"stream of {extract_host(name)}"
    if "@" in name:
        return name.rpartition("@")[2].partition("/")[0]
    return name.partition("?")[0]


def extract_host(url: str) -> str:
    """Where the stream at *url* comes from, as it may be shown: without the user, the password and the path."""
    authority = re.sub(r"^\w+://", "", url)
    found = re.match(r"(?:[^/?#]*@)?(\[[0-9a-fA-F:.]*\]|[\w.-]*)(:\d+)?(?=[/?#]|$)", authority)
    shown = "".join(part or "" for part in found.groups()) if found else ""
    return shown or "the network"
