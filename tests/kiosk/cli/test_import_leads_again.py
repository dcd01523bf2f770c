"""`kiosk import leads`, again: the same list, another that overlaps, another kiosk's export, and after a SIGKILL."""

import json
import random
import re
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from data import leads, outbox
from data.outbox import STATES
from data.store import open_store
from kiosk.cli.context import CLOCK
from kiosk.importing.leads import LeadRowSaver
from kiosk.importing.rejects import RejectFile
from kiosk.importing.row_parser import LeadRow
from kiosk.scanning.capture import Capture
from tests.conftest import PracticeCrm
from tests.kiosk.cli.conftest import ANA, Kiosk

TABLES = ("leads", "scans", "outbox")


def counts(kiosk: Kiosk) -> list[int]:
    """Return how many rows each of `TABLES` has."""
    db = open_store(kiosk.settings.database_file)
    found = [db.execute(f"select count(*) from {name}").fetchone()[0] for name in TABLES]
    db.close()
    return found


def visitors(path: Path, number: int, first: int = 0) -> Path:
    """Return a list of *number* people."""
    lines = (f"Visitor {at},v{at}@x.example,{at % 5 + 1},note {at}\n" for at in range(first, first + number))
    path.write_text("name,email,rating,note\n" + "".join(lines))
    return path


@pytest.fixture
def other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kiosk:
    """Another kiosk, in a folder of its own."""
    folder = tmp_path / "other"
    folder.mkdir()
    made = Kiosk(folder, folder / "kiosk.toml", monkeypatch)
    made.configure("")
    return made


def exported(kiosk: Kiosk, name: str = "leads.csv") -> Path:
    """Return the file that a kiosk exports."""
    path = kiosk.folder / name
    assert kiosk("export", str(path), "--force").exit_code == 0
    return path


def edit(kiosk: Kiosk, lead_id: str, **changes: Any) -> None:
    """Edit a lead as staff do."""
    db = open_store(kiosk.settings.database_file)
    leads.edit_lead(db, lead_id, changes, "sam", CLOCK)
    db.close()


def test_a_list_that_comes_again_changes_nothing(kiosk: Kiosk) -> None:
    """The same list may come unchanged, with its columns in another order, or as JSON."""
    path = kiosk.folder / "list.csv"
    path.write_text("name,email,rating,date\nAna,a@x.example,5,2026-05-13 14:30\nBob,b@x.example,,\n")
    kiosk("import", "leads", str(path))
    before = kiosk.entries()
    turned, written = kiosk.folder / "turned.csv", kiosk.folder / "list.json"
    turned.write_text("rating;date;E-Mail;shoes;name\n5;13.05.2026 14:30:00;a@x.example;38;Ana\n;;b@x.example;;Bob\n")
    written.write_text(
        json.dumps([{"name": "Ana", "email": "a@x.example", "rating": 5, "scanned_at": "2026-05-13T14:30"}])
    )

    told = [kiosk.json("import", "leads", str(one)) for one in (path, turned, written)]

    assert [(one["known"], one["new"]) for one in told] == [(2, 0), (2, 0), (1, 0)]
    assert kiosk.entries() == before
    assert counts(kiosk) == [2, 2, 2]


def test_a_list_that_overlaps_brings_what_is_new(kiosk: Kiosk) -> None:
    """Two equal rows in a list are one lead."""
    kiosk("import", "leads", str(visitors(kiosk.folder / "one.csv", 10)))

    told = kiosk.json("import", "leads", str(visitors(kiosk.folder / "two.csv", 10, first=5)))
    doubled = kiosk.folder / "three.csv"
    doubled.write_text("name\nAna\nAna\n")

    assert (told["known"], told["new"]) == (5, 5)
    twice = kiosk.json("import", "leads", str(doubled))
    assert (twice["known"], twice["new"]) == (1, 1)
    assert counts(kiosk) == [16, 16, 16]


