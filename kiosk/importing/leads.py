"""Saves the rows of a list as leads: many per transaction, and each once, however often the list is imported."""

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

_ROWS_PER_BATCH = 500
"""Rows read together, and at most saved together."""

# How long a transaction may take. A longer one would make a badge in front of this device's camera wait.
_MAX_TRANSACTION_SECONDS = 0.1

# Pause between two transactions. SQLite does not queue writers, so without it no other process could write.
_PAUSE_SECONDS = 0.005


@dataclass(slots=True)
class ImportCounts:
    """The progress of an import; everything counted is on the disk."""

    new: int = 0
    merged: int = 0
    """Scans of people who were leads before."""
    updated: int = 0
    """Leads of another kiosk that were here before, and got new data."""
    known: int = 0
    """Rows that were imported before."""
    rejected: int = 0
    unread: dict[str, int] = field(default_factory=dict)
    """Values that were left out because they could not be understood, by field; their leads were imported."""

    @property
    def saved_rows(self) -> int:
        """The rows whose leads are in the database, whether now or already before."""
        return self.new + self.merged + self.updated + self.known

    @property
    def total_rows(self) -> int:
        """All rows read."""
        return self.saved_rows + self.rejected


def import_rows(
    rows: Iterable[TableRow],
    reader: LeadRowParser,
    saver: "LeadRowSaver",
    counts: ImportCounts,
    reject: Callable[[TableRow, ValueError], object],
) -> Iterator[int]:
    """
    Save the leads in *rows*, and yield how many rows were read so far; *counts* is updated, *reject* gets each bad row.

    Raises:
        StoreError: the last batch was not saved; everything in *counts* is.
    """
    source = iter(rows)
    while batch := take_batch(source, _ROWS_PER_BATCH):
        ready = []
        for row in batch:
            try:
                ready.append(_read_lead_row(row, reader))
                for name in ready[-1].unread:
                    counts.unread[name] = counts.unread.get(name, 0) + 1
            except ValueError as error:
                reject(row, error)
                counts.rejected += 1
        fresh = [row for row in ready if not saver.is_known(row)]
        counts.known += len(ready) - len(fresh)
        while fresh:
            results = saver.save_rows(fresh)
            del fresh[: len(results)]
            for result in results:
                setattr(counts, result, getattr(counts, result) + 1)
            time.sleep(_PAUSE_SECONDS)  # after counting: an import that is interrupted says how many rows are saved
        yield counts.total_rows


def _read_lead_row(row: TableRow, reader: LeadRowParser) -> LeadRow:
    """
    Return the lead in *row*.

    Raises:
        ValueError: there is none; the text is the reason.
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
        """Return whether a row with this content was imported before."""
        return import_ledger.find_imported_lead(self.db, row.content_hash) is not None

    def save_rows(self, rows: list[LeadRow]) -> list[str]:
        """
        Save as many of *rows* as fit into a short transaction; return the result of each, as a field of `ImportCounts`.

        Raises:
            StoreError: none was saved.
        """
        results = []
        with write_transaction(self.db):
            until = time.monotonic() + _MAX_TRANSACTION_SECONDS
            for row in rows:
                results.append(self.save_row(row))
                if time.monotonic() > until:
                    break
        return results

    def save_row(self, row: LeadRow) -> str:
        """Save one row, and return its result. Must run inside `write_transaction`."""
        if self.is_known(row):
            return "known"
        lead_id, result = self._update_existing(row) or self.save_as_scan(row)
        import_ledger.record_import(self.db, row.content_hash, lead_id, self.clock.wall_time())
        return result

    def _update_existing(self, row: LeadRow) -> tuple[str, str] | None:
        """
        Update the lead that *row* names by its ID, and return its ID and the result; None if it is not here.

        A lead that came from the same kiosk before gets the new data; one of this kiosk itself is not changed.
        """
        if not row.lead.id:
            return None
        known = client_ids.find_lead_id(self.db, row.lead.id)
        if known is None:
            return (row.lead.id, "known") if leads.find_ids_by_prefix(self.db, row.lead.id) else None
        before = leads.get_lead(self.db, known)
        after = leads.merge_imported_lead(self.db, known, row.lead, self.clock)
        return known, "known" if after == before else "updated"

    def save_as_scan(self, row: LeadRow) -> tuple[str, str]:
        """Save *row* as a scan of a person, who may be a lead already; return the lead's ID and the result."""
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
