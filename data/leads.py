"""Leads: saving a scan, merging a second one, and what people change by hand."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlite_utils import Database

from data import history, outbox, scans
from data.clock import Clock
from data.contact import CONTACT_FIELDS, Contact
from data.ids import uuid7
from data.lead import Lead, Sighting, email_identity, lead_from
from data.lead_limits import LeadTooLarge, check_size
from data.notes import with_part
from data.recognise import Recognised, recognise
from data.same import people_differ
from data.store import writing

INSERT = f"""
    insert into leads (id, event, kind, badge_id, {", ".join(CONTACT_FIELDS)}, answers, rating, note, tags,
                       revision, created_at, updated_at)
    values (:id, :event, :kind, :badge_id, {", ".join(f":{name}" for name in CONTACT_FIELDS)}, :answers, :rating,
            :note, :tags, :revision, :created_at, :updated_at)
"""

UPDATE = f"""
    update leads
       set kind = :kind, badge_id = :badge_id, {", ".join(f"{name} = :{name}" for name in CONTACT_FIELDS)},
           answers = :answers, rating = :rating, note = :note, tags = :tags,
           revision = :revision, updated_at = :updated_at
     where id = :id
"""

IDENTIFY = "insert or ignore into identities (event, identity, lead_id) values (?, ?, ?)"


@dataclass(frozen=True, slots=True)
class Saved:
    """What saving a scan came to; by the time anybody holds this, it is on the disk."""

    lead: Lead
    created: bool
    """Whether this was the person's first scan at this event."""
    restored: bool = False
    """Whether the lead had been discarded, and showing the badge again brought it back."""
    apart: Lead | None = None
    """Somebody else who has the same e-mail or id; None where nobody has."""
    shared: str = ""
    """The identity that both have."""
    before: Lead | None = None
    """The lead as it was before this scan; None where there was none."""


def save(db: Database, new: Lead, identities: Sequence[str], sighting: Sighting, clock: Clock) -> Saved:
    """
    Save a scan: the lead, the scan and the outbox row, in one transaction that is flushed to the disk.

    Where one of *identities* (strongest first) is known at this event, and nothing that *new* says is against it,
    the scan is that lead's: empty fields are filled from *new*, notes are kept, the higher rating stays.
    A *new* lead is given an id unless it has one; its revision and times are ignored.

    Raises:
        StoreError: nothing was saved.
    """
    with writing(db):
        return save_inside(db, new, identities, sighting, clock)


def save_inside(
    db: Database,
    new: Lead,
    identities: Sequence[str],
    sighting: Sighting,
    clock: Clock,
    found: Recognised | None = None,
) -> Saved:
    """
    The same as `save`, as a part of a transaction that commits many; *found* says whose scan it is, where that is
    known. Runs inside `writing`.
    """
    found = recognise(db, new, identities, sighting.payload_hash) if found is None else found
    found = _apart_if_too_large(found, new, identities)
    known = found.lead
    now = clock.wall()
    if known is None:
        lead = replace(new, id=new.id or uuid7(now), revision=1, created_at=now, updated_at=now)
        db.execute(INSERT, columns(lead))
        outbox.owe(db, lead, now)
    else:
        lead = merge(known, new)
        if lead != known:
            lead = changed(db, known, lead, history.MERGE, sighting.operator, now)
    restored = known is not None and outbox.restore_scanned(db, lead, sighting.operator, now)
    # What others share tells nobody: the payload is what such a badge is known by again.
    own = (f"payload:{sighting.payload_hash}",) if found.apart else ()
    for identity in (*identities, *own):
        db.execute(IDENTIFY, (lead.event, identity, lead.id))
    scans.record(db, lead.id, lead.event, sighting)
    return Saved(lead, known is None, restored, found.apart, found.shared, known)


def _apart_if_too_large(found: Recognised, new: Lead, identities: Sequence[str]) -> Recognised:
    """*found*, unless the two leads together would be too large: they stay two then, so that nothing is cut off."""
    if found.lead is None:
        return found
    try:
        check_size(merge(found.lead, new), found.lead)
    except LeadTooLarge:
        return Recognised(None, found.lead, next(iter(identities), ""))
    return found


def scan_again(db: Database, lead: Lead, identities: Sequence[str], sighting: Sighting) -> None:
    """
    Add a scan, and the names by which the lead is known, and nothing else. Runs inside `writing`.

    A device that corrects what it posted is no visitor who came back: a discarded lead stays discarded.
    """
    for identity in identities:
        db.execute(IDENTIFY, (lead.event, identity, lead.id))
    scans.record(db, lead.id, lead.event, sighting)


