"""
Scans that could not be saved before the kiosk closed: kept in a file beside the database and saved at the next start.

A file is written once and flushed, and deleted when all of it is in the database. Of a payload that must not be stored
it holds only the hash, as the database does.
"""

import base64
import hashlib
import json
import logging
import os
import stat
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeAlias
from uuid import uuid4

from sqlite_utils import Database

from data import scans
from data.arrival import Arrival, RefusedScan, arrive, record_refused_scan
from data.clock import Clock
from data.contact import Contact
from data.files import flush_directory
from data.identities import derive_identities
from data.lead import Lead, ScanRecord
from data.store import write_transaction

log = logging.getLogger(__name__)

HeldScan: TypeAlias = Arrival | RefusedScan


def write_held_scans(store: Path, held: Sequence[HeldScan]) -> Path | None:
    """
    Write *held* to a file that the next start on the database at *store* finds; return None if no folder is writable.
    """
    text = "".join(json.dumps(_scan_to_json(scan)) + "\n" for scan in held)
    for folder in _candidate_folders(store):
        path = folder / f"{_name_prefix(store)}{uuid4().hex}.jsonl"
        try:
            handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
            try:
                with os.fdopen(handle, "w", encoding="ascii") as file:
                    file.write(text)
                    file.flush()
                    os.fsync(file.fileno())
                flush_directory(folder)
            except OSError:
                path.unlink(missing_ok=True)  # a partial file would pass for a complete one
                raise
        except OSError as error:
            log.warning("badges that are not saved cannot be written to %s (%s)", folder, error.strerror)
            continue
        return path
    return None


def save_held_scans(db: Database, store: Path, clock: Clock) -> int:
    """
    Save what earlier runs could not, and delete their files; return how many badges those were.

    Raises:
        StoreError: not everything was saved; the rest stays in its file.
    """
    taken = 0
    for path in _find_files(store):
        found, is_complete = _read_file(path)
        for scan in found:
            taken += _save_scan(db, scan, clock)
        if is_complete:
            path.unlink(missing_ok=True)
        else:
            path.rename(path.with_suffix(".unreadable"))
            log.error("not all of %s could be read; it is kept beside it, with the ending .unreadable", path)
    return taken


def _save_scan(db: Database, held: HeldScan, clock: Clock) -> bool:
    """Save one scan, unless it is there already."""
    if scans.find_scan(db, held.scan) is not None:
        return False
    if isinstance(held, Arrival):
        arrive(db, held, clock)
    else:
        with write_transaction(db):
            record_refused_scan(db, held)
    return True


def _candidate_folders(store: Path) -> list[Path]:
    """List the folders for such files, the best first: the database's own may be gone or read-only."""
    folders = [store.parent, Path(tempfile.gettempdir())]
    with suppress(RuntimeError):  # a user without an entry in /etc/passwd has no home
        folders.insert(1, Path.home())
    return folders


def _name_prefix(store: Path) -> str:
    """Return how the names of the files begin that belong to the database at *store*."""
    return f"kiosk-held-{hashlib.sha256(os.fsencode(store)).hexdigest()[:8]}-"


def _find_files(store: Path) -> Iterator[Path]:
    """Yield the files that were kept; files that somebody else may have put there are skipped."""
    for folder in _candidate_folders(store):
        for path in sorted(folder.glob(f"{_name_prefix(store)}*.jsonl")):
            found = path.lstat()
            is_private = stat.S_ISREG(found.st_mode) and not found.st_mode & 0o077
            if is_private and found.st_uid in (os.geteuid(), store.parent.stat().st_uid):
                yield path


def _read_file(path: Path) -> tuple[list[HeldScan], bool]:
    """Return the scans in a file, and whether every line could be read."""
    found, is_complete = [], True
    for line in path.read_text(encoding="ascii", errors="replace").splitlines():
        try:
            found.append(_scan_from_json(json.loads(line)))
        except (ValueError, TypeError, KeyError):
            is_complete = False
    return found, is_complete


def _scan_to_json(held: HeldScan) -> dict[str, Any]:
    """Encode *held* as a line of the file, with keys that every version writes and can read."""
    scan, payload = asdict(held.scan), held.scan.payload
    if isinstance(held, RefusedScan):
        return {"event": held.event, "sighting": {**scan, "payload": None}, "lead": None, "identities": []}
    scan["payload"] = None if payload is None else base64.b64encode(payload).decode()
    identities = derive_identities(held.lead.contact, held.lead.badge_id, held.scan.payload_hash)
    return {"event": held.lead.event, "sighting": scan, "lead": asdict(held.lead), "identities": identities}


def _scan_from_json(document: dict[str, Any]) -> HeldScan:
    """
    Decode the scan in *document*.

    Raises:
        ValueError, TypeError, KeyError: it does not hold one.
    """
    values, lead = document["sighting"], document["lead"]
    payload = None if values["payload"] is None else base64.b64decode(values["payload"])
    scan = ScanRecord(**{**values, "payload": payload})
    if lead is None:
        return RefusedScan(document["event"], scan)
    return Arrival(scan, Lead(**{**lead, "contact": Contact(**lead["contact"]), "tags": tuple(lead["tags"])}))
