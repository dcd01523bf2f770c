"""Edits that were typed and not saved yet when the kiosk ends, on purpose, by a signal or by a crash."""

from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data import leads
from data.clock import Clock
from data.store import open_store
from kiosk.tui.shared_notes import merge_note_changes

_DB_WAIT_SECONDS = 2.0
"""How long to wait for another process that holds the database: whoever ends the kiosk waits for that."""


@dataclass(frozen=True, slots=True)
class UnsavedEdit:
    """What a person typed about one lead."""

    lead_id: str
    changes: Mapping[str, Any]
    """As `leads.edit` takes them."""
    original_note: str = ""
    """The note that the person began with: what others have added to it since then stays."""


def save_unsaved_edits(store: Path, unsaved: Sequence[UnsavedEdit], operator: str, clock: Clock) -> None:
    """
    Save what was typed, over a connection of its own: this also runs while the rest of the kiosk is going down.

    Raises:
        StoreError: it could not be saved.
    """
    if not unsaved:
        return
    with closing(open_store(store, timeout_seconds=_DB_WAIT_SECONDS)) as db:
        for typed in unsaved:
            with suppress(KeyError):  # there is no such lead any more
                changes = merge_note_changes(db, typed.lead_id, typed.changes, typed.original_note)
                leads.edit_lead(db, typed.lead_id, changes, operator, clock)