def fill(db: Database, lead_id: str, new: Lead, clock: Clock) -> Lead:
    """Add to a lead what *new*, which another kiosk says of the same, has and it has not. Runs inside `writing`."""
    known, now = get(db, lead_id), clock.wall()
    notes = sorted((known.note, new.note), key=len)
    lead = merge(known, new)
    if notes[0] in notes[1]:
        lead = replace(lead, note=notes[1])
    try:
        check_size(lead, known)
    except LeadTooLarge as error:
        refused = {error.field: (getattr(known, error.field), getattr(new, error.field))}
        history.record(db, lead_id, history.NOT_TAKEN, refused, "import", now)
        return known
    return lead if lead == known else changed(db, known, lead, history.IMPORT, "import", now)


def merge(known: Lead, new: Lead) -> Lead:
    """*known*, with what is empty in it taken from *new*; nothing that is known is lost."""
    return replace(
        known,
        kind=new.kind if known.kind == "unknown" or (known.needs_details and not new.needs_details) else known.kind,
        contact=known.contact.filled_from(new.contact),
        badge_id=known.badge_id or new.badge_id,
        answers={**new.answers, **known.answers},
        rating=max((rating for rating in (known.rating, new.rating) if rating), default=None),
        note=with_part(known.note, new.note),
        tags=tuple(dict.fromkeys((*known.tags, *new.tags))),
    )


def changed(db: Database, before: Lead, lead: Lead, verb: str, operator: str, now: float) -> Lead:
    """
    Write *lead* as its next revision, with the values from *before* it in the history, and owe it to the CRM.

    Its e-mail tells who it is from now on.
    """
    if changes := history.changes_between(before, lead):
        history.record(db, lead.id, verb, changes, operator, now)
    lead = replace(lead, revision=lead.revision + 1, updated_at=now)
    db.execute(UPDATE, columns(lead))
    if identity := email_identity(lead.contact.email):
        db.execute(IDENTIFY, (lead.event, identity, lead.id))
    outbox.owe_again(db, lead, now)
    return lead


def edit(db: Database, lead_id: str, changes: Mapping[str, Any], operator: str, clock: Clock) -> Lead:
    """
    Change a lead by hand: *changes* names contact fields, `badge_id`, `rating`, `note`, `tags` or `answers`.

    The new revision goes to the CRM next, also where an older one is being sent right now or was refused.

    Raises:
        KeyError: there is no such lead.
        StoreError: nothing was changed.
    """
    with writing(db):
        return edit_inside(db, lead_id, changes, operator, clock)


def edit_inside(db: Database, lead_id: str, changes: Mapping[str, Any], operator: str, clock: Clock) -> Lead:
    """The same as `edit`, as a part of a transaction that commits many. Runs inside `writing`."""
    lead = get(db, lead_id)
    contact = lead.contact.edited(changes)
    others = {name: value for name, value in changes.items() if name not in CONTACT_FIELDS}
    edited = replace(lead, contact=contact, **others)
    return edited if edited == lead else changed(db, lead, edited, history.EDIT, operator, clock.wall())


def get(db: Database, lead_id: str) -> Lead:
    """
    The lead with this id.

    Raises:
        KeyError: there is none.
    """
    row = db.execute("select * from leads where id = ?", (lead_id,)).fetchone()
    if row is None:
        raise KeyError(lead_id)
    return lead_from(row)


def matching(db: Database, start: str) -> list[str]:
    """The ids of leads that begin with *start*, two at the most: enough to tell one from several."""
    rows = db.execute("select id from leads where id >= ? and id < ? order by id limit 2", (start, start + "~"))
    return [row["id"] for row in rows]


def every(db: Database, event: str | None = None) -> Iterator[Lead]:
    """All leads, of one event or of all, in the order in which they were met."""
    where, values = ("where event = ?", [event]) if event else ("", [])
    for row in db.execute(f"select * from leads {where} order by id", values):
        yield lead_from(row)


def resolve(db: Database, lead_id: str, contact: Contact, typed: bool, clock: Clock) -> bool:
    """
    Fill a lead's empty fields from the attendee list; whether that told anything new. Runs inside `writing`.

    Where the two are different people nothing is filled, unless a person *typed* in who the lead is.
    """
    lead = get(db, lead_id)
    filled = replace(lead, contact=lead.contact.filled_from(contact))
    if filled == lead or (people_differ(lead.contact, contact) and not typed):
        return False
    changed(db, lead, filled, history.ATTENDEE_LIST, "attendee list", clock.wall())
    return True


def columns(lead: Lead) -> dict[str, Any]:
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
