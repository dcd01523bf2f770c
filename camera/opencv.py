"""
OpenCV, set up once and only when it is needed: one thread, short waits, and silent.

Whatever C code prints would land on the kiosk's screen.
"""

import os
from functools import cache
from types import ModuleType

QUIET = {
    "OPENCV_LOG_LEVEL": "OFF",
    "OPENCV_FFMPEG_LOGLEVEL": "-8",
    "OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT": "3",
}
"""Read by OpenCV when it is loaded."""


@cache
def opencv() -> ModuleType:
    """The module `cv2`."""
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    import cv2

    cv2.setNumThreads(1)
    return cv2
