"""The last check of a badge: entry secrets that a reader left in a text are replaced by their hash."""

from dataclasses import astuple, replace

from data.contact import Contact
from kiosk.badges.badge import Badge, ScannedCode
from kiosk.badges.stored_id import find_secrets, hash_secret, redact_secrets


def hide_secrets(badge: Badge, code: ScannedCode) -> Badge:
    """
    Replace the entry secrets that are words of the badge's text. A link as a whole is an ID, whatever it contains.
    """
    secrets = find_secrets(code.text)
    if not secrets or badge.kind == "link":
        return badge

    def hide(text: str) -> str:
        for secret in secrets:
            text = text.replace(secret, hash_secret(secret))
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


def hide_secrets_in_bytes(stored: bytes, secrets: list[str]) -> bytes:
    """Return *stored* with each of *secrets* replaced by its hash."""
    for secret in secrets:
        stored = stored.replace(secret.encode(), hash_secret(secret).encode())
    return stored
