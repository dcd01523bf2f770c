"""
The character set of a code that declares none and is not UTF-8: guessed where names prove it, and otherwise left alone.

A badge has a few words, too few for guesses that are made for pages of text. But these words are names, so they are
tried in each set: letters of one script, in capitals where names have them, and as common as they are in names. The
best reading must be far better than the next one.
"""

import re
import unicodedata
from functools import lru_cache
from math import log

from kiosk.badges.charset.latin import latin_text
from kiosk.badges.charset.letters import ALPHABETS, JAPANESE, KOREAN, SIMPLIFIED, TRADITIONAL

_SETS = ("cp1251", "koi8_r", "cp1253", "cp1255", "cp1256", "cp874", "gbk", "big5", "cp949", "euc_jp", "cp932")

_HAN = {"gbk": SIMPLIFIED, "big5": TRADITIONAL, "euc_jp": JAPANESE, "cp932": JAPANESE, "cp949": frozenset()}
"""The ideograms that names have in the sets of China, Taiwan and Japan."""

MAX_BYTES = 600
"""Of a payload that are looked at, from the first one beyond ASCII."""

_MIN_MARGIN = 3.0
"""How much likelier (as a natural logarithm) than any other a reading must be."""

_WORST = -4.8
"""What a byte beyond ASCII may cost on average; those of another set cost more."""

_NAMES = -7.5
"""What an ideogram costs on average where nearly all are common in names."""

_WRONG = -12.0
"""What a sign costs that no name has."""

_PUNCTUATION = frozenset("\xa0«»„“”‘’–—·•…№®™©、。・（）：，！～ー々〆ヶ　")

_WORD = re.compile(r"[^\W\d_]+")

_TORN = re.compile("[A-Za-z][\u3400-\u9fff\uac00-\ud7af][a-z]")
"""An ideogram between Latin letters: the byte of an accented letter took its neighbour along."""

_GUESSED = re.compile("[\ufffd\u3040-\u30ff\u3400-\u9fff\uff61-\uff9f]")
"""What is in a text that a decoder took for Japanese without being told so."""

_DECLARED = re.compile(rb";\s?CHARSET=\"?([\w-]{3,20})", re.IGNORECASE)
"""A vCard may say in which set a value is; its reader sees to that."""

_RUN = re.compile(r"[^\x00-\x7f\xa0-\xbf’]{2,}|[^\W\d_a-zA-Z][\xa0-\xbf]")

_MIXED = re.compile("[A-Za-z][\u0370-\u0eff]|[\u0370-\u0eff][A-Za-z]|[\uff61-\uff9f][A-Za-z^`~|\\\\]")
"""A Greek, Cyrillic, Hebrew, Arabic or Thai letter in one word with a Latin one."""


def likely_text(payload: bytes, text: str) -> tuple[str, bool]:
    """
    The text of *payload*, which was decoded as *text* so far, and whether that is sure.

    UTF-8, ASCII and what its words prove are sure. Otherwise *text* stays as it is.
    """
    declared = _DECLARED.search(payload)
    if payload.isascii() or _is_utf8(payload) or (declared and declared[1].upper() not in (b"UTF-8", b"UTF8")):
        return text, True
    is_latin = text.strip() == payload.decode("latin-1").strip()
    is_latin = is_latin or text.strip() == payload.decode("utf-8", "replace").strip()
    if not is_latin and not _GUESSED.search(text):
        return text, True  # the code declares it
    sample = _sample_of(payload)
    rated = sorted(((_rate_set(sample, name), name) for name in _SETS), reverse=True)
    best, name = rated[0]
    foreign = [letter for letter in sample.decode(name, "ignore") if unicodedata.category(letter)[0] in "LM"]
    foreign = [letter for letter in foreign if not letter.isascii()]
    is_of_names = len(foreign) > 1 and best > _NAMES * len(foreign)
    found = latin_text(payload, sample) if is_latin else None
    if found and (found[0] == text or not is_of_names):
        return found
    given = _WRONG * len(sample) if is_latin else max(_rate(text, each) for each in _HAN)
    is_likely = len(foreign) > 1 and best > _WORST * len("".join(foreign).encode(name))
    if is_likely and best > max(rated[1][0], given) + _MIN_MARGIN:
        return payload.decode(name, "replace"), True
    return text, is_likely and given >= best


