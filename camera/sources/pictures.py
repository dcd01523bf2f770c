"""Pictures in files."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from camera.errors import BadPicture, NoCamera
from camera.opencv import opencv, silent
from camera.payload import Frame
from camera.sources.base import Shot

SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff", ".gif", ".ppm", ".pgm"}
"""What a file is called that holds a picture."""


LONGEST = 65_535
"""Pixels of a side: zxing-cpp counts no further."""


class Pictures:
    """A list of picture files, one after another."""

    kind = "pictures"
    is_live = False

    def __init__(self, files: Sequence[Path], *, pause: float = 0.0) -> None:
        """*pause* is the seconds that each stays."""
        self.files = files
        self.pause = pause
        self.name = files[0].name if len(files) == 1 else f"{len(files)} pictures"

    def shots(self) -> Iterator[Shot]:
        """The pictures; a file that is none is passed over, for the next may be one."""
        for path in self.files:
            try:
                frame = read_picture(path)
            except BadPicture:
                continue
            yield Shot(frame, path.name, is_still=True)
            time.sleep(self.pause)

    def close(self) -> None:
        """Nothing stays open."""


def folder(path: Path) -> list[Path]:
    """
    The picture files in the folder *path*, by name.

    Raises:
        NoCamera: there are none, or the folder cannot be opened.
    """
    try:
        found = sorted(file for file in path.iterdir() if file.suffix.lower() in SUFFIXES)
    except OSError as error:
        raise NoCamera(f"{path}: it cannot be opened ({error.strerror}).") from error
    if not found:
        raise NoCamera(f"There are no pictures in {path}.")
    return found


def read_picture(path: Path) -> Frame:
    """
    The picture in the file *path*: height x width x 3, BGR, uint8.

    Raises:
        BadPicture: it cannot be read as one.
    """
    import numpy as np

    cv2 = opencv()
    try:
        data = np.fromfile(path, np.uint8)
        with silent():
            frame: Frame | None = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    except OSError as error:
        raise BadPicture(f"{path}: it cannot be read ({error.strerror}).") from error
    except cv2.error as error:
        raise BadPicture(f"{path}: it is too large, or damaged.") from error
    if frame is None:
        raise BadPicture(f"{path}: this is not a picture, or it is damaged.")
    if max(frame.shape) > LONGEST:
        raise BadPicture(f"{path}: it is too large; the decoders take {LONGEST} pixels a side.")
    return frame
