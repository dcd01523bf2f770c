"""The drawing of the idle screen looks like a code, and is none: a camera that sees the screen reads nothing."""

import numpy as np
import pytest

from camera.decoders.zxing import make_decoder
from kiosk.tui.widgets.welcome import draw_pattern


@pytest.mark.parametrize(("size", "corner"), [(21, 7), (15, 5)])
@pytest.mark.parametrize("is_inverted", [False, True])
def test_no_decoder_reads_the_drawing(size: int, corner: int, is_inverted: bool) -> None:
    dots = np.array([[dot == "#" for dot in row] for row in draw_pattern(size, corner)])
    pixels = np.where(dots ^ is_inverted, 0, 255).astype(np.uint8)
    frame = np.pad(np.kron(pixels, np.ones((12, 12), np.uint8)), 80, constant_values=0 if is_inverted else 255)

    assert list(make_decoder(["QRCode", "MicroQRCode"])(frame)) == []
