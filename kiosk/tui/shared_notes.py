"""Notes that two people write on at the same time."""

from collections.abc import Mapping
from typing import Any

from data import leads
from data.store import Store
from kiosk.status.wording import plain


def with_others(text: str, now: str, before: str) -> str:
    """*text* in place of the note *before*; what somebody else added to it until *now* stays below."""
    if plain(now).strip() == before.strip():
        return text
    return "\n".join([text, *(line for line in now.splitlines() if line.strip() and plain(line) not in before)])


def keep_others(db: Store, lead_id: str, changes: Mapping[str, Any], before: str) -> dict[str, Any]:
    """
    *changes* of a lead, whose note keeps what somebody else has added to the note *before*.

    Raises:
        KeyError: there is no such lead.
    """
    if "note" not in changes:
        return dict(changes)
    return {**changes, "note": with_others(changes["note"], leads.get(db, lead_id).note, before)}
