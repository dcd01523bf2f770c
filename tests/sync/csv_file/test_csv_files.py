"""The csv connector: files in a folder."""

import asyncio
import csv
import os
import stat
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from data.files import write_atomically
from sync.connection_context import ConnectionContext
from sync.connectors import csv_file
from sync.connectors.base import Delivered, Outcome, OutgoingLead
from sync.connectors.csv_file import CsvConnector
from sync.errors import SyncError, Unreachable
from sync.settings.csv_file import CsvSettings


def make_lead(name: str = "Ana Lopez", revision: int = 1, id: str = "", **fields: Any) -> OutgoingLead:
    """A lead as the drain hands it over."""
    return OutgoingLead(id or str(uuid4()), revision, {"name": name, "tags": ["demo", "pricing"], **fields})


def push_batches(
    settings: CsvSettings, *batches: Sequence[OutgoingLead], line: ConnectionContext | None = None
) -> list[dict[str, Outcome]]:
    """Push *batches* with one connector, and return the outcomes."""

    async def run() -> list[dict[str, Outcome]]:
        connector = CsvConnector(settings, line)
        try:
            return [await connector.push(str(uuid4()), leads) for leads in batches]
        finally:
            await connector.aclose()

    return asyncio.run(run())


def read_all_rows(folder: Path) -> list[dict[str, str]]:
    """Return all rows of all files."""
    found: list[dict[str, str]] = []
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            found += csv.DictReader(file)
    return found


def test_a_file_has_a_row_for_each_lead_and_is_named_as_the_proof(tmp_path: Path) -> None:
    """The remote id is the name of the file in which the lead is."""
    ana, bob = make_lead("Ana"), make_lead("Bob", email="bob@initech.com", rating=4, answers={"size": "10 to 50"})

    (outcomes,) = push_batches(CsvSettings(str(tmp_path)), [ana, bob])

    (path,) = tmp_path.iterdir()
    assert {ana.id: Delivered(path.name), bob.id: Delivered(path.name)} == outcomes
    assert [(row["lead_id"], row["revision"], row["name"]) for row in read_all_rows(tmp_path)] == [
        (ana.id, "1", "Ana"),
        (bob.id, "1", "Bob"),
    ]
    assert tuple(read_all_rows(tmp_path)[1][column] for column in ("email", "rating", "tags", "answers")) == (
        "bob@initech.com",
        "4",
        "demo, pricing",
        "size: 10 to 50",
    )


def test_a_file_is_for_its_owner_and_for_excel_and_holds_no_formula(tmp_path: Path) -> None:
    """Mode 600, a byte order mark, formulas escaped as text, and no other files."""
    push_batches(
        CsvSettings(str(tmp_path)),
        [make_lead("=HYPERLINK(1)", note='one\ntwo, "three"\r', phone="+49 30 1234", company="株式会社")],
    )

    (path,) = tmp_path.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_bytes().startswith(b"\xef\xbb\xbflead_id,revision,")
    (row,) = read_all_rows(tmp_path)
    assert (
        row["name"], row["note"], row["phone"], row["company"],
    ) == ("'=HYPERLINK(1)", "one\ntwo, \"three\"\r", "'+49 30 1234", "株式会社")  # fmt: skip


def test_columns_go_by_the_names_of_kiosk_toml(tmp_path: Path) -> None:
    """Fields that are not mapped are not written."""
    push_batches(
        CsvSettings(str(tmp_path), fields={"email": "Email", "name": "Full name"}), [make_lead(email="ana@initech.com")]
    )

    (row,) = read_all_rows(tmp_path)
    assert list(row) == ["lead_id", "revision", "Email", "Full name"]
    assert row["Email"] == "ana@initech.com"


def test_a_lead_in_an_existing_file_is_not_written_again(tmp_path: Path) -> None:
    """Whatever batch the lead comes back in, and also after a restart."""
    settings, leads = CsvSettings(str(tmp_path)), [make_lead(), make_lead(), make_lead()]
    first, second = push_batches(settings, leads[:2], leads)

    (again,) = push_batches(settings, [leads[2], make_lead("Bob"), leads[0]])

    assert 4 == len(read_all_rows(tmp_path)) == len({row["lead_id"] for row in read_all_rows(tmp_path)})
    assert first[leads[0].id] == second[leads[0].id] == again[leads[0].id]
    assert second[leads[2].id] == again[leads[2].id] != first[leads[0].id]


