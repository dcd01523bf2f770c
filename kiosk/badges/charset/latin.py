"""
Finds the character set of a text in Latin letters: the one in which all its words can be of one language.

If there is none, each word must at least be possible in some language.
"""

import re
from itertools import pairwise

from kiosk.badges.charset.alphabets import LANGUAGE_LETTERS

_WORD = re.compile(r"[^\W\d_]+(?:['’‘.-][^\W\d_]+)*")

_LETTER_RUN = re.compile(rb"[A-Za-z\x80-\xff]+")

# Signs beyond ASCII, where a text may plausibly have them.
_TYPOGRAPHIC = re.compile(
    r"(?<=\w)[’‘´·](?=\w)|(?<=\w)[’™®](?!\w)|(?<=[\s\d])[–—](?=[\s\d])|[«»„“”‘’](?=\w{3}|\s|\W?$)|(?<=\w{3})[”“’»…]"
    r"|(?<!\w)[€©•·](?!\w)|(?<=\d)[°€]|\xa0|(?<=[\s.\d])[ªº]"
)

# What cp1252 shows for Turkish ş and İ and Hungarian ő, in places where no Icelandic or Portuguese word has þ, Ý or õ.
_FOREIGN = re.compile("(?<=.)þ|^Ý|õ(?!e)|Õ(?!E)|[^\\W\\d_]{2}Ý")

# Letters that only Turkish has, and letters and parts of names that only Icelandic has.
_TURKISH = re.compile("[aeıioöuü]ğ|ı|ş", re.IGNORECASE)

_NORSE = re.compile("[^aeiouöüý]ð|^ð|sson|mundur|dóttir|Þor", re.IGNORECASE)

# Marks inside words.
_MARKS = "'’‘.-"

_PART = re.compile(r"[^\W\d_]+")


def decode_latin(payload: bytes, sample: bytes) -> tuple[str, bool] | None:
    """
    Decode *payload* as text in Latin letters, and return whether that is certain; None if *sample* does not look like
    such text.

    If several character sets fit and yield different texts, it is decoded as Latin-1, and is not certain.
    """
    runs = [run for run in _LETTER_RUN.findall(sample) if not run.isascii()]
    if any(2 * sum(byte > 127 for byte in run) > len(run) + 1 for run in runs):
        return None
    texts = {name: text for name in LANGUAGE_LETTERS if (text := _decode_or_none(sample, name)) is not None}
    one_language = {name for name, text in texts.items() if _has_one_language(text, name)}
    if "cp1254" in one_language and _TURKISH.search(texts["cp1254"]) and not _NORSE.search(texts["cp1252"]):
        one_language.discard("cp1252")  # its letters for the same bytes are Icelandic, and this is not
    any_language = {name for name, text in texts.items() if _has_known_languages(text, name)}
    for fitting in (one_language & {"cp1252"}, one_language, any_language & {"cp1252"}, any_language):
        if len({texts[name] for name in fitting}) > 1:
            break
        if fitting:
            name = min(fitting)
            return payload.decode("latin-1" if name == "cp1252" else name, "replace"), True
    return (payload.decode("latin-1"), False) if any_language else None


def _decode_or_none(sample: bytes, name: str) -> str | None:
    """Decode *sample* in the character set *name*; return None if it does not fit."""
    try:
        return sample.decode(name)
    except UnicodeDecodeError:
        return None


def _has_one_language(text: str, name: str) -> bool:
    """Return whether all words of *text*, decoded in the character set *name*, can be of one language."""
    words = _find_accented_words(text)
    return words is not None and any(
        all(set(_list_accented(word)) <= set(alphabet) for word in words)
        for alphabet in LANGUAGE_LETTERS[name].values()
    )


def _has_known_languages(text: str, name: str) -> bool:
    """Return whether each word of *text*, decoded in the character set *name*, can be of some language."""
    words = _find_accented_words(text)
    return words is not None and all(
        any(set(_list_accented(word)) <= set(alphabet) for alphabet in LANGUAGE_LETTERS[name].values())
        for word in words
    )


def _has_broken_case(word: str) -> bool:
    """Return whether *word* has an accented capital in the middle, as in `MŸller`, which no name has."""
    return any(
        not part.isupper()
        and (
            any(letter.isupper() and not letter.isascii() for letter in part[1:])
            or any(not one.isascii() and one.islower() and two.isupper() for one, two in pairwise(part))
        )
        for part in _PART.findall(word)
    )


def _list_accented(word: str) -> list[str]:
    """Return the letters of *word* beyond ASCII, in lower case."""
    return [letter for letter in word.lower() if not letter.isascii() and letter.isalpha()]


def _find_accented_words(text: str) -> list[str] | None:
    """
    Return the words of *text* with letters beyond ASCII; None if some of its signs or capitals make no sense.
    """
    rest = _TYPOGRAPHIC.sub("", text)
    words = [word for word in _WORD.findall(rest) if not word.isascii()]
    signs = [sign for sign in _WORD.sub("", rest) if not sign.isascii()]
    if signs or not words or any(_has_broken_case(word) or _FOREIGN.search(word) for word in words):
        return None
    if any(len(word) == 1 and word not in "àéóåöøè" for word in words):
        return None
    return words if all(letter.isalpha() or letter in _MARKS for word in words for letter in word) else None
