"""QR codes as files and as terminal output."""

import io
from pathlib import Path
from typing import Any

from qrcode.constants import ERROR_CORRECT_M
from qrcode.image.svg import SvgPathImage
from qrcode.main import QRCode

from data.files import write_atomically

# Width of a QR module in a PNG image.
_MODULE_PIXELS = 12

# A character for two modules, the upper and the lower, by whether each is dark.
_BLOCK_CHARACTERS = {(True, True): "█", (True, False): "▀", (False, True): "▄", (False, False): " "}


def make_qr_code(text: str) -> QRCode[Any]:
    """
    Encode *text* as a QR code with medium error correction and the quiet zone required by ISO/IEC 18004.

    Raises:
        DataOverflowError: no QR code can hold that much.
    """
    made: QRCode[Any] = QRCode(error_correction=ERROR_CORRECT_M, border=4, box_size=_MODULE_PIXELS)
    made.add_data(text.encode("utf-8"), optimize=0)
    made.make(fit=True)
    return made


def write_png(code: QRCode[Any], path: Path) -> None:
    """Write *code* as a PNG image."""
    picture = io.BytesIO()
    code.make_image().save(picture)
    write_atomically(path, picture.getvalue())


def write_svg(code: QRCode[Any], path: Path) -> None:
    """Write *code* as an SVG drawing."""
    write_atomically(path, code.make_image(image_factory=SvgPathImage).to_string())


def render_blocks(code: QRCode[Any]) -> str:
    """
    Return *code* for a terminal: a character for two modules above each other, dark on light in any colour theme.
    """
    rows = code.get_matrix()
    rows += [[False] * len(rows[0])] * (len(rows) % 2)
    pairs = zip(rows[::2], rows[1::2], strict=True)
    lines = ("".join(_BLOCK_CHARACTERS[above, below] for above, below in zip(*pair, strict=True)) for pair in pairs)
    return "\n".join(f"\x1b[30;107m{line}\x1b[0m" for line in lines)
