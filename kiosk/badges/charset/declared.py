"""The character sets that a vCard may declare, and text out of bytes by them."""

import re

_KNOWN_CHARSETS = re.compile(
    r"utf-?8|utf-?16(?:le|be)?|iso-?8859-?\d{1,2}|windows-?125\d|cp\d{3,4}|euc-(?:jp|kr)|iso-2022-jp|big5|koi8-[ru]|gb18030"
)
"""Codecs that are character sets. Python has others by which a badge could cost seconds or raise warnings."""

_CHARSET_SUPERSETS = {
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "gb2312": "gb18030",
    "gbk": "gb18030",
}
"""What is declared, and the set around it that is meant."""


def decode_declared(data: bytes, declared: str) -> str:
    """*data* as text: strictly as *declared* where that is a known set, else UTF-8, else Windows' and Latin-1."""
    data = _drop_half_character(data)
    name = declared.strip().lower()
    name = _CHARSET_SUPERSETS.get(name, name)
    for charset in (name if _KNOWN_CHARSETS.fullmatch(name) else "utf-8", "utf-8", "cp1252"):
        try:
            return data.decode(charset)
        except (UnicodeError, LookupError):
            continue
    return data.decode("latin-1")


def _drop_half_character(data: bytes) -> bytes:
    """*data* without the beginning of a UTF-8 character at its end: what was quoted-printable is cut anywhere."""
    for size in (1, 2, 3):
        end = data[-size:]
        if len(end) == size and end[0] >= 0xC0:
            is_half = size < (2 if end[0] < 0xE0 else 3 if end[0] < 0xF0 else 4)
            rest = data[:-size]
            return rest if is_half and not rest.isascii() and _is_utf8(rest) else data
    return data


def _is_utf8(data: bytes) -> bool:
    """Whether *data* is UTF-8."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def redecode_latin(value: str, declared: str) -> str:
    """*value*, which was read as Latin-1 for want of anything better, read anew as *declared*."""
    try:
        return decode_declared(value.encode("latin-1"), declared)
    except UnicodeEncodeError:
        return value
