"""Leads as a file for other programs: CSV, JSON or vCards; written whole or not at all, readable by its owner only."""

import csv
import errno
import io
import json
import os
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unicodedata import category

from data.cells import harmless, list_cell, table_cell
from data.contact import CONTACT_FIELDS
from data.pending import Entry

COLUMNS = (
    "lead_id", "event", "state", *CONTACT_FIELDS, "badge_id", "rating", "tags", "note", "answers", "scanned_at",
    "operator", "reason", "remote_id",
)  # fmt: skip
"""Of a CSV export, and the keys of a JSON one. `lead_id` comes first: a later import can tell what it has already."""


def write_export(entries: Iterable[Entry], path: Path) -> int:
    """
    Write *entries* to *path* in the format that its suffix names, and return how many they were.

    Raises:
        ValueError: the suffix names no format.
        OSError: it could not be written; what was there before still is.
    """
    rows = list(entries)
    form = FORMATS.get(path.suffix.lower())
    if form is None:
        raise ValueError(f"{path.name}: the name must end in {', '.join(FORMATS)}.")
    write_whole(path, form(rows))
    return len(rows)


def write_whole(path: Path, content: bytes) -> None:
    """Write *content* beside *path*, flush it, and put it in its place at once, for good."""
    handle, name = tempfile.mkstemp(dir=path.absolute().parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    flush_folder(path.absolute().parent)


def flush_folder(folder: Path) -> None:
    """Have the names in *folder* outlive a power cut, where its file system can do that."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EACCES, errno.EBADF):
            raise
    finally:
        os.close(handle)


def row(entry: Entry) -> dict[str, Any]:
    """One lead by the names of `COLUMNS`."""
    lead = entry.lead
    return {
        "lead_id": lead.id,
        "event": lead.event,
        "state": entry.state,
        **asdict(lead.contact),
        "badge_id": lead.badge_id,
        "rating": lead.rating,
        "tags": list(lead.tags),
        "note": lead.note,
        "answers": dict(lead.answers),
        "scanned_at": datetime.fromtimestamp(entry.scanned_at, UTC).isoformat(timespec="seconds"),
        "operator": entry.operator,
        "reason": entry.reason,
        "remote_id": entry.remote_id,
    }


def as_csv(entries: list[Entry]) -> bytes:
    """A table with a line for each entry."""
    return csv_table(dict(zip(COLUMNS, COLUMNS, strict=True)), map(row, entries))


def csv_table(columns: Mapping[str, str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """
    *rows* as CSV, with the names of *columns* written as their values say; what a row has besides is left out.

    UTF-8 with a byte order mark, for Excel; no cell begins like a formula.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([harmless(heading) for heading in columns.values()])
    for values in rows:
        writer.writerow([as_cell(values.get(name)) for name in columns])
    return text.getvalue().encode("utf-8-sig", "replace")


def as_cell(value: Any) -> Any:
    """*value* as a cell that no spreadsheet computes, with a list or a table in one line."""
    if isinstance(value, Mapping):
        value = table_cell({str(name): str(part) for name, part in value.items()})
    elif isinstance(value, Sequence) and not isinstance(value, str):
        value = list_cell(map(str, value))
    return harmless(value) if isinstance(value, str) else value


def as_json(entries: list[Entry]) -> bytes:
    """A list of objects."""
    return json.dumps([row(entry) for entry in entries], indent=2, ensure_ascii=False).encode() + b"\n"


def as_vcards(entries: list[Entry]) -> bytes:
    """vCard 4.0 (RFC 6350), one after another."""
    return "".join(vcard(entry) for entry in entries).encode()


def vcard(entry: Entry) -> str:
    """One lead as a vCard."""
    contact = entry.lead.contact
    address = (contact.address, contact.city, contact.region, contact.postcode, contact.country)
    lines = [
        ("FN", escaped(entry.lead.label)),
        ("N", f"{escaped(contact.last_name)};{escaped(contact.first_name)};;;"),
        ("EMAIL", escaped(contact.email)),
        ("TEL", escaped(contact.phone)),
        ("ORG", escaped(contact.company)),
        ("TITLE", escaped(contact.job_title)),
        ("URL", escaped(contact.website)),
        ("ADR", ";;" + ";".join(map(escaped, address)) if any(address) else ""),
        ("NOTE", escaped(entry.lead.note)),
        ("CATEGORIES", ",".join(map(escaped, entry.lead.tags))),
        ("UID", f"urn:uuid:{entry.lead.id}"),
    ]
    body = "".join(folded(f"{name}:{value}") for name, value in lines if value)
    return f"BEGIN:VCARD\r\nVERSION:4.0\r\n{body}END:VCARD\r\n"


def escaped(text: str) -> str:
    """*text* as a value of a vCard: one line by anybody's rules, without the controls that RFC 6350 (3.3) forbids."""
    for mark in ("\\", ";", ","):
        text = text.replace(mark, f"\\{mark}")
    line = "\\n".join(text.splitlines())
    return "".join(character for character in line if character == "\t" or category(character) != "Cc")


def folded(line: str) -> str:
    """*line* in pieces of at most 75 bytes, as RFC 6350 (3.2) wants it; no character is cut in two."""
    pieces, piece = [], ""
    for character in line:
        if len((piece + character).encode()) > 74:
            pieces.append(piece)
            piece = ""
        piece += character
    return "\r\n ".join((*pieces, piece)) + "\r\n"


FORMATS: dict[str, Callable[[list[Entry]], bytes]] = {".csv": as_csv, ".json": as_json, ".vcf": as_vcards}
"""Suffixes, and what writes them."""
