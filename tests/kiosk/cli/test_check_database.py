"""`kiosk check database`: whether the database is whole, and what is known of this SQLite."""

import json
import re
import sqlite3
import subprocess

import pytest

from data.checkpoint import checkpoint_if_idle
from data.store import open_store
from kiosk.cli.check import check_sqlite
from tests.kiosk.cli.conftest import Kiosk


def test_a_whole_database_is_called_that(kiosk: Kiosk) -> None:
    """The report includes the version of SQLite; status 0."""
    kiosk.people(3)

    done = kiosk.run("check", "database")

    lines = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (0, "")
    assert lines[0] == "Database"
    assert re.fullmatch(rf"  ok +{re.escape(str(kiosk.settings.database_file))} is intact\.", lines[1])
    assert re.match(rf"  (?:ok|note) +SQLite {re.escape(sqlite3.sqlite_version)}[. ]", lines[2])
    assert len(lines) == 3


def test_a_damaged_database_is_named_with_what_to_do(kiosk: Kiosk) -> None:
    """Status 1; the file is only read, and stays as it is."""
    kiosk.people(30)
    store = kiosk.settings.database_file
    db = open_store(store)
    checkpoint_if_idle(db, 0.0)
    root = db.execute("select rootpage from sqlite_master where name = 'scans'").fetchone()[0]
    db.close()
    where = [f"of={store}", "bs=4096", f"seek={root - 1}", "count=1", "conv=notrunc", "status=none"]
    subprocess.run(["dd", "if=/dev/urandom", *where], check=True)
    before = store.read_bytes()

    done = kiosk.run("check", "database", "--json")

    assert done.returncode == 1
    first = json.loads(done.stdout)[0]
    assert (first["is_well"], first["sentence"]) == (
        False,
        f"{store} is damaged. Start `kiosk run`, which recovers its leads.",
    )
    assert store.read_bytes() == before


@pytest.mark.parametrize(
    ("version", "is_mended"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 52, 0), True),
        ((4, 0, 0), True),
    ],
)
def test_the_rare_fault_of_sqlite_is_named_where_it_is(version: tuple[int, ...], is_mended: bool) -> None:
    """The versions are those in SQLite's own release notes."""
    sentence = check_sqlite(version).sentence

    assert ("very rare bug" in sentence) is not is_mended
    assert sentence.startswith(f"SQLite {'.'.join(map(str, version))}")


def test_its_help_says_what_it_does_and_what_its_status_means(kiosk: Kiosk) -> None:
    """`kiosk check --help` lists the command."""
    text = " ".join(kiosk("check", "database", "--help").stdout.split())

    assert "Check that the database on this device is intact" in text
    assert "Exit status: 0 if all is well, 1 if something has to be fixed." in text
    assert "database" in kiosk("check", "--help").stdout
