"""
Leads as CSV files in a folder: a USB stick, a network drive, a folder that another program watches.

Each call writes one file, atomically, and never changes it afterwards. The files are the record of what was written: a
lead's revision that any of them contains is not written again, whatever batch it comes back in. So a kiosk that is
killed between writing a file and noting the delivery makes no second row.
"""

import asyncio
import contextlib
import csv
import errno
import io
import os
import re
import shutil
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from data.export import format_csv_table
from data.files import flush_directory, write_atomically
from data.language import _
from sync.connection_context import ConnectionContext
from sync.connectors.base import CheckResult, Delivered, Outcome, OutgoingLead
from sync.errors import Unreachable
from sync.settings.csv_file import CsvSettings

# The first two columns. We, and anybody who imports the files, recognise a lead's revision by them.
_KEY_COLUMNS = ("lead_id", "revision")

# An unfinished file of this age was left behind by a killed kiosk; a younger one may be another kiosk's, in progress.
_ABANDONED_FILE_SECONDS = 3600.0

# Less free space than this is reported before a show.
_MIN_FREE_BYTES = 10_000_000

# Time limit for one file: a system call on a network drive that was disconnected can block forever.
FILE_TIMEOUT_SECONDS = 45.0

# Our own files are read again, and a note may be longer than the csv module's default limit.
csv.field_size_limit(1 << 30)

_Result = TypeVar("_Result")

# Modification time in nanoseconds, and size.
_FileVersion = tuple[int, int]


