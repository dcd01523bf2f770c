"""Badge + answers -> lead, saved: the one place where scanning meets storage."""

import hashlib
import sqlite3
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from data import attendees, held, leads, scans
from data.clock import Clock
from data.errors import CONCERNS_ALL, StoreError
from data.held import HeldScan
from data.identities import identities
from data.lead import Lead, Sighting
from data.leads import Saved
from data.place import PLACES, Place
from data.store import asked, explained, open_store, patience, stay_in_place
from kiosk.badges import read_badge
from kiosk.badges.badge import Badge, Refused
from kiosk.badges.profile import BadgeProfile
from kiosk.config.tables import EventSettings
from kiosk.scanning.lost_leads import read_lost_leads
from kiosk.status.badge_text import count_unread

HELD = "The badge is held in memory, and saved as soon as that works."

Kind: TypeAlias = Literal["refused", "test", "needs details", "again", "saved", "not saved"]

KINDS: tuple[Kind, ...] = get_args(Kind)
"""What counts most comes last: where a picture has several codes, it is the one to be seen."""

PATIENCE = 1.0
"""Seconds that a badge waits for a database that another program holds, before it is held in memory: nobody who waits
looks at the camera."""

MOMENT = 0.1
"""Seconds that what is held waits when it is tried again."""


@dataclass(frozen=True, slots=True)
class Captured:
    """What came of one badge. Nothing says `saved` before it is on the disk."""

    kind: Kind
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
class Shown:
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
        nudge: Callable[[], None] = lambda: None,
        waits: float = PATIENCE,
    ) -> None:
        """
        Open the database at *store*; *nudge* wakes the worker after each save; *waits* is for how long to wait for it.

        Raises:
            StoreError: the database cannot be opened.
        """
        self.event = event
        self.profile = profile
        self.clock = clock
        self.nudge = nudge
        self.operator = event.operator
        self.store = store
        self.db = open_store(store, patience=waits)
        self.place: Place | None = None
        """Where the database was opened when it was last looked for leads to complete."""
        self.kept_in: Path | None = None
        """The file with what could not be saved before the end; None where all was saved, or that failed."""
        self.held: deque[Shown] = deque()
        """Badges that could not be saved yet, in the order in which they were shown; only in memory."""
        self.trouble: StoreError | None = None
        """What kept all of them from being saved, when that was last tried."""
        self.tell_late: Callable[[Captured], object] = lambda captured: None
        """Told what came of each badge that was held."""

    def take(self, payload: bytes, text: str, symbology: str, source: str) -> Captured:
        """Save the badge that carries *payload*; where that cannot be done now it is held, and the screen says so."""
        shown = Shown(payload, text, symbology, source, self.operator, self.clock.wall(), self.clock.mono())
        if self.held:
            self.save_held()
        try:
            if self.trouble:  # what was shown first is saved first, and nobody waits a second time
                raise self.trouble
            return self.save(shown)
        except StoreError as error:
            return self.hold(shown, error)

    def hold(self, shown: Shown, trouble: StoreError) -> Captured:
        """Keep a badge in memory, once however often it is shown."""
        if all(shown.payload != held.payload for held in self.held):
            self.held.append(shown)
        return Captured("not saved", "NOT SAVED", f"{trouble} {HELD}")

    def keep(self) -> None:
        """Write what is not saved to a file, `kept_in`, for the next start; any thread may ask for it."""
        if held := tuple(self.held):
            self.kept_in = keep_held(self.store, held, self.event, self.profile, self.clock.boot)

    def close(self) -> None:
        """Let go of the database; what could not be saved is in a file, `kept_in`."""
        # The file comes first: the process may be ended at any moment now, and saving may take long.
        self.keep()
        if self.held:
            self.save_held()
        if self.kept_in is not None and not self.held:
            self.kept_in.unlink(missing_ok=True)
            self.kept_in = None
        with suppress(StoreError):
            stay_in_place(self.db)  # the last moment at which what only this connection sees can be written again
        self.db.close()

    def look_after(self) -> None:
        """See that the database is still at its place, while nothing is saved; complete what was read from damage."""
        with suppress(StoreError):
            if not self.held:
                stay_in_place(self.db)
            if (place := PLACES.get(self.db)) is not self.place:
                read_lost_leads(self.db, self.event.name, self.profile, self.clock)
                self.place = place

    def save_held(self, waits: float = MOMENT) -> list[Captured]:
        """
        Save what is held, oldest first, as far as it goes, and tell; returns what was told.

        A badge that fails by itself holds up no other.
        """
        saved: list[Captured] = []
        self.trouble = None
        with patience(self.db, waits):
            for shown in list(self.held):
                try:
                    saved.append(self.already_saved(shown) or self.save(shown))
                except CONCERNS_ALL as error:
                    self.trouble = error
                    break
                except StoreError:
                    continue
                self.held.remove(shown)
                self.tell_late(saved[-1])
        return saved

    def save(self, shown: Shown) -> Captured:
        """
        Read and save one badge.

        Raises:
            StoreError: nothing was saved.
        """
        try:
            return self.read_and_save(shown)
        except sqlite3.Error as error:
            raise explained(self.db, error) from error

    def read_and_save(self, shown: Shown) -> Captured:
        """The same; what SQLite says while it reads comes as it is."""
        reading = read_badge(shown.payload, shown.text, self.profile)
        sighting = sighting_of(shown, reading, self.event.kiosk, self.clock.boot)
        if isinstance(reading, Refused):
            scans.record_refused(self.db, self.event.name, sighting)
            return Captured("refused", "Not a badge", reading.sentence)
        if reading.kind == "test":
            return Captured("test", "Test badge", "The test badge was read: the camera and the reader work.")
        contact = attendees.completed(self.db, self.event.name, reading.badge_id, reading.contact)
        lead = Lead("", self.event.name, reading.kind, contact, reading.badge_id, reading.answers)
        names = identities(lead.contact, lead.badge_id, shown.payload)
        saved = leads.save(self.db, lead, names, sighting, self.clock)
        self.nudge()
        return described(saved, reading.unread, has_list=attendees.has_list(self.db, self.event.name))

    def already_saved(self, shown: Shown) -> Captured | None:
        """
        The result for a badge that was committed to a file which was then lost, and added from there since.

        Raises:
            StoreError: the database cannot be read.
        """
        reading = read_badge(shown.payload, shown.text, self.profile)
        sighting = sighting_of(shown, reading, self.event.kiosk, self.clock.boot)
        row = asked(self.db, lambda db: scans.find(db, sighting))
        if row is None or row["lead_id"] is None:
            return None
        return described(Saved(leads.get(self.db, row["lead_id"]), created=True))


