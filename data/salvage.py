"""
Salvage: reads the rows that a damaged database still has.

A row found in the file does not say which table it is from, so it is matched with the shapes of our tables. Afterwards
the parts that a lead has lost are filled in.
"""

import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from sqlite_utils import Database

from data.database_merge import DatabaseMerge, has_numbered_key, list_columns, list_tables, quote_name
from data.lead import NEEDS_DETAILS_REASON, derive_email_identity
from data.migrations import migrations
from data.sqlite_pages import FoundRow, PageReader, Value

_PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "TEXT": (str,),
    "INTEGER": (int,),
    "REAL": (float, int),  # SQLite keeps 1.0 as 1
    "BLOB": (bytes,),
}

LOST_KIND = "lost"
"""Kind of a lead that lost its own row; `kiosk.scanning.lost_leads` restores it from the badge in its scan."""

_DROPS_COLUMNS = "m021_without_unused_consent_columns"
"""The migration that dropped columns: rows written before it have more of them."""

_REPAIR_STATEMENTS = (
    # A lead whose page is gone: its scan proves that somebody was met, and holds what the badge said.
    f"""
    insert into leads (id, event, kind, created_at, updated_at)
    select lead_id, event, '{LOST_KIND}', min(wall_at), min(wall_at) from scans
     where lead_id is not null and lead_id not in (select id from leads) group by lead_id
    """,
    f"update leads set revision = (select revision from outbox where lead_id = leads.id)"
    f" where kind = '{LOST_KIND}' and id in (select lead_id from outbox)",
    f"""
    insert into outbox (lead_id, revision, state, cause, reason, changed_at)
    select id, revision, 'needs you', 'needs details', '{NEEDS_DETAILS_REASON}', updated_at
      from leads
     where id not in (select lead_id from outbox) and name = '' and first_name = '' and last_name = ''
       and email = '' and phone = ''
    """,
    """
    insert into outbox (lead_id, revision, state, changed_at)
    select id, revision, 'waiting', updated_at from leads where id not in (select lead_id from outbox)
    """,
    """
    insert into scans (lead_id, event, payload_hash, kind, symbology, source, operator, kiosk, wall_at, boot_id,
                       monotonic)
    select id, event, '', kind, '', 'salvage', '', '', created_at, '', 0 from leads
     where id not in (select lead_id from scans where lead_id is not null)
    """,
    """
    insert or ignore into identities (event, identity, lead_id)
    select event, 'badge:' || badge_id, id from leads where badge_id <> ''
    """,
    """
    insert or ignore into identities (event, identity, lead_id)
    select event, 'payload:' || payload_hash, lead_id from scans
     where lead_id is not null and payload_hash <> '' and lead_id not in (select lead_id from identities)
    """,
    # Rows of `identities` have the same shape, so salvage put them into `attendee_ids`, too: delete those without an
    # attendee.
    """
    delete from attendee_ids
     where not exists (select 1 from attendees as listed
                        where listed.event = attendee_ids.event and listed.badge_id = attendee_ids.badge_id)
    """,
)
"""Statements that fill in what a lead has lost: its row, its outbox row, its scan, its identities."""


@dataclass(frozen=True, slots=True)
class _TableShape:
    """How a table stores its rows."""

    table: str
    types: tuple[tuple[type, ...], ...]
    may_be_null: tuple[bool, ...]
    column_positions: tuple[int, ...]
    """Position in a stored row of each declared column: in tables without a rowid, the key is stored first."""
    min_columns: int
    """Columns that every row has; older rows lack columns that were added later."""
    has_rowid: bool
    rowid_position: int | None
    """Position of the column that is the rowid, which rows store as null; None if there is none."""
    dropped_columns: frozenset[int] = frozenset()
    """Numbers of the columns that a migration has dropped since; rows of older files still have them."""

    def match_row(self, row: FoundRow) -> list[Value] | None:
        """Return the values of *row* as `DatabaseMerge.add_row` takes them; None if the table cannot hold it."""
        # A row may fit several tables; `_REPAIR_STATEMENTS` deletes what went into the wrong one.
        found = row.values
        if not all(self._is_valid_value(position, value) for position, value in enumerate(found)):
            return None
        declared = [
            found[position]
            for column, position in enumerate(self.column_positions)
            if position < len(found) and column not in self.dropped_columns
        ]
        if self.rowid_position is not None:
            del declared[self.rowid_position]
        return declared

    def _is_valid_value(self, position: int, value: Value) -> bool:
        """Return whether the table, which is strict, can hold *value* at *position*."""
        if value is None:
            return position == self.rowid_position or self.may_be_null[position]
        return position != self.rowid_position and isinstance(value, self.types[position])


