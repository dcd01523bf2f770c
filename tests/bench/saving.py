"""How long saving takes: beside a bare durable commit on the same disk, and from a picture to the screen."""

import asyncio
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from camera.opencv import load_opencv
from camera.payload import Frame
from camera.settings import DECODERS
from camera.sources.demo import draw_card, draw_scene, place_card
from data.arrival import Arrival, arrive
from data.checkpoint import checkpoint_if_long
from data.clock import SystemClock
from data.contact import Contact
from data.lead import Lead, ScanRecord
from data.store import open_store
from kiosk.badges.profile import BadgeProfile
from kiosk.config.load import Settings
from kiosk.config.tables import DataSettings, EventSettings
from kiosk.scanning.capture import Capture
from kiosk.tui.app import KioskApp
from kiosk.tui.messages import BadgeScanned
from kiosk.tui.widgets.visitor_card import VisitorCard
from tests.bench.report import Table, percentile
from tests.support.decoders import make_live_decoder

CLOCK = SystemClock()


def make_arrival(number: int) -> Arrival:
    """Return the scan of the visitor with that number."""
    email = f"visitor.{number}@example.com"
    contact = Contact(name=f"Visitor {number}", email=email, company="Initech", job_title="Buyer")
    card = f"BEGIN:VCARD\r\nFN:Visitor {number}\r\nEMAIL:{email}\r\nORG:Initech\r\nEND:VCARD".encode()
    moment = CLOCK.wall_time()
    scan = ScanRecord(
        card,
        f"{number:064d}",
        "vcard",
        "qr",
        "camera",
        "",
        "kiosk-1",
        moment,
        CLOCK.boot_id,
        CLOCK.seconds_since_boot(),
    )
    return Arrival(scan, Lead("", "bench", "vcard", contact))


def measure_milliseconds(work: Callable[[], object]) -> float:
    """Return how many milliseconds *work* takes."""
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def create_bare_database(path: Path) -> sqlite3.Connection:
    """Create a database of one table without an index, as durable as ours."""
    bare = sqlite3.connect(path, isolation_level=None)
    bare.execute("pragma journal_mode = wal")
    bare.execute("pragma synchronous = full")
    bare.execute("create table t (id integer primary key, payload blob)")
    return bare


def measure_beside_bare_commits(folder: Path, leads_before: int, rounds: int = 3000) -> tuple[list[float], ...]:
    """
    Milliseconds of a bare commit, of another one, and of a saved lead, in turns, so that noise meets all three.

    The two bare ones are the same work: by as much as they differ, a figure of this machine means nothing.
    """
    db = open_store(folder / f"{leads_before}.db")
    db.execute("pragma synchronous = off")
    for number in range(leads_before):
        arrive(db, make_arrival(number), CLOCK)
    db.execute("pragma synchronous = full")
    db.execute("pragma wal_checkpoint(truncate)")
    bare = [create_bare_database(folder / f"bare-{leads_before}-{number}.db") for number in (1, 2)]
    worker = open_store(folder / f"{leads_before}.db")
    times: tuple[list[float], ...] = ([], [], [])
    for number in range(rounds):
        row = make_arrival(leads_before + number)
        for turn in range(3):
            which = (number + turn) % 3
            times[which].append(measure_milliseconds(lambda which=which, row=row: (
                arrive(db, row, CLOCK)
                if which == 2
                else bare[which].execute("insert into t (payload) values (?)", (row.scan.payload,))
            )))  # fmt: skip
        checkpoint_if_long(worker)  # as the worker asks for it after each drain
    db.close()
    worker.close()
    for connection in bare:
        connection.close()
    return times


def saving() -> Table:
    """The table of saving beside bare commits, in an empty database and in a full one."""
    what = "p50 / p99 ms"
    header = (
        "leads before",
        f"bare commit {what}",
        f"another {what}",
        f"saving {what}",
        "p99 ratio",
        "of the bare two",
    )
    table = Table(header)
    with tempfile.TemporaryDirectory() as name:
        for before in (0, 100_000):
            times = measure_beside_bare_commits(Path(name), before)
            first, second, saved = (percentile(each, 0.99) for each in times)
            table.add(
                f"{before:,}",
                *(f"{percentile(each, 0.5):.2f} / {percentile(each, 0.99):.2f}" for each in times),
                f"{saved / percentile(times[0] + times[1], 0.99):.2f}",
                f"{max(first, second) / min(first, second):.2f}",
            )
    return table


def frames(count: int) -> list[Frame]:
    """Pictures of 1280x720, each with a badge of its own, a little blurred and noisy as a camera's are."""
    import numpy as np

    cv2, noise = load_opencv(), np.random.default_rng(7)
    made = []
    for number in range(count):
        card = f"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Visitor {number}\r\nEMAIL:v{number}@example.com\r\nEND:VCARD\r\n"
        frame = place_card(draw_card(card.encode(), 720), draw_scene(1280, 720), 1.0)
        noisy = frame.astype(np.int16) + noise.normal(0, 6, frame.shape).astype(np.int16)
        made.append(cv2.GaussianBlur(np.clip(noisy, 0, 255).astype(np.uint8), (3, 3), 0))
    return made


def measure_from_picture() -> Table:
    """The table of how soon a badge in a picture is saved, and how soon its name is on the screen."""
    pictures = frames(120)
    random.Random(1).shuffle(pictures)
    with tempfile.TemporaryDirectory() as name:
        to_disk, to_screen = asyncio.run(measure_to_screen(Path(name), pictures))
    table = Table(("from a 1280x720 picture that holds a badge", "p50 ms", "p95 ms"))
    for what, times in (("to its lead on the disk", to_disk), ("to its name on the screen", to_screen)):
        table.add(what, f"{percentile(times, 0.5):.1f}", f"{percentile(times, 0.95):.1f}")
    return table


async def measure_to_screen(folder: Path, pictures: list[Frame]) -> tuple[list[float], list[float]]:
    """Milliseconds from each of *pictures* to its commit, and to the screen that shows the name, drawn."""
    decode = make_live_decoder(DECODERS, one_d=False)
    app = KioskApp(Settings(data=DataSettings(str(folder))), CLOCK, lambda: None)
    app.camera_scanner.start = lambda: None  # type: ignore[method-assign]  # the pictures are shown from here
    capture = Capture(folder / "practice" / "kiosk.db", EventSettings(), BadgeProfile(), CLOCK)
    to_disk, to_screen = [], []
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        for picture in pictures:
            started = time.perf_counter()
            (payload,) = decode(picture)
            captured = capture.save_payload(payload.data, payload.text, payload.symbology, "camera")
            to_disk.append((time.perf_counter() - started) * 1000)
            assert captured.lead is not None
            app.post_message(BadgeScanned(captured))
            card = app.scan_screen.query_one(VisitorCard)
            while card.lead is None or card.lead.id != captured.lead.id:
                await asyncio.sleep(0)
            app.screen._compositor.render_strips()  # what is drawn now has the name
            to_screen.append((time.perf_counter() - started) * 1000)
    return to_disk, to_screen
