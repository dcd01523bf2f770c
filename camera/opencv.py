"""OpenCV, loaded only when needed; set up to use one thread, to wait only briefly for cameras, and to print nothing."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from types import ModuleType

from camera.errors import NoCamera, summarize_error
from camera.sentences import N_

# OpenCV reads these when it is loaded. Whatever its C code printed would land on the kiosk's screen.
_OPENCV_ENVIRONMENT = {
    "OPENCV_LOG_LEVEL": "OFF",
    "OPENCV_FFMPEG_LOGLEVEL": "-8",
    "OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT": "3",
    "OPENCV_IO_MAX_IMAGE_PIXELS": str(1 << 26),  # checked in an image's header, before memory is allocated for it
}


@cache
def load_opencv() -> ModuleType:
    """
    Return the module `cv2`.

    Raises:
        NoCamera: OpenCV cannot be loaded.
    """
    for name, value in _OPENCV_ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    try:
        import cv2
    except (ImportError, OSError) as error:  # a system library that it needs is missing, often libGL
        raise NoCamera(
            N_("OpenCV cannot be loaded ({reason}). Close the kiosk and start it with make run."),
            reason=summarize_error(error),
        ) from error

    cv2.setNumThreads(1)
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)  # in case something loaded it before us
    return cv2


@contextmanager
def silence_stderr() -> Iterator[None]:
    """
    Discard what is written to file descriptor 2, for the whole process.

    For reading single images only: errors that other threads print meanwhile are lost, too.
    """
    # libjpeg and libpng print warnings about damaged files there, regardless of OpenCV's log level.
    try:
        before = os.dup(2)
    except OSError:  # closed, so nothing can be printed
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
