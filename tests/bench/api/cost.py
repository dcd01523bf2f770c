"""The processor time of storing a contact alone: in one thread, in batches as a hundred people make them."""

import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from data import devices
from data.clock import SystemClock
from data.store import open_store
from kiosk.api.ingest.save import ContactSaver, PostedContact
from kiosk.api.wire.requests import parse_contact
from kiosk.loadtest.load_run import make_contact
from kiosk.loadtest.throwaway_kiosk import ThrowawayKiosk
from tests.bench.report import Table

CONTACTS, TOGETHER, PEOPLE = 10_000, 50, 100

FRAME = 4096 + 24
"""Bytes of the log for one page."""


def measure_storing() -> Table:
    """Return the table of processor time per step, and of pages written."""
    table = Table(("step", "µs of processor a contact"))
    with tempfile.TemporaryDirectory(prefix="kiosk-") as name:
        own = ThrowawayKiosk(Path(name))
        clock = SystemClock()
        taking = ContactSaver(own.settings.event, own.settings.badges, clock)
        with closing(open_store(own.settings.database_file)) as db:
            db.execute("pragma wal_autocheckpoint = 0")
            device = devices.find_by_token(db, own.token)
            assert device is not None
            posts: list[PostedContact] = [
                (parse_contact(make_contact(f"{number % PEOPLE}.{number // PEOPLE}", "example.com")), device)
                for number in range(CONTACTS)
            ]
            making = sum(
                measure_processor_seconds(taking.parser.build_arrival, contact, None, device)
                for contact, device in posts
            )
            saving = flushing = 0.0
            for place in range(0, CONTACTS, TOGETHER):
                db.conn.execute("begin immediate")
                saving += measure_processor_seconds(taking.save_many, db, posts[place : place + TOGETHER])
                flushing += measure_processor_seconds(db.conn.execute, "commit")
            pages = Path(f"{own.settings.database_file}-wal").stat().st_size / FRAME
    for step, seconds in (
        ("make a lead of it", making),
        ("look who is known, and write five tables with their indexes", saving - making),
        ("write the log, and flush it", flushing),
        ("all", saving + flushing),
    ):
        table.add(step, f"{seconds / CONTACTS * 1e6:.0f}")
    table.add("pages written to the log, of 4,096 bytes", f"{pages / CONTACTS:.1f}")
    return table


def measure_processor_seconds(work: Callable[..., Any], *values: Any) -> float:
    """Return the processor seconds that *work* takes."""
    started = time.thread_time()
    work(*values)
    return time.thread_time() - started
