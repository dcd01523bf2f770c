"""`kiosk scanner test`: shows what a USB scanner types, byte by byte, and the settings that suit it."""

import json
import os
import select
import sys
import termios
import time
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from data.language import _
from kiosk.cli.context import load_command_settings
from kiosk.config.edit import write_settings
from kiosk.config.load import DEFAULT_FILE_NAME, find_settings_file
from kiosk.scanning.computer_layout import expect_layouts
from kiosk.scanning.scanner_check import Proposals, ScanExam, TypedByte, describe_byte, propose_settings
from kiosk.status.wording import sanitize_text

# The silence after which a scan is over: longer than any scanner stalls.
_SCAN_END_SECONDS = 1.0

# The keys that end the test if nothing else is typed with them: q, Ctrl+C and Esc.
_LEAVE_KEYS = (b"q", b"Q", b"\x03", b"\x1b")


@click.group(
    short_help=_("Test a USB scanner and find settings that suit it."),
    help=_("Test a USB or Bluetooth scanner that types, and find the settings that suit it."),
)
def scanner() -> None:
    """Group the commands about USB scanners."""


@scanner.command(
    "test",
    short_help=_("Show what a scanner types, byte by byte."),
    help=_(
        "Show what a scanner types: each byte, the pause before it, and whether the kiosk recognises the badge.\n\n"
        "Names a wrong keyboard layout or Caps Lock, and proposes settings for [scanner] in kiosk.toml. Scan three "
        "different badges, one of them with a person's data or a link. Nothing is saved as a lead. Without a terminal, "
        "it reads what is piped in."
    ),
)
@click.option("--write", is_flag=True, help=_("Write the proposed settings to kiosk.toml without asking."))
@click.pass_context
def test(context: click.Context, write: bool) -> None:
    """Read scans until a person presses q, then propose settings."""
    settings = load_command_settings(context).scanner
    expected = settings.layouts or expect_layouts()
    terminal = sys.stdin.fileno()
    if os.isatty(terminal):
        click.echo(_("Scan a badge now. Press q, and nothing else, to finish."))
    exams: list[ScanExam] = []
    with _raw_terminal(terminal):
        for typed in _read_scans(terminal):
            exam = ScanExam(typed, settings, expected)
            exams.append(exam)
            _print_lines("", *(sanitize_text(sentence) for sentence in exam.describe()), "")
    if not exams:
        click.echo(_("Nothing was scanned."))
        return
    proposals = propose_settings(exams, settings)
    if not proposals:
        click.echo(_("The settings in [scanner] suit this scanner."))
        return
    click.echo(_("These settings suit this scanner better:"))
    click.echo("\n".join(["", "[scanner]", *(f"{key} = {json.dumps(value)}" for key, value in proposals.items()), ""]))
    if write or (os.isatty(terminal) and click.confirm(_("Write them to kiosk.toml?"))):
        _write_proposals(context, proposals)


def _write_proposals(context: click.Context, proposals: Proposals) -> None:
    """Write the proposed settings to the settings file that the command uses."""
    named = context.find_root().obj
    path = find_settings_file(Path(named) if named else None) or Path(DEFAULT_FILE_NAME)
    write_settings(path, "scanner", proposals)
    click.echo(_("Written to {path}. Restart the kiosk to use them.").format(path=path))


@contextmanager
def _raw_terminal(terminal: int) -> Iterator[None]:
    """Have the terminal pass on each byte as it comes, without echo and signals; afterwards discard what is left."""
    if not os.isatty(terminal):
        yield
        return
    before = termios.tcgetattr(terminal)
    tty.setraw(terminal, termios.TCSAFLUSH)
    try:
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSAFLUSH, before)


def _read_scans(terminal: int) -> Iterator[list[TypedByte]]:
    """Yield what was typed between two silences, and print each byte as it comes; end at q, or with the input."""
    typed: list[TypedByte] = []
    while True:
        if not select.select([terminal], [], [], _SCAN_END_SECONDS if typed else None)[0]:
            if bytes(byte.value for byte in typed) in _LEAVE_KEYS and os.isatty(terminal):
                return
            yield typed
            typed = []
            continue
        data = os.read(terminal, 4096)
        at = time.monotonic()
        if not data:
            break
        for value in data:
            byte = TypedByte(value, at)
            _print_lines(describe_byte(byte, typed[-1] if typed else None))
            typed.append(byte)
    if typed:
        yield typed


def _print_lines(*lines: str) -> None:
    """Print lines on a terminal that may be raw, where a line feed alone does not return to the first column."""
    end = "\r\n" if sys.stdout.isatty() else "\n"
    sys.stdout.write("".join(line + end for line in lines))
    sys.stdout.flush()
