"""Text as it is searched: whoever has no key for ü finds Müller, and whoever has one finds Muller."""

import unicodedata

from data.person_matching import ACCENTS, LETTER_SPELLINGS


def fold_text(text: str) -> str:
    """*text* without capitals and accents; punctuation and blanks stay."""
    plain = text.casefold()
    if plain.isascii():
        return plain
    letters = plain.translate({code: letter for code, letter in LETTER_SPELLINGS.items() if letter})
    return unicodedata.normalize("NFC", ACCENTS.sub("", unicodedata.normalize("NFKD", letters)))
