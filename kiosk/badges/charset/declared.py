"""The character sets that a vCard may declare, and decoding by them."""

import re

# Declared names that are decoded: only character sets. Python has other codecs, with which a badge could cost seconds
# or raise warnings.
_KNOWN_CHARSETS = re.compile(
    r"utf-?8|utf-?16(?:le|be)?|iso-?8859-?\d{1,2}|windows-?125\d|cp\d{3,4}|euc-(?:jp|kr)|iso-2022-jp|big5|koi8-[ru]|gb18030"
)

# Declared name -> the larger character set that is meant.
_CHARSET_SUPERSETS = {
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "gb2312": "gb18030",
    "gbk": "gb18030",
}


def decode_declared(data: bytes, declared: str) -> str:
    """Decode *data* strictly as *declared* if that is a known set, else as UTF-8, else as Windows-1252 or Latin-1."""
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
    """Remove an incomplete UTF-8 character from the end of *data*: quoted-printable text may be cut anywhere."""
    for size in (1, 2, 3):
        end = data[-size:]
        if len(end) == size and end[0] >= 0xC0:
            is_half = size < (2 if end[0] < 0xE0 else 3 if end[0] < 0xF0 else 4)
            rest = data[:-size]
            return rest if is_half and not rest.isascii() and _is_utf8(rest) else data
    return data


def _is_utf8(data: bytes) -> bool:
    """Return whether *data* is UTF-8."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def redecode_latin(value: str, declared: str) -> str:
    """Decode *value* as *declared*, if it was decoded as Latin-1 only for lack of better knowledge."""
    try:
        return decode_declared(value.encode("latin-1"), declared)
    except UnicodeEncodeError:
        return value
