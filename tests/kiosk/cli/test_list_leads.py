"""`kiosk pending`, `kiosk leads` and `kiosk status`: what is where, and why."""

import pytest

from data import outbox
from data.store import open_store, write_transaction
from kiosk.cli.context import CLOCK
from tests.kiosk.cli.conftest import Kiosk


def test_pending_lists_what_is_not_in_the_crm_with_the_reason(booth: Kiosk) -> None:
    """The header comes first; status 1, because something is left."""
    done = booth("pending")

    lines = done.stdout.splitlines()
    assert done.exit_code == 1
    assert lines[0] == "1 waiting · 1 needs you · nothing sent yet"
    assert lines[1] == "Sending is not running: 1 lead safe on this device. Start it with `kiosk run`."
    assert lines[3].split() == ["ID", "NAME", "COMPANY", "AGE", "STATE", "NEXT", "TRY", "BY", "WHY"]
    assert "PZD97WTMFJ" in lines[4]
    assert lines[4].endswith("No name or e-mail yet. Add one, or import the attendee list.")
    assert lines[5].endswith("Sending is not running; the lead is safe on this device.")
    assert len(lines) == 6


@pytest.mark.parametrize(
    ("options", "who", "status"),
    [
        ("", ["", "Bob"], 1),
        ("--state waiting", ["Bob"], 1),
        ("--state needs-you", [""], 1),
        ("--state delivered", ["Ana Lopez"], 0),
        ("--state discarded", ["[31mEve"], 0),
        ("--state all", ["", "[31mEve", "Bob", "Ana Lopez"], 1),
        ("--cause rejected", [], 0),
        ("--search acme", ["Bob"], 1),
        ("--search PZD97", [""], 1),
        ("--search %", [], 0),
        ("--limit 1", [""], 1),
    ],
)
def test_pending_shows_what_is_asked_for(booth: Kiosk, options: str, who: list[str], status: int) -> None:
    """The status is about the leads shown: 1 if one of them is left."""
    done = booth("pending", *options.split())
    found = booth.json("pending", *options.split())

    assert done.exit_code == status
    assert [lead["name"] for lead in found["leads"]] == who


def test_pending_for_scripts_has_the_header_and_each_lead(booth: Kiosk) -> None:
    """The cause is a word that `--cause` accepts."""
    found = booth.json("pending")

    assert {"waiting": 1, "needs_you": 1, "delivered": 1, "discarded": 1, "safe_to_pack_up": False}.items() <= found[
        "status"
    ].items()
    assert found["standing"] == found["status"]  # the name in the version before
    assert [(lead["cause"], lead["badge_id"], lead["state"]) for lead in found["leads"]] == [
        ("needs details", "PZD97WTMFJ", "needs you"),
        ("", "", "waiting"),
    ]
    assert len(booth.json("pending", "--cause", "needs details")["leads"]) == 1


def test_pending_with_nothing_left_is_done(kiosk: Kiosk) -> None:
    """Status 0, with a sentence."""
    assert (
        kiosk("pending").exit_code, kiosk("pending").stdout.splitlines()[0],
    ) == (0, "0 waiting · 0 need you · nothing sent yet")  # fmt: skip


def test_leads_lists_every_lead_wherever_it_stands(booth: Kiosk) -> None:
    """The newest come first; JSON output has everything that is known."""
    done, found = booth("leads"), booth.json("leads")

    assert (done.exit_code, len(done.stdout.splitlines())) == (0, 5)
    assert [lead["state"] for lead in found] == ["discarded", "needs you", "waiting", "delivered"]
    assert found[3]["email"] == "ana@initech.example"
    assert [lead["name"] for lead in booth.json("leads", "--search", "ACME")] == ["Bob"]
    assert len(booth.json("leads", "--limit", "2")) == 2


def test_leads_lists_all_of_them_without_being_asked(kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list that silently stops at a round number looks like lost leads."""
    db = open_store(kiosk.settings.database_file)
    rows = [(f"{number:036d}", f"n{number}") for number in range(1200)]
    with write_transaction(db):
        db.conn.executemany(
            "insert into leads (id, event, kind, name, created_at, updated_at) values (?, 'e', 'id', ?, 0, 0)", rows
        )
        db.conn.executemany(
            "insert into outbox (lead_id, revision, state, changed_at) values (?, 1, 'waiting', 0)",
            [(row[0],) for row in rows],
        )
    db.close()

    assert 1200 == len(kiosk.json("leads")) == len(kiosk.json("pending")["leads"])


@pytest.mark.parametrize("command", [["leads"], ["pending", "--state", "all"], ["status"]])
def test_no_text_from_outside_reaches_the_terminal_as_more_than_text(booth: Kiosk, command: list[str]) -> None:
    """This holds for text and JSON output; each lead is one line."""
    for more in ([], ["--json"]):
        assert not {"\x1b", "\u202e", "\r", "\x07"} & set(booth(*command, *more).stdout)


def test_status_says_whether_it_is_safe_to_pack_up(booth: Kiosk) -> None:
    """It prints the counts and the database's path; status 1 while a lead waits, else 0."""
    before = booth("status")
    db = open_store(booth.settings.database_file)
    outbox.discard_lead(db, next(e.lead.id for e in booth.entries("waiting")), "x", "ana", CLOCK)
    db.close()
    after = booth("status")

    assert (before.exit_code, after.exit_code) == (1, 0)
    assert "Practice mode: leads only go to the practice CRM on this device.\n" in before.stdout
    assert "Leads        4: 1 delivered, 1 waiting, 1 needs you, 1 discarded\n" in before.stdout
    assert f"Database     {booth.settings.database_file}\n" in before.stdout
    assert before.stdout.endswith("Safe to pack up: no, 1 lead has not been sent yet.\n")
    assert after.stdout.endswith("Safe to pack up: yes.\n")


def test_status_for_scripts(booth: Kiosk) -> None:
    """It prints one object, with numbers as numbers."""
    found = booth.json("status")

    expected = {
        "waiting": 1, "needs_you": 1, "delivered": 1, "discarded": 1, "scanned_today": 4, "sender_runs": False,
        "practice": True, "safe_to_pack_up": False, "database": str(booth.settings.database_file),
    }  # fmt: skip
    assert expected.items() <= found.items()


def test_attempts_names_the_state_of_a_lead_once(booth: Kiosk) -> None:
    """The reason of a discarded lead says already that it is discarded."""
    discarded, waiting = booth.entries("discarded")[0], booth.entries("waiting")[0]

    assert booth("attempts", discarded.lead.id).stdout == "[31mEve: discarded, a test\nNot sent yet.\n"
    assert booth("attempts", waiting.lead.id).stdout.startswith("Bob: waiting. Sending is not running;")
