"""The organiser's list, which turns opaque badge ids into people."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from itertools import islice
from typing import TypeVar

from sqlite_utils import Database

from data import leads
from data.clock import Clock
from data.contact import CONTACT_FIELDS, Contact
from data.lead import contact_from
from data.same import people_differ
from data.store import writing

Row = TypeVar("Row")

AT_ONCE = 500
"""Rows a transaction: the kiosk goes on saving scans between two of them."""

REPLACE = f"""
    insert into attendees (event, badge_id, {", ".join(CONTACT_FIELDS)})
    values (:event, :badge_id, {", ".join(f":{name}" for name in CONTACT_FIELDS)})
    on conflict (event, badge_id) do update
       set {", ".join(f"{name} = excluded.{name}" for name in CONTACT_FIELDS)}
"""

FIND = "select * from attendees where event = ? and badge_id = ?"

UNRESOLVED = f"""
    select leads.id, {", ".join(f"attendees.{name} as {name}" for name in CONTACT_FIELDS)},
           leads.kind in ('id', 'ticket', 'link', 'event', 'unknown')
           and exists (select 1 from actions
                        where lead_id = leads.id and verb = 'edit'
                          and (instr(reason, 'name') or instr(reason, 'email'))) as typed
      from leads
      join attendees on attendees.event = leads.event and attendees.badge_id = leads.badge_id
     where leads.event = ? and leads.badge_id <> ''
"""


def add(db: Database, event: str, people: Iterable[tuple[str, Contact]]) -> Iterator[int]:
    """
    Keep *people*, pairs of badge id and contact; who is there already is replaced. Yields how many are in so far.

    Raises:
        StoreError: the last lot was not written; what was yielded is.
    """
    done = 0
    for lot in batched_rows(people):
        with writing(db):
            db.conn.executemany(
                REPLACE, [{"event": event, "badge_id": badge, **asdict(contact)} for badge, contact in lot]
            )
        done += len(lot)
        yield done


def find(db: Database, event: str, badge_id: str) -> Contact | None:
    """The person behind a badge id."""
    row = db.execute(FIND, (event, badge_id)).fetchone()
    return contact_from(row) if row else None


def completed(db: Database, event: str, badge_id: str, contact: Contact) -> Contact:
    """*contact* as the badge says it, with what the list knows of its id, unless that is somebody else."""
    listed = find(db, event, badge_id) if badge_id else None
    return contact if listed is None or people_differ(contact, listed) else contact.filled_from(listed)


def resolve_past(db: Database, event: str, clock: Clock) -> int:
    """
    Fill in the leads that were scanned before the list came; how many learned something.

    A lead whose badge names somebody else stays as it is; a name that was typed in for an id does not count as that.
    """
    found = [(row["id"], contact_from(row), bool(row["typed"])) for row in db.execute(UNRESOLVED, (event,)).fetchall()]
    learned = 0
    for lot in batched_rows(found):
        with writing(db):
            learned += sum(leads.resolve(db, *row, clock) for row in lot)
    return learned


def count(db: Database, event: str) -> int:
    """How many people the list of *event* has."""
    return int(db.execute("select count(*) from attendees where event = ?", (event,)).fetchone()[0])


def has_list(db: Database, event: str) -> bool:
    """Whether a list was imported for *event*."""
    return bool(db.execute("select exists (select 1 from attendees where event = ?)", (event,)).fetchone()[0])


def batched_rows(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """*rows* in lots of `AT_ONCE`."""
    source = iter(rows)
    while lot := list(islice(source, AT_ONCE)):
        yield lot
