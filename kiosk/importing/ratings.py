"""Ratings in a list: 1 to 5, stars, or a CRM's words for them."""

import re
from collections.abc import Sequence
from typing import Any

from kiosk.importing.columns.headings import to_canonical
from kiosk.importing.columns.vocabulary import RATING_WORDS
from kiosk.importing.tables.table import cell_to_text

DEFAULT_RATING_WORDS = ("Cold", "Cold", "Warm", "Warm", "Hot")
"""What ratings 1 to 5 are called in Salesforce by default."""


_STARS = re.compile(r"([★⭐*]{1,5})[☆]*\ufe0f?")
_NUMBER = re.compile(
    r"([1-5])(?:[.,]0+)?(?:\s*(?:/|of|von|sur|de|di|av|z|из)\s*5)?(?:\s*(?:stars?|sterne?|★|⭐))?", re.IGNORECASE
)


def parse_rating(cell: Any, words: Sequence[str] = DEFAULT_RATING_WORDS) -> tuple[int | None, str]:
    """
    Return the rating in *cell*, and the text if it could not be understood as one.

    *words* are what the kiosk sends for 1 to 5. A word that stands for several ratings means the lowest.
    """
    text = cell_to_text(cell).strip()
    if not text or isinstance(cell, bool):
        return None, text
    if found := _NUMBER.fullmatch(text):
        return int(found[1]), ""
    if found := _STARS.fullmatch(text):
        return len(found[1].replace("\ufe0f", "")), ""
    folded = text.casefold()
    sent = [word.casefold() for word in words]
    if folded in sent:
        return sent.index(folded) + 1, ""
    number = next(
        (number for number, known in RATING_WORDS.items() if to_canonical(text) in map(to_canonical, known)), None
    )
    return number, "" if number else text[:40]
