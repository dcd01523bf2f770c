"""Text that a web page's program escaped before it came onto a badge or into a list: `AT&amp;T`, `<p>met here</p>`."""

import re
from html import unescape

_ENTITY = re.compile(r"&(?:[A-Za-z]{2,8}\d{0,2}|#\d{2,6}|#[xX][0-9A-Fa-f]{2,5});")
"""With its semicolon: without one, `Smith&Partners` would be one."""

_MARKED_UP = re.compile(r"\s*<(?:p|div|span|br|ul|ol|b|i|strong)\b[^<>]{0,200}>", re.IGNORECASE)

_LINE_END = re.compile(r"<(?:br\b[^<>]{0,50}|/p|/div|/li)>", re.IGNORECASE)

_TAG = re.compile(r"</?[A-Za-z][^<>]{0,200}>")

_TIMES_ESCAPED = 2
"""Some programs escape what was escaped already: `O&amp;#039;Brien`."""


def decode_entities(text: str) -> str:
    """*text* with the characters that its HTML entities stand for."""
    for _ in range(_TIMES_ESCAPED):
        if "&" not in text:
            break
        text = _ENTITY.sub(lambda found: unescape(found[0]), text)
    return text


def strip_markup(text: str) -> str:
    """*text* without entities, and without tags where it begins with one; a paragraph's end is a line break."""
    if _MARKED_UP.match(text):
        text = _TAG.sub("", _LINE_END.sub("\n", text))
    return decode_entities(text)
