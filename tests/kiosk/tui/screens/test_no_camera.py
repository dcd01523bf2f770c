"""A booth with scanners only: `[camera] source = "none"`."""

from tests.support.on_screen import EVENT, on_screen

SCANNER_ONLY = EVENT + '[camera]\nsource = "none"\n'


async def test_a_booth_with_scanners_only_asks_for_a_scan_and_misses_no_camera() -> None:
    """No thread looks for one, and nothing on the screen speaks of one."""
    async with on_screen(SCANNER_ONLY) as booth:
        await booth.sees("Scan a badge.", "scanner only")

        assert "camera" not in booth.text.lower()
        assert not booth.app.camera_scanner.thread.is_alive()


async def test_a_scanned_badge_is_saved_without_a_camera() -> None:
    async with on_screen(SCANNER_ONLY) as booth:
        await booth.scan("PZD97W0001\n")

        await booth.sees("PZD97W0001", "1 scanned today")
        await booth.press("escape")
        await booth.sees("Scan a badge.")


async def test_the_database_is_looked_after_without_a_camera() -> None:
    """The thread of the USB scanner opens it at the start, and recovers leads that were lost."""
    async with on_screen(SCANNER_ONLY) as booth:
        scanner = booth.app.usb_scanner

        await booth.until(lambda: scanner.capture is not None, "the database is open")
        await booth.until(lambda: scanner.capture.checked_files is not None, "lost leads were looked for")
