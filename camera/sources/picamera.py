"""
A Raspberry Pi camera: through picamera2 if that works, or else through the system's `rpicam-vid`.

Being installed does not mean that it works: after an update picamera2 often cannot be loaded (its issues 1088, 1170,
1211 and 1362). So each backend is tried until one delivers an image.
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
from camera.sentences import N_, Sentence
from camera.sources.base import Shot
from camera.sources.jpeg import JPEG_END, JPEG_START

log = logging.getLogger(__name__)

# The system's program under its current and its former name.
_CAPTURE_PROGRAMS = ("rpicam-vid", "libcamera-vid")

# The program that lists the cameras, under its current and its former name.
_LIST_PROGRAMS = ("rpicam-hello", "libcamera-hello")

# A line of that list, such as `0 : imx708 [4608x2592 10-bit RGGB] (/base/axi/...)`; a webcam has `usb@` in its path.
_LISTED_CAMERA = re.compile(r"^\s*\d+ : .*\((?!.*usb).*\)\s*$", re.MULTILINE)

# How long that program may take to list the cameras.
_LIST_TIMEOUT_SECONDS = 5.0

# A capture program that writes nothing for this long has hung. It is killed, to free the camera.
SILENCE_SECONDS = 5.0

# The most bytes that are read without an end marker: that many cannot be an image.
MAX_PICTURE_BYTES = 1 << 24

_CAMERA_GONE = N_("The Raspberry Pi camera has stopped sending images. Check its cable; the kiosk keeps retrying.")


class _PiCamera2:
    """The camera through the library picamera2."""

    name: str = Sentence(N_("Pi camera"))
    kind = "camera"
    is_live = True

    def __init__(self, width: int, height: int) -> None:
        """
        Open the camera, and take the first image.

        Raises:
            CameraError: the library does not work, or the camera delivers no image.
        """
        self.camera: Any = None
        try:
            from picamera2 import Picamera2
        except (Exception, SystemExit) as error:  # importing runs third-party code, which may raise anything
            raise CameraGone(
                N_(
                    "picamera2 is installed but does not work ({reason}). "
                    "Run: sudo apt-get install --reinstall python3-picamera2"
                ),
                reason=summarize_error(error),
            ) from error
        try:
            self.camera = Picamera2()
            size = {"size": (width, height), "format": "RGB888"}  # libcamera's RGB888 is BGR in memory
            self.camera.configure(self.camera.create_video_configuration(main=size))
            self.camera.start()
            self.first_frame: Any = self.camera.capture_array("main")
        except (Exception, SystemExit) as error:
            self.close()
            raise CameraBusy(
                N_("The Raspberry Pi camera cannot be opened. Check its cable, and whether another program uses it.")
            ) from error

    def read_shots(self) -> Iterator[Shot]:
        """Yield the images, see `Source.read_shots`."""
        try:
            yield Shot(self.first_frame)
            while self.camera is not None:
                yield Shot(self.camera.capture_array("main"))
        except RuntimeError as error:
            raise CameraGone(_CAMERA_GONE) from error

    def close(self) -> None:
        """Release the camera."""
        camera, self.camera = self.camera, None
        if camera is not None:
            camera.close()


class _RpicamVid:
    """The camera through the system's program, which writes JPEG images to a pipe."""

    name: str = Sentence(N_("Pi camera"))
    kind = "camera"
    is_live = True

    def __init__(self, program: str, width: int, height: int) -> None:
        """
        Start the program, and wait for its first image.

        Raises:
            CameraGone: no image arrives.
            OSError: the program cannot be started.
        """
        arguments = ["--timeout", "0", "--nopreview", "--codec", "mjpeg", "--output", "-"]
        size = ["--width", str(width), "--height", str(height)]
        self.process = subprocess.Popen(
            [program, *arguments, *size], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self.shot_iterator = self._read_program()
        try:
            self.first_shot = next(self.shot_iterator)
        except BaseException:
            self.close()
            raise

    def read_shots(self) -> Iterator[Shot]:
        """Yield the images, see `Source.read_shots`."""
        yield self.first_shot
        yield from self.shot_iterator

    def _read_program(self) -> Iterator[Shot]:
        """
        Yield the images as the program writes them.

        Raises:
            CameraGone: the program ended or hangs.
        """
        import numpy as np

        cv2, buffer = load_opencv(), b""
        while (piece := self.read_chunk()) and len(buffer) < MAX_PICTURE_BYTES:
            buffer += piece
            while (end := buffer.find(JPEG_END)) >= 0:
                picture, buffer = buffer[: end + 2], buffer[end + 2 :]
                start = picture.find(JPEG_START)
                frame = cv2.imdecode(np.frombuffer(picture[max(0, start) :], np.uint8), cv2.IMREAD_COLOR)
                if frame is not None:
                    yield Shot(frame)
        raise CameraGone(_CAMERA_GONE)

    def read_chunk(self) -> bytes:
        """Return the next bytes that the program writes; none if it has ended or hangs."""
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
    """Return whether this machine has a library or program for a Pi camera."""
    return bool(_find_backends())


def detect_ribbon_camera() -> bool:
    """Ask the system's program whether a Pi camera is connected by its ribbon cable."""
    for name in _LIST_PROGRAMS:
        if program := shutil.which(name):
            try:
                listing = subprocess.run(
                    [program, "--list-cameras"],
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                    timeout=_LIST_TIMEOUT_SECONDS,
                    check=False,
                )
            except (OSError, subprocess.TimeoutExpired):
                return False
            return (
                _LISTED_CAMERA.search((listing.stdout + b"\n" + listing.stderr).decode("utf-8", "replace")) is not None
            )
    return False


def open_picamera(width: int, height: int) -> _PiCamera2 | _RpicamVid:
    """
    Open the camera of this Raspberry Pi, requesting images of *width* x *height*.

    Raises:
        CameraError: there is no camera, or no backend works; the sentence is about the first backend.
    """
    first_error: CameraError | None = None
    for name, open_backend in _find_backends():
        try:
            source = open_backend(width, height)
        except CameraError as error:
            first_error = first_error or error
        except OSError as error:
            first_error = first_error or CameraGone(
                N_("{program} cannot be started ({reason}). The kiosk keeps retrying."),
                program=name,
                reason=summarize_error(error),
            )
        else:
            if first_error is not None:
                log_once(log, f"{first_error} Using {name} instead.")
            return source
    raise first_error or NoCamera(
        N_("No support for a Raspberry Pi camera: neither picamera2 nor rpicam-vid is installed.")
    )


def _find_backends() -> list[tuple[str, _OpenPiCamera]]:
    """Return the backends that may work on this machine, the better one first, as names and functions."""
    backends: list[tuple[str, _OpenPiCamera]] = []
    if _has_library():
        backends.append(("picamera2", _PiCamera2))
    for name in _CAPTURE_PROGRAMS:
        if program := shutil.which(name):
            backends.append((name, lambda width, height, program=program: _RpicamVid(program, width, height)))  # type: ignore[misc]
            break
    return backends


def _has_library() -> bool:
    """Return whether picamera2 is installed; a damaged package counts, so that its error is reported."""
    try:
        return find_spec("picamera2") is not None
    except (ImportError, ValueError):
        return True
