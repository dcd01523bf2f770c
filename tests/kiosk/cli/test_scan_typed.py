"""`kiosk scan -`: payloads as a USB scanner types them."""

import json
import sqlite3

import pytest

from data.store import open_store
from kiosk.cli.save_scans import ScanSaver
from kiosk.cli.stdin_payloads import MAX_LINE_BYTES
from kiosk.cli.stdin_vcards import MAX_CARD_LINES
from tests.kiosk.cli.conftest import ANA, Kiosk

BOB = "MECARD:N:Bob;EMAIL:bob@x.example;;"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", [True, False], ids=["newline at the end", "none"])
def test_each_line_is_a_payload_and_a_vcard_is_one(kiosk: Kiosk, end: str, last: bool) -> None:
    """Any line end counts; empty lines are ignored, and each payload is reported with its first line's number."""
    text = end.join([BOB, "", *ANA.split("\r\n"), "", "", "PZD97WTMFJ"]) + (end if last else "")

    found = kiosk.json("scan", "-", stdin=text)

    assert [
        (result["source"], result["kind"], result["who"]) for result in found
    ] == [("line 1", "mecard", "Bob, bob@x.example"), ("line 3", "vcard", "Ana Lopez, Initech, ana@initech.example"),
            ("line 11", "id", "PZD97WTMFJ")]  # fmt: skip


CARD = ANA.replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("text", "who"),
    [
        (CARD.removesuffix("END:VCARD"), ["Ana Lopez"]),
        (CARD.removesuffix("END:VCARD") + CARD, ["Ana Lopez", "Ana Lopez"]),
        (CARD.replace("VERSION", "\n" * 40 + "VERSION"), ["Ana Lopez"]),
        (CARD.replace("BEGIN:VCARD", " begin:vcard "), ["Ana Lopez"]),
        ("\ufeff" + CARD, ["Ana Lopez"]),
        (CARD.replace("\n", "\\n"), ["Ana Lopez"]),
        (CARD.replace("\n", "\r"), ["Ana Lopez"]),
        ("\ufeff" + BOB, ["Bob"]),
    ],
    ids=["no end", "the next begins", "blank lines", "spaces", "mark", "literal n", "CR", "mark and a line"],
)
def test_a_card_that_was_typed_badly_is_read_all_the_same(kiosk: Kiosk, text: str, who: list[str]) -> None:
    """The cards are as scanners and files have them."""
    found = kiosk.json("scan", "-", stdin=text)

    assert [result["contact"].get("name") or "{first_name} {last_name}".format(**result["contact"])
                   for result in found] == who  # fmt: skip


def test_a_card_without_an_end_does_not_swallow_the_day(kiosk: Kiosk) -> None:
    """Its length is limited, and the next badge is read."""
    text = "BEGIN:VCARD\nN:Lopez;Ana\n" + "X:y\n" * (2 * MAX_CARD_LINES) + BOB

    found = kiosk.json("scan", "-", stdin=text)

    assert [result["kind"] for result in found] == ["vcard", "mecard"]


HALF = "BEGIN:VCARD\nFN:Ana\n"


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        (HALF + "PZD97WTMFJ\nABCDEF12", ["vcard", "id", "id"]),
        (HALF + BOB, ["vcard", "mecard"]),
        (HALF + "https://www.linkedin.com/in/bob", ["vcard", "link"]),
        (HALF + "bob@x.example", ["vcard", "email"]),
        (HALF + "2024^Bob^Jones^b@x.org", ["vcard", "delimited"]),
        (HALF + "WIFI:S:hall;P:topsecret;;", ["vcard", "wifi"]),
        (HALF + "what is that", ["vcard", "unknown"]),
        (HALF + "what is that\n\nPZD97WTMFJ", ["vcard", "unknown", "id"]),
        (HALF + "what is that\n" + ANA, ["vcard", "unknown", "vcard"]),
        (HALF + "PZD97WTMFJ\nEND:VCARD\n" + BOB, ["vcard", "id", "mecard"]),
    ],
)
def test_a_card_without_an_end_swallows_no_badge(kiosk: Kiosk, text: str, kinds: list[str]) -> None:
    """It ends at the first line that is a badge by itself; other lines are not lost either."""
    found = kiosk.json("scan", "-", stdin=text)

    assert [result["kind"] for result in found] == kinds
    assert found[0]["contact"]["name"] == "Ana"


