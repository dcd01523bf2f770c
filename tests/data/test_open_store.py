"""Opening the file: who may read it, how it is flushed, and what happens to one that cannot be used."""

import fcntl
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlite_utils import Database

from data.errors import DiskFull, StoreBusy, StoreDamaged, StoreError, StoreTooNew, StoreUnusable, translate_error
from data.migrations import migrations
from data.store import open_store, write_transaction
from tests.data.conftest import Booth

ROOT = Path(__file__).parents[2]

NOBODY = 65534

OF_TOMORROW = "insert into _sqlite_migrations (migration_set, name, applied_at) values ('kiosk', 'm999_more', '2099')"
"""What a version leaves that has a table more."""

OPEN_AT_ONCE = """
import sys
from pathlib import Path
from data.store import open_store

sys.stdin.readline()
db = open_store(Path(sys.argv[1]))
print(db.execute("select count(*) from leads").fetchone()[0])
db.close()
"""

LOOK = """
import sys
from contextlib import closing
from pathlib import Path
from data.store import open_store

with closing(open_store(Path(sys.argv[1]))) as db:
    print(db.execute("select count(*) from boots").fetchone()[0])
"""


@contextmanager
def without_privileges() -> Iterator[None]:
    """Run as `nobody` for a while if the tests run as root, for whom read-only has no effect."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def test_only_its_owner_can_read_the_file_and_its_log(booth: Booth) -> None:
    """The database, the write-ahead log, the shared memory and the lock of the migration have mode 0600."""
    booth.show(name="Ana Lopez")

    names = ["kiosk.db", "kiosk.db-wal", "kiosk.db-shm", "kiosk.db.migrate.lock"]
    assert dict.fromkeys(names, 0o600) == {
        file.name: file.stat().st_mode & 0o777 for file in booth.path.parent.iterdir()
    }


def test_a_loose_umask_opens_the_file_to_nobody(tmp_path: Path) -> None:
    """The mode does not depend on the umask of whoever starts the kiosk."""
    old = os.umask(0)
    try:
        open_store(tmp_path / "deep" / "kiosk.db").close()
    finally:
        os.umask(old)

    assert (tmp_path / "deep" / "kiosk.db").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "deep").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(("pragma", "value"), [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1)])
@pytest.mark.parametrize("times", [1, 2])
def test_what_is_committed_is_on_the_disk(tmp_path: Path, pragma: str, value: object, times: int) -> None:
    """Every connection has WAL, synchronous=FULL (2) and foreign keys, whether it made the tables or found them."""
    for _ in range(times):
        db = open_store(tmp_path / "kiosk.db")
        found = db.execute(f"pragma {pragma}").fetchone()[0]
        db.close()

    assert found == value


def test_every_table_of_ours_is_strict(booth: Booth) -> None:
    """SQLite refuses text in a number's column."""
    tables = booth.db.execute("select name, strict from pragma_table_list where schema = 'main' and type = 'table'")
    loose = {row["name"] for row in tables if not row["strict"]}

    assert {name for name in loose if not name.startswith(("sqlite_", "_sqlite_"))} == set()
    with pytest.raises(sqlite3.IntegrityError, match="TEXT"), write_transaction(booth.db):
        booth.db.execute("insert into batches (id, destination, started_at) values ('a', 'b', 'noon')")


def test_an_outbox_row_without_a_lead_is_refused(booth: Booth) -> None:
    """Foreign keys are not only declared."""
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"), write_transaction(booth.db):
        booth.db.execute("insert into outbox (lead_id, revision, state, changed_at) values ('nobody', 1, 'waiting', 0)")


def test_opening_twice_keeps_what_is_there(booth: Booth) -> None:
    """Migrations that ran are not run again."""
    lead = booth.show(name="Ana Lopez").lead

    again = open_store(booth.path)
    found = [row["id"] for row in again.execute("select id from leads")]
    again.close()
    assert [lead.id] == found


