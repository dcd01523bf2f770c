"""`kiosk import attendees`: the organiser's list, in any shape, also after the show."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from data import attendees
from data.contact import Contact
from data.store import open_store
from tests.conftest import PracticeCrm
from tests.kiosk.cli.conftest import Kiosk, at_terminal

PEOPLE = "Firma;Badge;Vorname;Nachname;Menü\r\nInitech;PZD97WTMFJ;Jürgen;Müller;vegan\r\nAcme;8;Zoë;Weiß;\r\n"
JUERGEN = Contact(first_name="Jürgen", last_name="Müller", company="Initech")


@pytest.fixture
def write(kiosk: Kiosk) -> Callable[..., Path]:
    """Return a function that writes a list as a file."""

    def write(text: str, encoding: str = "utf-8", name: str = "list.csv") -> Path:
        path = kiosk.folder / name
        path.write_bytes(text.encode(encoding))
        return path

    return write


def known(kiosk: Kiosk, badge_id: str) -> Contact | None:
    """Return whose badge the kiosk takes a payload for."""
    db = open_store(kiosk.settings.database_file)
    found = attendees.find_contact(db, kiosk.settings.event.name, badge_id)
    db.close()
    return found


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_a_list_is_taken_as_it_comes(kiosk: Kiosk, write: Callable[..., Path], encoding: str, separator: str) -> None:
    """Columns may have any order, separator and encoding; unknown columns are ignored."""
    done = kiosk("import", "attendees", str(write(PEOPLE.replace(";", separator), encoding)))

    assert (done.exit_code, known(kiosk, "PZD97WTMFJ")) == (0, JUERGEN)
    assert known(kiosk, "8") == Contact(first_name="Zoë", last_name="Weiß", company="Acme")
    assert done.stdout.endswith("2 people imported.\n")


def test_a_list_of_japan_is_taken(kiosk: Kiosk, write: Callable[..., Path]) -> None:
    """The file is as Japanese spreadsheets write it."""
    path = write("番号,氏名,会社名,ID\n1,山田 太郎,株式会社サンプル,7\n2,佐藤 花子,日本電気,8\n", "shift_jis")

    assert kiosk("import", "attendees", str(path)).exit_code == 0
    assert known(kiosk, "7") == Contact(name="山田 太郎", company="株式会社サンプル")


def test_a_workbook_is_taken(kiosk: Kiosk) -> None:
    """IDs stored as numbers become the digits on the badge."""
    book, path = openpyxl.Workbook(), kiosk.folder / "list.xlsx"
    for row in (["Badge", "Vorname", "Nachname", "Firma"], [752327237937, "Jürgen", "Müller", "Initech"]):
        book.active.append(row)
    book.save(path)

    done = kiosk("import", "attendees", str(path))

    assert (done.exit_code, known(kiosk, "752327237937")) == (0, JUERGEN)
    assert done.stdout.splitlines()[0] == "workbook, sheet 'Sheet'"


def test_it_shows_how_the_list_was_understood(kiosk: Kiosk, write: Callable[..., Path]) -> None:
    """It prints the encoding, the separator, and each column with an example, even ignored ones."""
    done = kiosk("import", "attendees", str(write(PEOPLE, "cp1252")))

    assert [line.split() for line in done.stdout.splitlines()[:7]] == [
        ["cp1252,", "columns", "separated", "by", ";"],
        ["COLUMN", "MEANING", "EXAMPLE"],
        ["Firma", "company", "Initech"],
        ["Badge", "badge_id", "PZD97WTMFJ"],
        ["Vorname", "first_name", "Jürgen"],
        ["Nachname", "last_name", "Müller"],
        ["Menü", "(ignored)", "vegan"],
    ]


def test_a_bad_row_is_reported_with_its_line_and_the_others_are_imported(
    kiosk: Kiosk, write: Callable[..., Path]
) -> None:
    """Status 1; people and scripts get the line and the reason."""
    path = write(
        'id,name,company\n7,"Ana\nMaria",Initech\n8,Bob\n,Eve,Acme\n9,,\n10,"Zed,x\n\n11,Kim,y,z\n12,Lee,Acme,\n'
    )
    problems = [
        (5, "no ID"), (6, "no name or contact details"),
        (7, "a quotation mark is not closed"), (9, "4 columns, but the header has 3"),
    ]  # fmt: skip

    done, told = kiosk("import", "attendees", str(path)), kiosk.json("import", "attendees", str(path))

    assert done.exit_code == 1
    assert done.stdout.splitlines()[-4:] == [f"  Line {line} skipped: {why}." for line, why in problems]
    assert [{"line": line, "problem": why} for line, why in problems] == told["problems"]
    assert (
        told["imported"], told["leads_completed"], told["mapping"],
    ) == (3, 0, {"id": "badge_id", "name": "name", "company": "company"})  # fmt: skip
    assert [known(kiosk, badge).name for badge in ("7", "8", "12")] == ["Ana Maria", "Bob", "Lee"]


def test_many_bad_rows_do_not_flood_the_terminal(kiosk: Kiosk, write: Callable[..., Path]) -> None:
    """Twenty are printed and the others counted; JSON output has all of them."""
    path = write("id,name\n" + ",Eve\n" * 500 + "7,Ana\n")

    done, told = kiosk("import", "attendees", str(path)), kiosk.json("import", "attendees", str(path))

    assert done.stdout.count("skipped: no ID.") == 20
    assert done.stdout.endswith("  and 480 more\n")
    assert len(told["problems"]) == 500


def test_map_says_what_a_column_means(kiosk: Kiosk, write: Callable[..., Path]) -> None:
    """It can be repeated, and can ignore a column."""
    path = write("Nr,Wer,Firma,Notiz\n7,Ana,Initech,x\n")

    done = kiosk("import", "attendees", str(path), "--map", "Nr=badge_id", "--map", "Wer=name", "--map", "Firma=")

    assert (done.exit_code, known(kiosk, "7")) == (0, Contact(name="Ana"))


def test_map_takes_a_field_from_the_column_that_was_guessed(kiosk: Kiosk, write: Callable[..., Path]) -> None:
    """The order of the two columns does not matter."""
    path = write("Employer of record,id,name,Company\nInitech,7,Ana,a shell\n")

    kiosk("import", "attendees", str(path), "--map", "Employer of record=company")

    assert known(kiosk, "7") == Contact(name="Ana", company="Initech")


def test_encoding_says_how_the_list_is_written(kiosk: Kiosk, write: Callable[..., Path]) -> None:
    """It is needed where the guess would garble names."""
    path = write("id,name\n7,Şükrü Yılmaz\n", "cp1254")

    assert kiosk("import", "attendees", str(path), "--encoding", "cp1254").exit_code == 0
    assert known(kiosk, "7") == Contact(name="Şükrü Yılmaz")


MISTAKES = [
    ("", [], "list.csv is empty. It needs a header row"),
    ("\n,,\n", [], "list.csv is empty. It needs a header row"),
    (
        "name,company\nAna,Initech\n",
        [],
        "no column looks like the ID on the badge. Name it with --map 'HEADER=badge_id'",
    ),
    ("id,name\n7,Ana\n", ["--map", "Nmae=name"], "list.csv: there is no column 'Nmae'. Columns: 'id', 'name'."),
    (
        "id,name\n7,Ana\n",
        ["--map", "name=nom"],
        "'name=nom': write HEADER=FIELD, with one of these fields: badge_id, name, ",
    ),
    ("id,name\n7,Ana\n", ["--map", "id="], "no column looks like the ID on the badge"),
    (
        "id,name\n7,Zoë\n",
        ["--encoding", "ascii"],
        "list.csv: this file is not in ascii (byte 13 does not fit). Choose another --encoding.",
    ),
    ("id,name\n7,Ana\n", ["--encoding", "klingon"], "list.csv: unknown encoding 'klingon'. Examples: utf-8, cp1252"),
    ("PK\x03\x04rubbish", [], "list.csv: this workbook cannot be read. Open it in its program and save "),
    (
        "\x00\x01\x02" * 40,
        [],
        "list.csv: this is not a text file, so it is not a list.",
    ),
    ("\x1b[2J\x00\x01", [], "no column looks like the ID on the badge"),
]


@pytest.mark.parametrize(("text", "options", "sentence"), MISTAKES, ids=range(len(MISTAKES)))
def test_a_file_that_is_not_a_list_is_reported_and_nothing_is_imported(
    kiosk: Kiosk, write: Callable[..., Path], text: str, options: Any, sentence: str
) -> None:
    """Status 2; no database is created, and the file's text cannot control the terminal."""
    done = kiosk("import", "attendees", str(write(text)), *options)

    assert (done.exit_code, done.stdout) == (2, "")
    assert sentence in done.stderr
    assert "\x1b" not in done.stderr
    assert not kiosk.settings.database_file.exists()


