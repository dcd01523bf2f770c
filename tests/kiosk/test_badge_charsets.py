"""vCards that are not UTF-8."""

import pytest

from kiosk.badges import read_badge
from kiosk.badges.badge import Badge
from kiosk.badges.profile import BadgeProfile


def read(payload: bytes) -> Badge:
    """The badge in *payload*, decoded as the camera does where the code declares nothing."""
    try:
        text = payload.decode("utf-8")
    except UnicodeDecodeError:
        text = payload.decode("latin-1")
    badge = read_badge(payload, text, BadgeProfile())
    assert isinstance(badge, Badge)
    return badge


EIGHT_BIT = [
    ("FN:Jörg Müller", "latin-1", "Jörg Müller"),
    ("FN:Zoë ‘Zed’ Œuvre", "cp1252", "Zoë ‘Zed’ Œuvre"),
    ("FN;CHARSET=SHIFT_JIS:山田太郎", "shift_jis", "山田太郎"),
    ("FN;CHARSET=GB2312:王小明", "gb2312", "王小明"),
    ("FN;CHARSET=KOI8-R:Иван", "koi8-r", "Иван"),
    ("FN;CHARSET=ISO-8859-2:Łukasz", "iso-8859-2", "Łukasz"),
    ("FN;CHARSET=ISO-8859-1:Łukasz é", "utf-8", "Łukasz é"),
]


@pytest.mark.parametrize(("line", "charset", "name"), EIGHT_BIT)
def test_a_card_that_is_not_utf_8_is_read_as_it_declares(line: str, charset: str, name: str) -> None:
    """CHARSET counts where the bytes are no UTF-8, and is not believed where they are."""
    badge = read(f"BEGIN:VCARD\nVERSION:2.1\n{line}\nEND:VCARD".encode(charset))

    assert name == badge.contact.name


def test_text_that_the_symbol_declared_stays_as_it_was_decoded() -> None:
    """Where the decoder knew the character set, the reader does not decode again."""
    text = "BEGIN:VCARD\nFN;CHARSET=SHIFT_JIS:山田太郎\nEND:VCARD"

    badge = read_badge(text.encode("shift_jis"), text, BadgeProfile())

    assert isinstance(badge, Badge) and badge.contact.name == "山田太郎"
