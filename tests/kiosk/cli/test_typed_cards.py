"""Cards that a scanner typed for another keyboard layout, line by line into `kiosk scan -`."""

import pytest

from kiosk.badges.keyboard_layouts import LAYOUT_PAIRS, LayoutPair
from kiosk.cli.layout_repair import repair_typed_cards

CARD = "BEGIN:VCARD\nVERSION:3.0\nFN:Zoe Lopez\nEMAIL:zoe@example.org\nEND:VCARD\n"
BY_COMPUTER = {layout.computer: layout for layout in LAYOUT_PAIRS if layout.scanner == "US"}


@pytest.mark.parametrize("layout", [BY_COMPUTER[name] for name in ("German", "French", "Spanish", "Italian", "Danish")])
def test_all_lines_of_a_card_are_read_through_the_layout_that_its_first_line_proves(layout: LayoutPair) -> None:
    typed = layout.simulate_typing(CARD).encode().splitlines(keepends=True)

    assert list(repair_typed_cards([*typed, None, b"PYD97WTMFJ\n"])) == [
        *CARD.encode().splitlines(keepends=True),
        None,
        b"PYD97WTMFJ\n",
    ]


def test_other_lines_stay_as_they_are() -> None:
    lines = [CARD.encode(), b"PZD97WTMFJ\n", "Ä;Ö\n".encode(), b"\xff\xfe\n", None, b"BEGIN\n"]

    assert list(repair_typed_cards(lines)) == lines
