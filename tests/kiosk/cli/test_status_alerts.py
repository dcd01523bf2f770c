"""`kiosk status` says what is wrong, and what to do; for people and for scripts."""

import pytest

from data import alerts, gates
from data.alerts import Alert
from data.gates import Gate
from data.store import open_store, write_transaction
from kiosk.cli.context import CLOCK
from sync.file_lock import hold_lock
from tests.kiosk.cli.conftest import Kiosk

CALM = "[alerts]\ndisk_free_mb = 0\n"


def close_gate(kiosk: Kiosk) -> None:
    """Close the gate as if the CRM had rejected the key."""
    db = open_store(kiosk.settings.database_file)
    with write_transaction(db):
        gates.write_gate(db, Gate("practice", False, "not authorised", "The CRM does not accept the key.", since=1.0))
    db.close()


def test_what_is_wrong_has_a_line_with_what_to_do(kiosk: Kiosk) -> None:
    kiosk.configure(CALM)
    calm = kiosk("status").stdout
    close_gate(kiosk)

    lines = kiosk("status").stdout.splitlines()

    assert "ALERT" not in calm
    assert [line for line in lines if line.startswith("ALERT")] == [
        "ALERT        The CRM rejects the sign-in: leads are saved, but not sent. "
        "Replace the key that [crm] in kiosk.toml names; sending then resumes automatically."
    ]


def test_a_script_gets_the_cause_and_the_time(kiosk: Kiosk) -> None:
    kiosk.configure(CALM)
    calm = kiosk.json("status")["alerts"]
    close_gate(kiosk)
    before = CLOCK.wall_time()

    (found,) = kiosk.json("status")["alerts"]

    assert calm == []
    assert set(found) == {"cause", "sentence", "advice", "since"}
    assert (found["cause"], before <= found["since"] <= CLOCK.wall_time()) == ("sign-in", True)


@pytest.mark.parametrize("hostile", ["\x1b[2J\x1b]0;x\x07", "a\nSafe to pack up: yes.", "\u202egnp"], ids=ascii)
def test_what_was_written_down_is_shown_as_plain_text(kiosk: Kiosk, hostile: str) -> None:
    """It is one line, and cannot move the cursor."""
    kiosk.configure(CALM)
    kiosk.people(1)
    db = open_store(kiosk.settings.database_file)
    alerts.update_alerts(db, [Alert("errors", hostile, hostile, 1.0)], CLOCK)
    db.close()

    with hold_lock(kiosk.settings.worker_lock):
        said = kiosk("status").stdout

    lines = [line for line in said.splitlines() if line.startswith("ALERT")]
    assert len(lines) == 1
    assert all(character.isprintable() for character in lines[0])
    assert not any(line.startswith("Safe to pack up: yes") for line in said.splitlines())


COMPLAINTS = [
    ("alerts.error_percent = 101", "[alerts] error_percent: must be from 0 to 100."),
    ("alerts.error_leads = 0", "[alerts] error_leads: must be from 1 to 100000."),
    ("alerts.queue_minutes = -1", "[alerts] queue_minutes: must be from 0 to 10080."),
    ("alerts.queue_minute = 5", "[alerts] has no setting 'queue_minute'; did you mean 'queue_minutes'?"),
    ("alerts.sign_in = 0", "[alerts] sign_in: expected true or false, got a whole number."),
    ("alerts.webhook_url = 'example.com'", "[alerts] webhook_url: 'example.com' is not a URL that begins with"),
    ("alerts.webhook_url = 'http://example.com'", "[alerts] webhook_url: example.com would get personal data unenc"),
    ("alerts.webhook_secret_env = 'X'", "[alerts] webhook_url: there is a secret for signing, but no address"),
]


@pytest.mark.parametrize(("toml", "complaint"), COMPLAINTS, ids=lambda text: text[:40])
def test_what_is_wrong_in_the_table_is_named(kiosk: Kiosk, toml: str, complaint: str) -> None:
    kiosk.configure(toml)

    done = kiosk("status")

    assert done.exit_code == 2
    assert done.stderr.startswith(f"Error: {kiosk.config}: {complaint}")


@pytest.mark.parametrize("command", ["run", "worker"])
def test_a_secret_that_cannot_be_had_is_named_before_anything_starts(kiosk: Kiosk, command: str) -> None:
    kiosk.configure("[alerts]\nwebhook_url = 'https://example.com/x'\nwebhook_secret_env = 'BOOTH_NO_SUCH'\n")

    done = kiosk(command)

    assert done.exit_code == 2
    assert "[alerts] webhook_secret_env: the environment variable BOOTH_NO_SUCH is not set." in done.stderr
