"""Notes that two people write on at the same time."""

from collections.abc import Mapping
from typing import Any

from data import leads
from data.store import Store
from kiosk.status.wording import sanitize_text


def merge_notes(text: str, now: str, before: str) -> str:
    """*text* in place of the note *before*; what somebody else added to it until *now* stays below."""
    if sanitize_text(now).strip() == before.strip():
        return text
    return "\n".join([text, *(line for line in now.splitlines() if line.strip() and sanitize_text(line) not in before)])


def merge_note_changes(db: Store, lead_id: str, changes: Mapping[str, Any], before: str) -> dict[str, Any]:
    """
    *changes* of a lead, whose note keeps what somebody else has added to the note *before*.

    Raises:
        KeyError: there is no such lead.
    """
    if "note" not in changes:
        return dict(changes)
    return {**changes, "note": merge_notes(changes["note"], leads.get_lead(db, lead_id).note, before)}
