"""Rows of a list -> saved leads, many a transaction, each once however often its list comes."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from data import client_ids, import_ledger, leads
from data.arrival import Arrival, arrive_in_transaction
from data.clock import Clock
from data.lead import ScanRecord, ScanTime
from data.store import Store, write_transaction
from kiosk.config.tables import EventSettings
from kiosk.importing.row_parser import LeadRow, LeadRowParser
from kiosk.importing.tables.table import TableRow, take_batch

ROWS_PER_BATCH = 500
"""Rows that are read, and at most saved, together."""

_MAX_TRANSACTION_SECONDS = 0.1
"""Seconds that a transaction may take, so that a badge in front of the camera of this device hardly waits."""

_PAUSE_SECONDS = 0.005
"""Seconds between two of them: SQLite lets nobody in who only waits."""


@dataclass(slots=True)
class ImportCounts:
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
    def total_rows(self) -> int:
        """All that were read."""
        return self.new + self.merged + self.updated + self.known + self.rejected


def import_rows(
    rows: Iterable[TableRow],
    reader: LeadRowParser,
    saver: "LeadRowSaver",
    done: ImportCounts,
    reject: Callable[[TableRow, ValueError], object],
) -> Iterator[int]:
    """
    Save the leads in *rows*; *reject* is told of each that is none, and *done* counts. Yields how many were read.

    Raises:
        StoreError: the last lot was not saved; what *done* has counted is.
    """
    source = iter(rows)
    while lot := take_batch(source, ROWS_PER_BATCH):
        ready = []
        for row in lot:
            try:
                ready.append(read_lead_row(row, reader))
                for name in ready[-1].unread:
                    done.unread[name] = done.unread.get(name, 0) + 1
            except ValueError as error:
                reject(row, error)
                done.rejected += 1
        fresh = [row for row in ready if not saver.is_known(row)]
        done.known += len(ready) - len(fresh)
        while fresh:
            ends = saver.save_rows(fresh)
            del fresh[: len(ends)]
            for end in ends:
                setattr(done, end, getattr(done, end) + 1)
        yield done.total_rows


def read_lead_row(row: TableRow, reader: LeadRowParser) -> LeadRow:
    """
    The lead in *row*.

    Raises:
        ValueError: there is none, and why.
    """
    if row.problem:
        raise ValueError(row.problem)
    return reader.parse_row(row.cells)


@dataclass(frozen=True, slots=True)
class LeadRowSaver:
    """Saves rows as a scan would be saved."""

    db: Store
    event: EventSettings
    clock: Clock

    def is_known(self, row: LeadRow) -> bool:
        """Whether a row with this content was taken in before."""
        return import_ledger.find_imported_lead(self.db, row.content_hash) is not None

    def save_rows(self, rows: list[LeadRow]) -> list[str]:
        """
        Save as many of *rows* as a short transaction takes; what came of each, by the names of `Done`.

        Raises:
            StoreError: none was saved.
        """
        ends = []
        with write_transaction(self.db):
            until = time.monotonic() + _MAX_TRANSACTION_SECONDS
            for row in rows:
                ends.append(self.save_row(row))
                if time.monotonic() > until:
                    break
        time.sleep(_PAUSE_SECONDS)
        return ends

    def save_row(self, row: LeadRow) -> str:
        """Save one row, and say what came of it. Runs inside `writing`."""
        if self.is_known(row):
            return "known"
        lead_id, end = self._update_existing(row) or self.save_as_scan(row)
        import_ledger.record_import(self.db, row.content_hash, lead_id, self.clock.wall_time())
        return end

    def _update_existing(self, row: LeadRow) -> tuple[str, str] | None:
        """
        The lead that *row* names by its id, where it is here.

        One that came from the same kiosk before learns what is new; one of this kiosk's own stays as people have it.
        """
        if not row.lead.id:
            return None
        known = client_ids.find_lead_id(self.db, row.lead.id)
        if known is None:
            return (row.lead.id, "known") if leads.find_ids_by_prefix(self.db, row.lead.id) else None
        before = leads.get_lead(self.db, known)
        return known, "known" if leads.merge_imported_lead(
            self.db, known, row.lead, self.clock
        ) == before else "updated"

    def save_as_scan(self, row: LeadRow) -> tuple[str, str]:
        """Save *row* as a scan of somebody, who may be a lead already."""
        time = ScanTime.given(row.scanned_at, self.clock)
        scan = ScanRecord.of_payload(
            row.payload,
            row.stored_payload,
            time,
            kind=row.scan_kind,
            source="import",
            operator=row.operator,
            kiosk=self.event.kiosk,
        )
        arrival = Arrival(scan, row.lead, met_at=row.scanned_at, discard_reason=row.discard_reason)
        saved = arrive_in_transaction(self.db, arrival, self.clock)
        return saved.lead.id, "new" if saved.is_new else "merged"
