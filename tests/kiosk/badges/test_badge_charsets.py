"""Badges that are not UTF-8."""

import numpy as np
import pytest
import qrcode
from qrcode.util import MODE_8BIT_BYTE, QRData

from camera.payload import Frame
from kiosk.badges.badge import Badge
from kiosk.badges.charset.double_encoding import fix_double_encoding
from kiosk.badges.profile import BadgeProfile
from kiosk.badges.reading import read_badge
from tests.support.decoders import make_still_decoder


def read(payload: bytes) -> Badge:
    """Read the badge in *payload*, decoded as the camera does if the code declares no character set."""
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
def test_a_declared_character_set_is_used(line: str, charset: str, name: str) -> None:
    """CHARSET only counts if the bytes are not UTF-8."""
    badge = read(f"BEGIN:VCARD\nVERSION:2.1\n{line}\nEND:VCARD".encode(charset))

    assert badge.contact.name == name


TWICE = [
    "José García",
    "Jörg Müller",
    "Łukasz Żółć",
    "Зоя Иванова",
    "Γιώργος Νικολάου",
    "王小明",
    "Đorđe Ève",
    "Zoë “Zed”",
]


@pytest.mark.parametrize("name", TWICE)
@pytest.mark.parametrize("charset", ["cp1252", "latin-1"])
def test_double_encoding_is_undone(name: str, charset: str) -> None:
    """As on Windows, which shows GrÃ¼ter for Grüter (jeroendesloovere/vcard#151). Correct text is not changed."""
    wrong = "".join(bytes([byte]).decode(charset, "ignore") or chr(byte) for byte in name.encode())

    badge = read(f"BEGIN:VCARD\nFN:{wrong}\nEND:VCARD".encode())

    assert (badge.contact.name, badge.unread) == (name, ())
    assert fix_double_encoding(name) == name


@pytest.mark.parametrize("text", ["CAFÉ’S", "«CAFÉ»", "RÅ’S", "SÃO PAULO", "«Ä»", "maï’s “x”", "Zoë ‘Zed’ Œuvre"])
def test_letters_before_a_quotation_mark_are_not_double_encoding(text: str) -> None:
    """A quotation mark behind a capital is no second half of it."""
    assert fix_double_encoding(text) == text


def test_text_that_the_symbol_declared_is_not_decoded_again() -> None:
    """Where the decoder knew the character set, the reader does not decode again."""
    text = "BEGIN:VCARD\nFN;CHARSET=SHIFT_JIS:山田太郎\nEND:VCARD"

    badge = read_badge(text.encode("shift_jis"), text, BadgeProfile())

    assert isinstance(badge, Badge) and badge.contact.name == "山田太郎"


GUESSED = [
    *(("Иван Петров", "cp1251"), ("Оксана Шевченко", "cp1251"), ("Иван Петров", "koi8_r"), ("ИВАН ПЕТРОВ", "cp1251")),
    *(("Γιώργος Νικολάου", "cp1253"), ("Ελένη Παππά", "iso8859_7"), ("דוד מזרחי", "cp1255"), ("محمد الأحمد", "cp1256")),
    *(("สมชาย ใจดี", "cp874"), ("Jiří Novák", "cp1250"), ("Łukasz Wiśniewski", "cp1250"), ("Győző Kőszegi", "cp1250")),
    *(
        ("Ayşe Yılmaz", "cp1254"),
        ("İbrahim Çelik", "cp1254"),
        ("Jörg Müller", "mac_roman"),
        ("José Nuñez", "mac_roman"),
    ),
    *(("王伟", "gbk"), ("李小明", "gbk"), ("姚茂", "gbk"), ("陳大文", "big5"), ("林志明", "big5"), ("김철수", "cp949")),
    *(("山田太郎", "cp932"), ("鈴木一郎", "euc_jp"), ("中村あゆみ", "euc_jp")),
    *(
        ("Jörg Müller", "latin-1"),
        ("Zoë O’Brien", "cp1252"),
        ("François Lefèvre", "latin-1"),
        ("Søren Kjær", "latin-1"),
    ),
    *(("Þór Sigurðsson", "latin-1"), ("João Gonçalves", "latin-1"), ("Åsa Öberg", "latin-1"), ("Ömer Groß", "latin-1")),
]
"""Names, and the set in which they are printed without saying so. 姚茂 in GBK is UTF-8, too: `Ҧï`."""

CARRIERS = ["BEGIN:VCARD\nVERSION:3.0\nFN:{}\nEMAIL:a@example.org\nEND:VCARD", "MECARD:N:{};EMAIL:a@example.org;;"]


