"""Decodes the text of a file in any encoding."""

import codecs
import io
import re
from typing import BinaryIO

from data.language import _

# How a file begins that declares its encoding.
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark is its beginning
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

_CHUNK_BYTES = 1 << 20
"""Bytes that are read together."""

# How many bytes are used to guess an encoding that is not Unicode.
_SAMPLE_BYTES = 4 << 20

# What spreadsheets write besides Unicode and Western European; with more candidates, guesses get worse.
_CANDIDATE_ENCODINGS = [
    *("cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257"),
    *("koi8_r", "cp932", "euc_jp", "gb18030", "big5", "cp949"),
]

# The letters beyond ASCII of Western Europe.
_WESTERN_LETTERS = set("ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝßàáâãäåæçèéêëìíîïñòóôõöøùúûüýÿŒœŠšŽžŸªº")

_WORD_PATTERN = re.compile(r"[^\W\d_]+")

# A sign in the place of a letter, which is how cp1252 shows words in another encoding.
_BROKEN_WORD = re.compile(r"\w[^\w\s\x00-\x7f’‘´·–—…]\w|[£¥¯][^\W\d]")

# How cp1252 shows other Czech letters; beside an ø, which is how it shows ř, they prove that the text is Czech.
_CZECH_LETTERS = set("šžìèù")


def open_text(file: BinaryIO, encoding: str = "") -> tuple[io.TextIOWrapper, str]:
    """
    Return *file* as text, and its encoding: the given one, the one it declares, UTF-8 if that fits, else a guess.

    Line ends stay as they are in the file; bytes that do not fit a guess are replaced.

    Raises:
        ValueError: *encoding* is unknown, or does not fit.
        OSError: it cannot be read.
    """
    start = file.read(4)
    marked = next((name for mark, name in _BYTE_ORDER_MARKS if start.startswith(mark)), "")
    if encoding:
        _check_encoding(file, encoding)
        is_unicode = codecs.lookup(encoding).name.startswith("utf")
        codec, name = marked if marked and is_unicode else encoding, encoding
    else:
        codec = marked or _guess_encoding(file)
        name = codec.removesuffix("-sig").upper() if codec.startswith("utf") else codec
    file.seek(0)
    return io.TextIOWrapper(file, codec, "replace", newline=""), name


def _check_encoding(file: BinaryIO, encoding: str) -> None:
    """
    Read all of *file* to check that it is written in *encoding*.

    Raises:
        ValueError: it is not, or the encoding is unknown.
    """
    try:
        b"a".decode(encoding, "ignore")  # only this rejects codecs that do not encode text, such as base64
        decoder, bytes_read, more = codecs.getincrementaldecoder(encoding)(), 0, True
        file.seek(0)
        while more:
            part = file.read(_CHUNK_BYTES)
            bytes_read, more = bytes_read + len(part), bool(part)
            decoder.decode(part, not more)
    except UnicodeDecodeError as error:
        place = bytes_read - len(error.object) + error.start + 1
        raise ValueError(
            _("this file is not in {encoding} (byte {position} does not fit). Choose another --encoding.").format(
                encoding=encoding, position=place
            )
        ) from error
    except LookupError as error:
        raise ValueError(
            _("unknown encoding {encoding}. Examples: utf-8, cp1252, cp1250.").format(encoding=repr(encoding))
        ) from error


def _guess_encoding(file: BinaryIO) -> str:
    """Return the most probable encoding of *file*, which does not declare one."""
    file.seek(0)
    content = file.read(_SAMPLE_BYTES)
    if len(content) == _SAMPLE_BYTES:
        content = content[: content.rfind(b"\n") + 1 or _SAMPLE_BYTES]
    if content[1:2] == b"\0" or content[:1] == b"\0":
        return "utf-16-le" if content[1:2] == b"\0" else "utf-16-be"
    for name in ("utf-8", "cp1252"):
        try:
            text = content.decode(name)
        except UnicodeDecodeError:
            continue
        if name == "utf-8" or _is_western(text):
            return name
    from charset_normalizer import from_bytes

    best = from_bytes(content, cp_isolation=_CANDIDATE_ENCODINGS).best()
    return best.encoding if best is not None else "cp1252"


def _is_western(text: str) -> bool:
    """
    Return whether *text*, decoded as cp1252, consists of Western European words, which have few letters beyond ASCII.

    Text in another encoding consists of nothing but such letters, or has signs in the middle of words.
    """
    words = [word for word in _WORD_PATTERN.findall(text) if not word.isascii()]
    odd = [character for word in words for character in word if not character.isascii()]
    is_czech = "ø" in odd and not _CZECH_LETTERS.isdisjoint(map(str.lower, odd))
    return (
        _WESTERN_LETTERS.issuperset(odd)
        and 2 * len(odd) <= len("".join(words)) + 1
        and not is_czech
        and not _BROKEN_WORD.search(text)
    )
