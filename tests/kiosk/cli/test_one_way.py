"""One order, one spelling, one rule for overwriting, in all commands; and what they echo is plain text."""

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import Result

from tests.kiosk.cli.conftest import Kiosk

ROOT = Path(__file__).parents[3]


def lines_of(done: Result) -> list[str]:
    """Return the lines of a list without its heading."""
    return done.stdout.splitlines()[1:]


@pytest.mark.parametrize("spelling", ["needs you", "needs-you", "needs_you", "Needs You", "NEEDS-YOU"])
@pytest.mark.parametrize("command", ["pending", "leads", "export"])
def test_a_state_may_be_spelled_with_a_blank_or_a_hyphen(booth: Kiosk, command: str, spelling: str) -> None:
    if command == "export":
        assert booth.json("export", str(booth.folder / "a.json"), "--state", spelling)["leads"] == 1
        return
    found = booth.json(command, "--state", spelling)
    found = found["leads"] if command == "pending" else found

    assert [lead["badge_id"] for lead in found] == ["PZD97WTMFJ"]


@pytest.mark.parametrize("command", ["pending", "leads", "export"])
def test_a_state_that_is_none_is_named_with_those_that_are(booth: Kiosk, command: str) -> None:
    done = booth(command, *(["x.csv"] if command == "export" else []), "--state", "need\x1b[2Jyou")

    assert done.exit_code == 2
    assert "there is no state 'need[2Jyou'; available: waiting, needs you, delivered, discarded, all." in done.stderr


def test_leads_and_exports_have_the_newest_first(booth: Kiosk) -> None:
    """Leads that need a person do not come first; only `kiosk pending` does that, and its help says so."""
    booth("export", str(booth.folder / "all.json"))

    listed = [lead["email"] or lead["badge_id"] for lead in booth.json("leads")]
    limited = [lead["email"] or lead["badge_id"] for lead in booth.json("leads", "--limit", "2")]
    exported = json.loads((booth.folder / "all.json").read_text())
    pending = [lead["badge_id"] or lead["name"] for lead in booth.json("pending")["leads"]]

    assert listed == ["eve@x.example", "PZD97WTMFJ", "bob@x.example", "ana@initech.example"]
    assert [lead["email"] or lead["badge_id"] for lead in exported] == listed
    assert listed[:2] == limited
    assert pending == ["PZD97WTMFJ", "Bob"]
    assert "Leads that need you come first, then the newest." in booth("pending", "--help").stdout


def test_an_id_is_called_lead_id_everywhere(booth: Kiosk) -> None:
    assert {lead["lead_id"] for lead in booth.json("pending")["leads"]} <= {
        lead["lead_id"] for lead in booth.json("leads")
    }


def test_a_search_looks_in_all_states(booth: Kiosk) -> None:
    """It works as on the screen."""
    assert [lead["name"] for lead in booth.json("pending", "--search", "ana")["leads"]] == ["Ana Lopez"]
    assert [lead["badge_id"] for lead in booth.json("leads", "--search", "pzd97wtmfj")] == ["PZD97WTMFJ"]


def test_nothing_is_overwritten_without_force(booth: Kiosk) -> None:
    path = booth.folder / "leads.csv"
    path.write_text("mine")

    refused = booth("export", str(path))
    kept = path.read_text()
    forced = booth("export", str(path), "--force")

    assert (refused.exit_code, kept, forced.exit_code) == (1, "mine", 0)
    assert f"Error: Nothing was written: {path} already exists. --force overwrites it.\n" in refused.stderr
    assert "lead_id" in path.read_text(encoding="utf-8-sig")


@pytest.mark.parametrize("form", ["png", "svg", "pdf"])
def test_badges_overwrite_nothing_without_force(kiosk: Kiosk, form: str) -> None:
    people = kiosk.folder / "people.csv"
    people.write_text("badge_id,name,email\n1,Ana,ana@example.com\n")
    command = ("badges", str(people), str(kiosk.folder / "badges"), "--format", form)

    first, again, forced = kiosk(*command), kiosk(*command), kiosk(*command, "--force")

    assert (first.exit_code, again.exit_code, forced.exit_code) == (0, 1, 0)
    assert "already exists. --force overwrites it." in again.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("export", "x\x1b]0;owned\x07.zzz"),
        ("leads", "--limit", "\x1b[2J"),
        ("\x1b[2J",),
        ("--\x1b[2J",),
        ("leads", "\x1b[2J"),
        ("leads", "--\x1b[2Jx"),
        ("retry", "\x9b2J"),
        ("scan", "\x1b[2J.png"),
        ("import", "attendees", "\x1b[2J"),
        ("run", "--source", "\x1b[2J", "--\x1b"),
        ("token", "\x1b[2J"),
        ("discard", "1", "--reason"),
        ("--config", "\x1b[2J", "leads"),
    ],
)
def test_no_argument_is_echoed_as_a_control_sequence(kiosk: Kiosk, arguments: tuple[str, ...]) -> None:
    done = kiosk(*arguments)

    assert done.exit_code in (1, 2)  # 2 where Click refuses the arguments, 1 where the command does
    assert done.stderr != ""
    assert not {"\x1b", "\x07", "\x9b"} & set(done.stdout + done.stderr)


@pytest.mark.parametrize("columns", [80, 60])
@pytest.mark.parametrize("command", ["pending", "leads"])
def test_a_list_fits_the_terminal(booth: Kiosk, command: str, columns: int) -> None:
    """The IDs are shortened, and other commands accept them."""
    mine, terminal = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "kiosk", "--config", str(booth.config), command],
        stdin=subprocess.DEVNULL,
        stdout=terminal,
        stderr=subprocess.PIPE,
        env={**os.environ, "COLUMNS": str(columns), "TERM": "dumb"},
        cwd=ROOT,
        timeout=60,
    )
    os.close(terminal)
    shown = os.read(mine, 1 << 16).decode().replace("\r", "")
    os.close(mine)
    shown = re.sub(r"\x1b\[\d*m", "", shown)
    table = shown[shown.index("ID ") :].splitlines()

    assert done.stderr == b""
    assert max(map(len, table)) <= columns
    assert booth.json("attempts", table[1].split()[0]) == []