@pytest.mark.parametrize(
    ("lines", "contact"),
    [
        ("NOTE:wants a demo\nand a quote, 12 pieces\nEMAIL:ana@x.org", {"email": "ana@x.org"}),
        ("TITLE:Head\n  of things\nTEL:+34 600 123", {"job_title": "Head of things", "phone": "+34 600 123"}),
        ("ORG;ENCODING=QUOTED-PRINTABLE:Acme=\nCorp12\nitem1.EMAIL;WORK:ana@x.org", {"email": "ana@x.org"}),
        (
            "PHOTO;ENCODING=BASE64:" + "A1" * 30 + "\n" + "B2" * 36 + "\nX-BADGE-ID:7\nEMAIL:ana@x.org",
            {"email": "ana@x.org"},
        ),
    ],
    ids=["a note of two lines", "folded", "soft break", "picture"],
)
def test_a_card_of_many_lines_stays_whole(kiosk: Kiosk, lines: str, contact: dict[str, str]) -> None:
    """Long lines may be folded in any way."""
    found = kiosk.json("scan", "-", stdin=f"{HALF}{lines}\nEND:VCARD\n")

    assert [result["kind"] for result in found] == ["vcard"]
    assert contact.items() <= found[0]["contact"].items()


def test_a_card_without_an_end_is_reported_when_nothing_more_is_typed(kiosk: Kiosk) -> None:
    """It is saved after a silence, without waiting for another badge."""
    process = kiosk.start("scan", "-", "--save", stdin=-1)
    process.stdin.write(HALF)
    process.stdin.flush()

    said = process.stdout.readline()

    assert said == "line 1: Saved: Ana (typed)\n"
    assert process.communicate("", timeout=30) == ("", "")


def test_binary_rubbish_is_saved_as_it_came_and_harms_no_terminal(kiosk: Kiosk) -> None:
    """All of it is stored, as a lead that needs details."""
    rubbish = b"\xff\xfe\x1b[2J\x07\x00rubbish\x9b"

    done = kiosk("scan", "-", "--save", stdin=rubbish)

    assert done.exit_code == 0
    assert not {"\x1b", "\x07", "\x00", "\x9b"} & set(done.stdout)
    assert [entry.state for entry in kiosk.entries()] == ["needs you"]
    assert rubbish in kiosk.settings.database_file.read_bytes()


def test_a_line_that_no_code_can_hold_is_reported_and_the_next_is_read(kiosk: Kiosk) -> None:
    """It is neither split into badges nor kept in memory."""
    text = "x" * MAX_LINE_BYTES + "\n" + "y" * 3_000_000 + "\n" + BOB

    done = kiosk("scan", "-", "--save", stdin=text)

    assert done.exit_code == 1
    assert [line[: line.index(":", 8)] if "Saved" in line else line for line in done.stdout.splitlines()] == [
        "line 1: Saved",
        "line 2: no code found",
        "line 3: Saved",
    ]
    assert len(kiosk.entries()) == 2


@pytest.mark.parametrize("text", ["", "\n \r\n\n"])
def test_nothing_typed_is_nothing_done(kiosk: Kiosk, text: str) -> None:
    """The status tells scripts that there was no badge."""
    done = kiosk("scan", "-", stdin=text)

    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == "Error: Nothing was read: standard input is empty.\n"
    assert kiosk.json("scan", "-", stdin=text) == []


def test_a_closed_standard_input_is_a_sentence(kiosk: Kiosk) -> None:
    """A service may have none."""
    done = kiosk.run("scan", "-", prefix=["sh", "-c", 'exec "$@" <&-', "sh"])

    assert (done.returncode, done.stdout) == (2, "")
    assert "Error: There is no standard input to read from.\n" in done.stderr


