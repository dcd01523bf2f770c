"""What identifies a person when a badge is shown a second time."""

from data.contact import Contact
from data.lead import derive_email_identity


def derive_identities(contact: Contact, badge_id: str, payload_hash: str) -> list[str]:
    """
    Return the identities of the person on a badge, strongest first.

    `email:` and the address, `badge:` and the id; if there is neither, `payload:` and the payload's SHA-256 in hex.
    """
    names = [name for name in (derive_email_identity(contact.email), f"badge:{badge_id}" if badge_id else "") if name]
    return names or [derive_payload_identity(payload_hash)]


def derive_payload_identity(payload_hash: str) -> str:
    """Return the identity of a payload, which stands for the person if nothing better is known."""
    return f"payload:{payload_hash}"
