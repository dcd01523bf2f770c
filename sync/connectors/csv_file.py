"""
Leads as files in a folder: a stick, a shared drive, a folder that another program watches.

One file a call, put in its place whole, and never touched again. The files themselves say what was written: a lead's
revision that is in one of them already is not written a second time, whatever batch it comes back in. So a kiosk that
was killed between writing a file and noting it makes no second row.
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
from sync.connection_context import ConnectionContext
from sync.connectors.base import CheckResult, Delivered, Outcome, OutgoingLead
from sync.errors import Unreachable
from sync.settings.csv_file import CsvSettings

_KEY_COLUMNS = ("lead_id", "revision")
"""The first two columns, by which we and whoever imports tell what is there already."""

_ABANDONED_FILE_SECONDS = 3600.0
"""Seconds after which a file that was never finished is nobody's any more."""

MIN_FREE_BYTES = 10_000_000
"""Bytes that should be free before a show."""

FILE_TIMEOUT_SECONDS = 45.0
"""Seconds for a file; a drive that was disconnected can keep a program waiting for ever."""

csv.field_size_limit(1 << 30)  # a file of ours is read again, however long a note in it is

Result = TypeVar("Result")

_FileVersion = tuple[int, int]
"""When a file was last written, and its size."""


class CsvConnector:
    """A file a batch; nothing is proven but what is on the disk."""

    destination = "csv"
    max_parallel_pushes = 1
    is_idempotent = True

    def __init__(self, settings: CsvSettings, context: ConnectionContext | None = None) -> None:
        self.settings = settings
        self.batch_size = settings.batch_size
        self.context = context or ConnectionContext()
        self.indexed_files: dict[str, tuple[_FileVersion, dict[tuple[str, str], str]]] = {}
        """What each file was found to hold, so that it is read once."""
        self.executor = ThreadPoolExecutor(1, "csv")
        """One, so that no two writes look for the same lead at the same time."""

    @property
    def folder(self) -> Path:
        """Where the files go."""
        return Path(self.settings.folder).expanduser()

    async def push(self, batch_id: str, leads: Sequence[OutgoingLead]) -> dict[str, Outcome]:
        """Write *leads* that are in no file yet into one, see `Connector.push`."""
        return await self.run_in_thread(lambda: self.write_new_leads(batch_id, leads))

    def write_new_leads(self, batch_id: str, leads: Sequence[OutgoingLead]) -> dict[str, Outcome]:
        """
        The same, in the thread that alone touches the folder.

        Raises:
            OSError: nothing was written.
        """
        self._check_folder()
        there = self._index_written_leads()
        new = [lead for lead in leads if row_key(lead) not in there]
        if new:
            path = self.folder / _build_file_name(batch_id)
            write_atomically(path, self.build_table(new))
            there |= {row_key(lead): path.name for lead in new}
        else:
            flush_directory(self.folder)  # they may have been put there an instant before the power went
        return {lead.id: Delivered(there[row_key(lead)], has_own_record=False) for lead in leads}

    async def run_in_thread(self, work: Callable[[], Result]) -> Result:
        """
        What *work* returns, which is done after all that was begun before, also where nobody waits for that any more.

        Raises:
            Unreachable: the folder cannot be used.
        """
        future = self.executor.submit(work)
        try:
            return await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(future)), FILE_TIMEOUT_SECONDS)
        except TimeoutError as error:
            future.cancel()
            raise Unreachable(
                f"{self.folder} does not answer: connect the drive, or plug the stick in anew."
            ) from error
        except OSError as error:
            raise Unreachable(self.describe_error(error)) from error

    def fingerprint_credential(self) -> str:
        """There is none."""
        return ""

    async def check_setup(self) -> list[CheckResult]:
        """Whether a file can be written, and how much room there is, see `Connector.check`."""
        try:
            free = await self.run_in_thread(self._probe_folder)
        except Unreachable as fault:
            return [CheckResult(False, str(fault))]
        if free < MIN_FREE_BYTES:
            return [CheckResult(False, f"The disk of {self.folder} is almost full: make room.")]
        return [CheckResult(True, f"Files can be written to {self.folder}.")]

    def _probe_folder(self) -> int:
        """
        Write a file, take it away, and return how many bytes are free.

        Raises:
            OSError: it cannot be written.
        """
        self._check_folder()
        probe = self.folder / f".booth-kiosk-{os.getpid()}"
        write_atomically(probe, b"")
        probe.unlink()
        return shutil.disk_usage(self.folder).free

    async def remove_test_lead(self, lead: OutgoingLead, remote_id: str) -> bool:
        """Delete the file *remote_id* if *lead* is all that it holds, see `Connector.remove`."""
        return await self.run_in_thread(lambda: self.delete_file(lead.id, remote_id))

    def delete_file(self, lead_id: str, name: str) -> bool:
        """
        Delete the file *name* if *lead_id* is all that it holds.

        Raises:
            OSError: it is still there.
        """
        self._index_written_leads()
        _, rows = self.indexed_files.get(name, ((0, 0), {}))
        if {lead for lead, _ in rows} != {lead_id}:
            return False
        (self.folder / name).unlink()
        flush_directory(self.folder)
        return True

    async def aclose(self) -> None:
        """Let go of the thread."""
        self.executor.shutdown(wait=False)

    def _check_folder(self) -> None:
        """
        Look whether the folder is there, on the disk where it should be.

        Raises:
            OSError: it is not.
        """
        device = self.folder.stat().st_dev
        home = self.context.folder or Path.home()
        if self.settings.other_disk and device == home.stat().st_dev:
            raise FileNotFoundError(errno.ENODEV, "no other disk is mounted there")

    def _index_written_leads(self) -> dict[tuple[str, str], str]:
        """Each lead's revision that is in a file of ours, and that file's name; what was left behind is swept away."""
        found: dict[str, tuple[_FileVersion, dict[tuple[str, str], str]]] = {}
        for entry in os.scandir(self.folder):
            if re.fullmatch(r"\.leads_.+\.csv\..+", entry.name):
                _delete_abandoned_file(entry)
            elif re.fullmatch(r"leads_.+\.csv", entry.name):
                with contextlib.suppress(FileNotFoundError):  # somebody took it away just now
                    status = entry.stat()
                    stamp = (status.st_mtime_ns, status.st_size)
                    known = self.indexed_files.get(entry.name)
                    found[entry.name] = known if known and known[0] == stamp else (stamp, _read_rows(Path(entry.path)))
        self.indexed_files = found
        return {row: name for _, rows in found.values() for row, name in rows.items()}

    def build_table(self, leads: Sequence[OutgoingLead]) -> bytes:
        """*leads* as the content of a file."""
        columns = dict(zip(_KEY_COLUMNS, _KEY_COLUMNS, strict=True)) | dict(self.settings.fields)
        return format_csv_table(
            columns, ({**lead.fields, "lead_id": lead.id, "revision": lead.revision} for lead in leads)
        )

    def describe_error(self, error: OSError) -> str:
        """What keeps a file from being written, and what to do."""
        if isinstance(error, FileNotFoundError | NotADirectoryError):
            return f"The folder {self.folder} is not there: plug the stick in, or connect the drive."
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return f"The disk of {self.folder} is full: make room, or plug in another."
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            return f"Nothing may be written to {self.folder}: take away its write protection."
        return f"The file cannot be written to {self.folder} ({error.strerror}): look at the stick or the drive."


def row_key(lead: OutgoingLead) -> tuple[str, str]:
    """What there is one row of."""
    return lead.id, str(lead.revision)


def _build_file_name(batch_id: str) -> str:
    """The name of a batch's file; the ids of batches begin with their time, so names sort by it."""
    return f"leads_{re.sub(r'[^A-Za-z0-9-]', '-', batch_id)}.csv"


def _read_rows(path: Path) -> dict[tuple[str, str], str]:
    """The leads and revisions in the file *path*; none where somebody has made something else of it."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        table = csv.DictReader(io.StringIO(text, newline=""))
        return {(row["lead_id"], row["revision"]): path.name for row in table}
    except (KeyError, ValueError, csv.Error):
        return {}


def _delete_abandoned_file(entry: os.DirEntry[str]) -> None:
    """Delete what a killed kiosk left unfinished; what is young may be another kiosk's, being written."""
    with contextlib.suppress(OSError):
        if time.time() - entry.stat().st_mtime > _ABANDONED_FILE_SECONDS:
            Path(entry.path).unlink()
