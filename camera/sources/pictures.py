"""Images in files."""

import io
import time
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

from camera.errors import BadPicture, NoCamera
from camera.opencv import load_opencv, silence_stderr
from camera.payload import Frame
from camera.sentences import N_, Sentence
from camera.sources.base import Shot
from camera.sources.jpeg import JPEG_START, MAX_PIXELS

PICTURE_SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff", ".gif", ".ppm", ".pgm"}
"""File suffixes that count as images."""

# The longest side that zxing-cpp accepts.
_MAX_SIDE_PIXELS = 65_535

# An image with more pixels is not read at all; a page scanned at 600 dpi has 35 million. One with more than
# `MAX_PIXELS` is decoded at half its size.
_MAX_FILE_PIXELS = 64_000_000

# First bytes of GIF and WebP files, which OpenCV always decodes in colour with alpha.
_COLOUR_ONLY_MAGIC = (b"GIF8", b"RIFF")

# Such images may have fewer pixels. They take at least six bytes per pixel, whatever is asked for: a GIF of 48 kB once
# took 450 MB.
_MAX_COLOUR_PIXELS = 32_000_000


class PictureFiles:
    """A list of image files, one after another."""

    kind = "pictures"
    is_live = False

    def __init__(self, files: Sequence[Path], *, pause: float = 0.0) -> None:
        """*pause* is how many seconds each image is shown."""
        self.files = files
        self.pause_seconds = pause
        many = Sentence(N_("{count} images"), count=len(files))
        self.name: str = files[0].name if len(files) == 1 else many

    def read_shots(self) -> Iterator[Shot]:
        """Yield the images. A file that is not an image is skipped, because the next one may be."""
        for path in self.files:
            try:
                frame = read_picture(path)
            except BadPicture:
                continue
            yield Shot(frame, path.name, is_still=True)
            time.sleep(self.pause_seconds)

    def close(self) -> None:
        """Do nothing: no file stays open."""


def list_pictures(path: Path) -> list[Path]:
    """
    Return the image files in the folder *path*, by name.

    Raises:
        NoCamera: there are none, or the folder cannot be opened.
    """
    try:
        found = sorted(file for file in path.iterdir() if file.suffix.lower() in PICTURE_SUFFIXES)
    except OSError as error:
        raise NoCamera(N_("Cannot open {path} ({reason})."), path=path, reason=error.strerror) from error
    if not found:
        raise NoCamera(N_("No images in {path}."), path=path)
    return found


def read_picture(path: Path) -> Frame:
    """
    Read the image file *path*: height x width x 3, BGR, uint8.

    Raises:
        BadPicture: it cannot be read as an image.
        NoCamera: OpenCV cannot be loaded.
    """
    import numpy as np

    cv2 = load_opencv()
    try:
        data = np.fromfile(path, np.uint8)
        pixels, is_jpeg = _read_pixel_count(data), bytes(data[:2]) == JPEG_START
        if pixels > (max_pixels := _get_max_pixels(bytes(data[:4]))):
            raise BadPicture(
                N_("{path}: image too large. Reduce it to less than {limit} megapixels."),
                path=path,
                limit=max_pixels // 1_000_000,
            )
        with silence_stderr():
            frame: Frame | None = cv2.imdecode(data, _choose_read_mode(pixels, is_jpeg)) if data.size else None
    except OSError as error:
        raise BadPicture(N_("{path}: cannot be read ({reason})."), path=path, reason=error.strerror) from error
    except cv2.error as error:
        raise BadPicture(N_("{path}: image too large or damaged."), path=path) from error
    if frame is None:
        raise BadPicture(N_("{path}: not an image, or damaged."), path=path)
    if max(frame.shape) > _MAX_SIDE_PIXELS:
        raise BadPicture(
            N_("{path}: image too large. Neither side may exceed {limit} pixels."), path=path, limit=_MAX_SIDE_PIXELS
        )
    if frame.shape[0] * frame.shape[1] > MAX_PIXELS:
        half = (max(1, frame.shape[1] // 2), max(1, frame.shape[0] // 2))
        frame = cv2.resize(frame, half, interpolation=cv2.INTER_AREA)
    in_colour: Frame = frame if frame.ndim == 3 else cv2.cvtColor(frame, cv2.COLOR_GRAY2BGR)
    return in_colour


def _get_max_pixels(start: bytes) -> int:
    """Return how many pixels an image may have whose file begins with the bytes *start*."""
    return _MAX_COLOUR_PIXELS if start in _COLOUR_ONLY_MAGIC else _MAX_FILE_PIXELS


def _read_pixel_count(data: Frame) -> int:
    """Return how many pixels the image's header claims, without decoding it; 0 if only decoding can tell."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data.tobytes())) as picture:
                return picture.width * picture.height
    except Image.DecompressionBombError:
        return _MAX_FILE_PIXELS + 1
    except Exception:  # OpenCV reports whatever is wrong with it
        return 0


def _choose_read_mode(pixels: int, is_jpeg: bool) -> int:
    """Return OpenCV's decoding mode: a large JPEG at half size, other large images in grey, to save memory."""
    cv2 = load_opencv()
    if pixels <= MAX_PIXELS:
        return int(cv2.IMREAD_COLOR)
    return int(cv2.IMREAD_REDUCED_COLOR_2 if is_jpeg else cv2.IMREAD_GRAYSCALE)
