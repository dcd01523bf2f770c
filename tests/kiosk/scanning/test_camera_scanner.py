"""From camera images to saved leads in the scanner's thread, and what it reports on the way."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest

from camera.events import FrameProcessed, SourceEnded, SourceFailed, SourceWorking
from camera.opencv import load_opencv
from camera.settings import CameraSettings
from camera.sources.demo import draw_card, draw_scene, place_card
from data import held_scans
from data.clock import SystemClock
from data.errors import StoreBusy
from data.store import open_store
from kiosk.config.load import Settings
from kiosk.config.tables import DataSettings, EventSettings, PracticeSettings
from kiosk.scanning.camera_scanner import CameraScanner, ScannerEvent
from kiosk.scanning.capture import ShownBadge
from kiosk.scanning.scan_result import ScanResult
from tests.kiosk.conftest import vcard
from tests.support.waiting import wait_until

ANA, BOB, EVE = (vcard(name, f"{name.lower()}@x.example") for name in ("Ana", "Bob", "Eve"))


@dataclass
class Bench:
    """Scanners over a folder of pictures, and all that they told."""

    folder: Path
    told: list[ScannerEvent] = field(default_factory=list)
    nudges: list[int] = field(default_factory=list)
    scanners: list[CameraScanner] = field(default_factory=list)

    @property
    def settings(self) -> Settings:
        """Of a practice whose camera is the folder of pictures."""
        pictures = CameraSettings(str(self.folder / "pictures"), decoders=("zxing-cpp",))
        return Settings(
            event=EventSettings(operator="ana"), camera=pictures, data=DataSettings(str(self.folder / "data")),
            practice=PracticeSettings(badges=2, seconds_each=0.6),
        )  # fmt: skip

    def draw(self, *badges: str, name: str = "1.png") -> None:
        """Add a picture with badges side by side."""
        (self.folder / "pictures").mkdir(exist_ok=True)
        parts = [place_card(draw_card(badge.encode(), 480), draw_scene(480, 480), 1.0) for badge in badges]
        assert load_opencv().imwrite(str(self.folder / name), np.hstack(parts))
        (self.folder / name).rename(self.folder / "pictures" / name)

    def scan(self, change: Callable[[Settings], Settings] = lambda settings: settings) -> CameraScanner:
        """Start a scanner with these settings, or with some that were changed."""
        settings = change(self.settings)
        scanner = CameraScanner(settings, SystemClock(), lambda: self.nudges.append(1), self.told.append, endless=False)
        self.scanners.append(scanner)
        scanner.start()
        return scanner

    def captured(self) -> list[tuple[str, str]]:
        """What came of each badge: the kind, and the sentence."""
        return [(event.kind, event.sentence) for event in self.told if isinstance(event, ScanResult)]

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        """What the database answers."""
        db = open_store(self.settings.database_file)
        try:
            return [tuple(row) for row in db.execute(sql).fetchall()]
        finally:
            db.close()


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """A bench with short waits."""
    monkeypatch.setattr("kiosk.scanning.camera_scanner.HELD_RETRY_SECONDS", 0.2)
    monkeypatch.setattr("camera.capture_loop._REOPEN_SECONDS", 0.2)
    monkeypatch.setattr("camera.sources._PICTURE_SECONDS", 0.05)
    found = Bench(tmp_path)
    yield found
    for scanner in found.scanners:
        scanner.stop()
        assert not scanner.thread.is_alive()


def test_every_badge_of_every_picture_is_saved(bench: Bench) -> None:
    """Two in one image are two leads; source kind and operator are recorded; each save wakes the worker."""
    bench.draw(ANA, BOB)
    bench.draw(EVE, name="2.png")

    bench.scan().thread.join(60)

    assert set(bench.captured()) == {("saved", "Ana"), ("saved", "Bob"), ("saved", "Eve")}
    assert bench.rows("select source, operator, symbology from scans") == [("pictures", "ana", "qr")] * 3
    assert len(bench.nudges) == 3
    assert isinstance(bench.told[-1], SourceEnded)
    assert any(isinstance(event, SourceWorking) for event in bench.told)


def test_a_result_is_reported_before_its_image(bench: Bench) -> None:
    """When the image is on the screen, so is its word."""
    bench.draw(ANA)

    bench.scan().thread.join(60)

    kinds = [type(event) for event in bench.told]
    assert kinds.index(ScanResult) < kinds.index(FrameProcessed)


@pytest.mark.parametrize(("rest_seconds", "scans"), [(5.0, 1), (0.0, 3)])
def test_the_same_code_is_ignored_for_a_while(bench: Bench, rest_seconds: float, scans: int) -> None:
    """For as long as the settings say, from when it was last seen; after that it is `Already saved`."""
    for number in range(3):
        bench.draw(ANA, name=f"{number}.png")

    bench.scan(lambda now: replace(now, camera=replace(now.camera, rest_seconds=rest_seconds))).thread.join(60)

    assert [kind for kind, _ in bench.captured()] == ["saved", "again", "again"][:scans]


def test_the_next_badge_has_the_new_operator(bench: Bench) -> None:
    """The operator is changed in another thread, the screen's."""
    scanner = bench.scan()
    scanner.operator = "bob"
    bench.draw(ANA)

    scanner.thread.join(60)

    assert bench.rows("select operator from scans") == [("bob",)]