class CsvConnector:
    """Writes one file per batch. A lead counts as delivered once its row is flushed to the disk."""

    destination = "csv"
    max_parallel_pushes = 1
    is_idempotent = True

    def __init__(self, settings: CsvSettings, context: ConnectionContext | None = None) -> None:
        self.settings = settings
        self.batch_size = settings.batch_size
        self.context = context or ConnectionContext()
        self.indexed_files: dict[str, tuple[_FileVersion, dict[tuple[str, str], str]]] = {}
        """Version and rows of each file by name, so that each is read only once."""
        # A single thread, so that no two writes look for the same lead at the same time.
        self.executor = ThreadPoolExecutor(1, "csv")

    @property
    def folder(self) -> Path:
        """The folder for the files."""
        return Path(self.settings.folder).expanduser()

    async def push(self, batch_id: str, leads: Sequence[OutgoingLead]) -> dict[str, Outcome]:
        """Write those of *leads* that no file contains yet into a new one, see `Connector.push`."""
        return await self.run_in_thread(lambda: self.write_new_leads(batch_id, leads))

    def write_new_leads(self, batch_id: str, leads: Sequence[OutgoingLead]) -> dict[str, Outcome]:
        """
        Do the work of `push`, in the one thread that touches the folder.

        Raises:
            OSError: nothing was written.
        """
        self._check_folder()
        written = self._index_written_leads()
        new = [lead for lead in leads if _row_key(lead) not in written]
        if new:
            path = self.folder / _build_file_name(batch_id)
            write_atomically(path, self.build_table(new))
            written |= {_row_key(lead): path.name for lead in new}
        else:
            # A power cut may have come between the rename and its flush: flush before saying "delivered".
            flush_directory(self.folder)
        return {lead.id: Delivered(written[_row_key(lead)], has_own_record=False) for lead in leads}

    async def run_in_thread(self, work: Callable[[], _Result]) -> _Result:
        """
        Run *work* in the thread, after everything that was started before, and return its result.

        Raises:
            Unreachable: the folder cannot be used.
        """
        future = self.executor.submit(work)
        try:
            # Shielded, because a write that has started must end before the next looks at the folder.
            return await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(future)), FILE_TIMEOUT_SECONDS)
        except TimeoutError as error:
            future.cancel()
            raise Unreachable(
                _("{folder} does not respond: reconnect the drive, or plug the stick in again.").format(
                    folder=self.folder
                )
            ) from error
        except OSError as error:
            raise Unreachable(self._describe_error(error)) from error

    def fingerprint_credential(self) -> str:
        """Return an empty fingerprint: there is no credential."""
        return ""

    async def check_setup(self) -> list[CheckResult]:
        """Check that a file can be written and that there is free space, see `Connector.check_setup`."""
        try:
            free = await self.run_in_thread(self._probe_folder)
        except Unreachable as fault:
            return [CheckResult(False, str(fault))]
        if free < _MIN_FREE_BYTES:
            return [
                CheckResult(
                    False,
                    _("The disk that contains {folder} is almost full: free some space.").format(folder=self.folder),
                )
            ]
        return [CheckResult(True, _("Files can be written to {folder}.").format(folder=self.folder))]

    def _probe_folder(self) -> int:
        """
        Write a file, delete it, and return the number of free bytes.

        Raises:
            OSError: the file cannot be written.
        """
        self._check_folder()
        probe = self.folder / f".booth-kiosk-{os.getpid()}"
        write_atomically(probe, b"")
        probe.unlink()
        return shutil.disk_usage(self.folder).free

    async def remove_test_lead(self, lead: OutgoingLead, remote_id: str) -> bool:
        """Delete the file *remote_id* if it holds only *lead*, see `Connector.remove_test_lead`."""
        return await self.run_in_thread(lambda: self._delete_file(lead.id, remote_id))

    def _delete_file(self, lead_id: str, name: str) -> bool:
        """
        Delete the file *name* if it holds only *lead_id*; return whether it did.

        Raises:
            OSError: the file is still there.
        """
        self._index_written_leads()
        _version, rows = self.indexed_files.get(name, ((0, 0), {}))
        if {lead for lead, _revision in rows} != {lead_id}:
            return False
        (self.folder / name).unlink()
        flush_directory(self.folder)
        return True

    async def aclose(self) -> None:
        """Stop the thread once it is idle."""
        self.executor.shutdown(wait=False)

    def _check_folder(self) -> None:
        """
        Check that the folder exists, and that it is on another disk if the settings say so.

        Raises:
            OSError: it does not, or is not.
        """
        device = self.folder.stat().st_dev
        home = self.context.folder or Path.home()
        if self.settings.other_disk and device == home.stat().st_dev:
            raise OSError(errno.ENODEV, "no other disk is mounted there")  # not shown: an inner error

    def _index_written_leads(self) -> dict[tuple[str, str], str]:
        """Map each written revision of a lead to its file's name, and delete unfinished files that were left behind."""
        found: dict[str, tuple[_FileVersion, dict[tuple[str, str], str]]] = {}
        for entry in os.scandir(self.folder):
            if re.fullmatch(r"\.leads_.+\.csv\..+", entry.name):
                _delete_abandoned_file(entry)
            elif re.fullmatch(r"leads_.+\.csv", entry.name):
                with contextlib.suppress(FileNotFoundError):  # somebody just moved it away
                    status = entry.stat()
                    stamp = (status.st_mtime_ns, status.st_size)
                    known = self.indexed_files.get(entry.name)
                    found[entry.name] = known if known and known[0] == stamp else (stamp, _read_rows(Path(entry.path)))
        self.indexed_files = found
        return {row: name for _version, rows in found.values() for row, name in rows.items()}

    def build_table(self, leads: Sequence[OutgoingLead]) -> bytes:
        """Return the content of a file with *leads*."""
        columns = dict(zip(_KEY_COLUMNS, _KEY_COLUMNS, strict=True)) | dict(self.settings.fields)
        return format_csv_table(
            columns, ({**lead.fields, "lead_id": lead.id, "revision": lead.revision} for lead in leads)
        )

    def _describe_error(self, error: OSError) -> str:
        """Return a sentence for staff: why no file can be written, and what to do."""
        if error.errno == errno.ENODEV:
            sentence = _(
                "{folder} is on the same disk as the kiosk's data, so the stick or drive is not connected: plug it in."
            )
            return sentence.format(folder=self.folder)
        if self.folder.is_file():
            return _("{folder} is a file. Set [crm.csv] folder to a folder.").format(folder=self.folder)
        if isinstance(error, FileNotFoundError | NotADirectoryError):
            return _("The folder {folder} does not exist: plug in the stick, or connect the drive.").format(
                folder=self.folder
            )
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return _("The disk that contains {folder} is full: free some space, or use another.").format(
                folder=self.folder
            )
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            return _("{folder} is write-protected: remove the write protection.").format(folder=self.folder)
        return _("Cannot write to {folder} ({error}): check the stick or the drive.").format(
            folder=self.folder, error=error.strerror
        )


def _row_key(lead: OutgoingLead) -> tuple[str, str]:
    """Return the key of a row: a lead's id and its revision."""
    return lead.id, str(lead.revision)


def _build_file_name(batch_id: str) -> str:
    """Return the name of a batch's file. Batch ids begin with their time, so the names sort by it."""
    return f"leads_{re.sub(r'[^A-Za-z0-9-]', '-', batch_id)}.csv"


def _read_rows(path: Path) -> dict[tuple[str, str], str]:
    """Return the leads and revisions in the file *path*; none if somebody has replaced it with something else."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        table = csv.DictReader(io.StringIO(text, newline=""))
        return {(row["lead_id"], row["revision"]): path.name for row in table}
    except (KeyError, ValueError, csv.Error):
        return {}


def _delete_abandoned_file(entry: os.DirEntry[str]) -> None:
    """Delete an unfinished file if it is old enough to have been left behind."""
    with contextlib.suppress(OSError):
        if time.time() - entry.stat().st_mtime > _ABANDONED_FILE_SECONDS:
            Path(entry.path).unlink()