@pytest.mark.parametrize("name", ["leads.csv", "leads.json"])
def test_another_kiosks_leads_keep_their_ids(kiosk: Kiosk, other: Kiosk, name: str) -> None:
    """A CRM that matches leads by ID gets no second record; time and operator are those of the scan."""
    other.scan(ANA, "PZD97WTMFJ")
    path = exported(other, name)

    for expected in ((2, 0), (0, 2)):
        told = kiosk.json("import", "leads", str(path))
        assert (told["new"], told["known"]) == expected

    ours, theirs = ({entry.lead.id: entry for entry in one.entries()} for one in (kiosk, other))
    assert theirs.keys() == ours.keys()
    assert {id: int(entry.scanned_at) for id, entry in theirs.items()} == {
        id: int(entry.scanned_at) for id, entry in ours.items()
    }
    assert sorted(entry.state for entry in theirs.values()) == sorted(entry.state for entry in ours.values())


def test_a_later_export_brings_what_was_added_there(kiosk: Kiosk, other: Kiosk) -> None:
    """Edits made here are kept, and no scan is counted twice."""
    lead = other.scan(ANA)
    kiosk("import", "leads", str(exported(other)))
    edit(kiosk, lead.id, company="Initech Inc", note="ours")
    edit(other, lead.id, rating=4, phone="555", company="Initech Ltd", note="theirs")

    told = kiosk.json("import", "leads", str(exported(other)))

    [entry] = kiosk.entries()
    assert (told["updated"], told["new"]) == (1, 0)
    assert (
        entry.lead.rating, entry.lead.contact.phone, entry.lead.contact.company, entry.lead.note,
    ) == (4, "555", "Initech Inc", "ours\ntheirs")  # fmt: skip
    assert (3, counts(kiosk)) == (entry.lead.revision, [1, 1, 1])


def test_a_kiosks_own_export_changes_nothing_there(kiosk: Kiosk) -> None:
    """Later edits on that kiosk stay."""
    lead = kiosk.scan(ANA)
    path = exported(kiosk)
    edit(kiosk, lead.id, company="", rating=None, note="mended")
    before = kiosk.entries()

    told = kiosk.json("import", "leads", str(path))

    assert (told["known"], told["new"], told["updated"]) == (1, 0, 0)
    assert kiosk.entries() == before
    assert counts(kiosk) == [1, 1, 1]


def test_what_was_delivered_is_delivered_under_the_same_id(kiosk: Kiosk, practice_crm: PracticeCrm) -> None:
    """
    A file is no proof that the CRM has a lead, so it goes there again; that makes no second record.

    As after a kiosk lost its database.
    """
    lead = kiosk.scan(ANA)
    assert kiosk.run("sync").returncode == 0
    path = exported(kiosk)
    for part in kiosk.settings.database_file.parent.glob(f"{kiosk.settings.database_file.name}*"):
        part.unlink()
    kiosk("import", "leads", str(path))
    assert [entry.state for entry in kiosk.entries()] == ["waiting"]

    assert kiosk.run("sync").returncode == 0

    assert [(entry.state, entry.lead.id) for entry in kiosk.entries()] == [("delivered", lead.id)]
    assert len(practice_crm.contacts()) == 1


def test_what_was_discarded_there_stays_out_of_the_crm_and_can_be_restored(kiosk: Kiosk, other: Kiosk) -> None:
    """A person decided that, and the reason is imported, too."""
    lead = other.scan(ANA)
    assert other("discard", lead.id, "--reason", "a competitor").exit_code == 0
    kiosk("import", "leads", str(exported(other)))

    [entry] = kiosk.entries()

    assert (entry.state, entry.reason) == ("discarded", "a competitor")
    assert kiosk("restore", lead.id).exit_code == 0
    assert [entry.state for entry in kiosk.entries()] == ["waiting"]


def test_two_leads_that_another_kiosk_kept_apart_stay_two(kiosk: Kiosk, other: Kiosk) -> None:
    """The order does not matter: an `Ana` who may be either of two others is merged with neither."""
    for name in ("Ana Lopez", "Ana Perez", "Ana"):
        other.scan(f"MECARD:N:{name};EMAIL:info@x.example;;")
    assert len(other.entries()) == 3

    kiosk("import", "leads", str(exported(other)))

    assert sorted(entry.lead.label for entry in kiosk.entries()) == ["Ana", "Ana Lopez", "Ana Perez"]


