"""What happens on the small disk: run by test_full_disk.py, with the disk as argument."""

import asyncio
import errno
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from data.clock import SystemClock
from kiosk.config.load import Settings
from kiosk.config.tables import DataSettings, PracticeSettings
from kiosk.scanning.camera_scanner import ScannerEvent
from kiosk.scanning.scan_result import ScanResult
from kiosk.tui.app import KioskApp
from kiosk.tui.widgets.result_strip import ResultStrip
from kiosk.tui.widgets.status_line import StatusLine
from tests.support.waiting import wait_in_loop

SECONDS = 30.0


async def main(disk: Path) -> None:
    """Scan demo badges with the real app; fill the disk; make room."""
    ballast, told = disk / "ballast", []
    settings = Settings(data=DataSettings(str(disk)), practice=PracticeSettings(badges=200, seconds_each=0.2))
    app = KioskApp(settings, SystemClock(), lambda: None)

    def noting(event: ScannerEvent) -> None:
        if isinstance(event, ScanResult):
            told.append(event)
        app.bridge(event)

    app.camera_scanner.report = noting
    async with app.run_test(size=(100, 30)):
        await wait_in_loop(lambda: sum(captured.is_saved for captured in told) >= 5, "some badges are saved")
        fill(ballast)
        await wait_in_loop(lambda: any(captured.kind == "not saved" for captured in told), "a badge is not saved")
        trouble = next(captured for captured in told if captured.kind == "not saved")
        assert "disk is full" in trouble.sentence, trouble
        await wait_in_loop(lambda: app.scan_screen.query_one(ResultStrip).word == "NOT SAVED", "the screen says so")
        assert app.scan_screen.query_one(ResultStrip).mood == "bad"
        await wait_in_loop(lambda: app.scan_screen.query_one(StatusLine).held_count > 0, "the status line says so")
        check_saved(disk, told)
        before = len(told)
        ballast.unlink()
        await wait_in_loop(lambda: app.camera_scanner.held_count == 0, "what was held is saved by itself")
        await wait_in_loop(lambda: any(captured.is_saved for captured in told[before:]), "scanning continues")
        await wait_in_loop(
            lambda: app.scan_screen.query_one(ResultStrip).word != "NOT SAVED", "the screen is well again"
        )
    check_saved(disk, told)


def fill(ballast: Path) -> None:
    """Take all the room that there is."""
    with ballast.open("wb", buffering=0) as file:
        for size in (65536, 4096, 512, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError as error:
                assert error.errno == errno.ENOSPC, error


def check_saved(disk: Path, told: list[ScanResult]) -> None:
    """Every lead that was called saved is in the file."""
    with closing(sqlite3.connect(f"file:{disk / 'practice' / 'kiosk.db'}?mode=ro", uri=True)) as db:
        there = {row[0] for row in db.execute("select lead_id from outbox")}
    said = {captured.lead.id for captured in told if captured.is_saved}
    assert said <= there, said - there


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
    sys.stdout.write("all is well\n")
