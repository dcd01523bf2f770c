"""Leads as vCards 4.0 (RFC 6350)."""

import re
from json import loads
from unicodedata import category

from data.listing import Listed

SPECIAL = re.compile(r"[\\;,]")

MAX_LINE_BYTES = 75
"""Of a line, without its end; what is longer goes on after a space."""


def vcard(lead: Listed) -> str:
    """
    One lead as a vCard.

    What its badge said has a name of its own; where nothing else says who it is it is the note as well, for address
    books show no names that they do not know.
    """
    parts = (lead.address, lead.city, lead.region, lead.postcode, lead.country)
    note = f"{lead.note}\n{lead.badge_text}".strip("\n") if lead.needs_details else lead.note
    reached = (
        ("EMAIL:", lead.email),
        ("TEL:", lead.phone),
        ("ORG:", lead.company),
        ("TITLE:", lead.job_title),
        ("URL:", lead.website),
    )
    body = [
        _line("FN:", lead.label),
        f"N:{escaped(lead.last_name)};{escaped(lead.first_name)};;;" if lead.last_name or lead.first_name else "N:;;;;",
        *[_line(name, value) for name, value in reached if value],
        *([f"ADR:;;{';'.join(map(escaped, parts))}"] if any(parts) else ()),
        *([_line("NOTE:", note)] if note else ()),
        *(["CATEGORIES:" + ",".join(map(escaped, loads(lead.tags)))] if lead.tags != "[]" else ()),
        *([_line("X-BADGE-TEXT:", lead.badge_text)] if lead.badge_text else ()),
        f"UID:urn:uuid:{lead.id}",
    ]
    lines = "".join(map(_folded, body))
    return f"BEGIN:VCARD\r\nVERSION:4.0\r\n{lines}END:VCARD\r\n"


def escaped(text: str) -> str:
    """*text* as a value of a vCard: one line by anybody's rules, without the controls that RFC 6350 (3.3) forbids."""
    if SPECIAL.search(text):
        text = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    if text.isprintable():
        return text
    line = "\\n".join(text.splitlines())
    if line.isprintable():
        return line
    return "".join(character for character in line if character == "\t" or category(character) != "Cc")


def _line(name: str, value: str) -> str:
    """A property with one value."""
    return name + escaped(value)


def _folded(line: str) -> str:
    """*line* in pieces of at most 75 bytes, as RFC 6350 (3.2) wants it; no character is cut in two."""
    if line.isascii():
        if len(line) < MAX_LINE_BYTES:
            return f"{line}\r\n"
        step = MAX_LINE_BYTES - 1
        return "\r\n ".join(line[at : at + step] for at in range(0, len(line), step)) + "\r\n"
    pieces: list[str] = []
    piece: list[str] = []
    size = 0
    for character in line:
        width = len(character.encode())
        if size + width >= MAX_LINE_BYTES:
            pieces.append("".join(piece))
            piece, size = [], 0
        piece.append(character)
        size += width
    return "\r\n ".join((*pieces, "".join(piece))) + "\r\n"
