"""What can be read from a damaged file, compared with what SQLite read while it was intact."""

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data import attendees, devices, leads, outbox, scans
from data.attendees import Attendee
from data.checkpoint import run_checkpoint
from data.contact import Contact
from data.database_merge import DatabaseMerge, list_columns, list_tables, quote_name
from data.lead import NEEDS_DETAILS_REASON
from data.migrations import migrations
from data.opening import open_empty_store
from data.salvage import LOST_KIND, salvage_rows
from data.sqlite_pages import PageReader
from tests.data.conftest import Booth

VALUES = st.one_of(
    st.none(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.text(max_size=40),
    st.binary(max_size=40),
)


def content(db: sqlite3.Connection) -> dict[str, list[tuple[Any, ...]]]:
    """Return all merged rows, without the numbers that SQLite assigns."""
    found = {}
    for table in list_tables(db):
        columns = [name for name in list_columns(db, table) if name != "id" or table in ("leads", "devices", "batches")]
        rows = db.execute(f"select {', '.join(map(quote_name, columns))} from {table}")
        found[table] = sorted((tuple(row) for row in rows), key=repr)
    return found


@contextmanager
def salvage_files(path: Path) -> Iterator[sqlite3.Connection]:
    """Return a new database with what can be read in the files at *path*."""
    with closing(open_empty_store().conn) as target:
        salvage_rows(DatabaseMerge(target), path, Path(f"{path}-wal"))
        yield target


def read_content(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows that can be read in the files at *path*."""
    with salvage_files(path) as found:
        return content(found)


@pytest.fixture
def full(booth: Booth) -> Any:
    """A booth with something in every important table, and rows that are too long for one page."""
    list(attendees.add_attendees(booth.db, "Expo 2026", [Attendee("7", Contact(name="Ana Lopez", company="Initech"))]))
    devices.add_device(booth.db, "phone", "post", booth.clock)
    for number in range(30):
        saved = booth.show(name=f"Visitor {number}", email=f"v{number}@x.example", note="x" * (number * 400))
        if number % 3 == 0:
            outbox.discard_lead(booth.db, saved.lead.id, "a duplicate", "ana", booth.clock)
    scans.record_boot_clock(booth.db, booth.clock)
    return booth


@pytest.mark.parametrize("is_moved", [False, True], ids=["in the log", "in the file"])
def test_all_of_a_whole_file_is_read(full: Any, is_moved: bool) -> None:
    """From the file or its log; header and schema of the file are not needed."""
    if is_moved:
        run_checkpoint(full.db)
    before = content(full.db.conn)

    assert read_content(full.path) == before


def test_a_page_of_noise_costs_no_other_row(full: Any, tmp_path: Path) -> None:
    """Eight pages, one after another: everything that is not on that page is read."""
    full.db.close()
    whole = full.path.read_bytes()
    with closing(sqlite3.connect(full.path)) as db:
        before = content(db)
    chance, damaged = random.Random(5), tmp_path / "damaged.db"
    for page in sorted(chance.sample(range(len(whole) // 4096), 8)):
        start = page * 4096
        damaged.write_bytes(whole[:start] + chance.randbytes(4096) + whole[start + 4096 :])

        after = read_content(damaged)

        assert len(after["leads"]) == 30  # made up from its scan where its own row is gone
        for table in ("leads", "scans", "outbox", "devices", "attendees"):
            lost = [row for row in before[table] if row not in after[table]]
            assert len(lost) <= 40, (page, table)


def test_a_lead_of_which_only_the_scan_is_left_is_made_up(booth: Booth, tmp_path: Path) -> None:
    """It needs details, and its badge can be read again."""
    booth.show(name="Ana")
    booth.db.execute("pragma foreign_keys = off")
    booth.db.execute("delete from leads")
    booth.db.execute("delete from outbox")
    booth.db.close()

    with salvage_files(booth.path) as found:
        assert [row["kind"] for row in found.execute("select kind from leads")] == [LOST_KIND]
        assert [tuple(row) for row in found.execute("select state, reason from outbox")] == [
            ("needs you", NEEDS_DETAILS_REASON)
        ]
        assert found.execute("select count(*) from scans").fetchone()[0] == 1


def test_nothing_is_read_from_noise(tmp_path: Path) -> None:
    """Random bytes are never taken for a row."""
    (tmp_path / "noise").write_bytes(random.Random(3).randbytes(2_000_000))

    assert all(rows == [] for rows in read_content(tmp_path / "noise").values())


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(VALUES, VALUES, VALUES), max_size=30))
def test_rows_are_read_as_sqlite_reads_them(rows: list[tuple[Any, ...]]) -> None:
    """Every kind of value, in tables with a rowid and without."""
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "some.db"
        with closing(sqlite3.connect(path)) as db, db:
            db.execute("create table with_rowid (a, b, c)")
            db.executemany("insert into with_rowid values (?, ?, ?)", rows)
            expected = [(row[0], *row[1:]) for row in db.execute("select rowid, a, b, c from with_rowid")]

        found = PageReader(path, Path(f"{path}-wal")).iterate_rows({(True, 3)})

        assert sorted(((row.rowid, *row.values) for row in found), key=repr) == sorted(expected, key=repr)


def test_merging_twice_changes_nothing_and_the_newer_stays(booth: Booth, tmp_path: Path) -> None:
    """A lead that was edited is not set back by an older copy of it."""
    saved = booth.show(name="Ana")
    with closing(open_empty_store()) as copy:
        DatabaseMerge(copy.conn).add_database(booth.db.conn)
        first = content(copy.conn)
        DatabaseMerge(copy.conn).add_database(booth.db.conn)
        assert content(copy.conn) == first == content(booth.db.conn)

        copy.conn.commit()
        leads.edit_lead(copy, saved.lead.id, {"note": "mended"}, "ana", booth.clock)
        DatabaseMerge(copy.conn).add_database(booth.db.conn)

        assert leads.get_lead(copy, saved.lead.id).note == "mended"


def test_an_older_file_gives_what_it_has(tmp_path: Path) -> None:
    """Its rows have fewer columns."""
    from sqlite_utils import Database

    path = tmp_path / "old.db"
    with closing(Database(path)) as old:
        migrations.apply(old, stop_before="m003_hottest_and_newest_first")
        old.execute(
            "insert into leads (id, event, kind, name, created_at, updated_at) values ('a', 'E', 'vcard', 'Ana', 1, 1)"
        )
        old.execute("insert into outbox (lead_id, revision, state, changed_at) values ('a', 1, 'delivered', 1)")

    with salvage_files(path) as found:
        assert [tuple(row) for row in found.execute("select lead_id, state, heat from outbox")] == [
            ("a", "delivered", 3)
        ]


def test_a_file_from_before_columns_were_dropped_gives_all_its_leads(tmp_path: Path) -> None:
    """Rows that were written before the migration have more columns than the table has now."""
    from sqlite_utils import Database

    path = tmp_path / "old.db"
    with closing(Database(path)) as old:
        migrations.apply(old, stop_before="m021_without_unused_consent_columns")
        old.execute(
            "insert into leads (id, event, kind, name, note, tags, rating, revision, created_at, updated_at)"
            " values ('a', 'E', 'vcard', 'Ana', 'call her', '[\"hot\"]', 4, 3, 1.5, 2)"
        )
        old.execute("insert into outbox (lead_id, revision, state, changed_at) values ('a', 3, 'delivered', 1)")

    with salvage_files(path) as found:
        sql = "select name, note, tags, rating, revision, created_at, updated_at, kind from leads"
        assert [tuple(row) for row in found.execute(sql)] == [("Ana", "call her", '["hot"]', 4, 3, 1.5, 2.0, "vcard")]
        assert found.execute("select state from outbox").fetchone()[0] == "delivered"
