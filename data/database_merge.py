"""
Adding to a database what another one has and it has not: twice changes nothing.

Rows are the same by their ids, and of a lead and its outbox row the newer one stays. Rows that are only numbered, such
as scans, are the same by what they say, for two files give one number to two scans.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

_VERSIONED_TABLES = {
    "leads": ("id", "excluded.revision, excluded.updated_at", "leads.revision, leads.updated_at"),
    "outbox": (
        "lead_id",
        "excluded.revision, coalesce(excluded.delivered_revision, 0), excluded.changed_at",
        "outbox.revision, coalesce(outbox.delivered_revision, 0), outbox.changed_at",
    ),
    "devices": ("id", "coalesce(excluded.revoked_at, 0)", "coalesce(devices.revoked_at, 0)"),
    "boots": ("boot_id", "excluded.synced, excluded.seen_at", "boots.synced, boots.seen_at"),
}
"""Tables whose rows change: the key, and what makes a row newer than the one that is there."""

_NATURAL_KEYS = {
    "scans": ("payload_hash", "wall_at", "monotonic"),
    "deliveries": ("batch_id", "lead_id", "started_at"),
    "actions": ("lead_id", "verb", "at"),
    "gate_changes": ("destination", "at"),
}
"""Tables whose rows are only numbered: what two rows share that are the same; of others, everything."""

_PARENT_TABLES = ("leads", "devices", "outbox", "scans", "identities", "batches")
"""Tables to which others refer, and those that matter most."""

_UNMERGED_TABLES = ("_sqlite_migrations", "delivery_totals", "pairings", "repairs", "gate")
"""Tables whose rows mean nothing in another file, or are written again by themselves."""


class DatabaseMerge:
    """Adds rows to a database. It runs inside a transaction of the caller's, who has switched foreign keys off."""

    def __init__(self, target: sqlite3.Connection) -> None:
        self.target = target
        self.leads_before = count_rows(target, "leads")
        self.columns = {table: list_columns(target, table) for table in list_tables(target)}
        """Of each table that is merged, those that its rows are given with."""
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
        """How many leads were not there before."""
        return count_rows(self.target, "leads") - self.leads_before

    def add_row(self, table: str, row: Sequence[Any]) -> None:
        """Add one row, whose values are those of the first of `columns`; nothing where it is there already."""
        if table in self._same:
            if len(row) <= max(self._same[table]):
                return
            key = tuple(row[at] for at in self._same[table])
            if key in self._known[table]:
                return
        with suppress(sqlite3.IntegrityError):  # what does not fit is damage that looks like a row
            self.target.execute(self._find_statement(table, len(row)), tuple(row))
            if table in self._same:
                self._known[table].add(key)

    def add_database(self, source: sqlite3.Connection) -> None:
        """Add what can be read in another database, which may have fewer tables and columns."""
        for table, columns in self.columns.items():
            with suppress(sqlite3.DatabaseError):
                there = set(list_columns(source, table))
                shared = next((at for at, name in enumerate(columns) if name not in there), len(columns))
                if shared:
                    wanted = ", ".join(map(quote_name, columns[:shared]))
                    for row in source.execute(f"select {wanted} from {quote_name(table)}"):
                        self.add_row(table, tuple(row))

    def _find_statement(self, table: str, number: int) -> str:
        """How a row with so many values is added, or takes the place of an older one."""
        if (table, number) not in self._statements:
            self._statements[table, number] = _build_statement(table, self.columns[table][:number])
        return self._statements[table, number]


def _build_statement(table: str, columns: Sequence[str]) -> str:
    """The statement for a row with these columns."""
    names, places = ", ".join(map(quote_name, columns)), ", ".join("?" * len(columns))
    insert = f"into {quote_name(table)} ({names}) values ({places})"
    if table not in _VERSIONED_TABLES:
        return f"insert or ignore {insert}"
    key, theirs, ours = _VERSIONED_TABLES[table]
    values = ", ".join(f"{quote_name(name)} = excluded.{quote_name(name)}" for name in columns if name != key)
    return f"insert {insert} on conflict ({key}) do update set {values} where ({theirs}) > ({ours})"


def list_tables(db: sqlite3.Connection) -> list[str]:
    """The tables of *db* that are merged, those to which others refer first."""
    names = [row[0] for row in db.execute("select name from sqlite_master where type = 'table'")]
    there = [name for name in names if name not in _UNMERGED_TABLES and not name.startswith("sqlite_")]
    return sorted(there, key=lambda name: _PARENT_TABLES.index(name) if name in _PARENT_TABLES else len(_PARENT_TABLES))


def list_columns(db: sqlite3.Connection, table: str) -> list[str]:
    """The columns of *table*, in the order in which they were declared."""
    return [row[1] for row in db.execute(f"pragma table_info({quote_name(table)})")]


def has_numbered_key(db: sqlite3.Connection, table: str) -> bool:
    """Whether the key of *table* is a number that SQLite gives."""
    keys = [row for row in db.execute(f"pragma table_info({quote_name(table)})") if row[5]]
    return [(row[1], row[2]) for row in keys] == [("id", "INTEGER")]


def quote_name(name: str) -> str:
    """*name* as SQL has it, also where it is a word of SQL's own."""
    return f'"{name}"'


def count_rows(db: sqlite3.Connection, table: str) -> int:
    """How many rows *table* has."""
    return int(db.execute(f"select count(*) from {quote_name(table)}").fetchone()[0])
