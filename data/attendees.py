"""The organiser's attendee list, which turns opaque badge ids into people."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import NamedTuple, TypeVar

from sqlite_utils import Database

from data import leads
from data.clock import Clock
from data.contact import CONTACT_FIELDS, Contact
from data.lead import Lead, contact_from_row
from data.person_matching import people_differ
from data.store import write_transaction

_Item = TypeVar("_Item")

# How many rows of a list are written in one transaction. Small, so that the kiosk can save scans in between.
ROWS_PER_TRANSACTION = 500


class Attendee(NamedTuple):
    """A person on the attendee list."""

    badge_id: str
    contact: Contact
    other_ids: tuple[str, ...] = ()
    """Other ids that the person's badge may hold, such as the ticket number."""


_UPSERT_ATTENDEE = f"""
    insert into attendees (event, badge_id, {", ".join(CONTACT_FIELDS)})
    values (?, ?, {", ".join("?" for _ in CONTACT_FIELDS)})
    on conflict (event, badge_id) do update
       set {", ".join(f"{name} = excluded.{name}" for name in CONTACT_FIELDS)}
"""

_UPSERT_OTHER_ID = """
    insert into attendee_ids (event, other_id, badge_id) values (?, ?, ?)
    on conflict (event, other_id) do update set badge_id = excluded.badge_id
"""

SELECT_ATTENDEE = "select * from attendees where event = ? and badge_id = ?"

_SELECT_BY_OTHER_ID = """
    select attendees.*
      from attendee_ids
      join attendees on attendees.event = attendee_ids.event and attendees.badge_id = attendee_ids.badge_id
     where attendee_ids.event = ? and attendee_ids.other_id = ?
"""

_SELECT_LEADS_WITH_BADGE_ID = """
    select id, badge_id,
           kind in ('id', 'ticket', 'link', 'event', 'unknown')
           and exists (select 1 from actions
                        where lead_id = leads.id and verb in ('edit', 'correction')
                          and (instr(reason, 'name') or instr(reason, 'email'))) as typed
      from leads
     where event = ? and badge_id <> ''
"""

_SELECT_SCANNED_IDS = "select distinct badge_id from leads where event = ? and badge_id <> ''"


def add_attendees(db: Database, event: str, people: Iterable[Attendee]) -> Iterator[int]:
    """
    Add *people*, replacing those that are there; yield after each transaction how many were added so far.

    Raises:
        StoreError: the last transaction failed; those before it are saved.
    """
    done = 0
    for chunk in _chunk_rows(people):
        with write_transaction(db):
            upsert_in_transaction(db, event, chunk)
        done += len(chunk)
        yield done


def upsert_in_transaction(db: Database, event: str, people: Sequence[Attendee]) -> None:
    """Add *people*, replacing those that are there. Runs inside `write_transaction`."""
    db.conn.executemany(
        _UPSERT_ATTENDEE,
        [(event, person.badge_id, *(getattr(person.contact, name) for name in CONTACT_FIELDS)) for person in people],
    )
    others = [(event, other, person.badge_id) for person in people for other in person.other_ids]
    if others:
        db.conn.executemany(_UPSERT_OTHER_ID, others)


def find_contact(db: Database, event: str, badge_id: str) -> Contact | None:
    """
    Find the person with a badge id: the list's own, one of the person's other ids, or one typed with Caps Lock on.
    """
    for spelling in list_spellings(badge_id):
        for query in (SELECT_ATTENDEE, _SELECT_BY_OTHER_ID):
            if row := db.execute(query, (event, spelling)).fetchone():
                return contact_from_row(row)
    return None


def list_spellings(badge_id: str) -> list[str]:
    """List the spellings of *badge_id*: as it is, as typed with Caps Lock on, in capitals, and in lower case."""
    if badge_id.startswith("sha256:"):
        return [badge_id]
    return list(dict.fromkeys((badge_id, badge_id.swapcase(), badge_id.upper(), badge_id.lower())))


def complete_contact(db: Database, event: str, badge_id: str, contact: Contact) -> Contact:
    """
    Fill the empty fields of *contact* from the attendee list, unless the list says that the badge id is somebody
    else's.
    """
    listed = find_contact(db, event, badge_id) if badge_id else None
    return contact if listed is None or people_differ(contact, listed) else contact.fill_missing_from(listed)


def complete_lead(db: Database, lead: Lead) -> Lead:
    """Fill the empty contact fields of *lead* from the attendee list, as `complete_contact` does."""
    contact = complete_contact(db, lead.event, lead.badge_id, lead.contact)
    return lead if contact is lead.contact else replace(lead, contact=contact)


def complete_past_leads(db: Database, event: str, clock: Clock) -> int:
    """
    Fill in the leads that were scanned before the list was imported; return how many were completed.

    A lead whose badge names somebody else is left alone. A name that staff typed in for a bare id does not count: it
    did not come from the badge.
    """
    scanned = db.execute(_SELECT_LEADS_WITH_BADGE_ID, (event,)).fetchall()
    found = (
        (row["id"], contact, bool(row["typed"]))
        for row in scanned
        if (contact := find_contact(db, event, row["badge_id"])) is not None
    )
    learned = 0
    for chunk in _chunk_rows(found):
        with write_transaction(db):
            learned += sum(leads.complete_from_attendee(db, *row, clock) for row in chunk)
    return learned


def find_scanned_ids(db: Database, event: str) -> set[str]:
    """Return the ids of all badges that were scanned at *event*."""
    return {row["badge_id"] for row in db.execute(_SELECT_SCANNED_IDS, (event,))}


def count_attendees(db: Database, event: str) -> int:
    """Count the people on the list of *event*."""
    return int(db.execute("select count(*) from attendees where event = ?", (event,)).fetchone()[0])


def count_ids_with_prefix(db: Database, event: str, prefix: str) -> int:
    """Count the badge ids on the list of *event* that begin with *prefix*; their other ids do not count."""
    query = "select count(*) from attendees where event = ? and badge_id >= ? and badge_id < ?"
    return int(db.execute(query, (event, prefix, prefix + "\U0010ffff")).fetchone()[0])


def has_attendee_list(db: Database, event: str) -> bool:
    """Return whether a list was imported for *event*."""
    return bool(db.execute("select exists (select 1 from attendees where event = ?)", (event,)).fetchone()[0])


def _chunk_rows(rows: Iterable[_Item]) -> Iterator[list[_Item]]:
    """Split *rows* into lists of `ROWS_PER_TRANSACTION`."""
    source = iter(rows)
    while chunk := list(islice(source, ROWS_PER_TRANSACTION)):
        yield chunk
