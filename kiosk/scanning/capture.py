"""Badge + answers -> lead, saved: the one place where scanning meets storage."""

import sqlite3
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from data import attendees, held_scans, leads, scans
from data.arrival import Arrival, RefusedScan, SavedLead, arrive, record_refused_scan
from data.clock import Clock
from data.errors import STORE_WIDE_ERRORS, StoreError
from data.file_identity import OPEN_DATABASES, DatabaseFiles
from data.held_scans import HeldScan
from data.lead import Lead, ScanRecord, ScanTime
from data.store import busy_timeout, ensure_files_in_place, explain_error, open_store, run_query, write_transaction
from kiosk.badges import read_badge
from kiosk.badges.badge import Badge, RefusedPayload
from kiosk.badges.profile import BadgeProfile
from kiosk.config.tables import EventSettings
from kiosk.scanning.lost_leads import recover_lost_leads
from kiosk.status.badge_text import describe_unread_count

HELD_SENTENCE = "The badge is held in memory, and saved as soon as that works."

_ResultKind: TypeAlias = Literal["refused", "test", "needs details", "again", "saved", "not saved"]

KINDS_BY_PRIORITY: tuple[_ResultKind, ...] = get_args(_ResultKind)
"""What counts most comes last: where a picture has several codes, it is the one to be seen."""

DB_WAIT_SECONDS = 1.0
"""Seconds that a badge waits for a database that another program holds, before it is held in memory: nobody who waits
looks at the camera."""

_HELD_DB_WAIT_SECONDS = 0.1
"""Seconds that what is held waits when it is tried again."""


@dataclass(frozen=True, slots=True)
class ScanResult:
    """What came of one badge. Nothing says `saved` before it is on the disk."""

    kind: _ResultKind
    headline: str
    """The big word for the screen: `Saved`, `Already saved` ..."""
    sentence: str
    """One sentence more, for staff."""
    lead: Lead | None = None
    notice: str = ""
    """What the card says beside who it is; empty where nobody need know more."""
    unread: tuple[str, ...] = ()
    """What the badge says that was not understood: all of it, line by line, or parts of it."""

    @property
    def is_saved(self) -> bool:
        """Whether a lead is on the disk for this badge."""
        return self.lead is not None


@dataclass(frozen=True, slots=True)
class ShownBadge:
    """A badge that was shown, with the moment of it."""

    payload: bytes
    text: str
    symbology: str
    source: str
    operator: str
    wall_at: float
    monotonic: float


