"""Repair vCards that a scanner typed for another keyboard layout."""

from collections.abc import Iterable, Iterator

from kiosk.badges.keyboard_layouts import LayoutPair
from kiosk.badges.layout_repair import repair_text
from kiosk.badges.vcard.frame import BEGIN_PATTERN, is_last_line

_MAX_FIRST_LINE_BYTES = 100
"""Longest line that is examined as the start of such a card."""


def repair_typed_cards(lines: Iterable[bytes | None]) -> Iterator[bytes | None]:
    """
    Yield *lines*, with those of a mistyped card restored; None, which stands for a silence, is passed on.

    The first line of a card shows which layout was meant, and that layout is applied to the whole card: the other lines
    would be taken for separate badges otherwise.
    """
    layout: LayoutPair | None = None
    for line in lines:
        if line is None:
            layout = None
        elif layout is None:
            layout = _detect_layout(line)
        text = line.decode("utf-8", "replace") if line is not None and layout is not None else ""
        restored = layout.restore_text(text) if layout is not None else ""
        yield restored.encode() if text else line
        if is_last_line(restored):
            layout = None


def _detect_layout(line: bytes) -> LayoutPair | None:
    """Return the layouts that the first line of a card reveals, or None for any other line."""
    if len(line) > _MAX_FIRST_LINE_BYTES or b"BEGIN" not in line.upper():
        return None
    repaired = repair_text(line.decode("utf-8", "replace").strip())
    return repaired.layout if repaired is not None and BEGIN_PATTERN.search(repaired.text) else None