def test_what_is_typed_is_reported_and_saved_line_by_line(kiosk: Kiosk) -> None:
    """A badge is reported as saved before the input ends."""
    process = kiosk.start("scan", "-", "--save", stdin=-1)
    process.stdin.write(f"{BOB}\n")
    process.stdin.flush()

    said = process.stdout.readline()
    saved = [entry.lead.label for entry in kiosk.entries()]

    assert (said, saved) == ("line 1: Saved: Bob (typed)\n", ["Bob"])
    assert process.communicate("", timeout=30) == ("", "")
    assert process.returncode == 0


def test_without_save_nothing_is_kept(kiosk: Kiosk) -> None:
    """Not even a database is created."""
    done = kiosk("scan", "-", stdin=BOB)

    assert (done.exit_code, done.output) == (0, "line 1: Bob, bob@x.example (typed, mecard)\n")
    assert list(kiosk.folder.iterdir()) == [kiosk.config]


def test_an_id_that_was_saved_before_is_not_saved_anew(kiosk: Kiosk) -> None:
    """It still says what the lead needs."""
    said = [kiosk("scan", "-", "--save", stdin="PZD97WTMFJ").stdout for _ in range(2)]

    assert said[0].startswith("line 1: Saved: PZD97WTMFJ: only an ID on this badge. Open the kiosk's pending list (F2)")
    assert said[1].startswith("line 1: Already saved: PZD97WTMFJ: only an ID on this badge. Open the kiosk's")


def test_saving_reports_the_result_for_each(kiosk: Kiosk) -> None:
    """Badges may be saved, saved before, incomplete, the test badge, or refused; only the last counts as a failure."""
    lines = [BOB, BOB, "PZD97WTMFJ", "WIFI:S:hall;P:topsecret;;"]

    done = kiosk("scan", "-", "--save", "--json", stdin="\n".join(lines))

    found = json.loads(done.stdout)
    first = kiosk.entries()[0].lead.id
    assert done.exit_code == 1
    assert [result["kind"] for result in found] == ["saved", "again", "needs details", "refused"]
    assert [result["ok"] for result in found] == [True, True, True, False]
    assert [result["lead"] for result in found[:2]] == [first, first]
    assert found[3]["lead"] is None
    assert found[2]["who"].endswith(
        "Open the kiosk's pending list (F2) to add a name, or import the attendee list with `kiosk import attendees`."
    )
    assert "topsecret" not in done.output
    assert b"topsecret" not in b"".join(path.read_bytes() for path in kiosk.settings.folder.iterdir())


def test_a_database_that_is_busy_for_a_while_costs_no_badge(kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch) -> None:
    """NOT SAVED is printed at once, and the final result before the command ends; status 0."""
    monkeypatch.setattr("data.store.BUSY_TIMEOUT_SECONDS", 0.2)
    open_store(kiosk.settings.database_file).close()
    other = sqlite3.connect(kiosk.settings.database_file, isolation_level=None, check_same_thread=False)
    other.execute("begin immediate")
    finish = ScanSaver.flush_held

    def free_then_finish(saver: ScanSaver) -> bool:
        other.close()
        return finish(saver)

    monkeypatch.setattr(ScanSaver, "flush_held", free_then_finish)

    done = kiosk("scan", "-", "--save", stdin=f"{BOB}\nPZD97WTMFJ\n")

    lines = done.stdout.splitlines()
    assert done.exit_code == 0
    assert [line[:17].rstrip(":") for line in lines[:2]] + [lines[2]] == [
        "line 1: NOT SAVED",
        "line 2: NOT SAVED",
        "held: Saved: Bob",
    ]
    assert len(kiosk.entries()) == 2


def test_a_database_that_stays_busy_is_a_failure(kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The status tells scripts that something was not saved."""
    monkeypatch.setattr("data.store.BUSY_TIMEOUT_SECONDS", 0.2)
    open_store(kiosk.settings.database_file).close()
    other = sqlite3.connect(kiosk.settings.database_file, isolation_level=None)
    other.execute("begin immediate")

    done = kiosk("scan", "-", "--save", stdin=BOB)

    other.close()
    assert done.exit_code == 1
    assert "line 1: NOT SAVED" in done.stdout
    assert kiosk.entries() == []