@pytest.mark.parametrize("carrier", CARRIERS, ids=["vCard", "MeCard"])
@pytest.mark.parametrize(("name", "charset"), GUESSED, ids=[f"{name} {charset}" for name, charset in GUESSED])
def test_an_undeclared_set_is_guessed_if_names_prove_it(carrier: str, name: str, charset: str) -> None:
    """Each letter is right, and no field is doubtful."""
    badge = read(carrier.format(name).encode(charset))

    assert (badge.contact.name, badge.contact.email, badge.unread) == (name, "a@example.org", ())


@pytest.mark.parametrize("name", ["嵘", "Jšrg", "Doğan Đorđe", "ßx£"])
def test_an_unproven_guess_is_not_used_and_reported(name: str) -> None:
    """One ideogram, or letters of several languages: staff see that the name may be different."""
    payload = f"BEGIN:VCARD\nFN:{name}\nEND:VCARD".encode(
        {"嵘": "gbk", "ßx£": "latin-1"}.get(name, "cp1254" if "ğ" in name else "cp1250"), "replace"
    )

    badge = read(payload)

    assert badge.contact.name == badge.unread[0]
    assert read_badge(payload, payload.decode("latin-1"), BadgeProfile()).contact.name == badge.contact.name


def test_a_decoders_guess_of_japanese_is_corrected() -> None:
    """zxing-cpp guesses Shift-JIS for undeclared text. Delimited badges contain names, too."""
    payload = "1234^王^小明^北京科技有限公司".encode("gb2312")

    badge = read_badge(payload, payload.decode("shift_jis", "replace"), BadgeProfile())

    assert isinstance(badge, Badge)
    assert (badge.contact.first_name, badge.contact.last_name) == ("王", "小明")
    assert badge.answers == {"field 4": "北京科技有限公司"}


def test_one_declared_property_is_enough_for_the_others() -> None:
    """Some programs only declare it for the name. Text that claims to be UTF-8 and is not, is guessed."""
    one = read("BEGIN:VCARD\nFN;CHARSET=ISO-8859-2:Łukasz Żak\nORG:Źdźbło\nEND:VCARD".encode("iso8859_2"))
    lie = read("BEGIN:VCARD\nFN;CHARSET=UTF-8:王小明\nORG;CHARSET=UTF-8:北京科技有限公司\nEND:VCARD".encode("gbk"))

    assert (one.contact.name, one.contact.company) == ("Łukasz Żak", "Źdźbło")
    assert (lie.contact.name, lie.contact.company) == ("王小明", "北京科技有限公司")


@pytest.mark.parametrize("text", ["Dvořák", "Ондрей", "Ångström", "Ελένη", "שרה", "½ Ä"])
def test_utf_8_stays_utf_8(text: str) -> None:
    """Whatever its letters look like in another set, unless names prove that."""
    assert read(f"BEGIN:VCARD\nFN:{text} {text}\nEND:VCARD".encode()).contact.name == f"{text} {text}"


def picture_of(payload: bytes) -> Frame:
    """Draw a QR code that contains *payload* byte for byte, and declares no character set."""
    code = qrcode.QRCode(box_size=6)
    code.add_data(QRData(payload, mode=MODE_8BIT_BYTE))
    code.make()
    rows = np.array(code.get_matrix(), dtype=np.uint8)
    return np.kron(255 * (1 - rows), np.ones((6, 6), np.uint8)).astype(np.uint8)


@pytest.mark.parametrize(
    ("name", "charset"),
    [
        *(
            ("Иван Петров", "cp1251"),
            ("王小明", "gbk"),
            ("陳大文", "big5"),
            ("김철수", "cp949"),
            ("Γιώργος Νικολάου", "cp1253"),
        ),
        *(("山田太郎", "cp932"), ("Jiří Novák", "cp1250"), ("Jörg Müller", "latin-1"), ("Zoë Žák", "utf-8")),
    ],
)
def test_an_image_of_an_undeclared_code_is_read(name: str, charset: str) -> None:
    """Through the camera's decoders, which guess as well."""
    payload = f"BEGIN:VCARD\nVERSION:3.0\nFN:{name}\nEMAIL:a@example.org\nEND:VCARD".encode(charset)

    [found] = make_still_decoder(["zxing-cpp"], False)(picture_of(payload))
    badge = read_badge(found.data, found.text, BadgeProfile())

    assert isinstance(badge, Badge)
    assert (found.data, badge.contact.name, badge.unread) == (payload, name, ())
