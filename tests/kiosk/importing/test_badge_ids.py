"""IDs in a list in the form in which badges' IDs are stored, and which scanned badges they identify."""

from pathlib import Path

import openpyxl
import pytest

from data import attendees
from data.store import open_store
from kiosk.badges.profile import BadgeProfile
from kiosk.importing.badge_ids import parse_ids
from tests.kiosk.cli.conftest import Kiosk, at_terminal

SECRET = "5uhbd49wms2fakafn5nzq7pcqpbjun2v"
HASH = "sha256:"

CELLS = [
    ("PZD97WTMFJ", ["PZD97WTMFJ"]),
    ("https://lu.ma/check-in/evt-X9?pk=g-r3Dlc", ["g-r3Dlc"]),
    ("https://www.example.org/events/t/at/a1b2c3/", ["a1b2c3"]),
    ("https://www.linkedin.com/in/ana-lopez?trk=x", ["https://www.linkedin.com/in/ana-lopez"]),
    ('{"lead": "GYPZHJDQGV", "ticket": "5uhbd49wms2fakafn5nzq7pcqpbjun2v"}', ["GYPZHJDQGV"]),
    ("*PZD97WTMFJ*", ["PZD97WTMFJ"]),
    ("'000012", ["000012"]),
    ("1001000500110001001, 1001000500110001002", ["1001000500110001001", "1001000500110001002"]),
    ("A1;B2\nC3", ["A1", "B2", "C3"]),
    ("ana-lopez", ["ana-lopez"]),
    ("山田", ["山田"]),
    ("", []),
    ("NULL", []),
    ("\\N", []),
    ("BEGIN:VCARD\r\nVERSION:3.0\r\nN:Lopez;Ana\r\nEND:VCARD", []),
]


@pytest.mark.parametrize(("cell", "ids"), CELLS)
def test_an_id_is_read_like_its_badge(cell: str, ids: list[str]) -> None:
    """Whatever an organiser's program exports of it."""
    assert parse_ids(cell, BadgeProfile()) == ids


def test_the_events_own_pattern_applies_to_lists() -> None:
    """Its first group is the ID, in the list as on the badge."""
    profile = BadgeProfile(id_pattern=r"EXPO/(\d+)/\w+")

    assert parse_ids("EXPO/17/x", profile) == ["17"]
    assert parse_ids("17", profile) == ["17"]


@pytest.mark.parametrize("cell", ["7.52328E+20", "7,52328E+20", "752327237937711000000"])
def test_lost_digits_are_reported(cell: str) -> None:
    """No digits are invented for them."""
    with pytest.raises(ValueError, match="its ID lost digits in a spreadsheet"):
        parse_ids(cell, BadgeProfile())


def test_a_secret_is_stored_as_its_hash() -> None:
    """And a private link not at all."""
    assert parse_ids(SECRET, BadgeProfile())[0].startswith(HASH)
    with pytest.raises(ValueError, match="its ID was refused"):
        parse_ids("https://www.example.org/events/t/id/0123456789abcdef/", BadgeProfile())


def known(kiosk: Kiosk, badge_id: str) -> str:
    """Return the name of the person that the kiosk finds for a badge; empty if there is none."""
    db = open_store(kiosk.settings.database_file)
    found = attendees.find_contact(db, kiosk.settings.event.name, badge_id)
    db.close()
    return found.display_name if found else ""


def write(kiosk: Kiosk, text: str) -> str:
    """Write a list to a file."""
    path = kiosk.folder / "list.csv"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_badge_typed_with_capslock_finds_its_person(kiosk: Kiosk) -> None:
    """Whether the list or the badge has the capitals. An exact match comes first."""
    kiosk("import", "attendees", write(kiosk, "Badge,Name\nPZD97WTMFJ,Ana\ng-r3Dlc,Bob\nab1,Cyd\nAB1,Dan\n"))

    assert [known(kiosk, badge) for badge in ("pzd97wtmfj", "G-R3dLC", "ab1", "AB1")] == ["Ana", "Bob", "Cyd", "Dan"]


