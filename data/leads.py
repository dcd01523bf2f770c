"""Leads: saving a scan, merging a second one, and what people change by hand."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlite_utils import Database

from data import history, outbox, scans
from data.clock import Clock
from data.contact import CONTACT_FIELDS, Contact
from data.deduplicate import LeadMatch, find_matching_lead
from data.lead import Lead, ScanRecord, derive_email_identity, lead_from_row
from data.lead_limits import LeadTooLarge, check_lead_size
from data.notes import append_part
from data.person_matching import people_differ
from data.store import write_transaction
from data.uuid7 import new_uuid7

_INSERT_LEAD = f"""
    insert into leads (id, event, kind, badge_id, {", ".join(CONTACT_FIELDS)}, answers, rating, note, tags,
                       revision, created_at, updated_at)
    values (:id, :event, :kind, :badge_id, {", ".join(f":{name}" for name in CONTACT_FIELDS)}, :answers, :rating,
            :note, :tags, :revision, :created_at, :updated_at)
"""

_UPDATE_LEAD = f"""
    update leads
       set kind = :kind, badge_id = :badge_id, {", ".join(f"{name} = :{name}" for name in CONTACT_FIELDS)},
           answers = :answers, rating = :rating, note = :note, tags = :tags,
           revision = :revision, updated_at = :updated_at
     where id = :id
"""

INSERT_IDENTITY = "insert or ignore into identities (event, identity, lead_id) values (?, ?, ?)"


@dataclass(frozen=True, slots=True)
class SavedLead:
    """What saving a scan came to; by the time anybody holds this, it is on the disk."""

    lead: Lead
    is_new: bool
    """Whether this was the person's first scan at this event."""
    is_restored: bool = False
    """Whether the lead had been discarded, and showing the badge again brought it back."""
    kept_apart_from: Lead | None = None
    """Somebody else who has the same e-mail or id; None where nobody has."""
    shared_identity: str = ""
    """The identity that both have."""
    previous: Lead | None = None
    """The lead as it was before this scan; None where there was none."""


def save_scan(db: Database, new: Lead, identities: Sequence[str], sighting: ScanRecord, clock: Clock) -> SavedLead:
    """
    Save a scan: the lead, the scan and the outbox row, in one transaction that is flushed to the disk.

    Where one of *identities* (strongest first) is known at this event, and nothing that *new* says is against it,
    the scan is that lead's: empty fields are filled from *new*, notes are kept, the higher rating stays.
    A *new* lead is given an id unless it has one; its revision and times are ignored.

    Raises:
        StoreError: nothing was saved.
    """
    with write_transaction(db):
        return save_scan_in_transaction(db, new, identities, sighting, clock)


def save_scan_in_transaction(
    db: Database,
    new: Lead,
    identities: Sequence[str],
    sighting: ScanRecord,
    clock: Clock,
    match: LeadMatch | None = None,
) -> SavedLead:
    """
    The same as `save`, as a part of a transaction that commits many; *match* says whose scan it is, where that is
    known. Runs inside `writing`.
    """
    match = find_matching_lead(db, new, identities, sighting.payload_hash) if match is None else match
    match = _keep_apart_if_too_large(match, new, identities)
    known = match.lead
    now = clock.wall_time()
    if known is None:
        lead = replace(new, id=new.id or new_uuid7(now), revision=1, created_at=now, updated_at=now)
        db.execute(_INSERT_LEAD, lead_to_columns(lead))
        outbox.enqueue_lead(db, lead, now)
    else:
        lead = merge_leads(known, new)
        if lead != known:
            lead = write_revision(db, known, lead, history.MERGE, sighting.operator, now)
    restored = known is not None and outbox.restore_rescanned_lead(db, lead, sighting.operator, now)
    # What others share tells nobody: the payload is what such a badge is known by again.
    own = (f"payload:{sighting.payload_hash}",) if match.kept_apart_from else ()
    for identity in (*identities, *own):
        db.execute(INSERT_IDENTITY, (lead.event, identity, lead.id))
    scans.record_scan(db, lead.id, lead.event, sighting)
    return SavedLead(lead, known is None, restored, match.kept_apart_from, match.shared_identity, known)


def _keep_apart_if_too_large(found: LeadMatch, new: Lead, identities: Sequence[str]) -> LeadMatch:
    """*found*, unless the two leads together would be too large: they stay two then, so that nothing is cut off."""
    if found.lead is None:
        return found
    try:
        check_lead_size(merge_leads(found.lead, new), found.lead)
    except LeadTooLarge:
        return LeadMatch(None, found.lead, next(iter(identities), ""))
    return found


