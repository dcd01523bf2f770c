"""Badges that only this event prints, as `[badges]` in kiosk.toml describes them."""

import re

from kiosk.badges.badge import Badge, ScannedCode
from kiosk.badges.pattern_safety import MAX_ID_CHARACTERS
from kiosk.badges.profile import BadgeProfile
from kiosk.badges.stored_id import is_entry_secret, redact_secrets, to_stored_id
from kiosk.badges.text import clean_text, make_contact

# How many separators are used; the last field holds the rest.
_MAX_SEPARATORS = 200

SELF_DESCRIBING = re.compile(r"begin\s*:\s*vcard|mecard:|https?://|data:|mailto:|[{\[]", re.IGNORECASE)
"""
How payloads begin that identify their own format: commas and semicolons in them do not separate the event's fields.
"""


def read_event_badge(code: ScannedCode) -> Badge | None:
    """Read an ID or a delimited badge of the event."""
    profile = code.profile
    if profile.id_pattern and len(code.text) <= MAX_ID_CHARACTERS:
        badge = _read_pattern_id(code, profile.id_pattern)
        if badge:
            return badge
    if profile.separator and not SELF_DESCRIBING.match(code.text):
        return _read_event_fields(code, profile)
    return None


def _read_pattern_id(code: ScannedCode, pattern: str) -> Badge | None:
    """Read a bare ID that matches the event's pattern."""
    found = re.fullmatch(pattern, code.text)
    if found is None:
        return None
    raw = next((group for group in found.groups() if group), found.group())
    return Badge("event", badge_id=to_stored_id(raw), stored_payload=redact_secrets(code.payload, [raw]))


def _read_event_fields(code: ScannedCode, profile: BadgeProfile) -> Badge | None:
    """Read a delimited badge; None if the separator is missing, or if no field holds anything."""
    parts = code.text.split(profile.separator, _MAX_SEPARATORS)
    if len(parts) < 2:
        return None
    values = {
        name: part.strip()
        for name, part in zip(profile.fields, parts, strict=False)
        if name and part.strip() != profile.empty and (name == "id" or not is_entry_secret(clean_text(part)))
    }
    badge_id = to_stored_id(values.pop("id", ""))
    contact = make_contact(values)
    if not badge_id and not any(values.values()):
        return None
    beyond = parts[len(profile.fields) :]
    unread = tuple(clean_text(part) for part in beyond if clean_text(part) and not is_entry_secret(clean_text(part)))
    return Badge("event", contact, badge_id, stored_payload=redact_secrets(code.payload, parts), unread=unread)
