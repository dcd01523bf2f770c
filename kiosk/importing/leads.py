"""Rows of a list -> saved leads, many a transaction, each once however often its list comes."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from data import attendees, imported, leads, posted
from data.clock import Clock
from data.identities import identities
from data.ids import uuid7
from data.lead import Lead, Sighting
from data.recognise import Recognised, recognise
from data.store import Store, writing
from kiosk.config.tables import EventSettings
from kiosk.importing.row_parser import LeadRow, LeadRows
from kiosk.importing.tables.table import Row, take_lot

AT_ONCE = 500
"""Rows that are read, and at most saved, together."""

HOLD = 0.1
"""Seconds that a transaction may take, so that a badge in front of the camera of this device hardly waits."""

PAUSE = 0.005
"""Seconds between two of them: SQLite lets nobody in who only waits."""


@dataclass(slots=True)
class Done:
    """How far the import has come; all of it is on the disk."""

    new: int = 0
    merged: int = 0
    """Scans of people who were leads already."""
    updated: int = 0
    """Another kiosk's leads that were here, and learned something."""
    known: int = 0
    """Rows that were taken in before."""
    rejected: int = 0
    unread: dict[str, int] = field(default_factory=dict)
    """Values that were left out because they could not be understood, by field; the leads were not."""

    @property
    def rows(self) -> int:
        """All that were read."""
        return self.new + self.merged + self.updated + self.known + self.rejected


def import_rows(
    rows: Iterable[Row], reader: LeadRows, saver: "Saver", done: Done, reject: Callable[[Row, ValueError], object]
) -> Iterator[int]:
    """
    Save the leads in *rows*; *reject* is told of each that is none, and *done* counts. Yields how many were read.

    Raises:
        StoreError: the last lot was not saved; what *done* has counted is.
    """
    source = iter(rows)
    while lot := take_lot(source, AT_ONCE):
        ready = []
        for row in lot:
            try:
                ready.append(read(row, reader))
                for name in ready[-1].unread:
                    done.unread[name] = done.unread.get(name, 0) + 1
            except ValueError as error:
                reject(row, error)
                done.rejected += 1
        fresh = [row for row in ready if not saver.knows(row)]
        done.known += len(ready) - len(fresh)
        while fresh:
            ends = saver.save(fresh)
            del fresh[: len(ends)]
            for end in ends:
                setattr(done, end, getattr(done, end) + 1)
        yield done.rows


def read(row: Row, reader: LeadRows) -> LeadRow:
    """
    The lead in *row*.

    Raises:
        ValueError: there is none, and why.
    """
    if row.problem:
        raise ValueError(row.problem)
    return reader.read(row.cells)


@dataclass(frozen=True, slots=True)
class Saver:
    """Saves rows as a scan would be saved."""

    db: Store
    event: EventSettings
    clock: Clock

    def knows(self, row: LeadRow) -> bool:
        """Whether a row with this content was taken in before."""
        return imported.find(self.db, row.content_hash) is not None

    def save(self, rows: list[LeadRow]) -> list[str]:
        """
        Save as many of *rows* as a short transaction takes; what came of each, by the names of `Done`.

        Raises:
            StoreError: none was saved.
        """
        ends = []
        with writing(self.db):
            until = time.monotonic() + HOLD
            for row in rows:
                ends.append(self.take(row))
                if time.monotonic() > until:
                    break
        time.sleep(PAUSE)
        return ends

    def take(self, row: LeadRow) -> str:
        """Save one row, and say what came of it. Runs inside `writing`."""
        if self.knows(row):
            return "known"
        lead_id, end = self.already_here(row) or self.scan(row)
        imported.note(self.db, row.content_hash, lead_id, self.clock.wall())
        return end

    def already_here(self, row: LeadRow) -> tuple[str, str] | None:
        """
        The lead that *row* names by its id, where it is here.

        One that came from the same kiosk before learns what is new; one of this kiosk's own stays as people have it.
        """
        if not row.lead.id:
            return None
        known = posted.find(self.db, row.lead.id)
        if known is None:
            return (row.lead.id, "known") if leads.matching(self.db, row.lead.id) else None
        before = leads.get(self.db, known)
        return known, "known" if leads.fill(self.db, known, row.lead, self.clock) == before else "updated"

    def scan(self, row: LeadRow) -> tuple[str, str]:
        """Save *row* as a scan of somebody, who may be a lead already."""
        lead = self.completed(row.lead)
        names = identities(lead.contact, lead.badge_id, row.payload)
        sighting = self.sighting(row)
        found = recognise(self.db, lead, names, sighting.payload_hash)
        if lead.id and (row.discarded is not None or self.is_of_a_kiosk(found)):
            found = Recognised(None, found.lead or found.apart, found.shared)
        at = self.clock.wall() if row.scanned_at is None else row.scanned_at
        new = replace(lead, id=lead.id or uuid7(at))
        saved = leads.save_inside(self.db, new, names, sighting, self.clock, found)
        if lead.id:
            posted.note(self.db, lead.id, saved.lead.id, self.clock.wall())
        if row.discarded is not None:
            imported.discarded(self.db, saved.lead.id, row.discarded, row.operator, self.clock.wall())
        return saved.lead.id, "new" if saved.created else "merged"

    def completed(self, lead: Lead) -> Lead:
        """*lead*, with what the attendee list knows of its id."""
        return replace(lead, contact=attendees.completed(self.db, lead.event, lead.badge_id, lead.contact))

    def is_of_a_kiosk(self, found: Recognised) -> bool:
        """Whether that lead came with an id of its own: two that another kiosk kept apart are never made one here."""
        return found.lead is not None and posted.find(self.db, found.lead.id) == found.lead.id

    def sighting(self, row: LeadRow) -> Sighting:
        """The scan to keep; its time is told by the other device's clock alone, whatever is learned of ours."""
        clock = self.clock
        here = (clock.wall(), clock.boot, clock.mono())
        at, boot, mono = here if row.scanned_at is None else (row.scanned_at, "", 0.0)
        return Sighting(
            payload=row.payload,
            payload_hash=row.payload_hash,
            kind=row.scan_kind,
            symbology="",
            source="import",
            operator=row.operator,
            kiosk=self.event.kiosk,
            wall_at=at,
            boot_id=boot,
            monotonic=mono,
        )
