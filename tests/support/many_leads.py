"""Many leads, or very large ones, in a database; and what a command needs to list them."""

import hashlib
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from data.clock import SystemClock
from data.contact import Contact
from data.lead import Lead, ScanRecord
from data.lead_table import NewLead, insert_new_leads
from data.store import Store, open_store, write_transaction
from data.uuid7 import new_uuid7

ROOT = Path(__file__).parents[2]

CLOCK = SystemClock()

LOT = 2000


def met(number: int, answers: dict[str, str]) -> NewLead:
    """Somebody with a badge."""
    email, at = f"v{number}@example.com", CLOCK.wall_time() + number / 1000
    card = (
        f"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Visitor {number}\r\nEMAIL:{email}\r\nORG:Initech\r\nEND:VCARD\r\n".encode()
    )
    contact = Contact(name=f"Visitor {number}", email=email, company="Initech", phone=f"+49 30 {number}", city="Oslo")
    note = "Wants a demo." if number % 2 else ""
    lead = Lead(
        new_uuid7(at), "Expo", "vcard", contact, answers=answers, note=note, tags=("hot",), created_at=at, updated_at=at
    )
    digest = hashlib.sha256(card).hexdigest()
    return NewLead(lead, [f"email:{email}"], ScanRecord(card, digest, "vcard", "qr", "camera", "ana", "k", at, "", 0.0))


def fill(store: Path, number: int, answers: dict[str, str] | None = None) -> Store:
    """A database with so many leads, each with *answers*, half of which are in the CRM, and some need a person."""
    db = open_store(store)
    db.execute("pragma synchronous = off")
    for start in range(0, number, LOT):
        with write_transaction(db):
            insert_new_leads(
                db, [met(one, answers or {"size": "10-50"}) for one in range(start, min(start + LOT, number))]
            )
    with write_transaction(db):
        db.execute("update outbox set state = 'delivered', remote_id = 'crm-1' where rowid % 2 = 0")
        db.execute("update outbox set state = 'needs you', cause = 'rejected', reason = 'No.' where rowid % 21 = 0")
    db.execute("pragma wal_checkpoint(truncate)")
    return db


MEASURE = """
import json, resource, subprocess, sys, time
began = time.perf_counter()
status = subprocess.run([sys.executable, "-m", "kiosk", *sys.argv[1:]], stdout=subprocess.DEVNULL).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
seconds = time.perf_counter() - began
print(json.dumps([status, used.ru_maxrss / 1024, used.ru_utime + used.ru_stime, seconds]))
"""
"""In a small process of its own: what a child needs at the most begins with what its parent has."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a command needed."""

    megabytes: float
    """Resident at the most."""
    processor_seconds: float
    seconds: float


def cost_of(root: Path, *command: str) -> Cost:
    """Run a `kiosk` command of the program in *root* to its end."""
    arguments = [sys.executable, "-c", MEASURE, *command]
    done = subprocess.run(arguments, cwd=root, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True)
    status, *figures = json.loads(done.stdout)
    assert status in (0, 1), command  # 1 is how `kiosk status` says that something needs a person
    return Cost(*figures)


if __name__ == "__main__":  # with the packages of any version: python tests/kiosk/many.py STORE NUMBER
    fill(Path(sys.argv[1]), int(sys.argv[2])).close()


HUGE_ANSWERS = {f"question {number}": "x" * 9_000 for number in range(105)}
"""As an older version took them: nearly a megabyte a lead."""
