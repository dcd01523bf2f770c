"""The text of a file in whatever encoding it was written."""

import codecs
import re

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""How a file begins that says what it is."""

OTHERS = ["cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "koi8_r", "cp932", "euc_jp",
          "gb18030", "big5", "cp949"]  # fmt: skip
"""What spreadsheets write besides Unicode and Western Europe's; with more to choose from, the guess gets worse."""

IN_WORDS = set("ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝßàáâãäåæçèéêëìíîïñòóôõöøùúûüýÿŒœŠšŽžŸªº")
"""The letters beyond ASCII of Western Europe."""

WORD = re.compile(r"[^\W\d_]+")

BROKEN = re.compile(r"\w[^\w\s\x00-\x7f’‘´·–—…]\w|[£¥¯][^\W\d]")
"""A sign where a letter was to be: how cp1252 shows words in another encoding."""

CZECH = set("šžìèù")
"""Beside an ø, which is how cp1252 shows ř."""


def decoded(content: bytes, encoding: str = "") -> tuple[str, str]:
    """
    *content* as text, and its encoding: the one given, the one that it declares, UTF-8 where that fits, else a guess.

    Raises:
        ValueError: *encoding* is none, or none that fits.
    """
    if encoding:
        try:
            return content.decode(encoding).removeprefix("\ufeff"), encoding
        except UnicodeDecodeError as error:
            raise ValueError(f"It is not written in {encoding} (byte {error.start + 1} does not fit).") from error
        except LookupError as error:
            raise ValueError(f"There is no encoding {encoding!r}; utf-8, cp1252 and cp1250 are some.") from error
    for mark, name in MARKS:
        if content.startswith(mark):
            return content.decode(name, "replace"), name.removesuffix("-sig").upper()
    return guessed(content)


def guessed(content: bytes) -> tuple[str, str]:
    """*content*, which says nothing of its encoding, as text; and the encoding that it most probably has."""
    if name := "utf-16-le" if content[1:2] == b"\0" else "utf-16-be" if content[:1] == b"\0" else "":
        return content.decode(name, "replace"), name.upper()
    for name in ("utf-8", "cp1252"):
        try:
            text = content.decode(name)
        except UnicodeDecodeError:
            continue
        if name == "utf-8" or is_western(text):
            return text, name.upper() if name == "utf-8" else name
    from charset_normalizer import from_bytes

    best = from_bytes(content, cp_isolation=OTHERS).best()
    encoding = best.encoding if best is not None else "cp1252"
    return content.decode(encoding, "replace"), encoding


def is_western(text: str) -> bool:
    """
    Whether *text*, read as cp1252, has words of Western Europe: few of their letters are beyond ASCII.

    What was written in another encoding has words of nothing else, or with signs in them that belong into no word.
    """
    words = [word for word in WORD.findall(text) if not word.isascii()]
    odd = [character for word in words for character in word if not character.isascii()]
    is_czech = "ø" in odd and not CZECH.isdisjoint(map(str.lower, odd))
    return (
        IN_WORDS.issuperset(odd)
        and 2 * len(odd) <= len("".join(words)) + 1
        and not is_czech
        and not BROKEN.search(text)
    )