def test_no_process_takes_away_the_log_of_one_that_opened_the_file_twice(tmp_path: Path) -> None:
    """The screen's desk and the scanner have a connection each; another process comes and goes, and sees all."""
    path = tmp_path / "kiosk.db"
    with closing(open_store(path)) as scanner, closing(open_store(path)):
        for number in range(2):
            with write_transaction(scanner):
                scanner.execute("insert into boots values (?, 0, 0, 0)", (f"boot-{number}",))
            seen = subprocess.run([sys.executable, "-c", LOOK, path], cwd=ROOT, stdout=subprocess.PIPE, check=True)

            assert seen.stdout.decode().strip() == f"{number + 1}"
            assert path.with_name("kiosk.db-wal").exists()


def test_a_file_of_the_first_version_keeps_its_leads(tmp_path: Path) -> None:
    """It is brought up to date where it lies, and nobody has to do anything."""
    old = Database(tmp_path / "kiosk.db")
    old.enable_wal()
    migrations.apply(old, stop_before="m002_fewer_indexes")
    old.execute("insert into leads (id, event, kind, created_at, updated_at) values ('a', 'Expo', 'vcard', 1, 1)")
    old.execute("insert into identities values ('Expo', 'badge:7', 'a')")
    old.close()

    db = open_store(tmp_path / "kiosk.db")

    assert db.execute("select lead_id from identities where identity = 'badge:7'").fetchone()[0] == "a"
    names = {row["name"] for row in db.execute("select name from sqlite_master where type = 'index'")}
    assert names & {"scans_lead", "outbox_next", "scans_boot", "identities_lead"} == {"scans_lead", "outbox_next"}
    db.close()


def test_a_file_of_a_newer_version_is_refused_and_left_as_it_is(booth: Booth) -> None:
    """Nothing is written, whatever else it has; it is the same file for the version that made it."""
    with write_transaction(booth.db):
        booth.db.execute(OF_TOMORROW)
    booth.db.close()
    before = booth.path.read_bytes()

    with pytest.raises(StoreTooNew, match="made by a newer version of the kiosk"):
        open_store(booth.path)

    assert booth.path.read_bytes() == before


