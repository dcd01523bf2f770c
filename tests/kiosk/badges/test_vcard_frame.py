"""The first and the last line of a vCard, as printers, links and scanners write them."""

import pytest

from kiosk.badges.vcard.frame import is_bare_end, is_first_line, is_last_line, is_last_or_cut_line


@pytest.mark.parametrize(
    ("line", "is_first"),
    [
        ("BEGIN:VCARD", True),
        (" begin : vcard ", True),
        ("]Q1BEGIN:VCARD", True),
        ("BEGIN:VCARD FN:Ana END:VCARD", False),
        ("BEGIN%3AVCARD%0AFN%3AAna", False),
        ("NOTE:BEGIN:VCARD", False),
        ("BEGIN:VEVENT", False),
    ],
)
def test_the_first_line_of_a_card(line: str, is_first: bool) -> None:
    """A card that is on one line has no lines to wait for."""
    assert is_first_line(line) is is_first


@pytest.mark.parametrize(
    ("line", "is_last", "is_bare", "is_cut"),
    [
        ("END:VCARD", True, True, True),
        ("end : vcard", True, True, True),
        ("END:VCARD;4711", True, False, True),
        ("END:VC", False, False, True),
        ("EN", False, False, False),
        ("ENDE: VCARD", False, False, False),
        ("", False, False, False),
    ],
)
def test_the_last_line_of_a_card(line: str, is_last: bool, is_bare: bool, is_cut: bool) -> None:
    """Text may follow, or the line may be cut off within the word."""
    assert (is_last_line(line), is_bare_end(line), is_last_or_cut_line(line)) == (is_last, is_bare, is_cut)
