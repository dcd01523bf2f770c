"""Leads one after another, however many: for lists and exports, in pages that need little memory."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from sqlite_utils import Database

from data.badge_text import Seen, seen
from data.contact import CONTACT_FIELDS
from data.outbox import NEEDS_YOU
from data.pending import chosen

PAGE_LEADS = 500
"""Read together; between two pages nothing is held open."""

PAGE_CHARACTERS = 1_000_000
"""Of notes, answers and badges, after which a page ends: the leads of older versions may hold megabytes."""

ROWS_AT_ONCE = 20
"""Between two looks at how large a page is."""

AFTER_ALL_IDS = "~"

PAGE = f"""
    select leads.id, event, state, {", ".join(CONTACT_FIELDS)}, badge_id, rating, tags, note, answers,
           reason, remote_id, cause, attempts, due, due_boot, leads.created_at
      from leads
     cross join outbox on outbox.lead_id = leads.id
     where leads.id < :before and {{where}}
     order by leads.id desc
     limit {PAGE_LEADS}
"""
"""In the order of the primary key: the next page begins where the last one ended, and nothing is sorted."""


class Listed(NamedTuple):
    """A lead as lists and exports have it; a tuple, because 100,000 of anything else take seconds to make."""

    id: str
    event: str
    state: str
    name: str
    first_name: str
    last_name: str
    email: str
    phone: str
    company: str
    job_title: str
    website: str
    address: str
    city: str
    region: str
    postcode: str
    country: str
    badge_id: str
    rating: int | None
    tags: str
    """A JSON list."""
    note: str
    answers: str
    """A JSON object."""
    reason: str
    remote_id: str | None
    cause: str
    attempts: int
    due: float
    due_boot: str
    scanned_at: float
    operator: str
    badge_text: str

    @property
    def display_name(self) -> str:
        """The name to greet the person by, or an empty string."""
        return self.name or " ".join(filter(None, (self.first_name, self.last_name)))

    @property
    def label(self) -> str:
        """What a list calls this lead: its name, or the best there is."""
        return self.display_name or self.email or self.phone or self.badge_id or one_line(self.badge_text) or UNKNOWN

    @property
    def needs_details(self) -> bool:
        """Whether nothing here says who it is."""
        return not (self.name or self.email or self.phone or self.first_name or self.last_name)


NOTE, ANSWERS = Listed._fields.index("note"), Listed._fields.index("answers")

UNKNOWN = "unknown badge"

LABEL_CHARACTERS = 200


def one_line(text: str) -> str:
    """The beginning of what a badge said, on one line."""
    return " ".join(text[:LABEL_CHARACTERS].split())


def listed(
    db: Database,
    *,
    states: tuple[str, ...],
    cause: str = "",
    reason: str | None = None,
    search: str = "",
    limit: int | None = None,
    newest_first: bool = False,
) -> Iterator[Listed]:
    """
    The leads in *states*, those that need a person first unless it is to be *newest_first*; see `pending.entries`.

    Each lead comes once, also where it changes meanwhile; inside `snapshot` all are as they were at its begin.
    """
    first = {NEEDS_YOU} & set(states) if len(states) > 1 and not newest_first else set()
    shown: set[str] = set()
    left = limit
    for some in ((NEEDS_YOU,), states) if first else (states,):
        where, values = chosen(some, cause, search, reason)
        for lead in _newest_first(db, " and ".join(where), values):
            if left == 0:
                return
            if lead.id in shown:
                continue
            if len(some) < len(states):
                shown.add(lead.id)
            left = None if left is None else left - 1
            yield lead


def _newest_first(db: Database, where: str, values: dict[str, object]) -> Iterator[Listed]:
    """The leads for which *where* is true, page by page."""
    cursor, before = db.conn.cursor(), AFTER_ALL_IDS
    cursor.row_factory = None
    sql = PAGE.format(where=where)
    while page := _page(cursor.execute(sql, {**values, "before": before})):
        before = page[-1][0]
        scans = seen(db, [row[0] for row in page])
        for row in page:
            yield Listed._make(row[:-1] + (scans.get(row[0]) or Seen(row[-1], "", "")))


def _page(cursor: sqlite3.Cursor) -> list[tuple[Any, ...]]:
    """The next rows of *cursor*, as many as are read together."""
    page: list[tuple[Any, ...]] = []
    size = 0
    while size <= PAGE_CHARACTERS and (some := cursor.fetchmany(ROWS_AT_ONCE)):
        page += some
        size += sum(len(row[NOTE]) + len(row[ANSWERS]) for row in some)
    return page


def lots(leads: Iterable[Listed]) -> Iterator[list[Listed]]:
    """*leads*, as many together as need little memory."""
    lot: list[Listed] = []
    size = 0
    for lead in leads:
        lot.append(lead)
        size += len(lead.note) + len(lead.answers) + len(lead.badge_text)
        if size > PAGE_CHARACTERS or len(lot) == PAGE_LEADS:
            yield lot
            lot, size = [], 0
    if lot:
        yield lot


@contextmanager
def snapshot(db: Database) -> Iterator[None]:
    """Read everything as it is now, whatever others write meanwhile; not for readers that may take for hours."""
    db.conn.execute("begin")
    try:
        yield
    finally:
        db.conn.execute("rollback")
