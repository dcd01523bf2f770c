"""
Signed tickets of pretix, scheme 1: reversed Base64 of a version, two lengths, a protobuf and a signature.

The ticket contains no name. Its seed is the ID. Its signature opens the door at the event, so it is not stored.
Source: pretix, `base/secrets.py`, `Sig1TicketSecretGenerator`.
"""

import base64
import binascii
import re
import struct

from kiosk.badges.badge import Badge, ScannedCode
from kiosk.badges.text import clean_text

_HEADER_STRUCT = struct.Struct(">BHH")
"""The version, and the lengths of the payload and the signature in bytes."""

# How a ticket ends, in reversed Base64: the version, both lengths, and the tag and the length of the seed.
_TICKET_END = re.compile(r"(?=([0-9A-Za-z+/]{10}QA))")

# pretix signs with Ed25519, so that a ticket has some 110 characters. Longer ones are not looked for inside a text.
_MAX_TICKET_CHARACTERS = 600


def read_signed_ticket(code: ScannedCode) -> Badge | None:
    """Read a signed ticket by its seed."""
    parts = _parse_ticket(code.text)
    if parts is None:
        return None
    head, body, signature = parts
    unsigned = base64.b64encode(head + body + bytes(len(signature)))[::-1]
    return Badge("ticket", badge_id=_extract_seed(body), stored_payload=unsigned)


def read_ticket_seed(text: str) -> str:
    """Return the seed of the signed ticket *text*; an empty string if it is not one."""
    parts = _parse_ticket(text)
    return _extract_seed(parts[1]) if parts else ""


def find_tickets(text: str) -> list[str]:
    """
    Return the signed tickets in *text*, whatever is around them.

    A ticket says how long it is, so that it is found even beside characters that a ticket may contain itself.
    """
    found = []
    for match in _TICKET_END.finditer(text):
        start = base64.b64decode(match[1][::-1])
        version, body_length, signature_length = _HEADER_STRUCT.unpack_from(start)
        # The seed has the field number 1. Checked first, because it is quick.
        if version != 1 or start[_HEADER_STRUCT.size] != 0x0A:
            continue
        end = match.end(1)
        begin = end - (_HEADER_STRUCT.size + body_length + signature_length + 2) // 3 * 4
        if max(0, end - _MAX_TICKET_CHARACTERS) <= begin and _parse_ticket(text[begin:end]):
            found.append(text[begin:end])
    return found


def _parse_ticket(text: str) -> tuple[bytes, bytes, bytes] | None:
    """Return the header, the protobuf and the signature of a signed ticket with a seed; None for anything else."""
    if not text.endswith("QA"):  # the version (1) comes first, so it is last in the reversed text
        return None
    try:
        data = base64.b64decode(text[::-1], validate=True)
        version, body_length, signature_length = _HEADER_STRUCT.unpack_from(data)
    except (binascii.Error, ValueError, struct.error):
        return None
    end = _HEADER_STRUCT.size + body_length
    body = data[_HEADER_STRUCT.size : end]
    if base64.b64encode(data).decode() != text[::-1] or version != 1:
        return None
    if len(data) != end + signature_length or not signature_length or not _extract_seed(body):
        return None
    return data[: _HEADER_STRUCT.size], body, data[end:]


def _extract_seed(body: bytes) -> str:
    """Return the seed, the first field (number 1) of the protobuf; an empty string if it is missing."""
    if len(body) < 2 or body[0] != 0x0A or body[1] > 0x7F or len(body) < 2 + body[1]:
        return ""
    seed = body[2 : 2 + body[1]]
    return clean_text(seed.decode("ascii")) if seed.isascii() else ""
