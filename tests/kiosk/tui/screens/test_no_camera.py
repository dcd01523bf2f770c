"""A booth with scanners only: `[camera] source = "none"`."""

from data import attendees
from data.contact import Contact
from data.store import open_store
from kiosk.config.load import Settings
from tests.support.clock import FakeClock
from tests.support.on_screen import EVENT, on_screen

SCANNER_ONLY = EVENT + '[camera]\nsource = "none"\n'


async def test_a_booth_with_scanners_only_asks_for_a_scan_and_misses_no_camera() -> None:
    """No thread looks for one, and nothing on the screen speaks of one."""
    async with on_screen(SCANNER_ONLY) as booth:
        await booth.sees_word("Ready")

        assert "camera" not in booth.text.lower()
        assert not booth.app.camera_scanner.thread.is_alive()


async def test_a_scanned_badge_is_saved_without_a_camera() -> None:
    async with on_screen(SCANNER_ONLY) as booth:
        await booth.scan("PZD97W0001\n")

        await booth.sees("PZD97W0001", "1 scan today")
        await booth.press("escape")
        await booth.sees_word("Ready")


async def test_the_database_is_looked_after_without_a_camera() -> None:
    """The thread of the USB scanner opens it at the start, and recovers leads that were lost."""
    async with on_screen(SCANNER_ONLY) as booth:
        scanner = booth.app.usb_scanner

        await booth.until(lambda: scanner.capture is not None, "the database is open")
        await booth.until(lambda: scanner.capture.checked_files is not None, "lost leads were looked for")


async def test_an_id_on_the_attendee_list_is_found_though_the_keyboards_differ() -> None:
    """The scanner types for a US keyboard, and this computer has a German one; the card says so."""

    def import_list(settings: Settings, clock: FakeClock) -> None:
        db = open_store(settings.database_file)
        person = attendees.Attendee("PZD97WTMFJ", Contact(name="Ana López", email="ana@initech.example"))
        list(attendees.add_attendees(db, settings.event.name, [person]))
        db.close()

    async with on_screen(SCANNER_ONLY, before=import_list) as booth:
        await booth.scan("PYD97WTMFJ\n")

        await booth.sees("Ana López", "German")
        assert booth.rows("select badge_id from leads") == [("PZD97WTMFJ",)]


async def test_a_prefix_in_the_settings_is_no_part_of_the_id() -> None:
    async with on_screen(SCANNER_ONLY + '[scanner]\nprefix = "~"\n') as booth:
        await booth.scan("~PZD97W0001\n")

        await booth.sees("1 scan today")
        assert booth.rows("select badge_id from leads") == [("PZD97W0001",)]
