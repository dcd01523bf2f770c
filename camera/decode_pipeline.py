"""
The decode pipeline: prepares an image in several ways until a code in it can be read.

The ways are ordered by how many more codes each made readable when it was measured. A live image is tried as it is and
with one of the preparations in rotation, which costs a few milliseconds; a still image gets all of them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from camera.opencv import load_opencv
from camera.payload import Decode, Frame, Payload

# Takes cv2 and a grey image, returns a grey image.
_Preparation = Callable[[Any, Frame], Frame]

# Doubling the size only helps images whose longer side is shorter than this.
_UPSCALE_BELOW_PIXELS = 900

# Aztec, Data Matrix, PDF417 and Micro QR are searched in every fourth live image only: they take as long as all the
# rest.
_FULL_DECODE_EVERY_FRAMES = 4

# How many identical reads in a row a live barcode needs, because barcodes have little protection against misreads.
_MIN_BARCODE_READS = 3


def _make_gamma(exponent: float) -> _Preparation:
    """Return a preparation that brightens (*exponent* < 1) or darkens the image."""

    def prepare(cv2: Any, grey: Frame) -> Frame:
        import numpy as np

        table = (255.0 * (np.arange(256) / 255.0) ** exponent).astype(np.uint8)
        result: Frame = cv2.LUT(grey, table)
        return result

    return prepare


def _apply_threshold(cv2: Any, grey: Frame) -> Frame:
    """Make the image black and white with an adaptive threshold; the window is a sixtieth of the longer side."""
    window = max(3, (max(grey.shape) // 60) | 1)
    result: Frame = cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, window, 5)
    return result


def _halve_size(cv2: Any, grey: Frame) -> Frame:
    """Halve the size, with the contrast equalized."""
    height, width = grey.shape
    half = cv2.resize(grey, (max(1, width // 2), max(1, height // 2)), interpolation=cv2.INTER_AREA)
    result: Frame = cv2.createCLAHE(2.0, (8, 8)).apply(half)
    return result


def _sharpen_image(cv2: Any, grey: Frame) -> Frame:
    """Apply an unsharp mask (sigma 4, amount 2)."""
    result: Frame = cv2.addWeighted(grey, 3.0, cv2.GaussianBlur(grey, (0, 0), 4), -2.0, 0)
    return result


def _remove_specks(cv2: Any, grey: Frame) -> Frame:
    """Apply a median filter."""
    result: Frame = cv2.medianBlur(grey, 5)
    return result


def _soften_image(cv2: Any, grey: Frame) -> Frame:
    """Apply a Gaussian blur of sigma 1, which helps zbar."""
    result: Frame = cv2.GaussianBlur(grey, (0, 0), 1)
    return result


def _double_size(cv2: Any, grey: Frame) -> Frame:
    """Double the size."""
    result: Frame = cv2.resize(grey, None, fx=2.0, fy=2.0, interpolation=cv2.INTER_CUBIC)
    return result


# Tried in this order, after the unprepared image.
_PREPARATIONS: tuple[_Preparation, ...] = (
    _make_gamma(2.2),
    _make_gamma(0.45),
    _apply_threshold,
    _halve_size,
    _sharpen_image,
    _remove_specks,
)

_CHEAP_PREPARATIONS = tuple(prepare for prepare in _PREPARATIONS if prepare is not _sharpen_image)

# The rotation for live images. Sharpening comes up rarely, because finding codes in a sharpened image takes as long as
# in all the others together.
_LIVE_PREPARATIONS: tuple[_Preparation, ...] = (*_CHEAP_PREPARATIONS, *_CHEAP_PREPARATIONS, _sharpen_image)

# Corners found in a resized image are multiplied by this to fit the original.
_CORNER_SCALES: dict[_Preparation, float] = {_halve_size: 2.0, _double_size: 0.5}

_MATRIX_SYMBOLOGIES = {"qr", "micro-qr", "aztec", "data-matrix", "pdf417"}


@dataclass(frozen=True, slots=True)
class DecoderSet:
    """The decode functions that a pipeline uses."""

    primary: Decode
    """For unprepared images: every code that is wanted."""
    qr_only: Decode | None
    """For prepared images: QR codes only, in a few milliseconds. None if there is no such fast decoder."""
    matrix_only: Decode
    """For prepared images: every matrix code."""
    fallbacks: tuple[Decode, ...] = ()
    """Slow decoders, tried last, that read some codes which the primary one does not."""


class StillDecoder:
    """Decodes a single image with every preparation and decoder."""

    def __init__(self, decoders: DecoderSet) -> None:
        self.decoders = decoders

    def __call__(self, frame: Frame) -> list[Payload]:
        """Return every readable code in *frame* (colour or grey)."""
        grey = _to_grey(frame)
        quick = self.decoders.qr_only or self.decoders.matrix_only
        found = self.decoders.primary(grey)
        # Prepared images are searched even if the plain one has a code: a second badge may be readable only there.
        for prepare in _PREPARATIONS:
            found = [*found, *_decode_prepared(quick, prepare, grey)]
        if not found:
            found = next(filter(None, self._try_fallbacks(grey)), [])
        return _remove_duplicates(found)

    def _try_fallbacks(self, grey: Frame) -> Iterator[list[Payload]]:
        """Yield what each last resort finds, the cheap ones first."""
        for other in self.decoders.fallbacks:
            yield _decode_prepared(other, _soften_image, grey)
            yield other(grey)
        for prepare in _PREPARATIONS:
            yield _decode_prepared(self.decoders.matrix_only, prepare, grey)
        if max(grey.shape) < _UPSCALE_BELOW_PIXELS:
            larger = _double_size(load_opencv(), grey)
            for decode in (self.decoders.primary, *self.decoders.fallbacks):
                yield _scale_corners(decode(larger), 0.5)
            for prepare in _PREPARATIONS:
                yield _scale_corners(_decode_prepared(self.decoders.matrix_only, prepare, larger), 0.5)


class LiveDecoder:
    """Decodes the images of a live source: each as it is, and if nothing was found, with the next preparation."""

    def __init__(self, decoders: DecoderSet) -> None:
        self.decoders = decoders
        self.frame_count = 0
        self.barcode_reads: dict[bytes, int] = {}

    def __call__(self, frame: Frame) -> list[Payload]:
        """Return the codes in *frame*; a barcode only after several identical reads."""
        grey, quick = _to_grey(frame), self.decoders.qr_only
        self.frame_count += 1
        found = (
            self.decoders.primary(grey)
            if quick is None or self.frame_count % _FULL_DECODE_EVERY_FRAMES == 1
            else quick(grey)
        )
        if not found and quick is not None:
            found = _decode_prepared(quick, _LIVE_PREPARATIONS[self.frame_count % len(_LIVE_PREPARATIONS)], grey)
        return [code for code in _remove_duplicates(found) if self._count_read(code)]

    def _count_read(self, code: Payload) -> bool:
        """
        Count one more read of *code*, and return whether to accept it.

        A matrix code is accepted at once, a barcode after `_MIN_BARCODE_READS` identical reads in a row.
        """
        if code.symbology in _MATRIX_SYMBOLOGIES:
            return True
        self.barcode_reads = {code.data: self.barcode_reads.get(code.data, 0) + 1}
        return self.barcode_reads[code.data] >= _MIN_BARCODE_READS


def _to_grey(frame: Frame) -> Frame:
    """Convert *frame* to grey: height x width, uint8."""
    cv2 = load_opencv()
    grey: Frame = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY) if frame.ndim == 3 else frame
    return grey


def _decode_prepared(decode: Decode, prepare: _Preparation, grey: Frame) -> list[Payload]:
    """Return what *decode* finds in *grey* after *prepare*, with corners in the coordinates of *grey*."""
    return _scale_corners(decode(prepare(load_opencv(), grey)), _CORNER_SCALES.get(prepare, 1.0))


def _scale_corners(found: list[Payload], scale: float) -> list[Payload]:
    """Return *found* with all corners multiplied by *scale*."""
    if scale == 1.0:
        return found
    return [
        replace(code, corners=tuple((round(x * scale), round(y * scale)) for x, y in code.corners)) for code in found
    ]


def _remove_duplicates(found: list[Payload]) -> list[Payload]:
    """Return *found* without repeated payloads; the first of each stays."""
    return list({code.data: code for code in reversed(found)}.values())[::-1]
