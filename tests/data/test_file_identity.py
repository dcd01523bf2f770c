"""A store whose files are moved, replaced, deleted or overwritten while it is open."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from data import opening
from data.checkpoint import checkpoint_if_idle, run_checkpoint
from data.errors import StoreDamaged, StoreMissing, StoreMoved
from data.opening import create_private_file
from data.recovery import prepare_store
from data.store import Store, open_store, run_query, write_transaction
from sync.file_lock import is_lock_held
from tests.data.conftest import Booth


def get_side_file(path: Path, end: str) -> Path:
    """Return the path of a file beside the database."""
    return Path(f"{path}{end}")


def list_names(db: Store) -> set[str]:
    """List the people in the database, each with a scan and an outbox row."""
    rows = run_query(
        db,
        lambda db: db.execute(
            "select name from leads join outbox on lead_id = leads.id where leads.id in (select lead_id from scans)"
        ).fetchall(),
    )
    return {row["name"] for row in rows}


def names_at(path: Path) -> set[str]:
    """Read the names in the files at *path*, in another process."""
    code = (
        "import sqlite3, sys\n"
        "db = sqlite3.connect(f'file:{sys.argv[1]}?mode=ro', uri=True)\n"
        "print(*[row[0] for row in db.execute('select name from leads')], sep='\\n')\n"
    )
    found = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True)
    return set(found.stdout.split())


@pytest.fixture
def other(booth: Booth) -> Iterator[Store]:
    """A second connection, like that of the screen or the worker."""
    db = open_store(booth.path, timeout_seconds=1.0)
    yield db
    db.close()


def make_remover(*ends: str) -> Callable[[Path], None]:
    """Delete the files with these endings."""

    def act(path: Path) -> None:
        for end in ends:
            get_side_file(path, end).unlink()

    return act


def replace_by_copy(path: Path) -> None:
    """Replace kiosk.db by a copy of itself."""
    subprocess.run(["cp", path, f"{path}.copy"], check=True)  # closing it in this process would drop SQLite's locks
    Path(f"{path}.copy").rename(path)


def move_log_away(path: Path) -> None:
    """Give the log another name."""
    get_side_file(path, "-wal").rename(get_side_file(path, ".elsewhere"))


TAKEN = {
    "kiosk.db": make_remover(""),
    "all": make_remover("", "-wal", "-shm"),
    "log and index": make_remover("-wal", "-shm"),
    "log": make_remover("-wal"),
    "index": make_remover("-shm"),
    "folder": lambda path: shutil.rmtree(path.parent),
    "replaced": replace_by_copy,
    "log moved": move_log_away,
}


@pytest.mark.parametrize("is_moved", [False, True], ids=["in the log", "in the file"])
@pytest.mark.parametrize("act", TAKEN.values(), ids=TAKEN)
def test_what_is_open_is_written_again(booth: Booth, other: Store, act: Callable[[Path], None], is_moved: bool) -> None:
    """Wherever the leads were, every connection and every process finds all of them, and later ones."""
    booth.show(name="Ana")
    if is_moved:
        run_checkpoint(booth.db)
        booth.show(name="Bob")
    booth.show(name="Eve")
    before = list_names(booth.db)

    act(booth.path)
    booth.show(name="Kim")

    assert list_names(booth.db) == before | {"Kim"}
    assert list_names(other) == before | {"Kim"}
    assert names_at(booth.path) == before | {"Kim"}
    assert [row[0] for row in booth.db.execute("pragma integrity_check")] == ["ok"]


@pytest.mark.parametrize("act", TAKEN.values(), ids=TAKEN)
def test_who_only_reads_writes_it_again_too(booth: Booth, act: Callable[[Path], None]) -> None:
    """As a kiosk does while nobody shows a badge."""
    booth.show(name="Ana")

    act(booth.path)

    assert list_names(booth.db) == {"Ana"}
    assert names_at(booth.path) == {"Ana"}


def test_a_moved_file_is_waited_for_and_named(booth: Booth, other: Store) -> None:
    """Meanwhile nothing is reported as saved, and no other file is created; once it is back, saving works."""
    booth.show(name="Ana")
    away = booth.path.with_name("away.db")
    booth.path.rename(away)

    for _ in range(2):
        with pytest.raises(StoreMoved, match=f"kiosk.db was moved to {away}: nothing was saved. Move it back"):
            booth.show(name="Bob")
        with pytest.raises(StoreMoved):
            list_names(other)
    assert not booth.path.exists()

    away.rename(booth.path)
    booth.show(name="Eve")

    assert list_names(booth.db) == list_names(other) == names_at(booth.path) == {"Ana", "Eve"}


def test_a_transaction_whose_files_are_taken_meanwhile_is_not_called_written(booth: Booth) -> None:
    """Between the first check and the commit."""
    booth.show(name="Ana")

    with pytest.raises(StoreMoved), write_transaction(booth.db):
        booth.db.execute("insert into boots values ('a boot', 0, 0, 0)")
        booth.path.rename(booth.path.with_name("away.db"))


def test_no_database_is_made_beside_the_log_of_another(booth: Booth) -> None:
    """SQLite would delete that log, and the leads in it; both files are named and left alone."""
    path = booth.path
    code = "import sys; from pathlib import Path; from data.store import open_store; open_store(Path(sys.argv[1]))"
    booth.show(name="Ana")
    path.rename(path.with_name("away.db"))
    log = get_side_file(path, "-wal").read_bytes()

    for create in (True, False):
        with pytest.raises(StoreMissing, match=f"{path} is missing, but its log {path}-wal exists"):
            open_store(path, may_create=create)
    with pytest.raises(StoreMissing):
        prepare_store(path)
    assert subprocess.run([sys.executable, "-c", code, path], capture_output=True, check=False).returncode == 1
    assert get_side_file(path, "-wal").read_bytes() == log
    assert not path.exists()

    path.with_name("away.db").rename(path)
    assert names_at(path) == {"Ana"}


def test_who_reads_makes_nothing(tmp_path: Path) -> None:
    """Neither the file nor its folder is created."""
    with pytest.raises(StoreMissing, match="There are no leads yet: there is no database at"):
        open_store(tmp_path / "deep" / "kiosk.db", may_create=False)

    assert list(tmp_path.iterdir()) == []


def test_the_file_alone_is_a_database_from_its_first_moment(booth: Booth, tmp_path: Path) -> None:
    """A copy of kiosk.db alone has the tables, and after ten quiet seconds all leads."""
    copy = tmp_path / "stick.db"

    def copied() -> int:
        subprocess.run(["cp", booth.path, copy], check=True)
        with closing(sqlite3.connect(copy)) as found:
            return int(found.execute("select count(*) from leads").fetchone()[0])

    assert copied() == 0
    booth.show(name="Ana")
    assert checkpoint_if_idle(booth.db, 60.0) is not None
    assert copied() == 0
    assert checkpoint_if_idle(booth.db, 0.0) is None
    assert copied() == 1


def test_whoever_moves_the_log_is_no_stranger(booth: Booth, other: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkpoint by another process of the kiosk does not cause an integrity check."""
    monkeypatch.setattr("data.checkpoint.is_intact", lambda path: pytest.fail("it was looked through"))
    for number in range(3):
        booth.show(name=f"Visitor-{number}")
        run_checkpoint(other)

    booth.show(name="Ana")

    assert len(list_names(booth.db)) == 4


