"""
Signed tickets of pretix, scheme 1: Base64 read backwards, of a version, two lengths, a protobuf and a signature.

The ticket holds no name. Its seed is the id; its signature opens the door, so that is not kept.
Source: pretix, `base/secrets.py`, `Sig1TicketSecretGenerator`.
"""

import base64
import binascii
import struct

from kiosk.badges.badge import Badge, Code
from kiosk.badges.text import clean

HEAD = struct.Struct(">BHH")
"""The version, and the lengths of the payload and the signature in bytes."""


def read_signed(code: Code) -> Badge | None:
    """A signed ticket, by its seed."""
    parts = opened(code.text)
    if parts is None:
        return None
    head, body, signature = parts
    unsigned = base64.b64encode(head + body + bytes(len(signature)))[::-1]
    return Badge("ticket", badge_id=seed_of(body), keep=unsigned)


def signed_id(text: str) -> str:
    """The seed of the signed ticket *text*, or an empty string where it is none."""
    parts = opened(text)
    return seed_of(parts[1]) if parts else ""


def opened(text: str) -> tuple[bytes, bytes, bytes] | None:
    """The head, the protobuf and the signature of a signed ticket with a seed; None for anything else."""
    if not text.endswith("QA"):  # the version, 1, which stands first and is read backwards
        return None
    try:
        data = base64.b64decode(text[::-1], validate=True)
        version, body_length, signature_length = HEAD.unpack_from(data)
    except (binascii.Error, ValueError, struct.error):
        return None
    end = HEAD.size + body_length
    body = data[HEAD.size : end]
    if base64.b64encode(data).decode() != text[::-1] or version != 1:
        return None
    if len(data) != end + signature_length or not signature_length or not seed_of(body):
        return None
    return data[: HEAD.size], body, data[end:]


def seed_of(body: bytes) -> str:
    """The seed, which is the protobuf's field 1 and stands first; an empty string where it does not."""
    if len(body) < 2 or body[0] != 0x0A or body[1] > 0x7F or len(body) < 2 + body[1]:
        return ""
    seed = body[2 : 2 + body[1]]
    return clean(seed.decode("ascii")) if seed.isascii() else ""