def _is_utf8(payload: bytes) -> bool:
    """Whether *payload* is UTF-8, and not by accident: two ideograms may look like letters of two alphabets."""
    try:
        text = payload.decode()
    except UnicodeDecodeError:
        return False
    runs = _RUN.findall(text) if len(payload) <= MAX_BYTES and max(text) < "\u0800" else []
    return not any(len({_kind_of(letter) for letter in run}) > 1 for run in runs)


def _kind_of(letter: str) -> str:
    """The alphabet of *letter*; whatever is not a letter is of none."""
    return unicodedata.name(letter, "?").split()[0] if letter.isalpha() else ""


def _sample_of(payload: bytes) -> bytes:
    """Whole lines of *payload* around its first bytes beyond ASCII, as far as there are lines."""
    first = next(at for at, byte in enumerate(payload) if byte > 127)
    start = payload.rfind(b"\n", max(0, first - MAX_BYTES), first) + 1
    sample = payload[max(start, first - MAX_BYTES) :]
    if len(sample) <= MAX_BYTES:
        return sample
    return sample[: sample.rfind(b"\n", 0, MAX_BYTES) + 1 or MAX_BYTES]


def _rate_set(sample: bytes, name: str) -> float:
    """How likely *sample* is a text in the set called *name*."""
    try:
        text = sample.decode(name)
    except UnicodeDecodeError:
        return _WRONG * len(sample)
    return _rate(text, name)


def _rate(text: str, name: str) -> float:
    """How likely *text*, read in the set called *name*, is: the sum of the logarithms for its letters beyond ASCII."""
    total, scripts, before = 0.0, set(), ""
    for letter in text:
        if not letter.isascii():
            script, likelihood = _rate_letter(letter, name if name in _HAN else "")
            total += likelihood
            scripts.add(script)
            if unicodedata.combining(letter) and not before.strip():
                total += _WRONG
        before = letter
    words = [word for word in _WORD.findall(text) if not word.isascii()]
    total += sum(_rate_case(word) for word in words)
    total += _WRONG * (len(_TORN.findall(text)) + len(_MIXED.findall(text)))
    return total + _WRONG * max(0, len(scripts - {""}) - 1)


@lru_cache(maxsize=20_000)
def _rate_letter(letter: str, name: str) -> tuple[str, float]:
    """The script of *letter*, and how likely a name has it; an empty script for a sign."""
    if letter in _PUNCTUATION:
        return "", -5.0
    script = unicodedata.name(letter, "?").split()[0].capitalize()
    alphabet = ALPHABETS.get(script)
    if alphabet is not None:
        rank = alphabet.find(letter.lower())
        return script, -log(3.2 * (rank + 3)) if rank >= 0 else _WRONG
    if script == "Hangul":
        return "Hangul", -5.0 if letter in KOREAN else -9.5
    if script in ("Hiragana", "Katakana") and name in ("euc_jp", "cp932"):
        return "Cjk", -5.0
    if script == "Halfwidth" and name == "cp932":
        return "Cjk", -5.5
    if script == "Cjk" and name:
        return "Cjk", -6.5 if letter in _HAN[name] else -10.0 if _is_common(letter) else -13.5
    return "", _WRONG


def _is_common(letter: str) -> bool:
    """Whether *letter* is among the ideograms that the old sets have first, for everyday use."""
    for name, first, last in (("gb2312", 0xB0, 0xD7), ("big5", 0xA4, 0xC6), ("euc_jp", 0xB0, 0xCF)):
        try:
            if first <= letter.encode(name)[0] <= last:
                return True
        except UnicodeEncodeError:
            continue
    return False


def _rate_case(word: str) -> float:
    """What the form of *word* says against it: names begin with a capital, and Greek has accents and a final sigma."""
    if word.lower() == word.upper():
        return 0.0
    greek = 0.0
    if "\u0370" <= word[-1] <= "\u03ff" and not word.isupper():
        is_plain = len(word) > 3 and not any(unicodedata.decomposition(letter) for letter in word)
        greek = -2.5 * is_plain - 5.0 * ("ς" in word[:-1]) - 5.0 * (word[-1] == "σ")
    if word.istitle():
        return greek
    return greek - (2.0 if word.isupper() or word.islower() else 9.0)
