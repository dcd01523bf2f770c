"""Leads as vCards (version 4.0, RFC 6350)."""

import re
from json import loads
from unicodedata import category

from data.listing import ListedLead

_SPECIAL_CHARACTERS = re.compile(r"[\\;,]")

_MAX_LINE_BYTES = 75
"""Limit for a line without its end; longer ones continue after a space."""


def format_vcard(lead: ListedLead) -> str:
    """
    Format one lead as a vCard.

    What its badge said is a separate property. If nothing else says who the person is, it is also the note, because
    address books do not display unknown properties.
    """
    parts = (lead.address, lead.city, lead.region, lead.postcode, lead.country)
    note = f"{lead.note}\n{lead.badge_text}".strip("\n") if lead.needs_details else lead.note
    properties = (
        ("EMAIL:", lead.email),
        ("TEL:", lead.phone),
        ("ORG:", lead.company),
        ("TITLE:", lead.job_title),
        ("URL:", lead.website),
    )
    body = [
        _format_property("FN:", lead.label),
        f"N:{escape_value(lead.last_name)};{escape_value(lead.first_name)};;;"
        if lead.last_name or lead.first_name
        else "N:;;;;",
        *[_format_property(name, value) for name, value in properties if value],
        *([f"ADR:;;{';'.join(map(escape_value, parts))}"] if any(parts) else ()),
        *([_format_property("NOTE:", note)] if note else ()),
        *(["CATEGORIES:" + ",".join(map(escape_value, loads(lead.tags)))] if lead.tags != "[]" else ()),
        *([_format_property("X-BADGE-TEXT:", lead.badge_text)] if lead.badge_text else ()),
        f"UID:urn:uuid:{lead.id}",
    ]
    lines = "".join(map(_fold_line, body))
    return f"BEGIN:VCARD\r\nVERSION:4.0\r\n{lines}END:VCARD\r\n"


def escape_value(text: str) -> str:
    """
    Escape *text* for a vCard, without the control characters that RFC 6350 (3.3) forbids.

    The result is on one line, whichever characters a reader takes for line breaks.
    """
    if _SPECIAL_CHARACTERS.search(text):
        text = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    if text.isprintable():
        return text
    line = "\\n".join(text.splitlines())
    if line.isprintable():
        return line
    return "".join(character for character in line if character == "\t" or category(character) != "Cc")


def _format_property(name: str, value: str) -> str:
    """Format a property with one value."""
    return name + escape_value(value)


def _fold_line(line: str) -> str:
    """
    Fold *line* into pieces of at most 75 bytes (RFC 6350, 3.2), without cutting a character in two.

    Every piece but the first begins with a space, which counts, so 74 bytes of the line are left for each.
    """
    if line.isascii():
        if len(line) <= _MAX_LINE_BYTES:
            return f"{line}\r\n"
        step = _MAX_LINE_BYTES - 1
        return "\r\n ".join(line[at : at + step] for at in range(0, len(line), step)) + "\r\n"
    pieces: list[str] = []
    piece: list[str] = []
    size = 0
    for character in line:
        width = len(character.encode())
        if size + width >= _MAX_LINE_BYTES:
            pieces.append("".join(piece))
            piece, size = [], 0
        piece.append(character)
        size += width
    return "\r\n ".join((*pieces, "".join(piece))) + "\r\n"
