"""What the pending list does with leads, in the thread that has the database."""

from collections.abc import Callable
from pathlib import Path

from data import leads
from data.clock import Clock
from data.listing import read_snapshot
from data.store import Store, write_transaction
from kiosk.status.wording import format_lead_count
from kiosk.tui.screens.pending_list import LeadChoice


def apply_action(db: Store, verb: Callable[[Store, str, str], bool], ids: list[str], who: str) -> list[str]:
    """The ids of the leads that *verb* changed, in one transaction."""
    with write_transaction(db):
        return [lead_id for lead_id in ids if verb(db, lead_id, who)]


def rate_leads(db: Store, ids: list[str], number: int, who: str, clock: Clock) -> str:
    """Rate leads, and say so."""
    found = [leads.get_lead(db, lead_id) for lead_id in ids]
    rating = None if all(lead.rating == number for lead in found) else number
    for lead in found:
        leads.edit_lead(db, lead.id, {"rating": rating}, who, clock)
    whom = found[0].label if len(found) == 1 else format_lead_count(len(found))
    return f"{whom}: {f'rated {rating}' if rating else 'not rated any more'}."


def export_leads(db: Store, name: str, choice: LeadChoice) -> str:
    """Write all that is chosen to the file of that *name*, and say so, or why it could not be."""
    from data.export import write_export

    path = Path(name)
    try:
        path = path.expanduser()
        if path.exists():
            return f"Nothing was written: {path} exists already. Press e again and name another file."
        with read_snapshot(db):
            return f"{format_lead_count(write_export(choice.iterate_leads(db), path))} written to {path}."
    except RuntimeError:  # ~somebody
        return f"Nothing was written: there is nobody on this device whose folder is {name.partition('/')[0]}."
    except ValueError as error:
        return f"Nothing was written: {error}"
    except OSError as error:
        return f"Nothing was written: {path}: {error.strerror}."
