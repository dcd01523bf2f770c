"""
Signed tickets of pretix, scheme 1: reversed Base64 of a version, two lengths, a protobuf and a signature.

The ticket contains no name. Its seed is the ID. Its signature opens the door at the event, so it is not stored.
Source: pretix, `base/secrets.py`, `Sig1TicketSecretGenerator`.
"""

import base64
import binascii
import struct

from kiosk.badges.badge import Badge, ScannedCode
from kiosk.badges.text import clean_text

_HEADER_STRUCT = struct.Struct(">BHH")
"""The version, and the lengths of the payload and the signature in bytes."""


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
