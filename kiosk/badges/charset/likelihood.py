"""Rates how likely a text is to be names and companies in a character set, by its letters, capitals and words."""

import re
import unicodedata
from functools import lru_cache
from math import log

from kiosk.badges.charset.alphabets import (
    ALPHABETS,
    JAPANESE_CHARACTERS,
    KOREAN_CHARACTERS,
    SIMPLIFIED_CHINESE,
    TRADITIONAL_CHINESE,
)

HAN_CHARACTERS = {
    "gbk": SIMPLIFIED_CHINESE,
    "big5": TRADITIONAL_CHINESE,
    "euc_jp": JAPANESE_CHARACTERS,
    "cp932": JAPANESE_CHARACTERS,
    "cp949": frozenset(),
}
"""The ideograms of names, by the character sets of China, Taiwan, Japan and Korea."""

IMPOSSIBLE_SCORE = -12.0
"""The rating of a character that no name contains."""

_PUNCTUATION = frozenset("\xa0«»„“”‘’–—·•…№®™©、。・（）：，！～ー々〆ヶ　")

_WORD = re.compile(r"[^\W\d_]+")

# An ideogram between Latin letters: the byte of an accented letter was joined with its neighbour.
_TORN = re.compile("[A-Za-z][\u3400-\u9fff\uac00-\ud7af][a-z]")

# A Greek, Cyrillic, Hebrew, Arabic or Thai letter in one word with a Latin one.
_MIXED = re.compile("[A-Za-z][\u0370-\u0eff]|[\u0370-\u0eff][A-Za-z]|[\uff61-\uff9f][A-Za-z^`~|\\\\]")


def rate_charset(sample: bytes, name: str) -> float:
    """Return how likely it is that *sample* is a text in the character set called *name*."""
    try:
        text = sample.decode(name)
    except UnicodeDecodeError:
        return IMPOSSIBLE_SCORE * len(sample)
    return rate_text(text, name)


def rate_text(text: str, name: str) -> float:
    """
    Return how likely *text*, decoded in the set called *name*, is: the sum of its letters' logarithms, without ASCII.
    """
    total, scripts, before = 0.0, set(), ""
    for letter in text:
        if not letter.isascii():
            script, likelihood = _rate_letter(letter, name if name in HAN_CHARACTERS else "")
            total += likelihood
            scripts.add(script)
            if unicodedata.combining(letter) and not before.strip():
                total += IMPOSSIBLE_SCORE
        before = letter
    words = [word for word in _WORD.findall(text) if not word.isascii()]
    total += sum(_rate_case(word) for word in words)
    total += IMPOSSIBLE_SCORE * (len(_TORN.findall(text)) + len(_MIXED.findall(text)))
    return total + IMPOSSIBLE_SCORE * max(0, len(scripts - {""}) - 1)


@lru_cache(maxsize=20_000)
def _rate_letter(letter: str, name: str) -> tuple[str, float]:
    """Return the script of *letter*, and how likely it is in a name; the script of a sign is empty."""
    if letter in _PUNCTUATION:
        return "", -5.0
    script = unicodedata.name(letter, "?").split()[0].capitalize()
    alphabet = ALPHABETS.get(script)
    if alphabet is not None:
        rank = alphabet.find(letter.lower())
        return script, -log(3.2 * (rank + 3)) if rank >= 0 else IMPOSSIBLE_SCORE
    if script == "Hangul":
        return "Hangul", -5.0 if letter in KOREAN_CHARACTERS else -9.5
    if script in ("Hiragana", "Katakana") and name in ("euc_jp", "cp932"):
        return "Cjk", -5.0
    if script == "Halfwidth" and name == "cp932":
        return "Cjk", -5.5
    if script == "Cjk" and name:
        return "Cjk", -6.5 if letter in HAN_CHARACTERS[name] else -10.0 if _is_common(letter) else -13.5
    return "", IMPOSSIBLE_SCORE


def _is_common(letter: str) -> bool:
    """Return whether *letter* is one of the everyday ideograms, which the old character sets list first."""
    for name, first, last in (("gb2312", 0xB0, 0xD7), ("big5", 0xA4, 0xC6), ("euc_jp", 0xB0, 0xCF)):
        try:
            if first <= letter.encode(name)[0] <= last:
                return True
        except UnicodeEncodeError:
            continue
    return False


def _rate_case(word: str) -> float:
    """Return a penalty for the form of *word*: names begin with a capital, and Greek has accents and a final sigma."""
    if word.lower() == word.upper():
        return 0.0
    greek = 0.0
    if "\u0370" <= word[-1] <= "\u03ff" and not word.isupper():
        is_plain = len(word) > 3 and not any(unicodedata.decomposition(letter) for letter in word)
        greek = -2.5 * is_plain - 5.0 * ("ς" in word[:-1]) - 5.0 * (word[-1] == "σ")
    if word.istitle():
        return greek
    return greek - (2.0 if word.isupper() or word.islower() else 9.0)