def test_whoever_was_scanned_here_too_is_one_lead(kiosk: Kiosk, other: Kiosk) -> None:
    """A later export of the other kiosk finds the same lead."""
    ours, theirs = kiosk.scan(ANA), other.scan(ANA)
    assert kiosk.json("import", "leads", str(exported(other)))["merged"] == 1
    edit(other, theirs.id, rating=5)

    assert kiosk.json("import", "leads", str(exported(other)))["updated"] == 1

    assert [(entry.lead.id, entry.lead.rating) for entry in kiosk.entries()] == [(ours.id, 5)]
    assert counts(kiosk) == [1, 2, 1]


def wait_for_leads(kiosk: Kiosk, more_than: int, process: subprocess.Popen[str]) -> None:
    """Wait until an import has saved another lead, or has ended."""
    while process.poll() is None and (not kiosk.settings.database_file.exists() or saved(kiosk) <= more_than):
        time.sleep(0.01)


def saved(kiosk: Kiosk) -> int:
    """Return the number of leads."""
    db = open_store(kiosk.settings.database_file)
    number = outbox.count_leads(db).total
    db.close()
    return number


def test_an_import_that_is_killed_goes_on_where_it_was(kiosk: Kiosk) -> None:
    """After five SIGKILLs at random moments each row is one lead with one scan, and the file is complete."""
    path, dice = visitors(kiosk.folder / "list.csv", 6000), random.Random()
    reached = [0]
    for _ in range(5):
        process = kiosk.start("import", "leads", str(path), "--json")
        wait_for_leads(kiosk, reached[-1], process)
        time.sleep(dice.uniform(0, 0.1))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        reached.append(saved(kiosk))

    told = json.loads(kiosk.run("import", "leads", str(path), "--json").stdout)

    db = open_store(kiosk.settings.database_file)
    health = db.execute("pragma integrity_check").fetchone()[0]
    db.close()
    assert sorted(reached) == reached and 0 < reached[1] < 6000
    assert (reached[-1], 6000 - reached[-1]) == (told["known"], told["new"])
    assert (counts(kiosk), health) == ([6000] * 3, "ok")
    assert [path for path in kiosk.folder.iterdir() if "rejected" in path.name] == []


def test_ctrl_c_says_how_far_it_came_and_the_same_command_goes_on(kiosk: Kiosk) -> None:
    """In the end each row is one lead, and no incomplete file is left beside the list."""
    path = visitors(kiosk.folder / "list.csv", 6000)
    path.write_text(path.read_text().replace("rating,note\n", "rating,note\n,,9,nobody\n", 1))
    process = kiosk.start("import", "leads", str(path), "--yes")
    wait_for_leads(kiosk, 0, process)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)

    told = json.loads(kiosk.run("import", "leads", str(path), "--json").stdout)

    assert process.returncode == 1
    said = re.fullmatch(
        r"Error: The import was interrupted\. [\d,]+ (?:row was|rows were) processed before that "
        r"\(([\d,]+) saved, \d+ skipped\); run the same command again to continue\.",
        errors.splitlines()[-1],
    )
    assert said and int(said[1].replace(",", "")) <= told["known"] < 6000
    assert (told["known"] + told["new"], told["rejected"]) == (6000, 1)
    assert counts(kiosk) == [6000] * 3
    assert [path.name for path in kiosk.folder.iterdir() if "rejected" in path.name] == ["list.csv.rejected.csv"]


def test_what_a_killed_import_left_half_written_goes_at_the_next(kiosk: Kiosk) -> None:
    """Files that another import is writing, or that belong to another list, stay."""
    path = visitors(kiosk.folder / "list.csv", 6000)
    path.write_text(path.read_text().replace("rating,note\n", "rating,note\n,,9,nobody\n", 1))
    half = re.compile(r"\.list\.csv\.rejected\.csv\.[a-z0-9_]{8}")
    others = [kiosk.folder / name for name in (".other.csv.rejected.csv.abcdefgh", ".list.csv.rejected.csv.notes.txt")]
    for other_one in others:
        other_one.write_text("somebody else's")
    process = kiosk.start("import", "leads", str(path), "--json")
    wait_for_leads(kiosk, 0, process)
    process.send_signal(signal.SIGSTOP)
    with RejectFile(path, []):
        meanwhile = [found.name for found in kiosk.folder.iterdir() if half.fullmatch(found.name)]
    process.send_signal(signal.SIGKILL)
    process.communicate()
    left = [found.name for found in kiosk.folder.iterdir() if half.fullmatch(found.name)]

    kiosk.json("import", "leads", str(path))

    assert len(meanwhile) == 1
    assert meanwhile == left
    assert [found.name for found in kiosk.folder.iterdir() if half.fullmatch(found.name)] == []
    assert all(other_one.exists() for other_one in others)