def test_a_file_that_was_only_touched_is_used_on(booth: Booth) -> None:
    """A backup program may set times, or somebody the mode."""
    booth.show(name="Ana")
    os.utime(booth.path)
    booth.path.chmod(0o600)

    booth.show(name="Bob")

    assert list_names(booth.db) == {"Ana", "Bob"}
    assert list(booth.path.parent.glob("*.damaged-*")) == []


def make_overwriter(start: float, end: float) -> Callable[[Path], None]:
    """Write random bytes over this share of the file."""

    def act(path: Path) -> None:
        size = path.stat().st_size
        first, last = (round(size * share / 4096) for share in (start, end))
        command = ["dd", "if=/dev/urandom", f"of={path}", "bs=4096", "conv=notrunc", f"seek={first}"]
        subprocess.run([*command, f"count={max(1, last - first)}", "status=none"], check=True)

    return act


DESTROYED = {
    "emptied": lambda path: os.truncate(path, 0),
    "cut": lambda path: os.truncate(path, path.stat().st_size // 2),
    "all": make_overwriter(0, 1),
    "head": make_overwriter(0, 0),
    "half": make_overwriter(0.5, 1),
}


@pytest.mark.parametrize("act", DESTROYED.values(), ids=DESTROYED)
def test_destroyed_bytes_are_noticed_by_the_next_save(booth: Booth, other: Store, act: Callable[[Path], None]) -> None:
    """That save fails; the next one succeeds, in a new file with everything readable, and the old file is kept."""
    for number in range(30):
        booth.show(name=f"Visitor-{number}")
    before = list_names(booth.db)
    checkpoint_if_idle(other, 0.0)

    act(booth.path)
    with pytest.raises(StoreDamaged, match="The database is damaged: nothing was saved"):
        booth.show(name="Bob")
    booth.show(name="Eve")

    assert list_names(booth.db) == list_names(other) == before | {"Eve"}
    assert [row[0] for row in booth.db.execute("pragma integrity_check")] == ["ok"]
    (repair,) = booth.db.execute("select * from repairs").fetchall()
    assert (booth.path.parent / repair["file"]).exists()
    assert "was recovered; the damaged file is kept as" in repair["sentence"].replace("leads were", "lead was")


@pytest.mark.parametrize("content", [b"Dear Sir or Madam, " * 100, b"SQLite format 3\0" + b"\xff" * 4080])
def test_a_start_sets_a_damaged_file_aside(tmp_path: Path, content: bytes) -> None:
    """A kiosk with a broken file starts with an empty one, and keeps the broken one."""
    path = tmp_path / "kiosk.db"
    path.write_bytes(content)

    prepare_store(path)

    with closing(open_store(path)) as db:
        assert list_names(db) == set()
    (kept,) = tmp_path.glob("kiosk.db.damaged-*")
    assert kept.read_bytes() == content


def test_a_start_reads_what_was_set_aside_before_the_kiosk_was_killed(booth: Booth) -> None:
    """Renamed but not read yet; read once, however often the kiosk is started."""
    booth.show(name="Ana")
    booth.db.close()
    booth.path.rename(booth.path.with_name("kiosk.db.damaged-1"))

    prepare_store(booth.path)
    prepare_store(booth.path)

    with closing(open_store(booth.path)) as db:
        assert list_names(db) == {"Ana"}
        assert db.execute("select count(*) from repairs").fetchone()[0] == 1


def test_an_orphaned_log_can_be_read_as_the_sentence_says(booth: Booth) -> None:
    """kiosk.db is lost, and what was saved since the last checkpoint is in the log."""
    run_checkpoint(booth.db)
    booth.show(name="Ana")
    log = get_side_file(booth.path, "-wal").read_bytes()
    booth.db.close()
    booth.path.unlink()
    get_side_file(booth.path, ".damaged-1-wal").write_bytes(log)

    prepare_store(booth.path)

    with closing(open_store(booth.path)) as db:
        assert list_names(db) == {"Ana"}


@pytest.mark.parametrize("since", [10, 200], ids=["a few leads", "many leads"])
def test_an_older_copy_written_over_it_loses_nothing_that_the_log_still_holds(
    booth: Booth, other: Store, since: int
) -> None:
    """`cp old kiosk.db` keeps the inode, and the result is intact: only size or change time reveals it."""
    copy = booth.path.with_name("old.db")
    for number in range(30):
        booth.show(name=f"Early-{number}")
    run_checkpoint(other)
    subprocess.run(["cp", booth.path, copy], check=True)
    for number in range(since):
        booth.show(name=f"Later-{number}")
    run_checkpoint(other)
    booth.show(name="Last")
    before = list_names(booth.db)

    subprocess.run(["cp", copy, booth.path], check=True)
    with pytest.raises(StoreDamaged):
        booth.show(name="Bob")
    booth.show(name="Eve")

    assert list_names(booth.db) == list_names(other) == before | {"Eve"}
    assert len(before) == 31 + since
    assert [row[0] for row in booth.db.execute("pragma integrity_check")] == ["ok"]


ANOTHER = """
import hashlib, sys
from pathlib import Path
from data.arrival import Arrival, arrive
from data.checkpoint import run_checkpoint
from data.clock import SystemClock
from data.contact import Contact
from data.lead import Lead, ScanRecord
from data.store import open_store

db, clock = open_store(Path(sys.argv[1])), SystemClock()
for name in (f"Zoe{number}" for number in range(int(sys.argv[2]))):
    if name == "Zoe200" and sys.argv[3] == "moved":
        run_checkpoint(db)  # the next lead begins the log from its start, over what was in it
    digest = hashlib.sha256(name.encode()).hexdigest()
    seen = ScanRecord(name.encode(), digest, "vcard", "", "api", "", "", clock.wall_time(), "", 0.0)
    arrive(db, Arrival(seen, Lead("", "Expo 2026", "vcard", Contact(name=name))), clock)
db.close()
"""


@pytest.mark.parametrize(("number", "log"), [(1, "kept"), (300, "moved")], ids=["one", "many, and the log moved"])
@pytest.mark.parametrize("is_moved", [False, True], ids=["in the log", "in the file"])
def test_what_another_process_saved_meanwhile_stays(
    booth: Booth, other: Store, is_moved: bool, number: int, log: str
) -> None:
    """It came when the log was deleted, made a log of its own, and went: nobody has open any more what it saved."""
    booth.show(name="Ana")
    if is_moved:
        run_checkpoint(booth.db)
    booth.show(name="Bob")
    make_remover("-wal", "-shm")(booth.path)
    subprocess.run([sys.executable, "-c", ANOTHER, booth.path, str(number), log], check=True)
    booth.show(name="Kim")

    everybody = {"Ana", "Bob", "Kim"} | {f"Zoe{number}" for number in range(number)}
    assert list_names(booth.db) == everybody
    assert list_names(other) == everybody
    assert names_at(booth.path) == everybody
    assert [row[0] for row in booth.db.execute("pragma integrity_check")] == ["ok"]


def test_an_empty_file_is_made_only_while_nobody_writes_the_database_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise it would be taken for a damaged one, and SQLite would delete the new one's log."""
    path, is_alone = tmp_path / "kiosk.db", []

    def make(path: Path) -> None:
        is_alone.append(is_lock_held(Path(f"{path}.migrate.lock")))
        create_private_file(path)

    monkeypatch.setattr(opening, "create_private_file", make)
    open_store(path).close()

    assert is_alone == [True]


@pytest.mark.parametrize("before", [20, 100])
def test_a_view_that_others_have_written_under_is_not_taken_for_whole(booth: Booth, before: int) -> None:
    """The open connection sees a mixture of its own pages and others': all rows of both are read."""
    booth.db.execute("pragma cache_size = 5")  # as with a database that is larger than SQLite's memory of it
    for number in range(before):
        booth.show(name=f"Ana{number}")
    run_checkpoint(booth.db)
    booth.show(name="Bob")
    make_remover("-wal", "-shm")(booth.path)
    subprocess.run([sys.executable, "-c", ANOTHER, booth.path, "300", "moved"], check=True)
    booth.show(name="Kim")

    everybody = (
        {"Bob", "Kim"} | {f"Ana{number}" for number in range(before)} | {f"Zoe{number}" for number in range(300)}
    )
    assert list_names(booth.db) == names_at(booth.path) == everybody
    assert [row[0] for row in booth.db.execute("pragma integrity_check")] == ["ok"]
