"""`kiosk scanner test`: what a scanner types, what is wrong with it, and the settings that mend it."""

import os
import sys

import pexpect
import pytest

from kiosk.badges.keyboard_layouts import make_layout_pair
from kiosk.config.tables import ScannerSettings
from kiosk.scanning.scanner_check import ScanExam, TypedByte, describe_byte, propose_settings
from tests.kiosk.cli.conftest import Kiosk

GERMAN = make_layout_pair("US", "German")
CARD = "BEGIN:VCARD\nFN:Zoe Lopez\nEMAIL:zoe@example.org\nEND:VCARD"
DEFAULTS = ScannerSettings()


def typed(text: str, gap: float = 0.008) -> list[TypedByte]:
    """*text*, a character each *gap* seconds."""
    return [TypedByte(value, number * gap) for number, c in enumerate(text) for value in c.encode()]


def examine(text: str, gap: float = 0.008, settings: ScannerSettings = DEFAULTS) -> ScanExam:
    """The exam of *text*."""
    return ScanExam(typed(text, gap), settings, None)


def test_a_byte_is_shown_with_the_pause_before_it() -> None:
    first, second = TypedByte(2, 1.0), TypedByte(ord("A"), 1.0084)

    assert describe_byte(first, None).split() == ["0x02", "STX"]
    assert describe_byte(second, first).split() == ["8.4", "ms", "0x41", "A"]


@pytest.mark.parametrize(
    ("scans", "gap", "proposals"),
    [
        (["PZD97WTMFJ\r", "ABCDEF1234\r"], 0.008, {}),
        (["PZD97WTMFJ\r"], 0.12, {"key_gap_ms": 190}),
        (["\x02PZD97WTMFJ\x03\r", "\x02ABCDEF1234\x03\r"], 0.008, {"prefix": "\x02", "suffix": "\x03"}),
        (["~PZD97WTMFJ\r", "ABCDEF1234\r"], 0.008, {}),
        ([GERMAN.simulate_typing(CARD) + "\r"], 0.008, {"scanner_layout": "us", "computer_layout": "de"}),
    ],
)
def test_settings_are_proposed_where_others_suit_the_scanner_better(
    scans: list[str], gap: float, proposals: dict[str, object]
) -> None:
    assert propose_settings([examine(scan, gap) for scan in scans], DEFAULTS) == proposals


def test_with_the_proposed_settings_the_badge_is_recognised_and_nothing_more_is_proposed() -> None:
    text = "\x02PZD97WTMFJ\x03\r"
    proposals = propose_settings([examine(text, 0.16)], DEFAULTS)
    assert examine(text, 0.16).list_screens() == (False, False)

    settings = ScannerSettings(**proposals)  # type: ignore[arg-type]

    settings.check()
    assert examine(text, 0.16, settings).list_screens() == (True, True)
    assert propose_settings([examine(text, 0.16, settings)], settings) == {}


def test_it_says_what_is_wrong() -> None:
    assert "Recognised as one badge on every screen." in examine("PZD97WTMFJ\r").describe()
    assert any("does not press Enter" in sentence for sentence in examine("PZD97WTMFJ").describe())
    assert any("Caps Lock" in sentence for sentence in examine("begin:vcard\nfn:zOE lOPEZ\nend:vcard\r").describe())
    assert any("German" in sentence for sentence in examine(GERMAN.simulate_typing(CARD)).describe())


def test_settings_are_written_to_the_file_with_its_comments(kiosk: Kiosk) -> None:
    """From a pipe, for which --write answers."""
    kiosk.configure('# ours\n[scanner]  # the yellow one\nkey_gap_ms = 120 # slow\n\n[event]\nname = "Expo"\n')

    done = kiosk.run("scanner", "test", "--write", input=GERMAN.simulate_typing(CARD) + "\r")

    assert (done.returncode, done.stderr) == (0, "")
    assert "0x42  B" in done.stdout
    assert "German" in done.stdout
    text = kiosk.config.read_text()
    assert "# ours\n[scanner]  # the yellow one\nkey_gap_ms = 120 # slow\n" in text
    assert kiosk.settings.scanner.layouts == GERMAN
    assert kiosk.settings.event.name == "Expo"


def test_nothing_is_written_without_being_asked(kiosk: Kiosk) -> None:
    kiosk.configure("")
    before = kiosk.config.read_text()

    done = kiosk.run("scanner", "test", input=GERMAN.simulate_typing(CARD) + "\r")

    assert 'computer_layout = "de"' in done.stdout
    assert kiosk.config.read_text() == before


def test_in_a_terminal_it_shows_each_scan_and_a_person_ends_it(kiosk: Kiosk) -> None:
    """A q within a badge ends nothing, and no byte is echoed or makes a signal."""
    kiosk.configure("")
    process = pexpect.spawn(sys.executable, kiosk.arguments("scanner", "test")[1:], timeout=60, env={**os.environ})
    process.expect("Press q")
    process.send("\x02qQ\x03" + GERMAN.simulate_typing(CARD) + "\r")
    process.expect("0x02  STX")
    process.expect("0x03  ETX")
    process.expect("German")
    process.send("q")
    process.expect("Write them to kiosk.toml")
    process.sendline("y")
    process.expect("Written to")
    process.expect(pexpect.EOF)

    assert process.wait() == 0
    assert kiosk.settings.scanner.layouts == GERMAN