class Capture:
    """Turns payloads into saved leads. It belongs to the thread that makes it, as its database connection does."""

    def __init__(
        self,
        store: Path,
        event: EventSettings,
        profile: BadgeProfile,
        clock: Clock,
        wake_worker: Callable[[], None] = lambda: None,
        wait_seconds: float = DB_WAIT_SECONDS,
    ) -> None:
        """
        Open the database at *store*; *nudge* wakes the worker after each save; *wait_seconds* is for how long to wait for it.

        Raises:
            StoreError: the database cannot be opened.
        """
        self.event = event
        self.profile = profile
        self.clock = clock
        self.wake_worker = wake_worker
        self.operator = event.operator
        self.store = store
        self.db = open_store(store, timeout_seconds=wait_seconds)
        self.checked_place: DatabaseFiles | None = None
        """Where the database was opened when it was last looked for leads to complete."""
        self.held_file: Path | None = None
        """The file with what could not be saved before the end; None where all was saved, or that failed."""
        self.held_badges: deque[ShownBadge] = deque()
        """Badges that could not be saved yet, in the order in which they were shown; only in memory."""
        self.save_error: StoreError | None = None
        """What kept all of them from being saved, when that was last tried."""
        self.report_late: Callable[[ScanResult], object] = lambda captured: None
        """Told what came of each badge that was held."""

    def save_payload(self, payload: bytes, text: str, symbology: str, source: str) -> ScanResult:
        """Save the badge that carries *payload*; where that cannot be done now it is held, and the screen says so."""
        shown = ShownBadge(
            payload, text, symbology, source, self.operator, self.clock.wall_time(), self.clock.seconds_since_boot()
        )
        if self.held_badges:
            self.save_held_badges()
        try:
            if self.save_error:  # what was shown first is saved first, and nobody waits a second time
                raise self.save_error
            return self._save_badge(shown)
        except StoreError as error:
            return self._hold_in_memory(shown, error)

    def _hold_in_memory(self, shown: ShownBadge, trouble: StoreError) -> ScanResult:
        """Keep a badge in memory, once however often it is shown."""
        if all(shown.payload != held.payload for held in self.held_badges):
            self.held_badges.append(shown)
        return ScanResult("not saved", "NOT SAVED", f"{trouble} {HELD_SENTENCE}")

    def write_held_file(self) -> None:
        """Write what is not saved to a file, `kept_in`, for the next start; any thread may ask for it."""
        if held := tuple(self.held_badges):
            self.held_file = write_held_badges(self.store, held, self.event, self.profile, self.clock.boot_id)

    def close(self) -> None:
        """Let go of the database; what could not be saved is in a file, `kept_in`."""
        # The file comes first: the process may be ended at any moment now, and saving may take long.
        self.write_held_file()
        if self.held_badges:
            self.save_held_badges()
        if self.held_file is not None and not self.held_badges:
            self.held_file.unlink(missing_ok=True)
            self.held_file = None
        with suppress(StoreError):
            ensure_files_in_place(
                self.db
            )  # the last moment at which what only this connection sees can be written again
        self.db.close()

    def check_database(self) -> None:
        """See that the database is still at its place, while nothing is saved; complete what was read from damage."""
        with suppress(StoreError):
            if not self.held_badges:
                ensure_files_in_place(self.db)
            if (place := OPEN_DATABASES.get(self.db)) is not self.checked_place:
                recover_lost_leads(self.db, self.event.name, self.profile, self.clock)
                self.checked_place = place

    def save_held_badges(self, wait_seconds: float = _HELD_DB_WAIT_SECONDS) -> list[ScanResult]:
        """
        Save what is held, oldest first, as far as it goes, and tell; returns what was told.

        A badge that fails by itself holds up no other.
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
            raise explain_error(self.db, error) from error

    def _read_and_save(self, shown: ShownBadge) -> ScanResult:
        """The same; what SQLite says while it reads comes as it is."""
        reading = read_badge(shown.payload, shown.text, self.profile)
        if reading.kind == "test":
            return ScanResult("test", "Test badge", "The test badge was read: the camera and the reader work.")
        scan = _build_scan(shown, reading, self.event.kiosk, self.clock.boot_id)
        if isinstance(reading, RefusedPayload):
            with write_transaction(self.db):
                record_refused_scan(self.db, RefusedScan(self.event.name, scan))
            return ScanResult("refused", "Not a badge", reading.message)
        saved = arrive(self.db, _build_arrival(scan, reading, self.event.name), self.clock)
        self.wake_worker()
        return describe_saved(
            saved, reading.unread, has_attendee_list=attendees.has_attendee_list(self.db, self.event.name)
        )

    def _find_saved(self, shown: ShownBadge) -> ScanResult | None:
        """
        The result for a badge that was committed to a file which was then lost, and added from there since.

        Raises:
            StoreError: the database cannot be read.
        """
        reading = read_badge(shown.payload, shown.text, self.profile)
        scan = _build_scan(shown, reading, self.event.kiosk, self.clock.boot_id)
        row = run_query(self.db, lambda db: scans.find_scan(db, scan))
        if row is None or row["lead_id"] is None:
            return None
        return describe_saved(SavedLead(leads.get_lead(self.db, row["lead_id"]), is_new=True))


def _build_scan(shown: ShownBadge, reading: Badge | RefusedPayload, kiosk: str, boot_id: str) -> ScanRecord:
    """The scan of *shown*, which was read as *reading*; of a refused payload only the hash is kept."""
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
    """The scan of a *badge*, as it is saved."""
    return Arrival(scan, Lead("", event, badge.kind, badge.contact, badge.badge_id, badge.answers))


def write_held_badges(
    store: Path, badges: Iterable[ShownBadge], event: EventSettings, profile: BadgeProfile, boot: str
) -> Path | None:
    """Write badges that could not be saved to a file for the next start; None where that cannot be done."""
    held: list[HeldScan] = []
    for shown in badges:
        reading = read_badge(shown.payload, shown.text, profile)
        scan = _build_scan(shown, reading, event.kiosk, boot)
        if isinstance(reading, RefusedPayload):
            held.append(RefusedScan(event.name, scan))
        elif reading.kind != "test":
            held.append(_build_arrival(scan, reading, event.name))
    return held_scans.write_held_scans(store, held)


def describe_unsaved(held: int, kept_in: Path | None) -> str:
    """Where *held* badges are that were not saved before the end."""
    what = "1 badge" if held == 1 else f"{held} badges"
    if kept_in is None:
        return f"{what} could not be kept anywhere. Show the last badges again."
    return f"{what}, kept in {kept_in}. The next start of the kiosk saves them."


def describe_saved(saved: SavedLead, unread: tuple[str, ...] = (), *, has_attendee_list: bool = False) -> ScanResult:
    """What to say of a saved scan of which parts are *unread*; *has_attendee_list* says whether there is an attendee list."""
    lead, notice = saved.lead, describe_shared_identity(saved)
    who = ", ".join(part for part in (lead.label, lead.contact.company) if part)
    if lead.needs_details:
        sentence = " ".join(filter(None, (f"{who}: {_describe_missing_details(lead, has_attendee_list)}", notice)))
        return ScanResult("needs details", "Saved", sentence, lead, unread=unread)
    extra = " ".join(filter(None, (notice, describe_unread_count(unread))))
    if saved.is_restored:
        who = f"{who}: was discarded, and is back"
    sentence = f"{who}. {extra}" if extra else f"{who}." if saved.is_restored else who
    if notice or saved.is_new:
        return ScanResult("saved", "Saved", sentence, lead, notice, unread)
    if saved.is_restored:
        return ScanResult("saved", "Saved again", sentence, lead, notice, unread)
    return ScanResult("again", "Already saved", sentence, lead, notice, unread)


def _describe_missing_details(lead: Lead, has_list: bool) -> str:
    """What a person can do about a lead of which nothing says who it is."""
    if not lead.badge_id:
        return "this badge was not understood. Press F2 to add a name."
    if has_list:
        return "not on the attendee list. Press F2 to add a name."
    return "only an ID on this badge. Press F2 to add a name, or import the attendee list."


def describe_shared_identity(saved: SavedLead) -> str:
    """Whom a new lead was kept apart from; empty where there is nobody."""
    if saved.kept_apart_from is None:
        return ""
    kind, _, value = saved.shared_identity.partition(":")
    whose = "an unknown badge" if saved.kept_apart_from.needs_details else saved.kept_apart_from.label
    what = {"email": f"e-mail {value}", "badge": f"id {value}"}.get(kind, "badge")
    return f"The {what} is shared: {whose} has it too, so these are two leads."
