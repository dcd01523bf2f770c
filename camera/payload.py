"""What a decoder found in a picture."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Frame: TypeAlias = npt.NDArray[np.uint8]
"""One picture: height x width x 3, BGR, uint8; or height x width, grey, uint8."""

Corners: TypeAlias = tuple[tuple[int, int], ...]
"""The four corners of a code as (x, y) pixels of the frame, clockwise from its top left; empty where unknown."""


@dataclass(frozen=True, slots=True)
class Payload:
    """What one code carries."""

    data: bytes
    """The bytes, just as the code holds them."""
    text: str
    """The same as text: strict UTF-8 first, then what the code declares, then Latin-1."""
    symbology: str
    """`qr`, `micro-qr`, `aztec`, `data-matrix`, `pdf417`, or a 1D kind such as `code-128`."""
    corners: Corners = ()


Decode: TypeAlias = Callable[[Frame], list[Payload]]
"""Finds every code in a frame. Never raises for what a picture shows: a code it cannot read is not there."""
