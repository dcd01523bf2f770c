"""
What is done to a picture until its code can be read.

The preparations are in the order in which each was measured to add most. A picture that others follow gets the plain
look and one preparation by turns, which costs a few milliseconds; one that stands alone gets them all.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from camera.opencv import load_opencv
from camera.payload import Decode, Frame, Payload

_Preparation = Callable[[Any, Frame], Frame]
"""Gets cv2 and a grey picture, gives a grey picture."""

_UPSCALE_BELOW_PIXELS = 900
"""A picture whose longer side is shorter than that may win by being doubled."""

_FULL_DECODE_EVERY_FRAMES = 4
"""In one live picture of so many Aztec, Data Matrix, PDF417 and the like are looked for: they cost a lot."""

_MIN_BARCODE_READS = 3
"""Equal reads that a bar code takes to be believed, live."""


def _make_gamma(exponent: float) -> _Preparation:
    """Brighter or darker: a table of what each of the 256 shades becomes."""

    def prepare(cv2: Any, grey: Frame) -> Frame:
        import numpy as np

        table = (255.0 * (np.arange(256) / 255.0) ** exponent).astype(np.uint8)
        result: Frame = cv2.LUT(grey, table)
        return result

    return prepare


def _apply_threshold(cv2: Any, grey: Frame) -> Frame:
    """Black and white, by what is around: a window of a sixtieth of the side."""
    window = max(3, (max(grey.shape) // 60) | 1)
    result: Frame = cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, window, 5)
    return result


def _halve_size(cv2: Any, grey: Frame) -> Frame:
    """Half the size, with contrast evened out."""
    height, width = grey.shape
    half = cv2.resize(grey, (max(1, width // 2), max(1, height // 2)), interpolation=cv2.INTER_AREA)
    result: Frame = cv2.createCLAHE(2.0, (8, 8)).apply(half)
    return result


def _sharpen_image(cv2: Any, grey: Frame) -> Frame:
    """An unsharp mask: sigma 4, amount 2."""
    result: Frame = cv2.addWeighted(grey, 3.0, cv2.GaussianBlur(grey, (0, 0), 4), -2.0, 0)
    return result


def _remove_specks(cv2: Any, grey: Frame) -> Frame:
    """Without specks."""
    result: Frame = cv2.medianBlur(grey, 5)
    return result


def _soften_image(cv2: Any, grey: Frame) -> Frame:
    """A Gaussian of sigma 1: what zbar likes."""
    result: Frame = cv2.GaussianBlur(grey, (0, 0), 1)
    return result


def double_size(cv2: Any, grey: Frame) -> Frame:
    """Twice the size."""
    result: Frame = cv2.resize(grey, None, fx=2.0, fy=2.0, interpolation=cv2.INTER_CUBIC)
    return result


_PREPARATIONS: tuple[_Preparation, ...] = (
    _make_gamma(2.2),
    _make_gamma(0.45),
    _apply_threshold,
    _halve_size,
    _sharpen_image,
    _remove_specks,
)
"""After the plain look, in this order."""

_CHEAP_PREPARATIONS = tuple(prepare for prepare in _PREPARATIONS if prepare is not _sharpen_image)

_LIVE_PREPARATIONS: tuple[_Preparation, ...] = (*_CHEAP_PREPARATIONS, *_CHEAP_PREPARATIONS, _sharpen_image)
"""The turns of live pictures: what is found in a sharpened one takes as long as all the others together."""

_CORNER_SCALES: dict[_Preparation, float] = {_halve_size: 2.0, double_size: 0.5}
"""By how much the corners of what is found in a prepared picture are to be multiplied."""

_MATRIX_SYMBOLOGIES = {"qr", "micro-qr", "aztec", "data-matrix", "pdf417"}


@dataclass(frozen=True, slots=True)
class DecoderSet:
    """What a ladder climbs with."""

    primary: Decode
    """For the picture as it is: everything that is wanted."""
    qr_only: Decode | None
    """For prepared pictures: QR codes alone, in a few milliseconds."""
    matrix_only: Decode
    """For prepared pictures: every matrix code."""
    fallbacks: tuple[Decode, ...] = ()
    """Asked last: they are slow, and see what the first does not."""


class StillDecoder:
    """Reads a picture that stands alone: everything is tried on it."""

    def __init__(self, decoders: DecoderSet) -> None:
        self.decoders = decoders

    def __call__(self, frame: Frame) -> list[Payload]:
        """Every code that can be read in *frame*, a height x width x 3 picture or a grey one."""
        grey = _to_grey(frame)
        quick = self.decoders.qr_only or self.decoders.matrix_only
        # There may be a second code that takes a preparation, beside one that does not.
        found = self.decoders.primary(grey) + [
            code for look in _PREPARATIONS for code in _decode_prepared(quick, look, grey)
        ]
        for look in () if found else self._try_fallbacks(grey):
            if found := look:
                break
        return _remove_duplicates(found)

    def _try_fallbacks(self, grey: Frame) -> Iterator[list[Payload]]:
        """What is tried where nothing was found, the cheap looks first."""
        for other in self.decoders.fallbacks:
            yield _decode_prepared(other, _soften_image, grey)
            yield other(grey)
        for prepare in _PREPARATIONS:
            yield _decode_prepared(self.decoders.matrix_only, prepare, grey)
        if max(grey.shape) < _UPSCALE_BELOW_PIXELS:
            larger = double_size(load_opencv(), grey)
            for decode in (self.decoders.primary, *self.decoders.fallbacks):
                yield scale_corners(decode(larger), 0.5)
            for prepare in _PREPARATIONS:
                yield scale_corners(_decode_prepared(self.decoders.matrix_only, prepare, larger), 0.5)


class LiveDecoder:
    """
    Reads pictures that others follow: each as it is, and one preparation by turns where nothing is read.

    QR codes are looked for in every picture, the other kinds in every fourth: they cost as much as all the rest.
    """

    def __init__(self, decoders: DecoderSet) -> None:
        self.decoders = decoders
        self.frame_count = 0
        self.barcode_reads: dict[bytes, int] = {}

    def __call__(self, frame: Frame) -> list[Payload]:
        """The codes in *frame*; a bar code only after it was read the same several times."""
        grey, quick = _to_grey(frame), self.decoders.qr_only
        self.frame_count += 1
        found = (
            self.decoders.primary(grey)
            if quick is None or self.frame_count % _FULL_DECODE_EVERY_FRAMES == 1
            else quick(grey)
        )
        if not found and quick is not None:
            found = _decode_prepared(quick, _LIVE_PREPARATIONS[self.frame_count % len(_LIVE_PREPARATIONS)], grey)
        return [code for code in _remove_duplicates(found) if self._confirm_code(code)]

    def _confirm_code(self, code: Payload) -> bool:
        """Whether to believe it: a matrix code at once, a bar code after `EQUAL_READS` in a row."""
        if code.symbology in _MATRIX_SYMBOLOGIES:
            return True
        self.barcode_reads = {code.data: self.barcode_reads.get(code.data, 0) + 1}
        return self.barcode_reads[code.data] >= _MIN_BARCODE_READS


def _to_grey(frame: Frame) -> Frame:
    """*frame* in grey: height x width, uint8."""
    cv2 = load_opencv()
    grey: Frame = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY) if frame.ndim == 3 else frame
    return grey


def _decode_prepared(decode: Decode, prepare: _Preparation, grey: Frame) -> list[Payload]:
    """What *decode* finds in *grey* once it is prepared, with the corners where they are in *grey*."""
    return scale_corners(decode(prepare(load_opencv(), grey)), _CORNER_SCALES.get(prepare, 1.0))


def scale_corners(found: list[Payload], scale: float) -> list[Payload]:
    """*found*, with every corner times *scale*."""
    if scale == 1.0:
        return found
    return [
        replace(code, corners=tuple((round(x * scale), round(y * scale)) for x, y in code.corners)) for code in found
    ]


def _remove_duplicates(found: list[Payload]) -> list[Payload]:
    """*found*, each payload once."""
    return list({code.data: code for code in reversed(found)}.values())[::-1]
