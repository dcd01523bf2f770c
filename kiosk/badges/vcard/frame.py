"""The frame of a vCard: its BEGIN and END lines, however printers, links and scanners write them."""

import re

# The beginning of a card; its group is the word BEGIN, in the case of the card's keywords. A scanner may type something
# first, and a link encodes the colon.
BEGIN_PATTERN = re.compile(r"[^:]{0,16}?(begin)\s{0,3}(?::|%3a)\s{0,3}vcard", re.IGNORECASE)

_END_PATTERN = re.compile(r"end\s{0,3}:\s{0,3}vcard", re.IGNORECASE)

_SPACE = re.compile(r"\s")

TYPED_BEGIN_PATTERN = re.compile(r"BEGIN.{1,4}VC?.{0,4}D", re.IGNORECASE | re.DOTALL)
"""The beginning of a card as a scanner with any keyboard layout types it."""

TYPED_END_PATTERN = re.compile(r"END.{1,4}VC?.{0,4}D\s*\Z", re.IGNORECASE | re.DOTALL)
"""The end of a card, likewise."""


def is_first_line(line: str) -> bool:
    """Return whether *line* is the first of a card of several lines."""
    begin = BEGIN_PATTERN.match(line.strip())
    # A card in a link, where the colon is encoded, is on one line.
    return begin is not None and ":" in begin[0] and _END_PATTERN.search(line) is None


def is_last_line(line: str) -> bool:
    """Return whether *line* ends a card, whatever follows on it."""
    return _END_PATTERN.match(line.strip()) is not None


def is_bare_end(line: str) -> bool:
    """Return whether *line* is nothing but the end of a card."""
    return _END_PATTERN.fullmatch(line.strip()) is not None


def is_last_or_cut_line(line: str) -> bool:
    """Return whether *line* ends a card; the text may be cut off within the word."""
    if line[:1] not in "eE":
        return False
    text = _SPACE.sub("", line).upper()
    return text.startswith("END:VCARD") or (len(text) > 2 and "END:VCARD".startswith(text))
