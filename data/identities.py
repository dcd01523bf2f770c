"""By what a person is known again when a badge is shown a second time."""

import hashlib

from data.contact import Contact
from data.lead import derive_email_identity


def derive_identities(contact: Contact, badge_id: str, payload: bytes) -> list[str]:
    """
    The identities of whoever showed the badge, strongest first.

    `email:` and the address, `badge:` and the id; where there is neither, `payload:` and its SHA-256 in hex.
    """
    names = [name for name in (derive_email_identity(contact.email), f"badge:{badge_id}" if badge_id else "") if name]
    return names or [f"payload:{hashlib.sha256(payload).hexdigest()}"]
