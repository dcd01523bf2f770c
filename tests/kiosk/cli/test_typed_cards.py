"""Cards that a scanner typed for another keyboard layout, line by line into `kiosk scan -`."""

import pytest

from kiosk.badges.layouts import LAYOUTS, Layout
from kiosk.cli.typed_cards import mend_cards

CARD = "BEGIN:VCARD\nVERSION:3.0\nFN:Zoe Lopez\nEMAIL:zoe@example.org\nEND:VCARD\n"
BY_COMPUTER = {layout.computer: layout for layout in LAYOUTS if layout.scanner == "US"}


@pytest.mark.parametrize("layout", [BY_COMPUTER[name] for name in ("German", "French", "Spanish", "Italian", "Danish")])
def test_all_lines_of_a_card_are_read_through_the_layout_that_its_first_line_proves(layout: Layout) -> None:
    typed = layout.type(CARD).encode().splitlines(keepends=True)

    assert list(mend_cards([*typed, None, b"PYD97WTMFJ\n"])) == [
        *CARD.encode().splitlines(keepends=True),
        None,
        b"PYD97WTMFJ\n",
    ]


def test_other_lines_stay_as_they_are() -> None:
    lines = [CARD.encode(), b"PZD97WTMFJ\n", "Ä;Ö\n".encode(), b"\xff\xfe\n", None, b"BEGIN\n"]

    assert list(mend_cards(lines)) == lines
