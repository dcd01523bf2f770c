"""What goes wrong around a command: one sentence on standard error, status 1, and never a traceback."""

import os
import shutil
import subprocess
from contextlib import closing

import pytest

from data.store import open_store, write_transaction
from tests.kiosk.cli.conftest import ANA, Kiosk, at_terminal

COMMANDS = [
    "status", "pending", "leads", "sync", "retry --all", "restore 0", "discard 0 --reason x", "export {0}/x.csv",
    "scan - --save", "import attendees {0}/list.csv --yes", "worker", "run --headless", "practice-crm",
]  # fmt: skip


@pytest.fixture
def kiosk(kiosk: Kiosk) -> Kiosk:
    """A kiosk that was used, with a list to import."""
    kiosk.scan(ANA)
    (kiosk.folder / "list.csv").write_text("id,name\n7,Ana\n")
    return kiosk


def one_sentence(kiosk: Kiosk, command: str) -> str:
    """Run *command*, and return the only line that it prints on standard error; its status is 1."""
    words = command.format(kiosk.folder).split()
    if words[0] in ("worker", "run", "serve"):  # they set the log up for a whole process
        process = kiosk.run(*words)
        status, errors = process.returncode, process.stderr
    else:
        done = kiosk(*words, stdin="PZD97WTMFJ")
        status, errors = done.exit_code, done.stderr
    [line] = errors.splitlines()
    assert status == 1
    assert line.startswith("Error: ")
    return line


STARTS = ("scan - --save", "worker", "run --headless", "practice-crm")
"""What sets a damaged file aside, or has nothing to do with it."""


@pytest.mark.parametrize("command", [command for command in COMMANDS if command not in STARTS])
def test_a_file_that_is_no_database_is_a_sentence(kiosk: Kiosk, command: str) -> None:
    """The file is not changed, because it may be somebody's."""
    for path in kiosk.settings.folder.glob("kiosk.db*"):
        path.unlink()
    kiosk.settings.database_file.write_bytes(b"my shopping list\n" * 100)

    line = one_sentence(kiosk, command)

    is_reading = command.split()[0] in (
        "status",
        "pending",
        "attempts",
        "history",
        "check",
        "leads",
        "export",
        "backup",
    )
    said = "The database is damaged." if is_reading else "The database is damaged: nothing was saved."
    assert line.startswith(f"Error: {said} A running kiosk sets the file aside")
    assert line.endswith("start one with `kiosk run`.")
    assert kiosk.settings.database_file.read_bytes() == b"my shopping list\n" * 100


def test_a_start_sets_a_file_that_is_no_database_aside(kiosk: Kiosk) -> None:
    """The file is kept, a new database is created, and saving works."""
    for path in kiosk.settings.folder.glob("kiosk.db*"):
        path.unlink()
    kiosk.settings.database_file.write_bytes(b"my shopping list\n" * 100)

    done = kiosk("scan", "-", "--save", stdin="PZD97WTMFJ")

    assert "Saved: PZD97WTMFJ" in done.stdout
    (kept,) = kiosk.settings.folder.glob("kiosk.db.damaged-*")
    assert kept.read_bytes() == b"my shopping list\n" * 100
    assert f"the damaged file is kept as {kept}" in kiosk("status").stdout


@pytest.mark.parametrize(
    "command", ["status", "pending", "leads", "sync", "token list", "export {0}/x.json --force", "resume"]
)
def test_a_command_that_reads_makes_no_database(kiosk: Kiosk, command: str) -> None:
    """It says that there is none; if its log is there, it changes nothing and names both files."""
    for path in kiosk.settings.folder.glob("kiosk.db*"):
        path.unlink()
    words = command.format(kiosk.folder).split()

    done = kiosk(*words)

    assert f"There are no leads yet: there is no database at {kiosk.settings.database_file}." in done.stderr
    assert list(kiosk.settings.folder.glob("kiosk.db*")) == []

    log = kiosk.settings.folder / "kiosk.db-wal"
    log.write_bytes(b"leads")
    again = kiosk(*words)

    assert again.exit_code == 1
    assert f"{kiosk.settings.database_file} is missing, but its log {log} exists" in again.stderr
    assert [path.name for path in kiosk.settings.folder.glob("kiosk.db*")] == ["kiosk.db-wal"]


@pytest.mark.parametrize("command", [*(command for command in COMMANDS if command != "practice-crm"), "serve"])
def test_a_database_of_a_newer_version_is_a_sentence(kiosk: Kiosk, command: str) -> None:
    """The database is not changed."""
    made_by_a_newer_version(kiosk)

    line = one_sentence(kiosk, command)

    assert line.endswith("a newer version of the kiosk: nothing was changed. Update the kiosk on this device.")