def test_a_file_that_is_not_there_or_may_not_be_read_is_told(
    kiosk: Kiosk, write: Callable[..., Path], powerless: list[str]
) -> None:
    """Status 2, with the file's name."""
    closed = write("id,name\n7,Ana\n")
    closed.chmod(0)

    done = kiosk.run("import", "attendees", str(closed), prefix=powerless)

    assert (done.returncode, kiosk("import", "attendees", "nowhere.csv").exit_code) == (2, 2)
    assert f"'{closed}' is not readable." in done.stderr


def test_a_newer_list_replaces_who_is_in_it(kiosk: Kiosk, write: Callable[..., Path]) -> None:
    """People who are not in it stay as they are."""
    kiosk("import", "attendees", str(write("id,name,company\n7,Ana,Initech\n8,Bob,Acme\n")))

    kiosk("import", "attendees", str(write("name,id\nAna Lopez,7\n")))

    assert [known(kiosk, "7"), known(kiosk, "8")] == [Contact(name="Ana Lopez"), Contact(name="Bob", company="Acme")]


def test_leads_of_earlier_scans_are_completed_and_delivered(
    kiosk: Kiosk, write: Callable[..., Path], practice_crm: PracticeCrm
) -> None:
    """A lead that was only an ID gets its person and is sent; one that was sent before is sent again."""
    kiosk.settings.folder.mkdir(exist_ok=True)
    kiosk.scan("PZD97WTMFJ", "id-nobody-has")
    assert [entry.state for entry in kiosk.entries()] == ["needs you", "needs you"]

    first = kiosk.json("import", "attendees", str(write(PEOPLE)))
    assert kiosk.run("sync").returncode == 0
    again = kiosk.json("import", "attendees", str(write(PEOPLE.replace("Initech", "Initech;").replace(";;", ";"))))
    kiosk("import", "attendees", str(write("Badge,Vorname,email\nPZD97WTMFJ,Jürgen,j@initech.example\n")))
    assert kiosk.run("sync").returncode == 0

    [contact] = practice_crm.contacts()
    assert (first["leads_completed"], again["leads_completed"]) == (1, 0)
    assert tuple(contact[name] for name in ("first_name", "last_name", "email")) == (
        "Jürgen",
        "Müller",
        "j@initech.example",
    )
    assert [entry.state for entry in kiosk.entries()] == ["delivered", "needs you"]


