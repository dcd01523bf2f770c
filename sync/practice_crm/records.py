"""The practice CRM's own database: contacts, by the id that their sender gave them."""

import json
import re
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SCHEMA = """
    create table if not exists contacts (
        id integer primary key,
        client_id text not null unique,
        fields text not null,
        times_sent integer not null,
        created_at real not null,
        updated_at real not null
    ) strict;

    create index if not exists contacts_by_email on contacts (lower(json_extract(fields, '$.email')));

    create table if not exists definitions (
        dialect text not null,
        name text not null,
        definition text not null,
        primary key (dialect, name)
    ) strict
"""

_UPSERT_CONTACT = """
    insert into contacts (client_id, fields, times_sent, created_at, updated_at)
    values (:client_id, :fields, 1, :now, :now)
    on conflict (client_id) do update
       set fields = excluded.fields, times_sent = times_sent + 1, updated_at = excluded.updated_at
 returning id, times_sent
"""

_REPLACE_CONTACT = """
    update contacts
       set client_id = :client_id, fields = :fields, times_sent = times_sent + 1, updated_at = :now
     where id = :id
"""

EMAIL_PATTERN = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


class InvalidContact(Exception):
    """A contact that the CRM refuses; `str()` gives the reason."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(f"{field}: {sentence}")
        self.field = field


@dataclass(frozen=True, slots=True)
class SavedContact:
    """A contact that was saved."""

    id: str
    was_created: bool


class ContactDatabase:
    """Stores contacts. Several threads may use it; a lock lets in one at a time."""

    def __init__(self, path: Path) -> None:
        self.folder = path.parent
        path.touch(mode=0o600)
        path.chmod(0o600)  # touch keeps the mode of an existing file
        self.db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.db.row_factory = sqlite3.Row
        # Re-entrant, because a transaction calls methods that take the lock themselves.
        self.lock = threading.RLock()
        # Rehearsals and tests read the file while the practice CRM writes to it.
        self.db.execute("pragma journal_mode = wal")
        self.db.executescript(_SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Run the block in one transaction: everything in it is written, or nothing."""
        with self.lock:
            self.db.execute("begin immediate")
            try:
                yield
                self.db.execute("commit")
            except BaseException:
                self.db.execute("rollback")
                raise

    def save_contacts(self, contacts: Sequence[Mapping[str, Any]]) -> list[SavedContact | InvalidContact]:
        """Save each of *contacts*, or return why it is refused, in one transaction; a bad one stops no other."""
        with self.transaction():
            return [self.save_contact(contact) for contact in contacts]

    def save_contact(self, contact: Mapping[str, Any]) -> SavedContact | InvalidContact:
        """Save one contact; the same `client_id` is the same contact."""
        try:
            _check_contact(contact)
        except InvalidContact as error:
            return error
        values = {"client_id": contact["client_id"], "fields": json.dumps(dict(contact)), "now": time.time()}
        row = self.db.execute(_UPSERT_CONTACT, values).fetchone()
        return SavedContact(f"P-{row['id']:06d}", row["times_sent"] == 1)

    def replace_contact(self, record_id: str, contact: Mapping[str, Any]) -> SavedContact:
        """Replace the contact `P-000001`; *contact* may have another `client_id`."""
        values = {"client_id": contact["client_id"], "fields": json.dumps(dict(contact)), "now": time.time()}
        self.db.execute(_REPLACE_CONTACT, {**values, "id": _parse_record_number(record_id)})
        return SavedContact(record_id, False)

    def delete_contact(self, record_id: str) -> bool:
        """Delete the contact `P-000001`; return False if there is none."""
        with self.transaction():
            return (
                self.db.execute("delete from contacts where id = ?", (_parse_record_number(record_id),)).rowcount == 1
            )

    def find_contact(self, name: str) -> dict[str, Any] | None:
        """Return the contact with our id `P-000001`, or with its sender's id; None if there is none."""
        sql = "select * from contacts where id = ? or client_id = ?"
        with self.lock:
            row = self.db.execute(sql, (_parse_record_number(name), name)).fetchone()
        return _contact_from_row(row) if row else None

    def find_by_email(self, email: str) -> dict[str, Any] | None:
        """Return the contact with this e-mail, ignoring case; None if there is none."""
        sql = "select * from contacts where lower(json_extract(fields, '$.email')) = lower(?) order by id limit 1"
        with self.lock:
            row = self.db.execute(sql, (email,)).fetchone()
        return _contact_from_row(row) if row else None

    def save_definition(self, dialect: str, name: str, definition: Mapping[str, Any]) -> None:
        """Save what an administrator of such a CRM adds to it: a property, a field."""
        sql = "insert or replace into definitions (dialect, name, definition) values (?, ?, ?)"
        with self.transaction():
            self.db.execute(sql, (dialect, name, json.dumps(dict(definition))))

    def list_definitions(self, dialect: str) -> dict[str, Any]:
        """Return what an administrator has added, by name."""
        sql = "select name, definition from definitions where dialect = ? order by name"
        with self.lock:
            rows = self.db.execute(sql, (dialect,)).fetchall()
        return {row["name"]: json.loads(row["definition"]) for row in rows}

    def list_newest(self, limit: int) -> list[dict[str, Any]]:
        """Return the contacts that were saved last, the newest first."""
        with self.lock:
            rows = self.db.execute(
                "select * from contacts order by updated_at desc, id desc limit ?", (limit,)
            ).fetchall()
        return [_contact_from_row(row) for row in rows]

    def count_contacts(self) -> dict[str, int]:
        """Count the contacts, and how often one of them was sent again."""
        with self.lock:
            row = self.db.execute(
                "select count(*) as contacts, coalesce(sum(times_sent), 0) as sent from contacts"
            ).fetchone()
        return {"contacts": row["contacts"], "repeats": row["sent"] - row["contacts"]}

    def close(self) -> None:
        """Close the database."""
        self.db.close()


def count_by_email(path: Path, *, email: str = "", client_id: str = "") -> dict[str, int]:
    """Count the contacts in the file at *path* by e-mail, of those with these parts in e-mail and id."""
    sql = """
        select lower(json_extract(fields, '$.email')) as email, count(*) as number
          from contacts
         where instr(lower(json_extract(fields, '$.email')), lower(?)) and instr(client_id, ?)
         group by 1
    """
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=30)) as db:
        return dict(db.execute(sql, (email, client_id)).fetchall())


def _parse_record_number(name: str) -> int:
    """Return the 1 of `P-000001`; 0, which no contact has, if *name* is not an id of ours."""
    return int(name[2:]) if re.fullmatch(r"P-\d{1,15}", name) else 0


def _check_contact(contact: Mapping[str, Any]) -> None:
    """Raise InvalidContact for what a CRM would refuse."""
    client_id, email = contact.get("client_id"), contact.get("email")
    if not isinstance(client_id, str) or not 1 <= len(client_id) <= 200 or not client_id.isprintable():
        raise InvalidContact("client_id", "it must be a string of 1 to 200 printable characters.")
    if email is not None and (not isinstance(email, str) or not EMAIL_PATTERN.fullmatch(email)):
        raise InvalidContact("email", "this is not an e-mail address.")


def _contact_from_row(row: sqlite3.Row) -> dict[str, Any]:
    """Return a row as the API returns it."""
    return {
        **json.loads(row["fields"]),
        "id": f"P-{row['id']:06d}",
        "times_sent": row["times_sent"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
    }
