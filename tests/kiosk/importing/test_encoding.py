"""Text files in any encoding."""

import io

import pytest

from kiosk.importing.tables.encoding import open_text


def decoded(content: bytes, encoding: str = "") -> tuple[str, str]:
    """Return all text of a file, and its encoding."""
    text, name = open_text(io.BytesIO(content), encoding)
    return text.read(), name


GERMAN = "Nr;Vorname;Nachname\r\n1;Jürgen;Müller-Weiß\r\n2;Zoë;Ångström\r\n"
POLISH = "id,name,company\n1,Łukasz Żółć,Źródło\n2,Święta Ąę,Śnieżka\n"
CZECH = "id,name\n1,Jiří Dvořák\n2,Žaneta Černá\n"
RUSSIAN = "id,name,company\n1,Иван Петров,Рога и копыта\n2,Анна Сидорова,Завод\n"
JAPANESE = "番号,氏名,会社\n1,山田 太郎,株式会社サンプル\n2,佐藤 花子,日本電気\n"
CHINESE = "id,name,company\n1,王小明,北京大学\n2,李娜,中国银行\n"

GUESSED = [
    ("ascii", GERMAN.replace("ü", "u").encode("ascii", "ignore").decode()),
    *((name, GERMAN) for name in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252")),
    ("utf-8", JAPANESE),
    ("utf-16", JAPANESE),
    ("cp1252", "id,nombre\n1,Begoña Muñoz\n"),
    ("cp1252", "id,nom\n1,Émile Lefèvre\n2,François Noël\n"),
    ("cp1252", "id,name\n1,Zoë\n"),
    ("cp1252", "id,navn\n1,Søren Ågård\n2,Bjørn Æbelø\n"),
    ("cp1252", "id,name,company\n1,Ana O’Neill,“Best” – €uro\n"),
    ("cp1250", POLISH),
    ("cp1250", "id,name\n1,Michał\n"),
    ("cp1250", CZECH),
    ("cp1251", RUSSIAN),
    ("koi8_r", RUSSIAN),
    ("cp1253", "id,name,company\n1,Γιώργος Παπαδόπουλος,Τράπεζα\n"),
    ("shift_jis", JAPANESE),
    ("euc_jp", JAPANESE),
    ("gb18030", CHINESE),
    ("cp949", "id,name\n1,김철수,삼성전자\n2,이영희,현대자동차\n"),
]


@pytest.mark.parametrize(
    ("encoding", "text"), GUESSED, ids=[f"{number} {name}" for number, (name, _) in enumerate(GUESSED)]
)
def test_the_encoding_is_detected(encoding: str, text: str) -> None:
    """As spreadsheet programs write it, with a byte order mark or without, even if the list is short."""
    assert decoded(text.encode(encoding))[0] == text


def test_a_chosen_encoding_is_used() -> None:
    """Even if the guess would be different."""
    assert decoded("Şükrü".encode("cp1254"), "cp1254") == ("Şükrü", "cp1254")
    assert decoded("\ufeffé".encode(), "utf-8") == ("é", "utf-8")


@pytest.mark.parametrize(
    ("encoding", "sentence"),
    [
        ("utf-8", "this file is not in utf-8 (byte 2 does not fit). Choose another --encoding."),
        ("klingon", "unknown encoding 'klingon'."),
    ],
)
def test_an_impossible_encoding_is_refused(encoding: str, sentence: str) -> None:
    """Nothing is guessed then."""
    with pytest.raises(ValueError) as raised:
        decoded(b"Z\xeb", encoding)

    assert str(raised.value).startswith(sentence)


@pytest.mark.parametrize("content", [b"", b"\xff", b"\xff\xfe\x00", bytes(range(256)) * 40, b"\x00", b"\x81\x8d"])
def test_any_bytes_can_be_decoded(content: bytes) -> None:
    """The result is always some text."""
    text, encoding = decoded(content)

    assert isinstance(text, str) and encoding
