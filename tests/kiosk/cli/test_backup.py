"""`kiosk backup`: a copy that is a whole database, made while others save."""

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from data.store import open_store
from tests.kiosk.cli.conftest import ROOT, Kiosk
from tests.support.waiting import wait_until

ANA = "MECARD:N:Ana Lopez;EMAIL:ana@example.com;;"

SAVE_ON = """
import sys
from pathlib import Path
from kiosk.badges.profile import BadgeProfile
from kiosk.scanning.capture import Capture
from kiosk.config.tables import EventSettings
from data.clock import SystemClock
capture = Capture(Path(sys.argv[1]), EventSettings(), BadgeProfile(), SystemClock())
for number in range(1_000_000):
    text = f"MECARD:N:Visitor {number};EMAIL:v{number}@example.com;;"
    assert capture.save_payload(text.encode(), text, "qr", "camera").is_saved
    print(f"Visitor {number}", flush=True)
"""


def read_alone(file: Path, folder: Path) -> tuple[set[str], str]:
    """Return the people in a copy that was moved to another folder by itself, and whether it is intact."""
    folder.mkdir()
    carried = shutil.copy(file, folder / "copy.db")
    with closing(sqlite3.connect(carried)) as db:
        names = {row[0] for row in db.execute("select name from leads join outbox on lead_id = leads.id")}
        return names, db.execute("pragma integrity_check").fetchone()[0]


def test_a_backup_made_while_badges_are_saved_has_all_that_were_saved_before(kiosk: Kiosk, tmp_path: Path) -> None:
    """The copy can be opened by itself, is intact, and is private, however many badges are saved meanwhile."""
    said = tmp_path / "said.txt"
    kiosk.settings.folder.mkdir(mode=0o700)
    with said.open("wb") as output:
        saving = subprocess.Popen(
            [sys.executable, "-c", SAVE_ON, kiosk.settings.database_file], cwd=ROOT, stdout=output
        )
    try:
        for number in (1, 2, 3):
            seen = len(said.read_text().splitlines())
            wait_until(lambda seen=seen: len(said.read_text().splitlines()) >= seen + 10)
            before = {line for line in said.read_text().split("\n")[:-1] if line}
            copy = tmp_path / f"{number}.db"

            done = kiosk.run("backup", str(copy))

            names, check = read_alone(copy, tmp_path / f"elsewhere-{number}")
            assert (done.returncode, done.stdout) == (0, f"{len(names):,} leads copied to {copy}.\n"), done.stderr
            assert before - names == set()
            assert check == "ok"
            assert copy.stat().st_mode & 0o777 == 0o600
        assert saving.poll() is None
    finally:
        saving.kill()
        saving.wait(30)
    assert sorted(path.name for path in tmp_path.glob("*.db*")) == ["1.db", "2.db", "3.db"]


def test_a_backup_overwrites_only_when_that_is_said(kiosk: Kiosk, tmp_path: Path) -> None:
    """It needs `--force`, as in all commands."""
    copy = tmp_path / "copy.db"
    copy.write_text("of last year")
    kiosk.scan(ANA)

    refused = kiosk("backup", str(copy))
    kept = copy.read_text()
    done = kiosk("backup", str(copy), "--force")

    assert refused.exit_code == 1
    assert f"Nothing was written: {copy} already exists. --force overwrites it." in refused.stderr
    assert kept == "of last year"
    assert (done.exit_code, done.stdout) == (0, f"1 lead copied to {copy}.\n")
    assert read_alone(copy, tmp_path / "elsewhere") == ({"Ana Lopez"}, "ok")


@pytest.mark.parametrize("end", ["", "-wal", "-shm", ".moved"])
def test_a_backup_never_takes_the_place_of_the_database(kiosk: Kiosk, end: str) -> None:
    """`--force` does not overwrite the database or the files beside it."""
    kiosk.scan(ANA)
    store = kiosk.settings.database_file

    done = kiosk("backup", f"{store}{end}", "--force")

    assert done.exit_code == 2
    assert "belongs to the kiosk's own database: choose another name for the copy." in done.stderr
    assert len(kiosk.entries()) == 1


def test_a_backup_is_used_as_its_help_says(kiosk: Kiosk, tmp_path: Path) -> None:
    """A copy in the place of a lost database is used as the database."""
    kiosk.scan(ANA)
    kiosk("backup", str(tmp_path / "copy.db"))
    for path in kiosk.settings.folder.glob("kiosk.db*"):
        path.unlink()

    shutil.copy(tmp_path / "copy.db", kiosk.settings.database_file)
    kiosk.scan("MECARD:N:Bob;EMAIL:bob@x.example;;")

    with closing(open_store(kiosk.settings.database_file)) as db:
        assert [row[0] for row in db.execute("select name from leads order by name")] == ["Ana Lopez", "Bob"]


def test_a_backup_that_cannot_be_written_is_a_sentence(kiosk: Kiosk, tmp_path: Path) -> None:
    """No incomplete copy is left behind."""
    kiosk.scan(ANA)

    done = kiosk("backup", str(tmp_path / "nowhere" / "copy.db"))

    assert (done.exit_code, done.stdout) == (1, "")
    assert "copy.db (No such file or directory)." in done.stderr
