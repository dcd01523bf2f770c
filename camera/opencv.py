"""
OpenCV, set up once and only when it is needed: one thread, short waits, and silent.

Whatever C code prints would land on the kiosk's screen.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from types import ModuleType

from camera.errors import NoCamera, summarize_error

_OPENCV_ENVIRONMENT = {
    "OPENCV_LOG_LEVEL": "OFF",
    "OPENCV_FFMPEG_LOGLEVEL": "-8",
    "OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT": "3",
    "OPENCV_IO_MAX_IMAGE_PIXELS": str(1 << 26),  # looked at in a picture's header, before memory is taken for it
}
"""Read by OpenCV when it is loaded."""


@cache
def load_opencv() -> ModuleType:
    """The module `cv2`."""
    for name, value in _OPENCV_ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    try:
        import cv2
    except (ImportError, OSError) as error:  # a library of the system that it needs is missing, as libGL often is
        why = summarize_error(error)
        raise NoCamera(f"OpenCV cannot be loaded ({why}): end the kiosk, and start it with make run.") from error

    cv2.setNumThreads(1)
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)  # also where it was loaded before
    return cv2


@contextmanager
def silence_stderr() -> Iterator[None]:
    """
    What is written to file descriptor 2 meanwhile goes nowhere.

    libjpeg and libpng tell there of damage, whatever OpenCV is told. It holds for the whole process: for single
    pictures, not for what runs all day.
    """
    try:
        before = os.dup(2)
    except OSError:  # it is closed: nothing can be written
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    try:
        yield
    finally:
        os.dup2(before, 2)
        os.close(before)