def test_secrets_of_a_list_are_kept_as_hashes(kiosk: Kiosk, write: Callable[..., Path]) -> None:
    """A ticket's secret lets people in, so only its hash is stored; the badge still finds its person."""
    secret = "5uhbd49wms2fakafn5nzq7pcqpbjun2v"
    kiosk.scan(secret)

    told = kiosk.json("import", "attendees", str(write(f"Secret,Attendee name\n{secret},Ana Lopez\n")))

    assert told["leads_completed"] == 1
    assert [entry.lead.label for entry in kiosk.entries()] == ["Ana Lopez"]
    assert [path for path in kiosk.settings.folder.iterdir() if secret.encode() in path.read_bytes()] == []


@pytest.mark.parametrize(
    ("keys", "status", "people"),
    [(b"y\n", 0, True), (b"\n", 0, True), (b"n\n", 1, False), (b"\x03", 1, False), (b"\x04", 1, False)],
    ids=["y", "Enter", "n", "Ctrl-C", "Ctrl-D"],
)
def test_at_a_terminal_it_asks_first(
    kiosk: Kiosk, write: Callable[..., Path], keys: bytes, status: int, people: bool
) -> None:
    """The columns are on the screen by then; nothing is imported without a yes."""
    path = write(PEOPLE)

    code, screen = at_terminal(kiosk, ["import", "attendees", str(path)], b"[Y/n]", keys)

    assert code == status
    assert b"first_name" in screen.partition(b"Import 2 people?")[0]
    assert b"Traceback" not in screen
    assert (kiosk.settings.database_file.exists() and known(kiosk, "8") is not None) == people
    assert (keys == b"n\n") == (b"Nothing was imported. Correct the guesses with --map 'HEADER=FIELD'" in screen)


def test_the_question_counts_what_is_imported(kiosk: Kiosk, write: Callable[..., Path]) -> None:
    """A person who is listed twice is imported once; a second person with the same ID is skipped."""
    rows = "8,Ana,Lopez\n9,Bob,Ray\n9,Bob,Ray\n8,Eve,Roe\n10,Cy,Fox\n"
    path = write(f"badge_id,first_name,last_name\n{rows}")

    code, screen = at_terminal(kiosk, ["import", "attendees", str(path)], b"[Y/n]", b"y\n")

    assert code == 1
    assert b"Import 3 people (1 row skipped)?" in screen
    assert b"3 people imported." in screen
    assert b"Line 5 skipped: it has the same ID as line 2, but different details." in screen


@pytest.mark.parametrize("option", ["--yes", "--json"])
def test_who_does_not_want_to_be_asked_is_not(kiosk: Kiosk, write: Callable[..., Path], option: str) -> None:
    """`--yes` is for scripts that run in a terminal."""
    code, screen = at_terminal(kiosk, ["import", "attendees", str(write(PEOPLE)), option], b"", b"")

    assert code == 0
    assert b"[Y/n]" not in screen
    assert known(kiosk, "PZD97WTMFJ") == JUERGEN


def test_two_people_with_one_id_are_reported(kiosk: Kiosk, write: Callable[..., Path]) -> None:
    """The first counts, and the second is reported with its line; a repeated row is not."""
    text = (
        "id,name,email\n7,Ana Lopez,ana@x.example\n8,Bob,b@x.example\n 7 ,Eve Adams,eve@x.example\n8,Bob,b@x.example\n"
    )

    done = kiosk("import", "attendees", str(write(text)))

    assert done.exit_code == 1
    assert done.stdout.splitlines()[-2:] == [
        "2 people imported.",
        "  Line 4 skipped: it has the same ID as line 2, but different details.",
    ]
    assert known(kiosk, "7") == Contact(name="Ana Lopez", email="ana@x.example")