def test_scanned_ids_decide_the_id_column(kiosk: Kiosk) -> None:
    """Three badges were scanned before the list was imported, which says more than a header."""
    kiosk.scan("QX7731", "QX7732", "QX7739")
    rows = "Ticket number,Wristband,Name\n1001,QX7731,Ana Lopez\n1002,QX7732,Bob Ray\n1003,QX7733,Cy Wu\n"

    told = kiosk.json("import", "attendees", write(kiosk, rows))

    assert (told["mapping"], told["leads_completed"]) == (
        {"Ticket number": "badge_id", "Wristband": "badge_id", "Name": "name"}, 2,
    )  # fmt: skip
    assert (told["scanned_ids"], told["scanned_ids_on_list"]) == (3, 2)
    assert told["notes"] == ["2 of 3 scanned IDs are on this list."]
    assert [known(kiosk, badge) for badge in ("QX7731", "1003")] == ["Ana Lopez", "Cy Wu"]


def test_a_list_without_any_scanned_id_is_reported(kiosk: Kiosk) -> None:
    """On the terminal, in a script, and before the question."""
    kiosk.scan("QX7731")
    path = write(kiosk, "Ticket number,Name\n1001,Ana Lopez\n")
    note = "Are the badges' IDs in 'Ticket number'? --map 'HEADER=badge_id'"

    done, told = kiosk("import", "attendees", path, "--yes"), kiosk.json("import", "attendees", path)
    _, screen = at_terminal(kiosk, ["import", "attendees", path], b"[Y/n]", b"n\n")

    assert note in done.stdout
    assert any(told_note.startswith(note) for told_note in told["notes"])
    assert note.encode() in screen.partition(b"Import 1 person?")[0]


def test_an_id_shared_by_two_people_finds_neither(kiosk: Kiosk) -> None:
    """An order of three has one number; a newer list may assign it to one person."""
    kiosk("import", "attendees", write(kiosk, "Barcode,Order code,Name\nA1,OR77,Ana\nA2,OR77,Bob\nA3,OR78,Cy\n"))
    assert [known(kiosk, badge) for badge in ("A1", "OR77", "OR78")] == ["Ana", "", "Cy"]

    kiosk("import", "attendees", write(kiosk, "Barcode,Order code,Name\nA1,OR77,Ana\n"))
    assert known(kiosk, "OR77") == "Ana"


def workbook(path: Path, *rows: list[object], **formats: str) -> Path:
    """Write a workbook with *rows*, and the number formats of some of its cells."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for cell, form in formats.items():
        book.active[cell].number_format = form
    book.save(path)
    return path


def test_numbers_are_read_as_a_workbook_shows_them(kiosk: Kiosk) -> None:
    """With leading zeros from the format, and groups of digits."""
    path = workbook(
        kiosk.folder / "x.xlsx", ["Badge", "Name", "PLZ", "Phone"], [12, "Ana", 1067, 49301234567], [345, "Bob", 99, 1],
        A2="000000", A3="000000", C2="00000", C3="00000", D2="+00 00 0000000",
    )  # fmt: skip

    assert kiosk.json("import", "attendees", str(path))["imported"] == 2

    db = open_store(kiosk.settings.database_file)
    ana, bob = (attendees.find_contact(db, "practice", badge) for badge in ("000012", "000345"))
    db.close()
    assert ana and bob
    assert (ana.postcode, ana.phone, bob.postcode) == ("01067", "+49 30 1234567", "00099")


def test_a_long_number_of_a_workbook_is_reported(kiosk: Kiosk) -> None:
    """Its last digits are not in the file. Other rows are imported."""
    path = workbook(
        kiosk.folder / "x.xlsx", ["Barcode", "Name"], [752327237937711035001, "Ana"], ["752327237937711035002", "Bob"],
        [752327237937, "Cy"],
    )  # fmt: skip

    told = kiosk.json("import", "attendees", str(path))

    assert (told["imported"], [problem["line"] for problem in told["problems"]]) == (2, [2])
    assert told["problems"][0]["problem"].startswith("its ID lost digits in a spreadsheet")
    assert [known(kiosk, badge) for badge in ("752327237937711035002", "752327237937")] == ["Bob", "Cy"]