def sighting_of(shown: Shown, reading: Badge | Refused, kiosk: str, boot: str) -> Sighting:
    """The scan to keep: of what is a secret only the hash."""
    kept = None if isinstance(reading, Refused) else shown.payload if reading.keep is None else reading.keep
    return Sighting(
        payload=kept,
        payload_hash=hashlib.sha256(shown.payload).hexdigest(),
        kind=reading.kind,
        symbology=shown.symbology,
        source=shown.source,
        operator=shown.operator,
        kiosk=kiosk,
        wall_at=shown.wall_at,
        boot_id=boot,
        monotonic=shown.monotonic,
    )


def keep_held(
    store: Path, badges: Iterable[Shown], event: EventSettings, profile: BadgeProfile, boot: str
) -> Path | None:
    """Write badges that could not be saved to a file for the next start; None where that cannot be done."""
    found = []
    for shown in badges:
        reading = read_badge(shown.payload, shown.text, profile)
        sighting = sighting_of(shown, reading, event.kiosk, boot)
        if isinstance(reading, Refused):
            found.append(HeldScan(event.name, sighting, None))
        elif reading.kind != "test":
            lead = Lead("", event.name, reading.kind, reading.contact, reading.badge_id, reading.answers)
            names = identities(reading.contact, reading.badge_id, shown.payload)
            found.append(HeldScan(event.name, sighting, lead, tuple(names)))
    return held.keep(store, found)


def left_over(held: int, kept_in: Path | None) -> str:
    """Where *held* badges are that were not saved before the end."""
    what = "1 badge" if held == 1 else f"{held} badges"
    if kept_in is None:
        return f"{what} could not be kept anywhere. Show the last badges again."
    return f"{what}, kept in {kept_in}. The next start of the kiosk saves them."


def described(saved: Saved, unread: tuple[str, ...] = (), *, has_list: bool = False) -> Captured:
    """What to say of a saved scan of which parts are *unread*; *has_list* says whether there is an attendee list."""
    lead, notice = saved.lead, shared(saved)
    who = ", ".join(part for part in (lead.label, lead.contact.company) if part)
    if lead.needs_details:
        sentence = " ".join(filter(None, (f"{who}: {what_is_missing(lead, has_list)}", notice)))
        return Captured("needs details", "Saved", sentence, lead, unread=unread)
    extra = " ".join(filter(None, (notice, count_unread(unread))))
    if saved.restored:
        who = f"{who}: was discarded, and is back"
    sentence = f"{who}. {extra}" if extra else f"{who}." if saved.restored else who
    if notice or saved.created:
        return Captured("saved", "Saved", sentence, lead, notice, unread)
    if saved.restored:
        return Captured("saved", "Saved again", sentence, lead, notice, unread)
    return Captured("again", "Already saved", sentence, lead, notice, unread)


def what_is_missing(lead: Lead, has_list: bool) -> str:
    """What a person can do about a lead of which nothing says who it is."""
    if not lead.badge_id:
        return "this badge was not understood. Press F2 to add a name."
    if has_list:
        return "not on the attendee list. Press F2 to add a name."
    return "only an ID on this badge. Press F2 to add a name, or import the attendee list."


def shared(saved: Saved) -> str:
    """Whom a new lead was kept apart from; empty where there is nobody."""
    if saved.apart is None:
        return ""
    kind, _, value = saved.shared.partition(":")
    whose = "an unknown badge" if saved.apart.needs_details else saved.apart.label
    what = {"email": f"e-mail {value}", "badge": f"id {value}"}.get(kind, "badge")
    return f"The {what} is shared: {whose} has it too, so these are two leads."
