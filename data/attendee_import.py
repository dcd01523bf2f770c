"""Import of an attendee list, row by row: the first row with an id counts, however long the list is."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from data.attendees import SELECT_ATTENDEE, Attendee, upsert_in_transaction
from data.language import _
from data.lead import contact_from_row

_CREATE_SEEN_IDS = """
create temporary table if not exists listed_ids (
    id text primary key,
    badge_id text not null,                 -- whose id it is
    line integer not null                   -- where it was first listed
) strict, without rowid
"""

_SELECT_SEEN_ID = "select badge_id, line from listed_ids where id = ?"

_INSERT_SEEN_ID = "insert into listed_ids (id, badge_id, line) values (?, ?, ?) on conflict (id) do nothing"

_DELETE_SHARED_ID = "delete from attendee_ids where event = ? and other_id = ?"


@dataclass(frozen=True, slots=True)
class ListedAttendee:
    """A person on the list, and the line of the list."""

    line: int
    attendee: Attendee


class AttendeeImport:
    """
    One import of a list. It remembers the list's ids in a temporary table, so that a long list does not fill the
    memory.
    """

    def __init__(self, db: Database, event: str) -> None:
        self._db = db
        self._event = event
        db.execute(_CREATE_SEEN_IDS)
        db.execute("delete from listed_ids")

    def close(self) -> None:
        """Forget the ids of the list."""
        self._db.execute("drop table if exists listed_ids")

    def add_in_transaction(self, people: Sequence[ListedAttendee]) -> tuple[int, list[tuple[int, str]]]:
        """
        Add *people*, a few hundred at most; those known from an earlier import are replaced. Runs inside
        `write_transaction`.

        Returns how many were added, and what is wrong with the others: the line and a sentence each.
        """
        fresh: dict[str, ListedAttendee] = {}
        problems: list[tuple[int, str]] = []
        for person in people:
            first = fresh.get(person.attendee.badge_id)
            if first is None and (seen := self._find_seen_id(person.attendee.badge_id)):
                row = self._db.execute(SELECT_ATTENDEE, (self._event, person.attendee.badge_id)).fetchone()
                first = (
                    ListedAttendee(seen[1], Attendee(person.attendee.badge_id, contact_from_row(row))) if row else None
                )
            if first is None:
                fresh[person.attendee.badge_id] = person
            elif first.attendee.contact != person.attendee.contact:
                message = _("it has the same ID as line {line}, but different details")
                problems.append((person.line, message.format(line=first.line)))
        shared: set[str] = set()
        kept = [ListedAttendee(person.line, self._keep_unique_ids(person, shared)) for person in fresh.values()]
        upsert_in_transaction(self._db, self._event, [person.attendee for person in kept])
        self._db.conn.executemany(_DELETE_SHARED_ID, [(self._event, other) for other in shared])
        self._db.conn.executemany(
            _INSERT_SEEN_ID, [(person.attendee.badge_id, person.attendee.badge_id, person.line) for person in kept]
        )
        return len(kept), problems

    def _keep_unique_ids(self, person: ListedAttendee, shared: set[str]) -> Attendee:
        """
        Return the person with only those other ids that nobody had before in the list; add ids that two people have to
        *shared*.
        """
        own = []
        for other in person.attendee.other_ids:
            seen = self._find_seen_id(other)
            if seen is None:
                own.append(other)
                self._db.execute(_INSERT_SEEN_ID, (other, person.attendee.badge_id, person.line))
            elif seen[0] != person.attendee.badge_id:
                shared.add(other)
        return person.attendee._replace(other_ids=tuple(own))

    def _find_seen_id(self, badge_id: str) -> tuple[str, int] | None:
        """Return whose id this is in the list so far, and on which line; None for a new id."""
        row = self._db.execute(_SELECT_SEEN_ID, (badge_id,)).fetchone()
        return (row["badge_id"], row["line"]) if row else None
