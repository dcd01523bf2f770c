"""The last look at what was read: an entry secret that a reader left in a text is replaced by its hash."""

from dataclasses import astuple, replace

from data.contact import Contact
from kiosk.badges.badge import Badge, Code
from kiosk.badges.stored_id import hashed, secrets_in, without_secrets


def hide_secrets(badge: Badge, code: Code) -> Badge:
    """*badge* without the entry secrets that are words of its text; a link as a whole is an id, whatever is in it."""
    secrets = secrets_in(code.text)
    if not secrets or badge.kind == "link":
        return badge

    def hide(text: str) -> str:
        for secret in secrets:
            text = text.replace(secret, hashed(secret))
        return text

    return replace(
        badge,
        contact=Contact(*map(hide, astuple(badge.contact))),
        answers={hide(name): hide(text) for name, text in badge.answers.items()},
        keep=without_secrets(code.payload, secrets) if badge.keep is None else hide_in_bytes(badge.keep, secrets),
        unread=tuple(map(hide, badge.unread)),
    )


def hide_in_bytes(kept: bytes, secrets: list[str]) -> bytes:
    """*kept* with the hash of each of *secrets* in its place."""
    for secret in secrets:
        kept = kept.replace(secret.encode(), hashed(secret).encode())
    return kept
