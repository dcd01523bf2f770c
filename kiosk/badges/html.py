"""Text that was HTML before it got onto a badge or into a list: `AT&amp;T`, `<p>met here</p>`."""

import re
from html import unescape

# An HTML entity. The semicolon is required: otherwise `Smith&Partners` would contain one.
_ENTITY = re.compile(r"&(?:[A-Za-z]{2,8}\d{0,2}|#\d{2,6}|#[xX][0-9A-Fa-f]{2,5});")

_MARKED_UP = re.compile(r"\s*<(?:p|div|span|br|ul|ol|b|i|strong)\b[^<>]{0,200}>", re.IGNORECASE)

_LINE_END = re.compile(r"<(?:br\b[^<>]{0,50}|/p|/div|/li)>", re.IGNORECASE)

_TAG = re.compile(r"</?[A-Za-z][^<>]{0,200}>")

# How often entities are replaced: some programs escape text that was escaped already, as in `O&amp;#039;Brien`.
_TIMES_ESCAPED = 2


def decode_entities(text: str) -> str:
    """Replace the HTML entities in *text* by their characters."""
    for _ in range(_TIMES_ESCAPED):
        if "&" not in text:
            break
        text = _ENTITY.sub(lambda found: unescape(found[0]), text)
    return text


def strip_markup(text: str) -> str:
    """Remove entities, and tags if *text* begins with one; the end of a paragraph becomes a line break."""
    if _MARKED_UP.match(text):
        text = _TAG.sub("", _LINE_END.sub("\n", text))
    return decode_entities(text)