def test_an_edited_lead_has_a_row_for_each_revision(tmp_path: Path) -> None:
    """An import identifies leads by lead_id and takes the newest revision."""
    ana = make_lead()

    push_batches(CsvSettings(str(tmp_path)), [ana], [make_lead("Ana Maria", 2, ana.id)], [ana])

    assert sorted((row["revision"], row["name"]) for row in read_all_rows(tmp_path)) == [
        ("1", "Ana Lopez"),
        ("2", "Ana Maria"),
    ]


def test_a_note_of_any_length_is_found_again(tmp_path: Path) -> None:
    """Python's own limit is less than a person can paste."""
    ana = make_lead(note="é" * 300_000)

    push_batches(CsvSettings(str(tmp_path)), [ana])
    push_batches(CsvSettings(str(tmp_path)), [ana])

    assert len(list(tmp_path.iterdir())) == 1


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    """Files that are not CSV, in another encoding, or without our columns, even under names like ours."""
    others = {"leads_old.csv": b"\xff\xfe\x00", "leads_2.csv": b"name;email\nAna;a@b.c\n", "notes.txt": b"call Bob"}
    for name, content in others.items():
        (tmp_path / name).write_bytes(content)

    (outcomes,) = push_batches(CsvSettings(str(tmp_path)), [make_lead()])

    assert [type(outcome) for outcome in outcomes.values()] == [Delivered]
    assert {name: (tmp_path / name).read_bytes() for name in others} == others


def test_unfinished_files_are_deleted_once_they_are_old(tmp_path: Path) -> None:
    """Its leads never counted as delivered: an import does not look for such a name."""
    old, young = tmp_path / ".leads_1.csv.abc", tmp_path / ".leads_2.csv.def"
    for path in (old, young):
        path.write_text("lead_id,rev")
    os.utime(old, (time.time() - 7200,) * 2)

    push_batches(CsvSettings(str(tmp_path)), [make_lead()])

    assert (old.exists(), young.exists()) == (False, True)


def get_push_error(settings: CsvSettings, line: ConnectionContext | None = None) -> str:
    """Push, expect *CRM unreachable*, and return its sentence."""
    with pytest.raises(SyncError) as caught:
        push_batches(settings, [make_lead()], line=line)
    assert type(caught.value) is Unreachable
    return str(caught.value)


def test_a_missing_stick_is_reported_and_its_folder_is_not_created(tmp_path: Path) -> None:
    """A folder created on the device's own disk would look like a delivery."""
    stick = tmp_path / "stick"

    sentence = get_push_error(CsvSettings(str(stick)))

    assert sentence == f"The folder {stick} does not exist: plug in the stick, or connect the drive."
    assert not stick.exists()


def test_an_empty_mount_point_does_not_count_as_a_stick(tmp_path: Path) -> None:
    """If another disk is required, the folder must be on one."""
    sentence = get_push_error(CsvSettings(str(tmp_path), other_disk=True), ConnectionContext(folder=tmp_path))

    assert sentence == (
        f"{tmp_path} is on the same disk as the kiosk's data, so the stick or drive is not connected: plug it in."
    )
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_place_of_the_folder_is_reported(tmp_path: Path) -> None:
    file = tmp_path / "leads"
    file.touch()

    assert get_push_error(CsvSettings(str(file))) == f"{file} is a file. Set [crm.csv] folder to a folder."


