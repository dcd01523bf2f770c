"""Capture: turns a payload that was scanned into a saved lead. Every scanner saves its badges here."""

import sqlite3
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from data import attendees, held_scans, leads, scans
from data.arrival import Arrival, RefusedScan, SavedLead, arrive, record_refused_scan
from data.clock import Clock
from data.errors import STORE_WIDE_ERRORS, StoreError
from data.file_identity import OPEN_DATABASES, DatabaseFiles
from data.held_scans import HeldScan
from data.lead import Lead, ScanRecord, ScanTime
from data.store import busy_timeout, ensure_files_in_place, open_store, run_query, to_store_error, write_transaction
from kiosk.badges.badge import Badge, RefusedPayload
from kiosk.badges.profile import BadgeProfile
from kiosk.badges.reading import read_badge
from kiosk.config.tables import EventSettings
from kiosk.scanning.lost_leads import recover_lost_leads
from kiosk.scanning.scan_result import (
    ScanResult,
    build_held_result,
    build_refused_result,
    build_test_result,
    describe_saved,
)

# How long a badge waits for a database that another program has locked, before it is held in memory. A longer wait
# would keep the next badge from being read.
_DB_WAIT_SECONDS = 1.0

# The same for held badges, which are tried again twice a second.
_HELD_DB_WAIT_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class ShownBadge:
    """A payload that was shown to a scanner, the time, and who was scanning."""

    payload: bytes
    text: str
    symbology: str
    source: str
    operator: str
    wall_at: float
    monotonic: float


class Capture:
    """Turns payloads into saved leads. Use it only in the thread that made it, as its database connection demands."""

    def __init__(
        self,
        store: Path,
        event: EventSettings,
        profile: BadgeProfile,
        clock: Clock,
        wake_worker: Callable[[], None] = lambda: None,
        wait_seconds: float = _DB_WAIT_SECONDS,
        *,
        is_on_screen: bool = True,
    ) -> None:
        """
        Open the database at *store*.

        *wake_worker* is called after each save; *wait_seconds* is how long to wait for a locked database.
        *is_on_screen* says whether results are shown on the kiosk's screen, whose keys they then name.

        Raises:
            StoreError: the database cannot be opened.
        """
        self.event = event
        self.profile = profile
        self.clock = clock
        self.wake_worker = wake_worker
        self.is_on_screen = is_on_screen
        self.operator = event.operator
        self.store = store
        self.db = open_store(store, timeout_seconds=wait_seconds)
        self.checked_files: DatabaseFiles | None = None
        """The database files that lost leads were recovered in last."""
        self.held_file: Path | None = None
        """The file with the badges that could not be saved before the end; None if there is none."""
        self.held_badges: deque[ShownBadge] = deque()
        """Badges that could not be saved yet, oldest first, in memory only."""
        self.save_error: StoreError | None = None
        """The error that affects the whole database and ended the last attempt to save held badges, if one did."""
        self.report_late: Callable[[ScanResult], object] = lambda result: None
        """Called with the result of each held badge that was saved later."""

    def save_payload(self, payload: bytes, text: str, symbology: str, source: str) -> ScanResult:
        """Save the badge with *payload*; if that is not possible now, hold it in memory."""
        shown = ShownBadge(
            payload, text, symbology, source, self.operator, self.clock.wall_time(), self.clock.seconds_since_boot()
        )
        if self.held_badges:
            self.save_held_badges()
        try:
            # Badges are saved in the order in which they were shown, and the database was just found to be unusable.
            if self.save_error:
                raise self.save_error
            return self._save_badge(shown)
        except StoreError as error:
            return self._hold_in_memory(shown, error)

    def _hold_in_memory(self, shown: ShownBadge, error: StoreError) -> ScanResult:
        """Hold a badge in memory; only once, even if it is shown several times."""
        if all(shown.payload != held.payload for held in self.held_badges):
            self.held_badges.append(shown)
        return build_held_result(str(error))

    def write_held_file(self) -> None:
        """Write the held badges to a file, `held_file`, for the next start; any thread may call this."""
        if held := tuple(self.held_badges):
            self.held_file = write_held_badges(self.store, held, self.event, self.profile, self.clock.boot_id)

    def close(self) -> None:
        """Close the database; badges that could not be saved are in `held_file`."""
        # The file comes first: the process may be killed at any time from now on, and saving may take long.
        self.write_held_file()
        if self.held_badges:
            self.save_held_badges()
        if self.held_file is not None and not self.held_badges:
            self.held_file.unlink(missing_ok=True)
            self.held_file = None
        with suppress(StoreError):
            # If the file was deleted, this connection is the last that still sees its data and can write it back.
            ensure_files_in_place(self.db)
        self.db.close()

    def check_database(self) -> None:
        """Check that the database files are still in place, and recover leads after a damaged file was rescued."""
        with suppress(StoreError):
            # While badges are held, the database cannot be used anyway.
            if not self.held_badges:
                ensure_files_in_place(self.db)
            if (files := OPEN_DATABASES.get(self.db)) is not self.checked_files:
                recover_lost_leads(self.db, self.event.name, self.profile, self.clock)
                self.checked_files = files

    def save_held_badges(self, wait_seconds: float = _HELD_DB_WAIT_SECONDS) -> list[ScanResult]:
        """
        Save the held badges, oldest first, and report and return their results.

        Stops at an error that affects the whole database; skips a badge that fails for a reason of its own.
        """
        saved: list[ScanResult] = []
        self.save_error = None
        with busy_timeout(self.db, wait_seconds):
            for shown in list(self.held_badges):
                try:
                    saved.append(self._find_saved(shown) or self._save_badge(shown))
                except STORE_WIDE_ERRORS as error:
                    self.save_error = error
                    break
                except StoreError:
                    continue
                self.held_badges.remove(shown)
                self.report_late(saved[-1])
        return saved

    def _save_badge(self, shown: ShownBadge) -> ScanResult:
        """
        Read and save one badge.

        Raises:
            StoreError: nothing was saved.
        """
        try:
            return self._read_and_save(shown)
        except sqlite3.Error as error:
            raise to_store_error(self.db, error) from error

    def _read_and_save(self, shown: ShownBadge) -> ScanResult:
        """Read and save one badge; SQLite's own errors are raised as they are."""
        reading = read_badge(shown.payload, shown.text, self.profile)
        if reading.kind == "test":
            return build_test_result()
        scan = _build_scan(shown, reading, self.event.kiosk, self.clock.boot_id)
        if isinstance(reading, RefusedPayload):
            with write_transaction(self.db):
                record_refused_scan(self.db, RefusedScan(self.event.name, scan))
            return build_refused_result(reading.message)
        saved = arrive(self.db, _build_arrival(scan, reading, self.event.name), self.clock)
        self.wake_worker()
        return describe_saved(
            saved,
            reading.unread,
            has_attendee_list=attendees.has_attendee_list(self.db, self.event.name),
            is_on_screen=self.is_on_screen,
        )

    def _find_saved(self, shown: ShownBadge) -> ScanResult | None:
        """
        Return the result for a held badge whose scan is in the database already; None if it is not.

        That happens if it was committed to a file that was then moved away, and whose rows were added here since.

        Raises:
            StoreError: the database cannot be read.
        """
        reading = read_badge(shown.payload, shown.text, self.profile)
        scan = _build_scan(shown, reading, self.event.kiosk, self.clock.boot_id)
        row = run_query(self.db, lambda db: scans.find_scan(db, scan))
        if row is None or row["lead_id"] is None:
            return None
        lead = leads.get_lead(self.db, row["lead_id"])
        return describe_saved(SavedLead(lead, is_new=True), is_on_screen=self.is_on_screen)


