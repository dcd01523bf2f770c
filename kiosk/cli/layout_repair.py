"""The lines of a vCard that a scanner typed for another keyboard layout, as the scanner meant them."""

from collections.abc import Iterable, Iterator

from kiosk.badges.keyboard_layouts import LayoutPair
from kiosk.badges.layout_repair import repair_text

_MAX_FIRST_LINE_BYTES = 100
"""Length of a line that may begin such a card."""


def repair_typed_cards(lines: Iterable[bytes | None]) -> Iterator[bytes | None]:
    """
    Yield *lines*, those of a card as its first line proves that they were meant; None stays a silence.

    One line proves a layout, and a card has many: read each by itself, the others would be badges of their own.
    """
    layout: LayoutPair | None = None
    for line in lines:
        if line is None:
            layout = None
        elif layout is None:
            layout = _detect_layout(line)
        text = line.decode("utf-8", "replace") if line is not None and layout is not None else ""
        meant = layout.restore_text(text) if layout is not None else ""
        yield meant.encode() if text else line
        if meant.upper().startswith("END:VCARD"):
            layout = None


def _detect_layout(line: bytes) -> LayoutPair | None:
    """The layout that the first line of a card proves; None for any other line."""
    if len(line) > _MAX_FIRST_LINE_BYTES or b"BEGIN" not in line.upper():
        return None
    mended = repair_text(line.decode("utf-8", "replace").strip())
    return mended.layout if mended is not None and "BEGIN:VCARD" in mended.text.upper() else None
