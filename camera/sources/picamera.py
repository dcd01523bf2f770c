"""
A Raspberry Pi's camera, through picamera2 where that works, else through the system's `rpicam-vid`.

That a library or a program is there does not mean that it works: after an update picamera2 often cannot be loaded
(its issues 1088, 1170, 1211 and 1362). Each way is tried, until one gives a picture.
"""

import logging
import os
import re
import selectors
import shutil
import subprocess
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import Any, TypeAlias

from camera.errors import CameraBusy, CameraError, CameraGone, NoCamera, summarize_error
from camera.log_once import log_once
from camera.opencv import load_opencv
from camera.sources.base import Shot

log = logging.getLogger(__name__)

_CAPTURE_PROGRAMS = ("rpicam-vid", "libcamera-vid")
"""The system's program, by its name of today and the one that it had before."""

_LIST_PROGRAMS = ("rpicam-hello", "libcamera-hello")
"""What lists the cameras, by its two names."""

_LISTED_CAMERA = re.compile(r"^\s*\d+ : .*\((?!.*usb).*\)\s*$", re.MULTILINE)
"""A line of that list, such as `0 : imx708 [4608x2592 10-bit RGGB] (/base/axi/...)`; a webcam is at some `usb@...`."""

_LIST_TIMEOUT_SECONDS = 5.0
"""How long listing may take."""

_JPEG_START, JPEG_END = b"\xff\xd8", b"\xff\xd9"
"""The first and last two bytes of a JPEG picture."""

SILENCE_SECONDS = 5.0
"""Seconds without a byte after which the program counts as hung: it is ended, so that the camera is free again."""

MAX_PICTURE_BYTES = 1 << 24
"""Bytes that one picture may have; more without an end are no pictures."""

_CAMERA_GONE = "The Raspberry Pi's camera gives no more pictures: check its cable; it is tried again by itself."


class _PiCamera2:
    """The camera behind the library picamera2."""

    name = "Pi camera"
    kind = "camera"
    is_live = True

    def __init__(self, width: int, height: int) -> None:
        """
        Open it, and take the first picture.

        Raises:
            CameraError: the library does not work, or the camera gives no picture.
        """
        self.camera: Any = None
        try:
            from picamera2 import Picamera2
        except (Exception, SystemExit) as error:  # it runs other people's code, which raises whatever it likes
            raise CameraGone(
                f"picamera2 is installed and cannot be used ({summarize_error(error)}): "
                "run sudo apt-get install --reinstall python3-picamera2."
            ) from error
        try:
            self.camera = Picamera2()
            size = {"size": (width, height), "format": "RGB888"}  # libcamera's RGB888 is BGR in memory
            self.camera.configure(self.camera.create_video_configuration(main=size))
            self.camera.start()
            self.first_frame: Any = self.camera.capture_array("main")
        except (Exception, SystemExit) as error:
            self.close()
            raise CameraBusy("The Raspberry Pi's camera cannot be opened: check its cable, or what uses it.") from error

    def shots(self) -> Iterator[Shot]:
        """The pictures, see `Source.shots`."""
        try:
            yield Shot(self.first_frame)
            while self.camera is not None:
                yield Shot(self.camera.capture_array("main"))
        except RuntimeError as error:
            raise CameraGone(_CAMERA_GONE) from error

    def close(self) -> None:
        """Let go of the camera."""
        camera, self.camera = self.camera, None
        if camera is not None:
            camera.close()