def _build_scan(shown: ShownBadge, reading: Badge | RefusedPayload, kiosk: str, boot_id: str) -> ScanRecord:
    """Build the scan of *shown*, which was read as *reading*; only the hash of a refused payload is kept."""
    if isinstance(reading, RefusedPayload):
        stored = None
    else:
        stored = shown.payload if reading.stored_payload is None else reading.stored_payload
    return ScanRecord.of_payload(
        shown.payload,
        stored,
        ScanTime(shown.wall_at, boot_id, shown.monotonic),
        kind=reading.kind,
        source=shown.source,
        operator=shown.operator,
        kiosk=kiosk,
        symbology=shown.symbology,
    )


def _build_arrival(scan: ScanRecord, badge: Badge, event: str) -> Arrival:
    """Build the arrival of a *badge*."""
    return Arrival(scan, Lead("", event, badge.kind, badge.contact, badge.badge_id, badge.answers))


def write_held_badges(
    store: Path, badges: Iterable[ShownBadge], event: EventSettings, profile: BadgeProfile, boot: str
) -> Path | None:
    """Write badges that could not be saved to a file for the next start; return None if that fails too."""
    held: list[HeldScan] = []
    for shown in badges:
        reading = read_badge(shown.payload, shown.text, profile)
        scan = _build_scan(shown, reading, event.kiosk, boot)
        if isinstance(reading, RefusedPayload):
            held.append(RefusedScan(event.name, scan))
        elif reading.kind != "test":
            held.append(_build_arrival(scan, reading, event.name))
    return held_scans.write_held_scans(store, held)
