"""Badges of this event alone, as `[badges]` in kiosk.toml describes them."""

import re

from kiosk.badges.badge import Badge, Code
from kiosk.badges.pattern import LONGEST_ID
from kiosk.badges.profile import BadgeProfile
from kiosk.badges.stored_id import is_secret, stored_id, without_secrets
from kiosk.badges.text import clean, contact_of

MOST = 200
"""Separators that are looked for; the last field holds the rest."""

NAMED = re.compile(r"begin\s*:\s*vcard|mecard:|https?://|data:|mailto:|[{\[]", re.IGNORECASE)
"""How payloads begin that name their own format; a comma or semicolon in them separates nothing of the event's."""


def read_event(code: Code) -> Badge | None:
    """An id or a delimited badge of the event."""
    profile = code.profile
    if profile.id_pattern and len(code.text) <= LONGEST_ID:
        badge = read_pattern(code, profile.id_pattern)
        if badge:
            return badge
    if profile.separator and not NAMED.match(code.text):
        return read_fields(code, profile)
    return None


def read_pattern(code: Code, pattern: str) -> Badge | None:
    """A bare id that fits the event's pattern."""
    found = re.fullmatch(pattern, code.text)
    if found is None:
        return None
    raw = next((group for group in found.groups() if group), found.group())
    return Badge("event", badge_id=stored_id(raw), keep=without_secrets(code.payload, [raw]))


def read_fields(code: Code, profile: BadgeProfile) -> Badge | None:
    """A delimited badge; None where the separator is missing, or where none of the fields says anything."""
    parts = code.text.split(profile.separator, MOST)
    if len(parts) < 2:
        return None
    values = {
        name: part.strip()
        for name, part in zip(profile.fields, parts, strict=False)
        if name and part.strip() != profile.empty and (name == "id" or not is_secret(clean(part)))
    }
    badge_id = stored_id(values.pop("id", ""))
    contact = contact_of(values)
    if not badge_id and not any(values.values()):
        return None
    beyond = parts[len(profile.fields) :]
    unread = tuple(clean(part) for part in beyond if clean(part) and not is_secret(clean(part)))
    return Badge("event", contact, badge_id, keep=without_secrets(code.payload, parts), unread=unread)
