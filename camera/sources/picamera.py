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

from camera.errors import CameraBusy, CameraError, CameraGone, NoCamera, one_line
from camera.once import log_once
from camera.opencv import opencv
from camera.sources.base import Shot

log = logging.getLogger(__name__)

PROGRAMS = ("rpicam-vid", "libcamera-vid")
"""The system's program, by its name of today and the one that it had before."""

LISTERS = ("rpicam-hello", "libcamera-hello")
"""What lists the cameras, by its two names."""

LISTED = re.compile(r"^\s*\d+ : .*\((?!.*usb).*\)\s*$", re.MULTILINE)
"""A line of that list, such as `0 : imx708 [4608x2592 10-bit RGGB] (/base/axi/...)`; a webcam is at some `usb@...`."""

LIST_SECONDS = 5.0
"""How long listing may take."""

START, END = b"\xff\xd8", b"\xff\xd9"
"""The first and last two bytes of a JPEG picture."""

SILENCE = 5.0
"""Seconds without a byte after which the program counts as hung: it is ended, so that the camera is free again."""

LARGEST = 1 << 24
"""Bytes that one picture may have; more without an end are no pictures."""

GONE = "The Raspberry Pi's camera gives no more pictures: check its cable; it is tried again by itself."


class PiCamera2:
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
                f"picamera2 is installed and cannot be used ({one_line(error)}): "
                "run sudo apt-get install --reinstall python3-picamera2."
            ) from error
        try:
            self.camera = Picamera2()
            size = {"size": (width, height), "format": "RGB888"}  # libcamera's RGB888 is BGR in memory
            self.camera.configure(self.camera.create_video_configuration(main=size))
            self.camera.start()
            self.first: Any = self.camera.capture_array("main")
        except (Exception, SystemExit) as error:
            self.close()
            raise CameraBusy("The Raspberry Pi's camera cannot be opened: check its cable, or what uses it.") from error

    def shots(self) -> Iterator[Shot]:
        """The pictures, see `Source.shots`."""
        try:
            yield Shot(self.first)
            while self.camera is not None:
                yield Shot(self.camera.capture_array("main"))
        except RuntimeError as error:
            raise CameraGone(GONE) from error

    def close(self) -> None:
        """Let go of the camera."""
        camera, self.camera = self.camera, None
        if camera is not None:
            camera.close()


class RpicamVid:
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
        self.pictures = self.read()
        try:
            self.first = next(self.pictures)
        except BaseException:
            self.close()
            raise

    def shots(self) -> Iterator[Shot]:
        """The pictures, see `Source.shots`."""
        yield self.first
        yield from self.pictures

    def read(self) -> Iterator[Shot]:
        """
        The pictures, as the program writes them.

        Raises:
            CameraGone: there are no more.
        """
        import numpy as np

        cv2, buffer = opencv(), b""
        while (piece := self.piece()) and len(buffer) < LARGEST:
            buffer += piece
            while (end := buffer.find(END)) >= 0:
                picture, buffer = buffer[: end + 2], buffer[end + 2 :]
                start = picture.find(START)
                frame = cv2.imdecode(np.frombuffer(picture[max(0, start) :], np.uint8), cv2.IMREAD_COLOR)
                if frame is not None:
                    yield Shot(frame)
        raise CameraGone(GONE)

    def piece(self) -> bytes:
        """The next bytes that the program writes; none when it has ended or hangs."""
        pipe = self.process.stdout
        if pipe is None or pipe.closed:
            return b""
        with selectors.DefaultSelector() as selector:
            selector.register(pipe, selectors.EVENT_READ)
            return os.read(pipe.fileno(), 1 << 18) if selector.select(SILENCE) else b""

    def close(self) -> None:
        """Stop the program."""
        self.process.kill()
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()


Way: TypeAlias = Callable[[int, int], "PiCamera2 | RpicamVid"]


def is_present() -> bool:
    """Whether this machine may have what a Pi camera needs."""
    return bool(_ways())


def lists_a_camera() -> bool:
    """Whether the system's program lists a camera of the Pi's own, on its ribbon cable."""
    for name in LISTERS:
        if program := shutil.which(name):
            try:
                done = subprocess.run(
                    [program, "--list-cameras"],
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                    timeout=LIST_SECONDS,
                    check=False,
                )
            except (OSError, subprocess.TimeoutExpired):
                return False
            return LISTED.search((done.stdout + b"\n" + done.stderr).decode("utf-8", "replace")) is not None
    return False


def picamera(width: int, height: int) -> PiCamera2 | RpicamVid:
    """
    The camera of this Raspberry Pi, asked for pictures of *width* x *height*.

    Raises:
        CameraError: there is no camera, or no way to it works; the sentence is of the first way.
    """
    trouble: CameraError | None = None
    for name, way in _ways():
        try:
            source = way(width, height)
        except CameraError as error:
            trouble = trouble or error
        except OSError as error:
            trouble = trouble or CameraGone(
                f"{name} cannot be started ({one_line(error)}); it is tried again by itself."
            )
        else:
            if trouble is not None:
                log_once(log, f"{trouble} {name} is used in its place.")
            return source
    raise trouble or NoCamera("No Raspberry Pi camera here: neither picamera2 nor rpicam-vid is installed.")


def _ways() -> list[tuple[str, Way]]:
    """The ways to the camera that may work on this machine, the better one first."""
    ways: list[tuple[str, Way]] = []
    if _has_library():
        ways.append(("picamera2", PiCamera2))
    for name in PROGRAMS:
        if program := shutil.which(name):
            ways.append((name, lambda width, height, program=program: RpicamVid(program, width, height)))  # type: ignore[misc]
            break
    return ways


def _has_library() -> bool:
    """Whether picamera2 is installed; a package that is damaged counts, for then it is to be said."""
    try:
        return find_spec("picamera2") is not None
    except (ImportError, ValueError):
        return True
