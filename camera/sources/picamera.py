"""A Raspberry Pi's camera, through picamera2 where that is installed, else through the system's `rpicam-vid`."""

import os
import selectors
import shutil
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

from camera.errors import CameraBusy, CameraGone, NoCamera
from camera.opencv import opencv
from camera.sources.base import Shot

PROGRAMS = ("rpicam-vid", "libcamera-vid")
"""The system's program, by its name of today and the one that it had before."""

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
        from picamera2 import Picamera2

        self.camera: Any = None
        try:
            self.camera = Picamera2()
            size = {"size": (width, height), "format": "RGB888"}  # libcamera's RGB888 is BGR in memory
            self.camera.configure(self.camera.create_video_configuration(main=size))
            self.camera.start()
        except (RuntimeError, IndexError, OSError) as error:
            self.close()
            raise CameraBusy("The Raspberry Pi's camera cannot be opened: check its cable, or what uses it.") from error

    def shots(self) -> Iterator[Shot]:
        """The pictures, see `Source.shots`."""
        try:
            while self.camera is not None:
                yield Shot(self.camera.capture_array("main"))
        except RuntimeError as error:
            raise CameraGone(GONE) from error

    def close(self) -> None:
        """Let go of the camera."""
        if self.camera is not None:
            self.camera.close()
            self.camera = None


class RpicamVid:
    """The camera behind the system's program, which writes JPEG pictures to a pipe."""

    name = "Pi camera"
    kind = "camera"
    is_live = True

    def __init__(self, program: str, width: int, height: int) -> None:
        arguments = ["--timeout", "0", "--nopreview", "--codec", "mjpeg", "--output", "-"]
        size = ["--width", str(width), "--height", str(height)]
        self.process = subprocess.Popen(
            [program, *arguments, *size], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )

    def shots(self) -> Iterator[Shot]:
        """The pictures, see `Source.shots`."""
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


def is_present() -> bool:
    """Whether this machine has what a Pi camera needs."""
    return find_spec("picamera2") is not None or any(shutil.which(name) for name in PROGRAMS)


def picamera(width: int, height: int) -> PiCamera2 | RpicamVid:
    """
    The camera of this Raspberry Pi, asked for pictures of *width* x *height*.

    Raises:
        CameraError: there is none, or it cannot be opened.
    """
    if find_spec("picamera2") is not None:
        return PiCamera2(width, height)
    for name in PROGRAMS:
        if program := shutil.which(name):
            return RpicamVid(program, width, height)
    raise NoCamera("This is no Raspberry Pi with a camera: neither picamera2 nor rpicam-vid is installed.")
