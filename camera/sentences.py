"""English sentences that remember how they were made, so that the kiosk can translate what the camera reports."""

from typing import Any


class Sentence(str):
    """
    An English sentence with the template (`message`) and the values that it was filled from.

    This package may not import the catalogue of translations (`data.language`). Whoever shows a sentence looks its
    `message` up there and fills in the `values`; everybody else uses it as an ordinary string.
    """

    message: str
    values: dict[str, Any]

    def __new__(cls, message: str, **values: Any) -> "Sentence":
        """Fill the named braces of *message* with *values*."""
        sentence = super().__new__(cls, message.format(**values) if values else message)
        sentence.message, sentence.values = message, values
        return sentence


def mark_for_translation(message: str) -> str:
    """Return *message* as it is; Babel collects the argument for the catalogue."""
    return message


N_ = mark_for_translation