def _read_table_shape(db: sqlite3.Connection, table: str) -> _TableShape:
    """Return the shape of *table*."""
    columns = db.execute(f"pragma table_info({quote_name(table)})").fetchall()
    sql = db.execute("select sql from sqlite_master where name = ?", (table,)).fetchone()[0]
    has_rowid = "without rowid" not in sql.lower()  # not shown: SQL
    kept = columns if has_rowid else sorted(columns, key=lambda column: (not column[5], column[5]))
    return _TableShape(
        table,
        tuple(_PYTHON_TYPES[column[2]] for column in kept),
        tuple(not column[3] and not column[5] for column in kept),
        tuple(kept.index(column) for column in columns),
        _count_original_columns()[table],
        has_rowid,
        list_columns(db, table).index("id") if has_numbered_key(db, table) else None,
    )


@cache
def _count_original_columns() -> dict[str, int]:
    """Return how many columns each table had when it was created: older rows lack later columns."""
    found: dict[str, int] = {}
    with closing(sqlite3.connect(":memory:")) as db:
        names = [migration.name for migration in migrations.pending(Database(db, execute_plugins=False))]
        for later in [*names[1:], None]:
            migrations.apply(Database(db, execute_plugins=False), stop_before=later)
            for (table,) in db.execute("select name from sqlite_master where type = 'table'").fetchall():
                number = len(list_columns(db, table))
                found[table] = min(number, found.get(table, number))
    return found


@cache
def _list_old_shapes() -> list[_TableShape]:
    """List the shapes of tables as they were before a migration dropped columns."""
    found = []
    with closing(sqlite3.connect(":memory:")) as db:
        migrations.apply(Database(db, execute_plugins=False), stop_before=_DROPS_COLUMNS)
        before = {table: (_read_table_shape(db, table), list_columns(db, table)) for table in list_tables(db)}
        migrations.apply(Database(db, execute_plugins=False))
        for table, (shape, columns) in before.items():
            kept = set(list_columns(db, table))
            if dropped := frozenset(at for at, name in enumerate(columns) if name not in kept):
                found.append(replace(shape, dropped_columns=dropped, min_columns=len(columns)))
    return found


def salvage_rows(merge: DatabaseMerge, main: Path, log: Path) -> int:
    """
    Add every readable row of a damaged file and its log; return how many leads that added.

    Raises:
        sqlite3.Error: the target cannot be written.
    """
    shapes: dict[tuple[bool, int], list[_TableShape]] = {}
    for shape in (*(_read_table_shape(merge.target, table) for table in merge.columns), *_list_old_shapes()):
        for number in range(shape.min_columns, len(shape.types) + 1):
            shapes.setdefault((shape.has_rowid, number), []).append(shape)
    for row in PageReader(main, log).iterate_rows(shapes.keys()):
        for shape in shapes[row.rowid is not None, len(row.values)]:
            if (values := shape.match_row(row)) is not None:
                merge.add_row(shape.table, values)
    repair_leads(merge.target)
    return merge.leads_added


def repair_leads(db: sqlite3.Connection) -> None:
    """Fill in what leads have lost, and delete rows that refer to a missing row."""
    for statement in _REPAIR_STATEMENTS:
        db.execute(statement)
    for lead_id, event, email in db.execute("select id, event, email from leads where email <> ''").fetchall():
        if identity := derive_email_identity(email):
            db.execute("insert or ignore into identities values (?, ?, ?)", (event, identity, lead_id))
    dangling = {(row[0], row[1]) for row in db.execute("pragma foreign_key_check")}
    for table, rowid in dangling:
        if rowid is not None:
            db.execute(f"delete from {quote_name(table)} where rowid = ?", (rowid,))
        else:
            db.execute(f"delete from {quote_name(table)} where lead_id not in (select id from leads)")
