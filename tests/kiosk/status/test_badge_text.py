"""What a badge said, as it is shown to people."""

from data.scans import Scan
from kiosk.badges.profile import BadgeProfile
from kiosk.status.badge_text import describe_scans


def test_a_badge_is_shown_in_the_character_set_that_its_name_was_read_in() -> None:
    """For a code that declares none: the card says Иван Петров, so the badge's text must not say Èâàí Ïåòðîâ."""
    card = "BEGIN:VCARD\nFN:Иван Петров\nORG:Ромашка\nEND:VCARD".encode("cp1251")
    scan = Scan(at=0.0, payload=card, symbology="QR", source="camera", operator="Ana")

    said = describe_scans([scan], BadgeProfile(), now=0.0)

    assert "  FN:Иван Петров" in said