def add_scan(db: Database, lead: Lead, identities: Sequence[str], sighting: ScanRecord) -> None:
    """
    Add a scan, and the names by which the lead is known, and nothing else. Runs inside `writing`.

    A device that corrects what it posted is no visitor who came back: a discarded lead stays discarded.
    """
    for identity in identities:
        db.execute(INSERT_IDENTITY, (lead.event, identity, lead.id))
    scans.record_scan(db, lead.id, lead.event, sighting)


def merge_imported_lead(db: Database, lead_id: str, new: Lead, clock: Clock) -> Lead:
    """Add to a lead what *new*, which another kiosk says of the same, has and it has not. Runs inside `writing`."""
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
    """*known*, with what is empty in it taken from *new*; nothing that is known is lost."""
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
    Write *lead* as its next revision, with the values from *before* it in the history, and owe it to the CRM.

    Its e-mail tells who it is from now on.
    """
    if changes := history.diff_leads(before, lead):
        history.record_changes(db, lead.id, verb, changes, operator, now)
    lead = replace(lead, revision=lead.revision + 1, updated_at=now)
    db.execute(_UPDATE_LEAD, lead_to_columns(lead))
    if identity := derive_email_identity(lead.contact.email):
        db.execute(INSERT_IDENTITY, (lead.event, identity, lead.id))
    outbox.enqueue_revision(db, lead, now)
    return lead


def edit_lead(db: Database, lead_id: str, changes: Mapping[str, Any], operator: str, clock: Clock) -> Lead:
    """
    Change a lead by hand: *changes* names contact fields, `badge_id`, `rating`, `note`, `tags` or `answers`.

    The new revision goes to the CRM next, also where an older one is being sent right now or was refused.

    Raises:
        KeyError: there is no such lead.
        StoreError: nothing was changed.
    """
    with write_transaction(db):
        return edit_lead_in_transaction(db, lead_id, changes, operator, clock)


def edit_lead_in_transaction(
    db: Database, lead_id: str, changes: Mapping[str, Any], operator: str, clock: Clock
) -> Lead:
    """The same as `edit`, as a part of a transaction that commits many. Runs inside `writing`."""
    lead = get_lead(db, lead_id)
    contact = lead.contact.apply_changes(changes)
    others = {name: value for name, value in changes.items() if name not in CONTACT_FIELDS}
    edited = replace(lead, contact=contact, **others)
    return edited if edited == lead else write_revision(db, lead, edited, history.EDIT, operator, clock.wall_time())


def get_lead(db: Database, lead_id: str) -> Lead:
    """
    The lead with this id.

    Raises:
        KeyError: there is none.
    """
    row = db.execute("select * from leads where id = ?", (lead_id,)).fetchone()
    if row is None:
        raise KeyError(lead_id)
    return lead_from_row(row)


def find_ids_by_prefix(db: Database, start: str) -> list[str]:
    """The ids of leads that begin with *start*, two at the most: enough to tell one from several."""
    rows = db.execute("select id from leads where id >= ? and id < ? order by id limit 2", (start, start + "~"))
    return [row["id"] for row in rows]


def iterate_leads(db: Database, event: str | None = None) -> Iterator[Lead]:
    """All leads, of one event or of all, in the order in which they were met."""
    where, values = ("where event = ?", [event]) if event else ("", [])
    for row in db.execute(f"select * from leads {where} order by id", values):
        yield lead_from_row(row)


def complete_from_attendee(db: Database, lead_id: str, contact: Contact, is_typed: bool, clock: Clock) -> bool:
    """
    Fill a lead's empty fields from the attendee list; whether that told anything new. Runs inside `writing`.

    Where the two are different people nothing is filled, unless a person *is_typed* in who the lead is.
    """
    lead = get_lead(db, lead_id)
    filled = replace(lead, contact=lead.contact.fill_missing_from(contact))
    if filled == lead or (people_differ(lead.contact, contact) and not is_typed):
        return False
    write_revision(db, lead, filled, history.ATTENDEE_LIST, "attendee list", clock.wall_time())
    return True


def lead_to_columns(lead: Lead) -> dict[str, Any]:
    """*lead* as named values for a statement."""
    return {
        "id": lead.id,
        "event": lead.event,
        "kind": lead.kind,
        "badge_id": lead.badge_id,
        **{name: getattr(lead.contact, name) for name in CONTACT_FIELDS},  # asdict() took half of a save's own time
        "answers": json.dumps(dict(lead.answers), ensure_ascii=False),
        "rating": lead.rating,
        "note": lead.note,
        "tags": json.dumps(list(lead.tags), ensure_ascii=False),
        "revision": lead.revision,
        "created_at": lead.created_at,
        "updated_at": lead.updated_at,
    }
