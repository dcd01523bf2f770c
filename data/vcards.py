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
    notes = [lead.note, lead.badge_text if lead.needs_details else ""]
    body = [
        _line("FN:", lead.label),
        _folded(f"N:{escaped(lead.last_name)};{escaped(lead.first_name)};;;")
        if lead.last_name or lead.first_name
        else "N:;;;;\r\n",
        _line("EMAIL:", lead.email),
        _line("TEL:", lead.phone),
        _line("ORG:", lead.company),
        _line("TITLE:", lead.job_title),
        _line("URL:", lead.website),
        _folded("ADR:;;" + ";".join(map(escaped, parts))) if any(parts) else "",
        _line("NOTE:", "\n".join(filter(None, notes))),
        _folded("CATEGORIES:" + ",".join(map(escaped, loads(lead.tags)))) if lead.tags != "[]" else "",
        _line("X-BADGE-TEXT:", lead.badge_text),
        f"UID:urn:uuid:{lead.id}\r\n",
    ]
    return f"BEGIN:VCARD\r\nVERSION:4.0\r\n{''.join(body)}END:VCARD\r\n"


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
    """A property, where there is a value."""
    return _folded(name + escaped(value)) if value else ""


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
