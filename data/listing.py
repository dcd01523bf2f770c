"""Iterating over any number of leads for lists and exports, in pages that need little memory."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from sqlite_utils import Database

from data.badge_text import ScanSummary, summarize_scans
from data.contact import CONTACT_FIELDS
from data.language import N_
from data.outbox import NEEDS_YOU
from data.pending import build_filter

# How many leads a page holds. Between two pages no transaction stays open.
_MAX_PAGE_LEADS = 500

# A page with more text than this ends early: notes, answers and badges of leads from older versions may hold megabytes.
_MAX_PAGE_CHARACTERS = 1_000_000

# After how many rows the size of the page is checked.
_ROWS_PER_FETCH = 20

_AFTER_ALL_IDS = "~"
"""A string that sorts after every lead id."""

# Reads in the order of the primary key, so that nothing is sorted, and the next page begins where the last one ended.
_SELECT_PAGE = f"""
    select leads.id, event, state, {", ".join(CONTACT_FIELDS)}, badge_id, rating, tags, note, answers,
           reason, remote_id, cause, attempts, due, due_boot, leads.created_at
      from leads
     cross join outbox on outbox.lead_id = leads.id
     where leads.id < :before and {{where}}
     order by leads.id desc
     limit {_MAX_PAGE_LEADS}
"""


class ListedLead(NamedTuple):
    """A lead as lists and exports have it. A tuple: 100,000 objects of any other kind take seconds to create."""

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
        """The name to greet the person by; may be empty."""
        return self.name or " ".join(filter(None, (self.first_name, self.last_name)))

    @property
    def label(self) -> str:
        """What lists call this lead: its name, or the best there is."""
        return (
            self.display_name
            or self.email
            or self.phone
            or self.badge_id
            or _shorten_to_line(self.badge_text)
            or _UNKNOWN_LABEL
        )

    @property
    def needs_details(self) -> bool:
        """Whether nothing says who the person is."""
        return not (self.name or self.email or self.phone or self.first_name or self.last_name)


_NOTE_INDEX, _ANSWERS_INDEX = ListedLead._fields.index("note"), ListedLead._fields.index("answers")

_UNKNOWN_LABEL = N_("unknown badge")

_MAX_LABEL_CHARACTERS = 200


def _shorten_to_line(text: str) -> str:
    """Return the beginning of a badge's text, on one line."""
    return " ".join(text[:_MAX_LABEL_CHARACTERS].split())


def iterate_listed_leads(
    db: Database,
    *,
    states: tuple[str, ...],
    cause: str = "",
    reason: str | None = None,
    search: str = "",
    limit: int | None = None,
    newest_first: bool = False,
) -> Iterator[ListedLead]:
    """
    Yield the leads in *states*, those that need a person first unless *newest_first*; filters as in
    `pending.list_entries`.

    Each lead comes once, even if it changes meanwhile; inside `read_snapshot` all are as they were at its beginning.
    """
    first = {NEEDS_YOU} & set(states) if len(states) > 1 and not newest_first else set()
    shown: set[str] = set()
    left = limit
    for some in ((NEEDS_YOU,), states) if first else (states,):
        where, values = build_filter(some, cause, search, reason)
        for lead in _iterate_newest_first(db, " and ".join(where), values):
            if left == 0:
                return
            if lead.id in shown:
                continue
            if len(some) < len(states):
                shown.add(lead.id)
            left = None if left is None else left - 1
            yield lead


def _iterate_newest_first(db: Database, where: str, values: dict[str, object]) -> Iterator[ListedLead]:
    """Yield the leads for which *where* is true, page by page."""
    cursor, before = db.conn.cursor(), _AFTER_ALL_IDS
    cursor.row_factory = None
    sql = _SELECT_PAGE.format(where=where)
    while page := _fetch_page(cursor.execute(sql, {**values, "before": before})):
        before = page[-1][0]
        scans = summarize_scans(db, [row[0] for row in page])
        for row in page:
            yield ListedLead._make(row[:-1] + (scans.get(row[0]) or ScanSummary(row[-1], "", "")))


def _fetch_page(cursor: sqlite3.Cursor) -> list[tuple[Any, ...]]:
    """Fetch the next rows of *cursor*, up to the size of a page."""
    page: list[tuple[Any, ...]] = []
    size = 0
    while size <= _MAX_PAGE_CHARACTERS and (some := cursor.fetchmany(_ROWS_PER_FETCH)):
        page += some
        size += sum(len(row[_NOTE_INDEX]) + len(row[_ANSWERS_INDEX]) for row in some)
    return page


def chunk_leads(leads: Iterable[ListedLead]) -> Iterator[list[ListedLead]]:
    """Split *leads* into lists that need little memory."""
    chunk: list[ListedLead] = []
    size = 0
    for lead in leads:
        chunk.append(lead)
        size += len(lead.note) + len(lead.answers) + len(lead.badge_text)
        if size > _MAX_PAGE_CHARACTERS or len(chunk) == _MAX_PAGE_LEADS:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


@contextmanager
def read_snapshot(db: Database) -> Iterator[None]:
    """Read everything as it is now, whatever others write meanwhile. Not for readers that may take hours."""
    db.conn.execute("begin")
    try:
        yield
    finally:
        db.conn.execute("rollback")
