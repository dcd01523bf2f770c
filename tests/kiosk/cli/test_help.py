"""Help, the version, and the README: what they say is there is there, and what is there they say."""

import os
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import click
import pytest

from kiosk.cli import COMMAND_MODULES, HELP_SECTIONS, cli
from tests.kiosk.cli.conftest import ROOT, Kiosk

README = (ROOT / "README.md").read_text(encoding="utf-8")
TABLE = README[README.index("| command | what it does |") : README.index("## As a service")]


def commands() -> dict[str, click.Command]:
    """Return every command by its words on the command line, including those of groups."""
    context = click.Context(cli)
    found: dict[str, click.Command] = {}
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        assert command is not None
        found[name] = command
        if isinstance(command, click.Group):
            found |= {f"{name} {inner}": command.commands[inner] for inner in command.commands}
    return found


ALL = commands()


@pytest.mark.parametrize("name", ALL)
def test_every_command_says_what_it_does(kiosk: Kiosk, name: str) -> None:
    """Each has a description and a short one for the list; `-h` prints the same."""
    done = kiosk(*name.split(), "--help")

    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith(f"Usage: kiosk {name} ")
    assert ALL[name].help and ALL[name].help.strip().endswith(".")
    assert kiosk(*name.split(), "-h").stdout == done.stdout
    assert list(kiosk.folder.iterdir()) == [kiosk.config]


@pytest.mark.parametrize("name", ALL)
def test_every_option_is_explained(name: str) -> None:
    """Options for our own processes are hidden, but have a help text as well."""
    options = [option for option in ALL[name].params if isinstance(option, click.Option)]

    assert [option.name for option in options if not option.help] == []


def test_help_lists_every_command_once() -> None:
    """The list is grouped by what people want to do."""
    assert sorted(COMMAND_MODULES) == sorted(name for names in HELP_SECTIONS.values() for name in names)


def test_kiosk_alone_shows_what_there_is(kiosk: Kiosk) -> None:
    """Each command has a short description."""
    text = kiosk("--help").stdout

    assert [name for name in COMMAND_MODULES if not re.search(rf"^  {name}  +\w.{{10,}}", text, re.MULTILINE)] == []
    assert all(f"{title}:" in text for title in HELP_SECTIONS)


@pytest.mark.parametrize("command", [[], ["import"], ["check"], ["token"]], ids=["kiosk", "import", "check", "token"])
def test_without_a_command_the_help_is_shown(tmp_path: Path, command: list[str]) -> None:
    """As `--help` shows it, on standard error and with status 2, from a folder without settings."""
    environment = {name: value for name, value in os.environ.items() if name != "KIOSK_CONFIG"}

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        """Run `kiosk` with *words* as a process of its own."""
        return subprocess.run(
            [sys.executable, "-m", "kiosk", *words],
            cwd=tmp_path, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
            check=False,
        )  # fmt: skip

    done = run(*command)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == run(*command, "--help").stdout
    assert len(done.stderr.splitlines()) > 5
    assert list(tmp_path.iterdir()) == []


def test_the_version_is_the_packages(kiosk: Kiosk) -> None:
    """It is the version that pip reports."""
    assert (
        kiosk("--version").exit_code, kiosk("--version").stdout,
    ) == (0, f"kiosk, version {version('booth-kiosk')}\n")  # fmt: skip


def test_the_readme_lists_every_command() -> None:
    """Each command is in the table, or in the part on starting the kiosk."""
    named = set(re.findall(r"`(?:kiosk )?([a-z-]+)", TABLE)) | {"run"}

    assert set(COMMAND_MODULES) - named == set()


def test_every_command_that_the_readme_names_is_there() -> None:
    """The options in the examples exist, too."""
    texts = re.findall(r"`([^`]*)`", README) + re.findall(r"^(?:\.venv/bin/)?kiosk .*$", README, re.MULTILINE)
    shown = [text.split() for text in texts if re.match(r"(?:\.venv/bin/)?kiosk [a-z-]", text)]
    shown += [words for text in texts if (words := ["kiosk", *text.split()])[1:] and words[1] in COMMAND_MODULES]

    for _, *words in shown:
        words = words[2:] if words[0] == "--config" else words
        if words[0].startswith("-") or words[0] == "COMMAND":
            continue
        name = " ".join(words[:2]) if words[0] in ("import", "check") else words[0]
        assert name in ALL
        known = {flag for option in ALL[name].params for flag in option.opts}
        assert {word.strip("[]") for word in words if word.strip("[]").startswith("--")} - known == set()
    assert len(shown) > 10


FAULTS = re.search(r"`\.venv/bin/kiosk practice-crm --fault down`[^.]*?others\.", README, re.DOTALL)


def test_every_fault_that_the_readme_names_is_there() -> None:
    """Each can be given exactly as the README writes it."""
    from sync.practice_crm.faults import Faults

    assert FAULTS is not None
    named = re.findall(r"`([a-z_]+(?:=[0-9-]+)?)`", FAULTS[0])

    assert Faults.from_texts(["down", *named]) != Faults()
    assert len(named) > 3


@pytest.mark.parametrize("command", [["pnding"], ["import"], ["import", "leads"], ["leads", "--jsn"], ["scan"]])
def test_a_command_that_is_none_is_status_2(kiosk: Kiosk, command: list[str]) -> None:
    """Standard error has the usage; nothing is done."""
    done = kiosk(*command)

    assert (done.exit_code, done.stdout) == (2, "")
    assert "Usage: kiosk" in done.stderr


@pytest.mark.parametrize("name", ALL)
def test_the_short_help_of_a_command_is_a_line_of_its_own(name: str) -> None:
    """Otherwise click would shorten the first sentence of the help with dots."""
    short = ALL[name].short_help

    assert short and len(short) <= 54
    assert short.endswith((".", "?")) and "..." not in short


def test_help_for_the_group_is_not_cut(kiosk: Kiosk) -> None:
    """Each command fits on one line of a terminal with 80 columns."""
    _, *lines = kiosk("--help").stdout.splitlines()

    assert not any(line.endswith("...") for line in lines)
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("command", [[], ["import"], ["check"], ["token"]], ids=str)
def test_a_command_without_arguments_prints_its_help(command: list[str], tmp_path: Path) -> None:
    """The help keeps its lines."""
    done = subprocess.run(
        [sys.executable, "-m", "kiosk", *command], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
    )

    output = done.stdout + done.stderr
    assert done.returncode == 2 and "Traceback" not in output
    assert len(output.splitlines()) > 5
