"""Notes that two people edit at the same time."""

from collections.abc import Mapping
from typing import Any

from data import leads
from data.store import Store
from kiosk.status.wording import sanitize_text


def merge_notes(text: str, now: str, before: str) -> str:
    """Return *text*, which replaces the note *before*, followed by the lines that others have added to it by *now*."""
    if sanitize_text(now).strip() == before.strip():
        return text
    return "\n".join([text, *(line for line in now.splitlines() if line.strip() and sanitize_text(line) not in before)])


def merge_note_changes(db: Store, lead_id: str, changes: Mapping[str, Any], before: str) -> dict[str, Any]:
    """
    Return *changes* of a lead with a note that keeps what others have added to the note *before*.

    Raises:
        KeyError: the lead does not exist.
    """
    if "note" not in changes:
        return dict(changes)
    return {**changes, "note": merge_notes(changes["note"], leads.get_lead(db, lead_id).note, before)}
