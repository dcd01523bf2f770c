"""Saves leads until it is killed, and prints each id once `arrive` has returned."""

import itertools
import sys
from pathlib import Path

from data.arrival import Arrival, arrive
from data.clock import SystemClock
from data.contact import Contact
from data.lead import Lead, ScanRecord
from data.store import open_store

db, clock, run = open_store(Path(sys.argv[1])), SystemClock(), sys.argv[2]
for number in itertools.count():
    lead = Lead("", "Expo", "vcard", Contact(name=f"Visitor {run}-{number}", email=f"{run}-{number}@x.example"))
    scan = ScanRecord(
        b"badge",
        "0" * 64,
        "vcard",
        "QRCode",
        "camera",
        "ana",
        "k1",
        clock.wall_time(),
        clock.boot_id,
        clock.seconds_since_boot(),
    )
    saved = arrive(db, Arrival(scan, lead), clock)
    print(saved.lead.id, flush=True)  # noqa: T201 - the parent reads what was said to be saved