class _RpicamVid:
    """The camera behind the system's program, which writes JPEG pictures to a pipe."""

    name = "Pi camera"
    kind = "camera"
    is_live = True

    def __init__(self, program: str, width: int, height: int) -> None:
        """
        Start the program, and wait for its first picture.

        Raises:
            CameraGone: none comes.
            OSError: the program cannot be started.
        """
        arguments = ["--timeout", "0", "--nopreview", "--codec", "mjpeg", "--output", "-"]
        size = ["--width", str(width), "--height", str(height)]
        self.process = subprocess.Popen(
            [program, *arguments, *size], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self.shot_iterator = self.read_shots()
        try:
            self.first_shot = next(self.shot_iterator)
        except BaseException:
            self.close()
            raise

    def shots(self) -> Iterator[Shot]:
        """The pictures, see `Source.shots`."""
        yield self.first_shot
        yield from self.shot_iterator

    def read_shots(self) -> Iterator[Shot]:
        """
        The pictures, as the program writes them.

        Raises:
            CameraGone: there are no more.
        """
        import numpy as np

        cv2, buffer = load_opencv(), b""
        while (piece := self.read_chunk()) and len(buffer) < MAX_PICTURE_BYTES:
            buffer += piece
            while (end := buffer.find(JPEG_END)) >= 0:
                picture, buffer = buffer[: end + 2], buffer[end + 2 :]
                start = picture.find(_JPEG_START)
                frame = cv2.imdecode(np.frombuffer(picture[max(0, start) :], np.uint8), cv2.IMREAD_COLOR)
                if frame is not None:
                    yield Shot(frame)
        raise CameraGone(_CAMERA_GONE)

    def read_chunk(self) -> bytes:
        """The next bytes that the program writes; none when it has ended or hangs."""
        pipe = self.process.stdout
        if pipe is None or pipe.closed:
            return b""
        with selectors.DefaultSelector() as selector:
            selector.register(pipe, selectors.EVENT_READ)
            return os.read(pipe.fileno(), 1 << 18) if selector.select(SILENCE_SECONDS) else b""

    def close(self) -> None:
        """Stop the program."""
        self.process.kill()
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()


_OpenPiCamera: TypeAlias = Callable[[int, int], "_PiCamera2 | _RpicamVid"]


def has_pi_camera_support() -> bool:
    """Whether this machine may have what a Pi camera needs."""
    return bool(_find_backends())


def detect_ribbon_camera() -> bool:
    """Whether the system's program lists a camera of the Pi's own, on its ribbon cable."""
    for name in _LIST_PROGRAMS:
        if program := shutil.which(name):
            try:
                done = subprocess.run(
                    [program, "--list-cameras"],
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                    timeout=_LIST_TIMEOUT_SECONDS,
                    check=False,
                )
            except (OSError, subprocess.TimeoutExpired):
                return False
            return _LISTED_CAMERA.search((done.stdout + b"\n" + done.stderr).decode("utf-8", "replace")) is not None
    return False


def open_picamera(width: int, height: int) -> _PiCamera2 | _RpicamVid:
    """
    The camera of this Raspberry Pi, asked for pictures of *width* x *height*.

    Raises:
        CameraError: there is no camera, or no way to it works; the sentence is of the first way.
    """
    trouble: CameraError | None = None
    for name, way in _find_backends():
        try:
            source = way(width, height)
        except CameraError as error:
            trouble = trouble or error
        except OSError as error:
            trouble = trouble or CameraGone(
                f"{name} cannot be started ({summarize_error(error)}); it is tried again by itself."
            )
        else:
            if trouble is not None:
                log_once(log, f"{trouble} {name} is used in its place.")
            return source
    raise trouble or NoCamera("No Raspberry Pi camera here: neither picamera2 nor rpicam-vid is installed.")


def _find_backends() -> list[tuple[str, _OpenPiCamera]]:
    """The ways to the camera that may work on this machine, the better one first."""
    ways: list[tuple[str, _OpenPiCamera]] = []
    if _has_library():
        ways.append(("picamera2", _PiCamera2))
    for name in _CAPTURE_PROGRAMS:
        if program := shutil.which(name):
            ways.append((name, lambda width, height, program=program: _RpicamVid(program, width, height)))  # type: ignore[misc]
            break
    return ways


def _has_library() -> bool:
    """Whether picamera2 is installed; a package that is damaged counts, for then it is to be said."""
    try:
        return find_spec("picamera2") is not None
    except (ImportError, ValueError):
        return True
