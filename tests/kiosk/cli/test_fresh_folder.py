"""Commands on a device where nothing was scanned yet: they say so, end well, and make nothing."""

import pytest

from tests.kiosk.cli.conftest import Kiosk


@pytest.mark.parametrize("command", ["sync", "pending", "leads", "status", "retry --all", "check database", "resume"])
def test_a_command_without_leads_says_so_and_is_done(kiosk: Kiosk, command: str) -> None:
    """Status 0, one sentence on standard error, and neither a file nor a folder."""
    before = list(kiosk.folder.iterdir())

    done = kiosk(*command.split())

    path = kiosk.settings.database_file
    assert done.stderr == f"Note: There are no leads yet: there is no database at {path}. `kiosk run` creates it.\n"
    assert done.exit_code == 0
    assert list(kiosk.folder.iterdir()) == before


@pytest.mark.parametrize(
    ("command", "key", "expected"),
    [("status", "waiting", 0), ("pending", "leads", []), ("sync", "left", 0), ("leads", "", [])],
)
def test_a_script_gets_its_json_all_the_same(kiosk: Kiosk, command: str, key: str, expected: object) -> None:
    """The notice is on standard error, so that standard output stays JSON."""
    found = kiosk.json(command)

    assert (found[key] if key else found) == expected


def test_a_backup_of_nothing_is_an_error(kiosk: Kiosk) -> None:
    """Whoever backs up finds out before the show that there is nothing in it."""
    done = kiosk("backup", str(kiosk.folder / "copy.db"))

    assert done.exit_code == 1
    assert "There are no leads yet" in done.stderr
    assert not (kiosk.folder / "copy.db").exists()
    assert not kiosk.settings.folder.exists()


def test_checking_the_crm_makes_nothing(kiosk: Kiosk) -> None:
    """It is looked at without a lead."""
    kiosk.configure(f"[crm]\nconnector = 'csv'\ncsv.folder = '{kiosk.folder}'")
    before = list(kiosk.folder.iterdir())

    done = kiosk("check", "crm")

    assert (done.exit_code, done.stderr) == (0, "")
    assert list(kiosk.folder.iterdir()) == before


def test_what_sync_watches_comes_into_the_file(kiosk: Kiosk) -> None:
    """Somebody waits for the first leads, so there is a database for them."""
    watching = kiosk.start("sync", "--watch")
    try:
        assert watching.stdout.readline() == "Delivering leads as they come in. Press Ctrl-C to stop.\n"
        assert watching.stdout.readline().startswith("0 delivered, 0 waiting")
        kiosk.people(1)
        assert watching.stdout.readline().startswith("0 delivered, 1 waiting")
    finally:
        watching.kill()
        watching.communicate(timeout=30)


def test_empty_tables_are_sentences(kiosk: Kiosk) -> None:
    """Column heads alone would look like a mistake."""
    kiosk.people(1)

    assert kiosk("token", "list").stdout == "No device has a token. `kiosk token new NAME` creates one.\n"
    assert kiosk("leads", "--search", "nobody").stdout == "No lead matches.\n"
    assert kiosk("leads", "--state", "discarded").stdout == "No lead matches.\n"


def test_a_database_without_leads_says_so(kiosk: Kiosk) -> None:
    """Also with nothing to retry."""
    kiosk("pause")

    assert kiosk("leads").stdout == "There are no leads yet.\n"
    assert kiosk.json("leads") == []
    retried = kiosk("retry", "--all")
    assert (retried.exit_code, retried.stdout) == (0, "There is nothing to retry.\n")