def test_practice_mode_without_a_camera_shows_demo_badges(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """They pass through the same decoders, and are recorded as demo badges."""
    monkeypatch.setattr("camera.sources.video_nodes.find_cameras", list)
    monkeypatch.setattr("camera.sources.picamera.has_pi_camera_support", lambda: False)

    bench.scan(lambda now: replace(now, camera=replace(now.camera, source="auto"))).thread.join(60)

    assert bench.rows("select source, name from scans join leads on leads.id = lead_id") == [
        ("demo", "Ana López"),
        ("demo", "Zoë Müller"),
    ]


def test_with_a_crm_a_missing_camera_shows_no_demo(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Real leads are never mixed with people who do not exist."""
    monkeypatch.setattr("camera.sources.video_nodes.find_cameras", list)
    monkeypatch.setattr("camera.sources.picamera.has_pi_camera_support", lambda: False)

    bench.scan(
        lambda now: replace(now, camera=replace(now.camera, source="auto"), crm=replace(now.crm, connector="rest"))
    )

    wait_until(lambda: any(isinstance(event, SourceFailed) for event in bench.told))
    time.sleep(0.5)
    assert bench.captured() == []


def test_badges_are_held_while_the_database_is_busy(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """NOT SAVED, then Saved, with the time at which it was shown; the scanner ends once nothing is held."""
    monkeypatch.setattr("data.store.BUSY_TIMEOUT_SECONDS", 0.05)
    open_store(bench.settings.database_file).close()
    bench.draw(ANA)
    other = sqlite3.connect(bench.settings.database_file, isolation_level=None)
    other.execute("begin immediate")
    scanner = bench.scan()
    wait_until(lambda: scanner.held_count == 1)
    other.execute("rollback")
    other.close()

    scanner.thread.join(60)

    assert scanner.held_count == 0
    assert [kind for kind, _ in bench.captured()] == ["not saved", "saved"]
    assert bench.rows("select count(*) from scans") == [(1,)]


def test_badges_are_held_while_the_database_is_locked_for_long(bench: Bench) -> None:
    """With the kiosk's own time-out: NOT SAVED for each badge, then Saved for each, in order."""
    open_store(bench.settings.database_file).close()
    for name, badge in (("1.png", ANA), ("2.png", BOB), ("3.png", EVE)):
        bench.draw(badge, name=name)
    other = sqlite3.connect(bench.settings.database_file, isolation_level=None)
    other.execute("begin immediate")
    scanner = bench.scan()
    wait_until(lambda: scanner.held_count == 3, seconds=15)
    freed = time.time()
    other.close()

    scanner.thread.join(60)

    assert [kind for kind, _ in bench.captured()] == ["not saved"] * 3 + ["saved"] * 3
    rows = bench.rows("select name, wall_at from scans join leads on leads.id = lead_id order by scans.id")
    assert [name for name, _ in rows] == ["Ana", "Bob", "Eve"]
    assert all(isinstance(at, float) and at < freed for _, at in rows)


def test_a_database_that_cannot_be_opened_is_reported_and_tried_again(bench: Bench) -> None:
    """The kiosk starts all the same, and scans once the database is repaired."""
    bench.draw(ANA)
    bench.settings.database_file.parent.parent.mkdir(parents=True)
    blocked = bench.settings.database_file.parent
    blocked.write_text("a file in the folder's place")
    scanner = bench.scan()
    wait_until(lambda: len(bench.captured()) >= 2)
    blocked.unlink()

    scanner.thread.join(60)

    kinds = [kind for kind, _ in bench.captured()]
    assert set(kinds[:-1]) == {"not saved"} and kinds[-1] == "saved"


def test_an_error_in_the_listener_does_not_end_the_scanner(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    """It is logged, and the next image is processed."""
    bench.draw(ANA)
    failures = iter([True])

    def tell(event: ScannerEvent) -> None:
        if isinstance(event, ScanResult) and next(failures, False):
            raise RuntimeError("a defect of ours")
        bench.told.append(event)

    scanner = CameraScanner(bench.settings, SystemClock(), lambda: None, tell, endless=False)
    bench.scanners.append(scanner)
    scanner.start()
    scanner.thread.join(60)

    assert "The camera scanner failed and starts again." in caplog.text
    assert isinstance(bench.told[-1], SourceEnded)
    assert bench.rows("select name from leads") == [("Ana",)]


def test_it_stops_soon_in_the_middle_of_badges(bench: Bench) -> None:
    """`stop` waits for the badge that is being saved, and for nothing else."""
    scanner = bench.scan(
        lambda now: replace(
            now, camera=replace(now.camera, source="demo"), practice=PracticeSettings(badges=500, seconds_each=1.0)
        )
    )
    wait_until(lambda: bool(bench.captured()))

    began = time.monotonic()
    scanner.stop()

    assert not scanner.thread.is_alive()
    assert time.monotonic() - began < 5


def test_badges_of_a_thread_that_hangs_are_not_lost(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A camera hangs: held badges are in a file before the process may end, and the next start saves them once."""
    monkeypatch.setattr("kiosk.scanning.camera_scanner.STOP_TIMEOUT_SECONDS", 0.1)
    monkeypatch.setattr("kiosk.scanning.camera_scanner.SAVE_TIMEOUT_SECONDS", 0.1)
    scanner = CameraScanner(bench.settings, SystemClock(), lambda: None, bench.told.append, endless=False)
    scanner.capture = scanner._open_capture()
    scanner.capture._hold_in_memory(
        ShownBadge(ANA.encode(), ANA, "qr", "camera", "ana", time.time(), time.monotonic()), StoreBusy()
    )
    hung = threading.Event()
    scanner.thread = threading.Thread(target=hung.wait, daemon=True)
    scanner.thread.start()

    scanner.stop()

    kept_in = scanner.held_file
    hung.set()
    assert kept_in is not None and kept_in.exists()
    db = open_store(bench.settings.database_file)
    assert held_scans.save_held_scans(db, bench.settings.database_file, SystemClock()) == 1
    db.close()
    scanner.capture.close()  # the thread comes round after all: it saves the same badge, and nobody is doubled
    assert bench.rows("select name from leads") == [("Ana",)]
    assert scanner.held_file is None
