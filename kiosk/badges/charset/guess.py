"""
Guesses the character set of a code that declares none and is not UTF-8.

A badge has too few words for detectors made for pages of text. But these words are names, so each character set is
rated by whether it yields letters of one script, capitals where names have them, and letters that are common in names.
A guess is used only if its rating is far better than the next one.
"""

import re
import unicodedata

from kiosk.badges.charset.latin import decode_latin
from kiosk.badges.charset.likelihood import HAN_CHARACTERS, IMPOSSIBLE_SCORE, rate_charset, rate_text

# The character sets that are tried; those for Latin letters are in `kiosk.badges.charset.latin`.
_CHARSETS = ("cp1251", "koi8_r", "cp1253", "cp1255", "cp1256", "cp874", "gbk", "big5", "cp949", "euc_jp", "cp932")

# How many bytes are examined, from the first one beyond ASCII.
_MAX_SAMPLE_BYTES = 600

# How much likelier (as a natural logarithm) the best guess must be than any other.
_MIN_MARGIN = 3.0

# The minimum average rating per byte beyond ASCII; in a wrong character set, bytes are rated lower.
_MIN_BYTE_LIKELIHOOD = -4.8

# The minimum average rating per letter for text in which nearly all letters are common in names.
_MIN_NAME_LIKELIHOOD = -7.5

# Characters of text that the decoder guessed to be Japanese; the code does not say so.
_GUESSED = re.compile("[\ufffd\u3040-\u30ff\u3400-\u9fff\uff61-\uff9f]")

# The character set that a vCard declares for a value; the vCard reader handles that.
_CHARSET_PARAM = re.compile(rb";\s?CHARSET=\"?([\w-]{3,20})", re.IGNORECASE)

# Letters beyond ASCII side by side; in real UTF-8 they are of one alphabet.
_RUN = re.compile(r"[^\x00-\x7f\xa0-\xbf’]{2,}|[^\W\d_a-zA-Z][\xa0-\xbf]")


def guess_text(payload: bytes, text: str) -> tuple[str, bool]:
    """
    Return the text of *payload*, which the decoder read as *text*, and whether it is certain.

    ASCII, UTF-8 and a guess far better than any other are certain. Without such a guess, *text* is returned unchanged.
    """
    declared = _CHARSET_PARAM.search(payload)
    if payload.isascii() or _is_utf8(payload) or (declared and declared[1].upper() not in (b"UTF-8", b"UTF8")):
        return text, True
    # A decoder that does not know the character set returns Latin-1, or UTF-8 with replacement characters.
    is_undecoded = text.strip() in (payload.decode("latin-1").strip(), payload.decode("utf-8", "replace").strip())
    if not is_undecoded and not _GUESSED.search(text):
        return text, True  # the code declares its character set
    sample = _cut_sample(payload)
    (best, name), (second_best, _) = sorted(((rate_charset(sample, name), name) for name in _CHARSETS), reverse=True)[
        :2
    ]
    letters = [
        character
        for character in sample.decode(name, "ignore")
        if unicodedata.category(character)[0] in "LM" and not character.isascii()
    ]
    has_common_letters = len(letters) > 1 and best > _MIN_NAME_LIKELIHOOD * len(letters)
    latin = decode_latin(payload, sample) if is_undecoded else None
    if latin and (latin[0] == text or not has_common_letters):
        return latin
    rating_of_text = IMPOSSIBLE_SCORE * len(sample)
    if not is_undecoded:
        rating_of_text = max(rate_text(text, han) for han in HAN_CHARACTERS)
    is_likely = len(letters) > 1 and best > _MIN_BYTE_LIKELIHOOD * len("".join(letters).encode(name))
    if is_likely and best > max(second_best, rating_of_text) + _MIN_MARGIN:
        return payload.decode(name, "replace"), True
    return text, is_likely and rating_of_text >= best


def _is_utf8(payload: bytes) -> bool:
    """Return whether *payload* is UTF-8, and not by accident: two ideograms may look like letters of two alphabets."""
    try:
        text = payload.decode()
    except UnicodeDecodeError:
        return False
    runs = _RUN.findall(text) if len(payload) <= _MAX_SAMPLE_BYTES and max(text) < "\u0800" else []
    return not any(len({_find_alphabet(letter) for letter in run}) > 1 for run in runs)


def _find_alphabet(letter: str) -> str:
    """Return the alphabet of *letter*; an empty string for anything but a letter."""
    return unicodedata.name(letter, "?").split()[0] if letter.isalpha() else ""


def _cut_sample(payload: bytes) -> bytes:
    """Return the part of *payload* around its first bytes beyond ASCII; whole lines, if there are lines."""
    first = next(at for at, byte in enumerate(payload) if byte > 127)
    start = payload.rfind(b"\n", max(0, first - _MAX_SAMPLE_BYTES), first) + 1
    sample = payload[max(start, first - _MAX_SAMPLE_BYTES) :]
    if len(sample) <= _MAX_SAMPLE_BYTES:
        return sample
    return sample[: sample.rfind(b"\n", 0, _MAX_SAMPLE_BYTES) + 1 or _MAX_SAMPLE_BYTES]
