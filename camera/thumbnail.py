"""A small version of a frame, for the viewfinder that is drawn with characters."""

from collections.abc import Iterable

from camera.opencv import load_opencv
from camera.payload import Corners, Frame

OUTLINE_BGR = (80, 220, 60)
"""Colour (BGR) of the line around a code that was read."""


def make_thumbnail(
    frame: Frame, width: int, height: int, codes: Iterable[Corners] = (), *, mirrored: bool = False
) -> Frame:
    """
    Crop *frame* to the shape of *width* x *height* and scale it: height x width x 3, **RGB**, uint8.

    The *codes* that were read are outlined. *mirrored* flips it left to right.
    """
    import numpy as np

    cv2 = load_opencv()
    rows, columns = frame.shape[:2]
    scale = max(width / columns, height / rows)
    wide, high = min(columns, max(1, round(width / scale))), min(rows, max(1, round(height / scale)))
    left, top = (columns - wide) // 2, (rows - high) // 2
    # First to twice the target size, so that the outlines survive the second scaling.
    cut, size = frame[top : top + high, left : left + wide], (2 * width, 2 * height)
    small = cv2.resize(cut, size, interpolation=cv2.INTER_AREA)
    if small.ndim == 2:
        small = cv2.cvtColor(small, cv2.COLOR_GRAY2BGR)
    for corners in codes:
        if corners:
            outline = (np.subtract(corners, (left, top)) * np.divide(size, (wide, high))).astype(np.int32)
            cv2.polylines(small, [outline], True, OUTLINE_BGR, 4)
    small = cv2.resize(small, (width, height), interpolation=cv2.INTER_AREA)[:, :, ::-1]
    # People who see themselves expect a mirror.
    return np.ascontiguousarray(small[:, ::-1] if mirrored else small)
