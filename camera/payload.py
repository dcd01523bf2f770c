"""The content of a code that was found in an image."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Frame: TypeAlias = npt.NDArray[np.uint8]
"""One image: height x width x 3, BGR, uint8; or height x width, grey, uint8."""

Corners: TypeAlias = tuple[tuple[int, int], ...]
"""The four corners of a code as (x, y) pixels of the frame, clockwise from its top left; empty if unknown."""


@dataclass(frozen=True, slots=True)
class Payload:
    """The content of one code."""

    data: bytes
    """The bytes exactly as encoded in the code."""
    text: str
    """The same, decoded: as strict UTF-8, else as the code declares, else as Latin-1."""
    symbology: str
    """`qr`, `micro-qr`, `aztec`, `data-matrix`, `pdf417`, or a 1D kind such as `code-128`."""
    corners: Corners = ()


Decode: TypeAlias = Callable[[Frame], list[Payload]]
"""Finds every code in a frame. Never raises because of an image's content: a code that cannot be read is left out."""