def test_on_a_screen_too_a_database_of_a_newer_version_is_a_sentence(kiosk: Kiosk) -> None:
    """The kiosk does not scan badges that it could not save."""
    kiosk.configure(f"[crm]\nconnector = 'csv'\ncsv.folder = '{kiosk.folder}'\n[camera]\nsource = 'demo'")
    kiosk.scan(ANA)
    made_by_a_newer_version(kiosk)

    status, screen = at_terminal(kiosk, ["run"], b"", b"")

    assert status == 1
    assert screen.startswith(b"Error: The database was made by a newer version of the kiosk")
    assert screen.count(b"\n") == 1


def made_by_a_newer_version(kiosk: Kiosk) -> None:
    """Change the database to look like that of a newer version."""
    with closing(open_store(kiosk.settings.database_file)) as db, write_transaction(db):
        db.execute("insert into _sqlite_migrations (migration_set, name, applied_at) values ('kiosk', 'm999', '2099')")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_file_in_the_place_of_the_folder_is_a_sentence(kiosk: Kiosk, command: str) -> None:
    """The sentence names the file."""
    shutil.rmtree(kiosk.settings.folder)
    kiosk.settings.folder.write_text("a file")

    line = one_sentence(kiosk, command)

    assert str(kiosk.settings.folder) in line


@pytest.mark.parametrize(
    ("command", "mode"),
    [
        ("status", 0o000),
        ("sync", 0o000),
        *((name, mode) for name in ("worker", "practice-crm") for mode in (0o000, 0o500)),
    ],
)
def test_a_folder_without_the_rights_is_a_sentence(kiosk: Kiosk, powerless: list[str], command: str, mode: int) -> None:
    """The folder is unreadable, or read-only."""
    for path in kiosk.settings.folder.iterdir():
        path.unlink()
    kiosk.settings.folder.chmod(mode)

    done = kiosk.run(command, prefix=powerless)

    kiosk.settings.folder.chmod(0o700)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert str(kiosk.settings.folder) in done.stderr


@pytest.mark.parametrize("command", ["leads", "pending", "status --json", "scan -"])
def test_a_pipe_that_is_closed_is_no_traceback(kiosk: Kiosk, command: str) -> None:
    """`| head -1` closes the pipe once it has its line."""
    kiosk.people(100)
    reader, writer = os.pipe()
    os.close(reader)

    process = kiosk.start(*command.split(), stdin=-1, stdout=writer)
    os.close(writer)
    _, errors = process.communicate("A7\n" * 5000, timeout=60)

    assert (process.returncode, errors) == (1, "")


def test_head_gets_its_line(kiosk: Kiosk) -> None:
    """Nothing is printed about the closed pipe."""
    kiosk.people(300)
    shell = 'set -o pipefail; "$@" | head -1'

    done = kiosk.run("leads", prefix=["bash", "-c", shell, "bash"])

    assert done.stdout.split()[:2] == ["ID", "NAME"]
    assert done.stderr == ""


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_disk_under_the_output_is_a_sentence(
    kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch, unbuffered: str
) -> None:
    """The status says that the output is incomplete, whether or not Python buffers it."""
    monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)
    with open("/dev/full", "w") as full:  # noqa: PTH123
        done = kiosk.run("leads", stdout=full, stderr=subprocess.PIPE, capture_output=False)

    sentence = (
        "No space left on device. The command stopped there; what was done before stays. "
        "Check the disk, the folder and its owner."
    )
    assert (done.returncode, done.stderr) == (1, f"Error: {sentence}\n")


@pytest.mark.parametrize("stream", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_change_nothing(kiosk: Kiosk, stream: str) -> None:
    """A service may start commands like that."""
    done = kiosk.run("leads", prefix=["sh", "-c", f'exec "$@" {stream}', "sh"])

    assert (done.returncode, done.stderr) == (0, "")


def test_a_terminal_that_lacks_a_letter_shows_its_number(kiosk: Kiosk) -> None:
    """A name in another script does not stop a list."""
    kiosk.scan("MECARD:N:山田;EMAIL:y@x.example;;")

    done = kiosk.run("leads", env={**os.environ, "PYTHONIOENCODING": "latin-1"}, encoding="latin-1")

    assert done.returncode == 0
    assert "\\u5c71\\u7530" in done.stdout
