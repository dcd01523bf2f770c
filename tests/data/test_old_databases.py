"""Databases that version 0.1.0 wrote: they open, nothing in them is lost, and work continues."""

import gzip
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from data import outbox
from data.arrival import Arrival, arrive
from data.contact import Contact
from data.lead import Lead, ScanRecord
from data.store import Store, open_store
from tests.support.clock import FakeClock

DATABASES = Path(__file__).parent / "databases"
"""Kept as that version's code wrote them: its first schema, and its last before migration `m014`."""

STATES = {
    "Ana López": ("delivered", "C-1", ""),
    "Bob Park": ("needs you", None, "bob@ is not an e-mail address."),
    "Bea Stone": ("waiting", None, ""),
    "Di Wong": ("waiting", None, "It answered 500."),
    "Eve Hall": ("discarded", None, "a colleague"),
}

NO_PERSON = "Nothing here says who it is. Add a name or an e-mail, or import the attendee list."
"""As it was stored then."""


@pytest.fixture(params=["0.1.0-first-schema", "0.1.0"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy of an old database."""
    found = tmp_path / "kiosk.db"
    found.touch(0o600)
    found.write_bytes(gzip.decompress((DATABASES / f"{request.param}.db.gz").read_bytes()))
    return found


@pytest.fixture
def old(path: Path) -> Iterator[Store]:
    """An old database, opened by today's code."""
    db = open_store(path)
    yield db
    db.close()


def query_rows(db: Store, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    """Return the rows that the database answers with."""
    return [tuple(row) for row in db.execute(sql, values)]


def list_columns_by_table(db: Store) -> dict[str, set[str]]:
    """Return the names of the columns of each table."""
    tables = query_rows(db, "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'")
    return {table: {row[1] for row in query_rows(db, f"pragma table_info({table})")} for (table,) in tables}


def test_it_gets_the_schema_of_today(old: Store, tmp_path: Path) -> None:
    """The same tables and columns as in a new database, and no row that refers to nothing."""
    with closing(open_store(tmp_path / "new" / "kiosk.db")) as new:
        assert list_columns_by_table(old) == list_columns_by_table(new)

    assert query_rows(old, "pragma integrity_check") == [("ok",)]
    assert query_rows(old, "pragma foreign_key_check") == []


def test_opening_it_again_changes_nothing(old: Store, path: Path) -> None:
    """Each migration ran once."""
    before = list(old.conn.iterdump())
    old.close()

    with closing(open_store(path)) as again:
        assert list(again.conn.iterdump()) == before


def test_every_lead_is_where_it_was(old: Store) -> None:
    """In its state, with its reason, and with what staff wrote."""
    found = query_rows(old, "select name, state, remote_id, reason from leads join outbox on lead_id = id")

    assert {name: (state, remote, reason) for name, state, remote, reason in found if name} == STATES
    assert [row[1:] for row in found if not row[0]] == [("needs you", None, NO_PERSON)] * 2
    assert query_rows(old, "select rating, note, tags, answers from leads where name = 'Ana López'") == [
        (4, "call Monday", '["demo", "pricing"]', '{"division": "Sales"}')
    ]


def test_scans_receipts_and_actions_are_there(old: Store) -> None:
    """What was secret is still not there."""
    assert query_rows(old, "select count(*) from scans") == [(8,)]
    assert query_rows(old, "select count(*) from scans where payload is null") == [(1,)]
    assert query_rows(old, "select outcome, status from deliveries order by id") == [
        ("delivered", 201), ("rejected", 422), ("retry", 500),
    ]  # fmt: skip
    assert query_rows(old, "select verb, operator, reason from actions where verb = 'discard'") == [
        ("discard", "Ana", "a colleague")
    ]


def test_a_badge_that_was_scanned_then_is_known_now(old: Store) -> None:
    """It is the same lead, and the new scan is beside the old one."""
    (ana,) = query_rows(old, "select id from leads where name = 'Ana López'")[0]
    new = Lead("", "Expo", "vcard", Contact("Ana López", email="ana@initech.example"))
    scan = ScanRecord(b"Ana", "0" * 64, "vcard", "qr", "camera", "Ben", "kiosk-1", 1_790_100_000.0, "boot-2", 50.0)

    saved = arrive(old, Arrival(scan, new), FakeClock())

    assert (saved.lead.id, saved.is_new) == (ana, False)
    assert query_rows(old, "select count(*) from scans where lead_id = ?", ana) == [(2,)]


def test_what_was_discarded_can_be_restored_and_what_waits_is_due(old: Store) -> None:
    """The verbs work on old rows; times of another boot hold nothing up."""
    clock = FakeClock()
    clock.boot_id = "boot-2"
    (eve,) = query_rows(old, "select id from leads where name = 'Eve Hall'")[0]

    outbox.reset_after_reboot(old, clock)
    restored = outbox.restore_lead(old, eve, "Ben", clock)
    due = {found.lead.contact.name for found in outbox.list_due_leads(old, clock, 100)}

    assert restored
    assert due == {"Bea Stone", "Di Wong", "Eve Hall"}


def test_a_reader_without_our_code_can_read_it(path: Path) -> None:
    """It is a plain SQLite file."""
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("select count(*) from leads").fetchone() == (7,)
