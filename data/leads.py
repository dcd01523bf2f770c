"""Leads: reading them, merging what a second scan says, and changing them by hand."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from sqlite_utils import Database

from data import history, lead_table, outbox
from data.clock import Clock
from data.contact import CONTACT_FIELDS, Contact
from data.lead import Lead, derive_email_identity, lead_from_row
from data.lead_limits import LeadTooLarge, check_lead_size
from data.notes import append_part
from data.person_matching import people_differ
from data.store import write_transaction


def merge_imported_lead(db: Database, lead_id: str, new: Lead, clock: Clock) -> Lead:
    """Add to a lead what a later export of another kiosk knows in addition. Runs inside `write_transaction`."""
    known, now = get_lead(db, lead_id), clock.wall_time()
    notes = sorted((known.note, new.note), key=len)
    lead = merge_leads(known, new)
    if notes[0] in notes[1]:
        lead = replace(lead, note=notes[1])
    try:
        check_lead_size(lead, known)
    except LeadTooLarge as error:
        refused = {error.field: (getattr(known, error.field), getattr(new, error.field))}
        history.record_changes(db, lead_id, history.NOT_TAKEN, refused, "import", now)
        return known
    return lead if lead == known else write_revision(db, known, lead, history.IMPORT, "import", now)


def merge_leads(known: Lead, new: Lead) -> Lead:
    """Return *known* with its empty fields taken from *new*; nothing that is known is lost."""
    return replace(
        known,
        kind=new.kind if known.kind == "unknown" or (known.needs_details and not new.needs_details) else known.kind,
        contact=known.contact.fill_missing_from(new.contact),
        badge_id=known.badge_id or new.badge_id,
        answers={**new.answers, **known.answers},
        rating=max((rating for rating in (known.rating, new.rating) if rating), default=None),
        note=append_part(known.note, new.note),
        tags=tuple(dict.fromkeys((*known.tags, *new.tags))),
    )


def write_revision(db: Database, before: Lead, lead: Lead, verb: str, operator: str, now: float) -> Lead:
    """
    Write *lead* as its next revision, with the old values in the history, and put that revision into the outbox.

    Its e-mail identifies the person from now on. Runs inside `write_transaction`.
    """
    if changes := history.diff_leads(before, lead):
        history.record_changes(db, lead.id, verb, changes, operator, now)
    lead = replace(lead, revision=lead.revision + 1, updated_at=now)
    lead_table.update_lead(db, lead)
    if identity := derive_email_identity(lead.contact.email):
        lead_table.insert_identities(db, [(lead, identity)])
    outbox.enqueue_revision(db, lead, now)
    return lead


def edit_lead(db: Database, lead_id: str, changes: Mapping[str, Any], operator: str, clock: Clock) -> Lead:
    """
    Change a lead by hand: *changes* names contact fields, `badge_id`, `rating`, `note`, `tags` or `answers`.

    The new revision is sent next, even if an older one is being sent right now or was refused.

    Raises:
        KeyError: the lead does not exist.
        StoreError: nothing was changed.
    """
    with write_transaction(db):
        return edit_lead_in_transaction(db, lead_id, changes, operator, clock)


def edit_lead_in_transaction(
    db: Database, lead_id: str, changes: Mapping[str, Any], operator: str, clock: Clock
) -> Lead:
    """Change a lead as `edit_lead` does. Runs inside `write_transaction`."""
    lead = get_lead(db, lead_id)
    contact = lead.contact.apply_changes(changes)
    others = {name: value for name, value in changes.items() if name not in CONTACT_FIELDS}
    edited = replace(lead, contact=contact, **others)
    return edited if edited == lead else write_revision(db, lead, edited, history.EDIT, operator, clock.wall_time())


def get_lead(db: Database, lead_id: str) -> Lead:
    """
    Return the lead with this id.

    Raises:
        KeyError: it does not exist.
    """
    row = db.execute("select * from leads where id = ?", (lead_id,)).fetchone()
    if row is None:
        raise KeyError(lead_id)
    return lead_from_row(row)


def find_ids_by_prefix(db: Database, start: str) -> list[str]:
    """Return the ids of leads that begin with *start*, at most two: enough to know whether it is unique."""
    rows = db.execute("select id from leads where id >= ? and id < ? order by id limit 2", (start, start + "~"))
    return [row["id"] for row in rows]


def iterate_leads(db: Database, event: str | None = None) -> Iterator[Lead]:
    """Yield all leads, of one event or of all, in the order in which they were met."""
    where, values = ("where event = ?", [event]) if event else ("", [])
    for row in db.execute(f"select * from leads {where} order by id", values):
        yield lead_from_row(row)


def complete_from_attendee(db: Database, lead_id: str, contact: Contact, is_typed: bool, clock: Clock) -> bool:
    """
    Fill a lead's empty fields from the attendee list; return whether anything was added. Runs inside
    `write_transaction`.

    Nothing is filled if the two are different people, unless a person typed in who the lead is (*is_typed*).
    """
    lead = get_lead(db, lead_id)
    filled = replace(lead, contact=lead.contact.fill_missing_from(contact))
    if filled == lead or (people_differ(lead.contact, contact) and not is_typed):
        return False
    write_revision(db, lead, filled, history.ATTENDEE_LIST, "attendee list", clock.wall_time())  # not shown: stored
    return True
