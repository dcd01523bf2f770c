"""Edits that were typed but not saved yet when the kiosk ends, whether on purpose, by a signal or by a crash."""

from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data import leads
from data.clock import Clock
from data.store import open_store
from kiosk.tui.shared_notes import merge_note_changes

# How long to wait for a locked database. Short, because closing the kiosk waits for it.
_DB_WAIT_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class UnsavedEdit:
    """What a person typed about one lead and did not save."""

    lead_id: str
    changes: Mapping[str, Any]
    """Fields and their new values, as `leads.edit_lead` takes them."""
    original_note: str = ""
    """The note before the edit; whatever others have added to it since then stays."""


def save_unsaved_edits(store: Path, unsaved: Sequence[UnsavedEdit], operator: str, clock: Clock) -> None:
    """
    Save unsaved edits.

    Raises:
        StoreError: the edits could not be saved.
    """
    if not unsaved:
        return
    # A connection of its own, because the database thread may be gone already when the app crashes.
    with closing(open_store(store, timeout_seconds=_DB_WAIT_SECONDS)) as db:
        for edit in unsaved:
            with suppress(KeyError):  # the lead does not exist any more
                changes = merge_note_changes(db, edit.lead_id, edit.changes, edit.original_note)
                leads.edit_lead(db, edit.lead_id, changes, operator, clock)
