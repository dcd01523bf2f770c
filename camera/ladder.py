"""
What is done to a picture until its code can be read.

The preparations are in the order in which each was measured to add most. A picture that others follow gets the plain
look and one preparation by turns, which costs a few milliseconds; one that stands alone gets them all.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from camera.opencv import opencv
from camera.payload import Decode, Frame, Payload

Prepare = Callable[[Any, Frame], Frame]
"""Gets cv2 and a grey picture, gives a grey picture."""

SMALL = 900
"""A picture whose longer side is shorter than that may win by being doubled."""

EQUAL_READS = 3
"""Equal reads that a bar code takes to be believed, live."""


def gamma(exponent: float) -> Prepare:
    """Brighter or darker: a table of what each of the 256 shades becomes."""

    def prepare(cv2: Any, grey: Frame) -> Frame:
        import numpy as np

        table = (255.0 * (np.arange(256) / 255.0) ** exponent).astype(np.uint8)
        result: Frame = cv2.LUT(grey, table)
        return result

    return prepare


def threshold(cv2: Any, grey: Frame) -> Frame:
    """Black and white, by what is around: a window of a sixtieth of the side."""
    window = max(3, (max(grey.shape) // 60) | 1)
    result: Frame = cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, window, 5)
    return result


def halved(cv2: Any, grey: Frame) -> Frame:
    """Half the size, with contrast evened out."""
    half = cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    result: Frame = cv2.createCLAHE(2.0, (8, 8)).apply(half)
    return result


def sharpened(cv2: Any, grey: Frame) -> Frame:
    """An unsharp mask: sigma 4, amount 2."""
    result: Frame = cv2.addWeighted(grey, 3.0, cv2.GaussianBlur(grey, (0, 0), 4), -2.0, 0)
    return result


def median(cv2: Any, grey: Frame) -> Frame:
    """Without specks."""
    result: Frame = cv2.medianBlur(grey, 5)
    return result


def softened(cv2: Any, grey: Frame) -> Frame:
    """A Gaussian of sigma 1: what zbar likes."""
    result: Frame = cv2.GaussianBlur(grey, (0, 0), 1)
    return result


def doubled(cv2: Any, grey: Frame) -> Frame:
    """Twice the size."""
    result: Frame = cv2.resize(grey, None, fx=2.0, fy=2.0, interpolation=cv2.INTER_CUBIC)
    return result


PREPARATIONS: tuple[Prepare, ...] = (gamma(2.2), gamma(0.45), threshold, halved, sharpened, median)
"""After the plain look, in this order."""

SCALES: dict[Prepare, float] = {halved: 2.0, doubled: 0.5}
"""By how much the corners of what is found in a prepared picture are to be multiplied."""


class Still:
    """Reads a picture that stands alone: one preparation after another, until something is read."""

    def __init__(self, decoders: Sequence[Decode]) -> None:
        self.decoders = decoders

    def __call__(self, frame: Frame) -> list[Payload]:
        """Every code that can be read in *frame*."""
        for found in self.looks(frame):
            if found:
                return distinct(found)
        return []

    def looks(self, frame: Frame) -> Iterator[list[Payload]]:
        """What each look finds, the cheap ones first."""
        first, *others = self.decoders
        yield first(frame)
        cv2 = opencv()
        grey = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY) if frame.ndim == 3 else frame
        for prepare in PREPARATIONS:
            yield prepared(first, prepare, grey)
        for other in others:
            yield prepared(other, softened, grey)
            yield other(grey)
        if max(grey.shape) < SMALL:
            for decode in self.decoders:
                yield prepared(decode, doubled, grey)


class Live:
    """Reads pictures that others follow: a plain look at each, and one preparation by turns where nothing is read."""

    def __init__(self, decoders: Sequence[Decode]) -> None:
        self.decoders = decoders
        self.turn = 0
        self.bars: dict[bytes, int] = {}

    def __call__(self, frame: Frame) -> list[Payload]:
        """The codes in *frame*; a bar code only after it was read the same several times."""
        found = self.decoders[0](frame) or self.second_look(frame)
        return [code for code in distinct(found) if self.is_sure(code)]

    def second_look(self, frame: Frame) -> list[Payload]:
        """One preparation, or another decoder: the next in turn."""
        first, *others = self.decoders
        cv2 = opencv()
        grey = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY) if frame.ndim == 3 else frame
        looks: list[tuple[Decode, Prepare]] = [
            *((first, prepare) for prepare in PREPARATIONS), *((other, softened) for other in others),
        ]  # fmt: skip
        self.turn = (self.turn + 1) % len(looks)
        decode, prepare = looks[self.turn]
        return prepared(decode, prepare, grey)

    def is_sure(self, code: Payload) -> bool:
        """Whether to believe it: a matrix code at once; a bar code after `EQUAL_READS` equal reads."""
        if code.symbology in MATRIX:
            return True
        self.bars = {code.data: self.bars.get(code.data, 0) + 1}
        return self.bars[code.data] >= EQUAL_READS


MATRIX = {"qr", "micro-qr", "aztec", "data-matrix", "pdf417"}


def prepared(decode: Decode, prepare: Prepare, grey: Frame) -> list[Payload]:
    """What *decode* finds in *grey* once it is prepared, with the corners where they are in *grey*."""
    found = decode(prepare(opencv(), grey))
    scale = SCALES.get(prepare)
    if scale is None:
        return found
    return [
        Payload(
            code.data,
            code.text,
            code.symbology,
            tuple((round(x * scale), round(y * scale)) for x, y in code.corners),
        )
        for code in found
    ]


def distinct(found: list[Payload]) -> list[Payload]:
    """*found*, each payload once."""
    return list({code.data: code for code in found}.values())
