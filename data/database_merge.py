"""
Merges databases: adds the rows that only the other one has. Merging twice changes nothing.

Rows are the same if their ids are; of a lead and its outbox row the newer one stays. Rows that are only numbered, such
as scans, are the same if their content is, because two files may give the same number to different scans.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

_VERSIONED_TABLES = {
    "leads": ("id", "excluded.revision, excluded.updated_at", "leads.revision, leads.updated_at"),  # not shown: SQL
    "outbox": (
        "lead_id",
        "excluded.revision, coalesce(excluded.delivered_revision, 0), excluded.changed_at",  # not shown: SQL
        "outbox.revision, coalesce(outbox.delivered_revision, 0), outbox.changed_at",  # not shown: SQL
    ),
    "devices": ("id", "coalesce(excluded.revoked_at, 0)", "coalesce(devices.revoked_at, 0)"),
    "boots": ("boot_id", "excluded.synced, excluded.seen_at", "boots.synced, boots.seen_at"),  # not shown: SQL
}
"""
Tables whose rows change: the key, and two SQL expressions that are compared to find out which row is newer, one for the
row to add and one for the existing row.
"""

_NATURAL_KEYS = {
    "scans": ("payload_hash", "wall_at", "monotonic"),
    "deliveries": ("batch_id", "lead_id", "started_at"),
    "actions": ("lead_id", "verb", "at"),
    "gate_changes": ("destination", "at"),
}
"""Tables whose rows are only numbered: the columns by which two rows are the same; elsewhere all columns."""

_PARENT_TABLES = ("leads", "devices", "outbox", "scans", "identities", "batches")
"""Tables that others refer to, and those that matter most."""

_UNMERGED_TABLES = ("_sqlite_migrations", "delivery_totals", "pairings", "repairs", "gate")
"""Tables whose rows mean nothing in another file, or are rebuilt."""


class DatabaseMerge:
    """Adds rows to a database, inside a transaction of the caller, who has disabled foreign keys."""

    def __init__(self, target: sqlite3.Connection) -> None:
        self.target = target
        self.leads_before = count_rows(target, "leads")
        self.columns = {table: list_columns(target, table) for table in list_tables(target)}
        """The columns in which each merged table's rows are given."""
        self._statements: dict[tuple[str, int], str] = {}
        self._same: dict[str, list[int]] = {}
        self._known: dict[str, set[tuple[Any, ...]]] = {}
        for table, columns in self.columns.items():
            if has_numbered_key(target, table):
                columns.remove("id")
                key = _NATURAL_KEYS.get(table, tuple(columns))
                self._same[table] = [columns.index(name) for name in key]
                rows = target.execute(f"select {', '.join(map(quote_name, key))} from {quote_name(table)}")
                self._known[table] = {tuple(row) for row in rows}

    @property
    def leads_added(self) -> int:
        """How many leads are new."""
        return count_rows(self.target, "leads") - self.leads_before

    def add_row(self, table: str, row: Sequence[Any]) -> None:
        """Add one row, given as values of the first of `columns`; a row that is there already changes nothing."""
        if table in self._same:
            if len(row) <= max(self._same[table]):
                return
            key = tuple(row[at] for at in self._same[table])
            if key in self._known[table]:
                return
        with suppress(sqlite3.IntegrityError):  # a row that violates a constraint is damage that looks like a row
            self.target.execute(self._find_statement(table, len(row)), tuple(row))
            if table in self._same:
                self._known[table].add(key)

    def add_database(self, source: sqlite3.Connection) -> None:
        """Add what can be read in another database, which may lack tables and columns."""
        for table, columns in self.columns.items():
            with suppress(sqlite3.DatabaseError):
                source_columns = set(list_columns(source, table))
                # Only the leading columns that both have: `add_row` takes values by position. Migrations append
                # columns, so that an older database lacks only the last ones.
                count = next((at for at, name in enumerate(columns) if name not in source_columns), len(columns))
                if count:
                    selected = ", ".join(map(quote_name, columns[:count]))
                    for row in source.execute(f"select {selected} from {quote_name(table)}"):
                        self.add_row(table, tuple(row))

    def _find_statement(self, table: str, number: int) -> str:
        """Return the cached statement for a row with *number* values."""
        if (table, number) not in self._statements:
            self._statements[table, number] = _build_statement(table, self.columns[table][:number])
        return self._statements[table, number]


def _build_statement(table: str, columns: Sequence[str]) -> str:
    """Build the statement that inserts a row with these columns, or replaces an older one."""
    names, places = ", ".join(map(quote_name, columns)), ", ".join("?" * len(columns))
    insert = f"into {quote_name(table)} ({names}) values ({places})"  # not shown: SQL
    if table not in _VERSIONED_TABLES:
        return f"insert or ignore {insert}"
    key, theirs, ours = _VERSIONED_TABLES[table]
    values = ", ".join(f"{quote_name(name)} = excluded.{quote_name(name)}" for name in columns if name != key)
    return f"insert {insert} on conflict ({key}) do update set {values} where ({theirs}) > ({ours})"


def list_tables(db: sqlite3.Connection) -> list[str]:
    """List the tables of *db* that are merged, those that others refer to first."""
    names = [row[0] for row in db.execute("select name from sqlite_master where type = 'table'")]
    there = [name for name in names if name not in _UNMERGED_TABLES and not name.startswith("sqlite_")]
    return sorted(there, key=lambda name: _PARENT_TABLES.index(name) if name in _PARENT_TABLES else len(_PARENT_TABLES))


def list_columns(db: sqlite3.Connection, table: str) -> list[str]:
    """List the columns of *table*, in the order of their declaration."""
    return [row[1] for row in db.execute(f"pragma table_info({quote_name(table)})")]


def has_numbered_key(db: sqlite3.Connection, table: str) -> bool:
    """Return whether the key of *table* is a number that SQLite assigns."""
    keys = [row for row in db.execute(f"pragma table_info({quote_name(table)})") if row[5]]
    return [(row[1], row[2]) for row in keys] == [("id", "INTEGER")]


def quote_name(name: str) -> str:
    """Quote *name* for SQL; it may be a keyword."""
    return f'"{name}"'


def count_rows(db: sqlite3.Connection, table: str) -> int:
    """Count the rows of *table*."""
    return int(db.execute(f"select count(*) from {quote_name(table)}").fetchone()[0])