def test_processes_that_migrate_at_once_all_get_their_tables(tmp_path: Path) -> None:
    """Four kiosks started on a new file in the same instant: one makes the tables, the others wait for it."""
    command = [sys.executable, "-c", OPEN_AT_ONCE, str(tmp_path / "kiosk.db")]
    started = [
        subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    for process in started:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()

    assert [process.communicate(timeout=60) for process in started] == [("0\n", "")] * 4


def test_whoever_opens_a_new_file_waits_for_the_one_that_makes_its_tables(tmp_path: Path) -> None:
    """SQLite's own lock does not keep two from migrating: the file beside it does."""
    path = tmp_path / "kiosk.db"
    command = [sys.executable, "-c", OPEN_AT_ONCE, str(path)]
    with Path(f"{path}.migrate.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        late = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        with pytest.raises(subprocess.TimeoutExpired):
            late.communicate("\n", timeout=1.5)

    assert late.communicate(timeout=60)[0] == "0\n"


def test_a_transaction_keeps_others_from_writing_from_its_first_moment(booth: Booth) -> None:
    """What it reads before it writes cannot change in between."""
    other = open_store(booth.path)
    other.execute("pragma busy_timeout = 0")

    with write_transaction(booth.db), pytest.raises(StoreBusy), write_transaction(other):
        pass
    other.close()


def test_a_migration_that_is_cut_off_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever stops it half way: the next start makes the tables from nothing."""
    with monkeypatch.context() as patch:
        from data import migrations

        patch.setattr(migrations, "FIRST_TABLES", migrations.FIRST_TABLES + "create table broken (;\n")
        with pytest.raises(StoreError):
            open_store(tmp_path / "kiosk.db")

    db = open_store(tmp_path / "kiosk.db")
    found = db.execute("select count(*) from leads").fetchone()[0]
    db.close()
    assert found == 0


@pytest.mark.parametrize("content", [b"Dear Sir or Madam, " * 100, b"SQLite format 3\0" + b"\xff" * 4080])
def test_a_damaged_file_is_refused_with_a_sentence_and_left_alone(tmp_path: Path, content: bytes) -> None:
    """What is no database is not written over: somebody may want to mend it."""
    path = tmp_path / "kiosk.db"
    path.write_bytes(content)

    with pytest.raises(StoreDamaged, match=r"^The database is damaged: nothing was saved\."):
        open_store(path)
    assert path.read_bytes() == content


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="only Linux lists the open files of a process")
def test_a_file_that_cannot_be_used_is_let_go(tmp_path: Path) -> None:
    """A refused file is not held open by the error that tells of it."""
    path = tmp_path / "kiosk.db"
    path.write_bytes(b"Dear Sir or Madam, " * 100)

    with pytest.raises(StoreUnusable) as refusal:
        open_store(path)

    held = {os.path.realpath(fd) for fd in Path("/proc/self/fd").iterdir()}
    assert refusal.value.__traceback__ is not None
    assert str(path) not in held


def test_a_table_of_somebody_else_is_refused_with_a_sentence(tmp_path: Path) -> None:
    """Another program's database is not made ours."""
    path = tmp_path / "kiosk.db"
    other = sqlite3.connect(path)
    other.execute("create table leads (x)")
    other.close()

    with pytest.raises(StoreUnusable, match="leads already exists"):
        open_store(path)


def test_a_folder_that_is_read_only_is_named_in_a_sentence() -> None:
    """The people at the booth read which file it is, and what to check."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o555)

        with without_privileges(), pytest.raises(StoreUnusable, match=f"{name}/kiosk.db: Permission denied.*owner"):
            open_store(Path(name) / "kiosk.db")


def test_a_file_in_a_folder_that_became_read_only_is_a_sentence_too() -> None:
    """SQLite needs a log beside the file; where it cannot have one, that is said and not raised as a traceback."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "kiosk.db"
        open_store(path).close()
        path.chmod(0o666)
        Path(name).chmod(0o555)

        with without_privileges(), pytest.raises(StoreError, match="nothing was saved"):
            open_store(path)


@pytest.mark.parametrize("where", ["folder", "file/kiosk.db"])
def test_a_path_that_is_no_file_is_a_sentence(tmp_path: Path, where: str) -> None:
    """A folder in the file's place, and a file in the folder's."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()

    with pytest.raises(StoreUnusable, match=f"{where.split('/')[0]}.*nothing was saved"):
        open_store(tmp_path / where)


def test_another_process_that_holds_the_file_too_long_is_store_busy(booth: Booth) -> None:
    """Its sentence says to try again, and nothing is half written."""
    booth.db.execute("pragma busy_timeout = 20")
    other = sqlite3.connect(booth.path)
    other.execute("begin immediate")

    with pytest.raises(StoreBusy, match=r"nothing was saved\. Try again"):
        booth.show(name="Ana Lopez")
    other.close()
    assert booth.count_rows("leads") == 0
    assert booth.show(name="Ana Lopez").is_new


def test_a_full_disk_is_disk_full_and_saving_goes_on_when_there_is_room(booth: Booth) -> None:
    """Nothing of the scan is left, and the same connection saves the next one."""
    pages = booth.db.execute("pragma page_count").fetchone()[0]
    booth.db.execute(f"pragma max_page_count = {pages}")

    with pytest.raises(DiskFull, match="The disk is full: nothing was saved"):
        booth.show(name="Ana Lopez", note="x" * 100_000)
    assert [booth.count_rows(table) for table in ("leads", "scans", "outbox")] == [0, 0, 0]

    booth.db.execute("pragma max_page_count = 100000")
    assert booth.show(name="Ana Lopez", note="x" * 100_000).is_new


def test_an_error_without_a_code_is_a_sentence() -> None:
    """Errors that the sqlite3 module raises itself have no code."""
    assert isinstance(translate_error(sqlite3.ProgrammingError("Cannot operate on a closed database.")), StoreUnusable)
