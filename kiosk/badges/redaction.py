"""The last check of a badge: entry secrets that a reader left in a text are replaced by their hash."""

import re
from dataclasses import astuple, replace

from data.contact import Contact
from kiosk.badges.badge import Badge, ScannedCode
from kiosk.badges.stored_id import find_secrets, redact_secrets, to_stored_id

# The characters of a signed ticket that separate fields of some badges.
_TICKET_SIGNS = re.compile("[+/=]")

# Shorter pieces of a ticket may be part of a word, and open no door.
_MIN_PIECE_CHARACTERS = 8


def hide_secrets(badge: Badge, code: ScannedCode) -> Badge:
    """
    Replace the entry secrets that are in the badge's text, or in a field that its reader has decoded.

    A link as a whole is an ID, whatever it contains; a ticket is stored without its signature already.
    """
    if badge.kind in ("link", "ticket"):
        return badge
    texts = (code.text, *astuple(badge.contact), *badge.answers, *badge.answers.values(), *badge.unread)
    secrets = list(dict.fromkeys(secret for text in texts for secret in find_secrets(text)))
    if not secrets:
        return badge

    def hide(text: str) -> str:
        for secret in secrets:
            text = text.replace(secret, to_stored_id(secret))
            # A reader may have split a signed ticket, or read its pluses as spaces.
            for piece in _TICKET_SIGNS.split(secret):
                text = text.replace(piece, "") if len(piece) >= _MIN_PIECE_CHARACTERS else text
            text = _remove_cut_end(text, secret)
        return text

    return replace(
        badge,
        contact=Contact(*map(hide, astuple(badge.contact))),
        answers={hide(name): hide(text) for name, text in badge.answers.items()},
        stored_payload=redact_secrets(code.payload, secrets)
        if badge.stored_payload is None
        else hide_secrets_in_bytes(badge.stored_payload, secrets),
        unread=tuple(map(hide, badge.unread)),
    )


def _remove_cut_end(text: str, secret: str) -> str:
    """Return *text* without the beginning of *secret* at its end: a field that is too long is cut off anywhere."""
    lengths = range(len(secret) - 1, _MIN_PIECE_CHARACTERS - 1, -1)
    cut = next((length for length in lengths if text.endswith(secret[:length])), 0)
    return text[:-cut].rstrip() if cut else text


def hide_secrets_in_bytes(stored: bytes, secrets: list[str]) -> bytes:
    """Return *stored* with each of *secrets* replaced by its stored form."""
    for secret in secrets:
        stored = stored.replace(secret.encode(), to_stored_id(secret).encode())
    return stored
