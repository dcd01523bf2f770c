"""Text as it is searched: whoever has no key for ü finds Müller, and whoever has one finds Muller."""

import unicodedata

from data.same import ACCENT, SPELT


def folded(text: str) -> str:
    """*text* without capitals and accents; punctuation and blanks stay."""
    plain = text.casefold()
    if plain.isascii():
        return plain
    letters = plain.translate({code: letter for code, letter in SPELT.items() if letter})
    return unicodedata.normalize("NFC", ACCENT.sub("", unicodedata.normalize("NFKD", letters)))
