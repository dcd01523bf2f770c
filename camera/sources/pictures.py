"""Pictures in files."""

import io
import time
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

from camera.errors import BadPicture, NoCamera
from camera.opencv import load_opencv, silence_stderr
from camera.payload import Frame
from camera.sources.base import Shot

PICTURE_SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff", ".gif", ".ppm", ".pgm"}
"""What a file is called that holds a picture."""


_MAX_SIDE_PIXELS = 65_535
"""Pixels of a side: zxing-cpp counts no further."""

JPEG_MAGIC = b"\xff\xd8"
"""How a JPEG picture begins."""

_MAX_PIXELS = 20_000_000
"""Of a picture that is looked at as it is, at some nine bytes each; a larger one is made smaller."""

_MAX_FILE_PIXELS = 64_000_000
"""Of a picture that is read at all; a page at 600 dpi has 35 million."""

_COLOUR_ONLY_MAGIC = (b"GIF8", b"RIFF")
"""How the files of GIF and WebP begin, which OpenCV decodes in colour and with alpha, whatever it is asked for."""

_MAX_COLOUR_PIXELS = 32_000_000
"""Of those, at six bytes each and more: a GIF of 48 kB took 450 MB."""


class PictureFiles:
    """A list of picture files, one after another."""

    kind = "pictures"
    is_live = False

    def __init__(self, files: Sequence[Path], *, pause: float = 0.0) -> None:
        """*pause* is the seconds that each stays."""
        self.files = files
        self.pause_seconds = pause
        self.name = files[0].name if len(files) == 1 else f"{len(files)} pictures"

    def shots(self) -> Iterator[Shot]:
        """The pictures; a file that is none is passed over, for the next may be one."""
        for path in self.files:
            try:
                frame = read_picture(path)
            except BadPicture:
                continue
            yield Shot(frame, path.name, is_still=True)
            time.sleep(self.pause_seconds)

    def close(self) -> None:
        """Nothing stays open."""


def list_pictures(path: Path) -> list[Path]:
    """
    The picture files in the folder *path*, by name.

    Raises:
        NoCamera: there are none, or the folder cannot be opened.
    """
    try:
        found = sorted(file for file in path.iterdir() if file.suffix.lower() in PICTURE_SUFFIXES)
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

    cv2 = load_opencv()
    try:
        data = np.fromfile(path, np.uint8)
        pixels, is_jpeg = _read_pixel_count(data), bytes(data[:2]) == JPEG_MAGIC
        if pixels > (most := _get_max_pixels(bytes(data[:4]))):
            raise BadPicture(f"{path}: it is too large; make it smaller than {most // 1_000_000} megapixels.")
        with silence_stderr():
            frame: Frame | None = cv2.imdecode(data, _choose_read_mode(pixels, is_jpeg)) if data.size else None
    except OSError as error:
        raise BadPicture(f"{path}: it cannot be read ({error.strerror}).") from error
    except cv2.error as error:
        raise BadPicture(f"{path}: it is too large, or damaged.") from error
    if frame is None:
        raise BadPicture(f"{path}: this is not a picture, or it is damaged.")
    if max(frame.shape) > _MAX_SIDE_PIXELS:
        raise BadPicture(f"{path}: it is too large; the decoders take {_MAX_SIDE_PIXELS} pixels a side.")
    if frame.shape[0] * frame.shape[1] > _MAX_PIXELS:
        half = (max(1, frame.shape[1] // 2), max(1, frame.shape[0] // 2))
        frame = cv2.resize(frame, half, interpolation=cv2.INTER_AREA)
    in_colour: Frame = frame if frame.ndim == 3 else cv2.cvtColor(frame, cv2.COLOR_GRAY2BGR)
    return in_colour


def _get_max_pixels(start: bytes) -> int:
    """How many pixels a picture may have whose file begins with the bytes *start*."""
    return _MAX_COLOUR_PIXELS if start in _COLOUR_ONLY_MAGIC else _MAX_FILE_PIXELS


def _read_pixel_count(data: Frame) -> int:
    """How many pixels a picture says that it has, before any of it is decoded; 0 where only decoding can tell."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data.tobytes())) as picture:
                return picture.width * picture.height
    except Image.DecompressionBombError:
        return _MAX_FILE_PIXELS + 1
    except Exception:  # whatever is wrong with it, OpenCV says so
        return 0


def _choose_read_mode(pixels: int, is_jpeg: bool) -> int:
    """How OpenCV is to decode a picture: a large JPEG in half its size, another large one in grey, to save memory."""
    cv2 = load_opencv()
    if pixels <= _MAX_PIXELS:
        return int(cv2.IMREAD_COLOR)
    return int(cv2.IMREAD_REDUCED_COLOR_2 if is_jpeg else cv2.IMREAD_GRAYSCALE)