def test_the_kiosk_goes_on_saving_meanwhile(kiosk: Kiosk) -> None:
    """The import releases the database between batches, so that no badge waits for its end."""
    path = visitors(kiosk.folder / "list.csv", 8000)
    # On a busy machine a batch takes longer than a badge waits at the booth, but never as long as the list.
    settings = kiosk.settings
    capture = Capture(settings.database_file, settings.event, settings.badges, CLOCK, wait_seconds=30.0)
    kinds = []

    with kiosk.start("import", "leads", str(path), "--json") as process:
        wait_for_leads(kiosk, 0, process)
        while process.poll() is None:
            payload = f"MECARD:N:Badge {len(kinds)};EMAIL:badge{len(kinds)}@x.example;;"
            kinds.append(capture.save_payload(payload.encode(), payload, "qr", "camera").kind)
            time.sleep(0.02)
        told = json.load(process.stdout)

    capture.db.close()
    assert (set(kinds), told["new"]) == ({"saved"}, 8000)
    assert [8000 + len(kinds)] * 3 == counts(kiosk)


def test_two_imports_of_one_list_at_once_are_one(kiosk: Kiosk) -> None:
    """The second finds what the first has saved."""
    path = visitors(kiosk.folder / "list.csv", 2000)

    told = [
        json.loads(process.communicate(timeout=60)[0])
        for process in [kiosk.start("import", "leads", str(path), "--json") for _ in range(2)]
    ]

    assert sum(one["new"] for one in told) == 2000 and sum(one["known"] for one in told) == 2000
    assert counts(kiosk) == [2000] * 3
    assert len(kiosk.entries(*STATES)) == 2000


def test_an_import_that_finds_the_database_locked_says_how_far_it_came(
    kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same command continues after the rows that are saved."""
    path = visitors(kiosk.folder / "list.csv", 1500)
    monkeypatch.setattr("data.store.BUSY_TIMEOUT_SECONDS", 0.2)
    blocker = open_store(kiosk.settings.database_file)
    real = LeadRowSaver.save_rows

    def save(self: LeadRowSaver, rows: list[LeadRow]) -> list[str]:
        if saved(kiosk) > 600 and not blocker.conn.in_transaction:
            blocker.execute("begin immediate")
        return real(self, rows)

    with monkeypatch.context() as patch:
        patch.setattr(LeadRowSaver, "save_rows", save)
        done = kiosk("import", "leads", str(path))
    blocker.conn.rollback()
    blocker.close()

    before = saved(kiosk)
    assert (done.exit_code, 600 < before < 1500) == (1, True)
    assert "Another program is using the database" in done.stderr
    assert (
        f" {before:,} rows were processed before that ({before:,} saved, 0 skipped); run the same command"
        in done.stderr
    )
    told = kiosk.json("import", "leads", str(path))
    assert (told["known"], told["new"]) == (before, 1500 - before)


def peak_of(process: subprocess.Popen[str]) -> int:
    """Return the peak memory of *process* in kilobytes."""
    peak = 0
    while process.poll() is None:
        with suppress(OSError):
            found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{process.pid}/status").read_text())
            peak = int(found[1]) if found else peak
        time.sleep(0.01)
    return peak


@pytest.mark.parametrize("name", ["leads.csv", "leads.json"])
def test_a_long_list_takes_no_more_memory_than_a_short_one(kiosk: Kiosk, name: str) -> None:
    """The list is never in memory as a whole: 20,000 rows with long notes are more than ten megabytes."""
    peaks = []
    for number in (1_000, 20_000):
        people = [{"name": f"Visitor {at}", "email": f"{at}@x.example", "note": "x" * 500} for at in range(number)]
        text = "\n".join(["name,email,note", *(",".join(person.values()) for person in people)])
        path = kiosk.folder / name
        path.write_text(text if name.endswith("csv") else json.dumps(people, indent=2))
        process = kiosk.start("import", "leads", str(path), "--json", stdout=subprocess.DEVNULL, stderr=None)
        peaks.append(peak_of(process))
        assert process.returncode == 0

    assert peaks[1] - peaks[0] < 4_000 < peaks[0]
