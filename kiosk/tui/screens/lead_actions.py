"""What the pending list does with leads; these functions run in the database thread."""

from collections.abc import Callable
from pathlib import Path

from data import leads
from data.clock import Clock
from data.language import N_, _
from data.listing import read_snapshot
from data.store import Store, write_transaction
from kiosk.status.lead_changes import LeadChange
from kiosk.status.wording import format_lead_count
from kiosk.tui.screens.lead_choice import LeadChoice

NOTHING_CHANGED: dict[LeadChange, str] = {
    "retry": N_("Nothing to send: delivered, discarded, or no name yet."),
    "discard": N_("Not discarded: they were already discarded."),
    "restore": N_("Nothing to restore: they are not discarded."),
}


def apply_action(db: Store, action: Callable[[Store, str, str], bool], ids: list[str], operator: str) -> list[str]:
    """Apply *action* to leads in one transaction, and return the ids of those that it changed."""
    with write_transaction(db):
        return [lead_id for lead_id in ids if action(db, lead_id, operator)]


def rate_leads(db: Store, ids: list[str], number: int, operator: str, clock: Clock) -> str:
    """Rate leads and return a sentence about it; if all have that rating already, remove it."""
    rated = [leads.get_lead(db, lead_id) for lead_id in ids]
    rating = None if all(lead.rating == number for lead in rated) else number
    for lead in rated:
        leads.edit_lead(db, lead.id, {"rating": rating}, operator, clock)
    who = rated[0].label if len(rated) == 1 else format_lead_count(len(rated))
    if rating is None:
        return _("{who}: rating removed.").format(who=who)
    return _("{who}: rated {rating}.").format(who=who, rating=rating)


def export_leads(db: Store, name: str, choice: LeadChoice) -> str:
    """Write the chosen leads to the file called *name*, and return a sentence that says so or why not."""
    from data.export import write_export

    path = Path(name)
    try:
        path = path.expanduser()
        if path.exists():
            return _("Nothing was written: {file} already exists. Press e again and choose another name.").format(
                file=path
            )
        with read_snapshot(db):
            count = format_lead_count(write_export(choice.iterate_leads(db), path))
        return _("{leads} written to {file}.").format(leads=count, file=path)
    except RuntimeError:  # expanduser() knows no home folder for a ~name
        user = name.partition("/")[0]
        return _("Nothing was written: this device has no user for {user}.").format(user=user)
    except ValueError as error:
        return _("Nothing was written: {reason}").format(reason=error)
    except OSError as error:
        return _("Nothing was written: {file}: {reason}.").format(file=path, reason=error.strerror)
