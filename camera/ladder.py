"""
What is done to a picture until its code can be read.

The preparations are in the order in which each was measured to add most. A picture that others follow gets the plain
look and one preparation by turns, which costs a few milliseconds; one that stands alone gets them all.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from camera.opencv import opencv
from camera.payload import Decode, Frame, Payload

Prepare = Callable[[Any, Frame], Frame]
"""Gets cv2 and a grey picture, gives a grey picture."""

SMALL = 900
"""A picture whose longer side is shorter than that may win by being doubled."""

OTHERS_EVERY = 4
"""In one live picture of so many Aztec, Data Matrix, PDF417 and the like are looked for: they cost a lot."""

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
    height, width = grey.shape
    half = cv2.resize(grey, (max(1, width // 2), max(1, height // 2)), interpolation=cv2.INTER_AREA)
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

CHEAP = tuple(prepare for prepare in PREPARATIONS if prepare is not sharpened)

TURNS: tuple[Prepare, ...] = (*CHEAP, *CHEAP, sharpened)
"""The turns of live pictures: what is found in a sharpened one takes as long as all the others together."""

SCALES: dict[Prepare, float] = {halved: 2.0, doubled: 0.5}
"""By how much the corners of what is found in a prepared picture are to be multiplied."""

MATRIX = {"qr", "micro-qr", "aztec", "data-matrix", "pdf417"}


@dataclass(frozen=True, slots=True)
class Decoders:
    """What a ladder climbs with."""

    plain: Decode
    """For the picture as it is: everything that is wanted."""
    quick: Decode | None
    """For prepared pictures: QR codes alone, in a few milliseconds."""
    thorough: Decode
    """For prepared pictures: every matrix code."""
    others: tuple[Decode, ...] = ()
    """Asked last: they are slow, and see what the first does not."""


class Still:
    """Reads a picture that stands alone: everything is tried on it."""

    def __init__(self, decoders: Decoders) -> None:
        self.decoders = decoders

    def __call__(self, frame: Frame) -> list[Payload]:
        """Every code that can be read in *frame*, a height x width x 3 picture or a grey one."""
        grey = as_grey(frame)
        quick = self.decoders.quick or self.decoders.thorough
        # There may be a second code that takes a preparation, beside one that does not.
        found = self.decoders.plain(grey) + [code for look in PREPARATIONS for code in prepared(quick, look, grey)]
        for look in () if found else self.last_looks(grey):
            if found := look:
                break
        return distinct(found)

    def last_looks(self, grey: Frame) -> Iterator[list[Payload]]:
        """What is tried where nothing was found, the cheap looks first."""
        for other in self.decoders.others:
            yield prepared(other, softened, grey)
            yield other(grey)
        for prepare in PREPARATIONS:
            yield prepared(self.decoders.thorough, prepare, grey)
        if max(grey.shape) < SMALL:
            larger = doubled(opencv(), grey)
            for decode in (self.decoders.plain, *self.decoders.others):
                yield moved(decode(larger), 0.5)
            for prepare in PREPARATIONS:
                yield moved(prepared(self.decoders.thorough, prepare, larger), 0.5)


class Live:
    """
    Reads pictures that others follow: each as it is, and one preparation by turns where nothing is read.

    QR codes are looked for in every picture, the other kinds in every fourth: they cost as much as all the rest.
    """

    def __init__(self, decoders: Decoders) -> None:
        self.decoders = decoders
        self.turn = 0
        self.bars: dict[bytes, int] = {}

    def __call__(self, frame: Frame) -> list[Payload]:
        """The codes in *frame*; a bar code only after it was read the same several times."""
        grey, quick = as_grey(frame), self.decoders.quick
        self.turn += 1
        found = self.decoders.plain(grey) if quick is None or self.turn % OTHERS_EVERY == 1 else quick(grey)
        if not found and quick is not None:
            found = prepared(quick, TURNS[self.turn % len(TURNS)], grey)
        return [code for code in distinct(found) if self.is_sure(code)]

    def is_sure(self, code: Payload) -> bool:
        """Whether to believe it: a matrix code at once, a bar code after `EQUAL_READS` in a row."""
        if code.symbology in MATRIX:
            return True
        self.bars = {code.data: self.bars.get(code.data, 0) + 1}
        return self.bars[code.data] >= EQUAL_READS


def as_grey(frame: Frame) -> Frame:
    """*frame* in grey: height x width, uint8."""
    cv2 = opencv()
    grey: Frame = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY) if frame.ndim == 3 else frame
    return grey


def prepared(decode: Decode, prepare: Prepare, grey: Frame) -> list[Payload]:
    """What *decode* finds in *grey* once it is prepared, with the corners where they are in *grey*."""
    return moved(decode(prepare(opencv(), grey)), SCALES.get(prepare, 1.0))


def moved(found: list[Payload], scale: float) -> list[Payload]:
    """*found*, with every corner times *scale*."""
    if scale == 1.0:
        return found
    return [
        replace(code, corners=tuple((round(x * scale), round(y * scale)) for x, y in code.corners)) for code in found
    ]


def distinct(found: list[Payload]) -> list[Payload]:
    """*found*, each payload once."""
    return list({code.data: code for code in reversed(found)}.values())[::-1]