def test_a_folder_on_another_disk_is_accepted(tmp_path: Path) -> None:
    """In this test, that is the one in memory."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK) or memory.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is no second disk here")
    folder = memory / f"booth-kiosk-{uuid4()}"
    folder.mkdir()
    try:
        push_batches(CsvSettings(str(folder), other_disk=True), [make_lead()], line=ConnectionContext(folder=tmp_path))

        assert len(read_all_rows(folder)) == 1
    finally:
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()


@pytest.mark.parametrize(("number", "end"), [
    (28, "is full: free some space, or use another."),
    (30, "is write-protected: remove the write protection."),
    (5, "(Input/output error): check the stick or the drive."),
])  # fmt: skip
def test_disk_errors_are_explained_and_leave_no_partial_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, end: str
) -> None:
    """Only the disk's errors are simulated; once it works again, the same leads are written."""
    ana, settings = make_lead(), CsvSettings(str(tmp_path))

    def failing(handle: int) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", failing)
        sentence = get_push_error(settings)
    left = list(tmp_path.iterdir())
    push_batches(settings, [ana])

    assert sentence.endswith(end)
    assert left == []
    assert [row["lead_id"] for row in read_all_rows(tmp_path)] == [ana.id]


def test_a_check_leaves_nothing_behind(tmp_path: Path) -> None:
    """The check writes a file, and deletes it."""

    async def check(folder: Path) -> tuple[bool, str]:
        (finding,) = await CsvConnector(CsvSettings(str(folder))).check_setup()
        return finding.is_well, finding.sentence

    assert asyncio.run(check(tmp_path)) == (True, f"Files can be written to {tmp_path}.")
    assert list(tmp_path.iterdir()) == []
    assert not asyncio.run(check(tmp_path / "stick"))[0]


def test_only_the_test_leads_own_file_is_deleted(tmp_path: Path) -> None:
    """A file that also holds somebody else stays."""
    ana, bob, settings = make_lead(), make_lead("Bob"), CsvSettings(str(tmp_path))
    alone, together = push_batches(settings, [ana], [make_lead("Eve"), bob])

    async def remove(gone: OutgoingLead, outcomes: dict[str, Outcome]) -> bool:
        outcome = outcomes[gone.id]
        assert isinstance(outcome, Delivered)
        return await CsvConnector(settings).remove_test_lead(gone, outcome.remote_id)

    assert (asyncio.run(remove(ana, alone)), asyncio.run(remove(bob, together))) == (True, False)
    assert sorted(row["name"] for row in read_all_rows(tmp_path)) == ["Bob", "Eve"]


def test_a_hung_drive_times_out_and_its_late_writes_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An abandoned write ends before the next one looks at the folder: no lead is written twice."""
    ana, bob, hangs = make_lead(), make_lead("Bob"), threading.Event()
    monkeypatch.setattr(csv_file, "FILE_TIMEOUT_SECONDS", 0.2)

    def late(path: Path, content: bytes) -> None:
        hangs.wait(30)
        write_atomically(path, content)

    async def run() -> tuple[str, dict[str, Outcome]]:
        connector = CsvConnector(CsvSettings(str(tmp_path)))
        monkeypatch.setattr(csv_file, "write_atomically", late)
        with pytest.raises(Unreachable) as caught:
            await connector.push("batch-1", [ana])
        monkeypatch.setattr(csv_file, "FILE_TIMEOUT_SECONDS", 30)
        hangs.set()
        outcomes = await connector.push("batch-2", [ana, bob])
        await connector.aclose()
        return str(caught.value), outcomes

    sentence, outcomes = asyncio.run(run())

    assert sentence == f"{tmp_path} does not respond: reconnect the drive, or plug the stick in again."
    assert {ana.id: Delivered("leads_batch-1.csv"), bob.id: Delivered("leads_batch-2.csv")} == outcomes
    assert len(read_all_rows(tmp_path)) == 2


def test_the_badge_text_is_sent_if_it_is_mapped(tmp_path: Path) -> None:
    """By default it is not sent: it may contain private data."""
    said = make_lead("Ana", badge_text="Ana;=1+1\r\nBuyer")
    mapped = CsvSettings(str(tmp_path), fields={"name": "name", "badge_text": "said"})
    mapped.check()
    push_batches(mapped, [said])
    (tmp_path / "default").mkdir()
    push_batches(CsvSettings(str(tmp_path / "default")), [said])

    assert [row["said"] for row in read_all_rows(tmp_path)] == ["Ana;'=1+1\r\nBuyer"]
    assert not [name for name in read_all_rows(tmp_path / "default")[0] if name in ("said", "badge_text")]
