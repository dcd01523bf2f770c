"""Text folding for searches: without a key for ü one finds Müller, and with one, Muller."""

import unicodedata

from data.person_matching import ACCENTS, LETTER_SPELLINGS


def fold_text(text: str) -> str:
    """Return *text* without capitals and accents; punctuation and spaces stay."""
    plain = text.casefold()
    if plain.isascii():
        return plain
    letters = plain.translate({code: letter for code, letter in LETTER_SPELLINGS.items() if letter})
    return unicodedata.normalize("NFC", ACCENTS.sub("", unicodedata.normalize("NFKD", letters)))
