"""`kiosk import leads`: leads from elsewhere, in any shape, through the same path as a scan."""

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from data.cell_codec import unescape_formula
from data.pending import PendingEntry
from data.store import open_store
from tests.conftest import PracticeCrm
from tests.kiosk.cli.conftest import ANA, Kiosk, at_terminal

LIST = (
    "First name;Last name;E-Mail;Company;Rating;Tags;Notes;Answers;Scanned at;Scanned by\r\n"
    "Jürgen;Müller;j@initech.example;Initech;5;hot, demo;call him;size: 10-50; 13.05.2026 14:30;Sam\r\n"
    "Zoë;Weiß;zoe@acme.example;Acme;;;;;2026-05-13T12:00:00Z;\r\n"
)


@pytest.fixture
def write(kiosk: Kiosk) -> Callable[..., Path]:
    """Return a function that writes a list as a file."""

    def write(content: str | list[dict[str, Any]], name: str = "", encoding: str = "utf-8") -> Path:
        is_text = isinstance(content, str)
        path = kiosk.folder / (name or ("list.csv" if is_text else "list.json"))
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding, newline="")
        return path

    return write


def by_name(kiosk: Kiosk) -> dict[str, PendingEntry]:
    """Return the leads by their labels."""
    return {entry.lead.label: entry for entry in kiosk.entries()}


def rejected(path: Path) -> list[list[str]]:
    """Return the rows of the file of rejected rows."""
    beside = path.with_name(f"{path.name}.rejected.csv")
    return list(csv.reader(io.StringIO(beside.read_text("utf-8-sig"), newline="")))


def table(kiosk: Kiosk, sql: str) -> list[tuple[Any, ...]]:
    """Return the result of a query."""
    db = open_store(kiosk.settings.database_file)
    found = [tuple(row) for row in db.execute(sql)]
    db.close()
    return found


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_list_is_taken_as_it_comes(kiosk: Kiosk, write: Callable[..., Path], encoding: str) -> None:
    """Everything noted at the booth is imported; the leads wait for the CRM like any others."""
    done = kiosk("import", "leads", str(write(LIST.replace("50; 13", "50;13"), encoding=encoding)))

    found = by_name(kiosk)
    entry, lead = found["Jürgen Müller"], found["Jürgen Müller"].lead
    assert (done.exit_code, entry.state, found["Zoë Weiß"].state) == (0, "waiting", "waiting")
    assert (lead.rating, lead.tags, lead.note, lead.answers) == (5, ("hot", "demo"), "call him", {"size": "10-50"})
    assert (lead.contact.email, lead.contact.company, entry.operator) == ("j@initech.example", "Initech", "Sam")
    assert datetime(2026, 5, 13, 14, 30).timestamp() == entry.scanned_at
    assert datetime(2026, 5, 13, 12, 0, tzinfo=UTC).timestamp() == found["Zoë Weiß"].scanned_at
    assert done.stdout.endswith("2 rows: 2 new, 0 merged into existing leads, 0 updated, 0 unchanged, 0 skipped.\n")
    assert table(kiosk, "select source, count(*) from scans group by source") == [("import", 2)]


def test_it_shows_how_the_list_was_understood(kiosk: Kiosk, write: Callable[..., Path]) -> None:
    """It prints each column with an example, even ignored ones."""
    done = kiosk("import", "leads", str(write("Name,Shoe size,Scan time\nAna,38,2026-05-13\n")))

    assert [line.split() for line in done.stdout.splitlines()[:5]] == [
        ["UTF-8,", "columns", "separated", "by", ","],
        ["COLUMN", "MEANING", "EXAMPLE"],
        ["Name", "name", "Ana"],
        ["Shoe", "size", "(ignored)", "38"],
        ["Scan", "time", "scanned_at", "2026-05-13"],
    ]


def test_a_workbook_is_taken(kiosk: Kiosk) -> None:
    """Its numbers and times are read as such."""
    path = kiosk.folder / "list.xlsx"
    book = openpyxl.Workbook()
    book.active.append(["Name", "Phone", "Rating", "Date", "Badge"])
    book.active.append(["Ana Lopez", 49301234567, 4.0, datetime(2026, 5, 13, 14, 30), 7])
    book.active.append(["Bob", None, None, None, None])
    book.save(path)

    told = kiosk.json("import", "leads", str(path))

    entry = by_name(kiosk)["Ana Lopez"]
    assert (told["rows"], told["new"], told["rejected"]) == (2, 2, 0)
    assert (entry.lead.contact.phone, entry.lead.badge_id, entry.lead.rating) == ("49301234567", "7", 4)
    assert datetime(2026, 5, 13, 14, 30).timestamp() == entry.scanned_at


def test_json_is_taken(kiosk: Kiosk, write: Callable[..., Path]) -> None:
    """Lists and objects are read as such; text stays text, even if it looks like a formula."""
    people = [
        {"name": "'=Ana", "tags": ["a, b", "c"], "answers": {"k; l": "m: n"}, "rating": 3},
        {"email": "b@x.example"},
    ]

    assert kiosk.json("import", "leads", str(write(people)))["new"] == 2

    lead = by_name(kiosk)["'=Ana"].lead
    assert (lead.tags, lead.answers, lead.rating) == (("a, b", "c"), {"k; l": "m: n"}, 3)


def test_a_payload_is_read_as_the_camera_would(kiosk: Kiosk, write: Callable[..., Path]) -> None:
    """The row's own values come first; the payload is stored with the scan; secrets are refused."""
    secret = "5uhbd49wms2fakafn5nzq7pcqpbjun2v"
    rows = [{"payload": ANA, "note": "met at dinner", "company": "Initech GmbH"}, {"payload": secret}]

    assert kiosk.json("import", "leads", str(write(rows)))["new"] == 2

    lead = by_name(kiosk)["Ana Lopez"].lead
    assert (
        lead.contact.email, lead.contact.company, lead.note, lead.kind,
    ) == ("ana@initech.example", "Initech GmbH", "met at dinner", "vcard")  # fmt: skip
    assert table(kiosk, "select payload from scans where kind = 'vcard'") == [(ANA.encode(),)]
    assert [path for path in kiosk.settings.folder.glob("kiosk.db*") if secret.encode() in path.read_bytes()] == []


def test_an_id_alone_is_completed_by_the_attendee_list(kiosk: Kiosk, write: Callable[..., Path]) -> None:
    """The list may be imported before or after, as for badges."""
    kiosk("import", "attendees", str(write("id,name\n7,Ana Lopez\n")))
    kiosk("import", "leads", str(write("badge id,rating\n7,5\n8,4\n", "leads.csv")))
    assert sorted(by_name(kiosk)) == ["8", "Ana Lopez"]

    kiosk("import", "attendees", str(write("id,name\n8,Bob\n")))

    assert sorted(by_name(kiosk)) == ["Ana Lopez", "Bob"]


def test_a_person_who_was_scanned_here_is_one_lead_with_two_scans(kiosk: Kiosk, write: Callable[..., Path]) -> None:
    """Known values stay and missing ones are added; another person with the same address is another lead."""
    kiosk.scan(ANA)

    told = kiosk.json(
        "import", "leads", str(write("name,email,phone\nAna Lopez,ana@initech.example,555\nEve,ana@initech.example,\n"))
    )

    assert (told["merged"], told["new"]) == (1, 1)
    assert {name: entry.lead.contact.phone for name, entry in by_name(kiosk).items()} == {"Ana Lopez": "555", "Eve": ""}
    assert table(kiosk, "select count(*) from scans") == [(3,)]


BAD = (
    "name,email,rating,tags,answers,scanned_at,lead_id,payload\r\n"
    "Ana,a@x.example,6,,,,,\r\n"
    ",,,hot,,,,\r\n"
    "Bob,b@x.example,5,,,,,\r\n"
    "Cyd,c@x.example,,,,soon,,\r\n"
    'Dan,"d@x.example\r\n'
    "Eve,e@x.example,,,,,7,\r\n"
    "=HYPERLINK(1),f@x.example,x,,no colon,,,\r\n"
    "Gus,g@x.example\r\n"
    "Hal,h@x.example,,,no colon,,,\r\n"
    "Ida,i@x.example,,,,,,WIFI:S:net;T:WPA;P:hunter2;;\r\n"
    "Jon,j@x.example,,,,05/06/2026,,\r\n"
)
REASONS = [
    (3, "no name or contact details"),
    (5, "'soon' is not a time; write it as 2026-05-13 14:30"),
    (6, "a quotation mark is not closed"),
    (8, "its answers: each answer needs a name in front, such as `size: 10`; found 'no colon'"),
    (10, "its answers: each answer needs a name in front, such as `size: 10`; found 'no colon'"),
    (12, "ambiguous date '05/06/2026': use --dates day-first or month-first"),
]


def test_bad_rows_are_in_a_file_beside_the_list_and_the_others_are_taken(
    kiosk: Kiosk, write: Callable[..., Path]
) -> None:
    """The file has line and reason, is private, safe in a spreadsheet, and has no secret payloads."""
    path = write(BAD)

    done, told = kiosk("import", "leads", str(path)), kiosk.json("import", "leads", str(path))

    rows = rejected(path)
    beside = path.with_name("list.csv.rejected.csv")
    reasons = [(int(row[0]), unescape_formula(row[1])) for row in rows[1:] if row[0] != "11"]
    assert (done.exit_code, sorted(by_name(kiosk))) == (1, ["Ana", "Bob", "Eve", "Gus"])
    assert ["line", "why skipped", *BAD.splitlines()[0].split(",")] == rows[0]
    assert reasons == REASONS
    assert [tuple(problem.values()) for problem in told["problems"] if problem["line"] != 11] == REASONS
    assert (0o600, str(beside)) == (beside.stat().st_mode & 0o777, told["rejected_file"])
    assert rows[4][2:4] == ["'=HYPERLINK(1)", "f@x.example"]
    assert rows[6][1].startswith("its payload was refused: ") and "hunter2" not in beside.read_text("utf-8-sig")
    assert f"  Line 3 skipped: {REASONS[0][1]}." in done.stdout.splitlines()
    assert done.stdout.endswith(
        f"The skipped rows are in {beside}, with the reasons: correct them there and import that file.\n"
    )
    assert [path for path in kiosk.folder.iterdir() if path.name.startswith(".")] == []


def test_the_file_beside_can_be_mended_and_imported(kiosk: Kiosk, write: Callable[..., Path]) -> None:
    """It is removed once all of its rows were imported; nobody is imported twice."""
    path = write("name,email,time\nAna,a@x.example,soon\nBob,b@x.example,\n=Cyd,c@x.example,\n-Dan,d@x.example,9\n")
    kiosk("import", "leads", str(path))
    beside = path.with_name("list.csv.rejected.csv")
    beside.write_text(
        beside.read_text("utf-8-sig").replace(",soon", ",2026-05-13").replace(",9", ",2026-05-14"), "utf-8-sig"
    )

    mended = kiosk.json("import", "leads", str(beside))

    assert tuple(mended[name] for name in ("rows", "new", "rejected", "rejected_file")) == (2, 2, 0, None)
    assert sorted(by_name(kiosk)) == ["-Dan", "=Cyd", "Ana", "Bob"]

    path.write_text("name,email\nAna,a@x.example\n")
    assert kiosk("import", "leads", str(path)).exit_code == 0
    assert not beside.exists()


def test_a_file_of_somebody_elses_in_that_place_stays(kiosk: Kiosk, write: Callable[..., Path]) -> None:
    """Only a file that an import wrote is removed."""
    other = write("mine", "list.csv.rejected.csv")

    kiosk("import", "leads", str(write("name\nAna\n")))

    assert other.read_text() == "mine"


def test_where_the_file_beside_cannot_be_written_the_others_are_taken_all_the_same(
    kiosk: Kiosk, write: Callable[..., Path], powerless: list[str]
) -> None:
    """A write-protected USB stick is reported, but does not stop the import."""
    folder = kiosk.folder / "stick"
    folder.mkdir()
    path = write("name,time\nAna,9\nBob,\n", "stick/list.csv")
    folder.chmod(0o555)

    done = kiosk.run("import", "leads", str(path), prefix=powerless)

    folder.chmod(0o755)
    assert (done.returncode, list(by_name(kiosk))) == (1, ["Bob"])
    assert "list.csv.rejected.csv (Permission denied)." in done.stderr
    assert "  Line 2 skipped: 9 is not a time." in done.stdout


def test_days_and_months_are_told_apart_by_other_rows_or_by_a_person(kiosk: Kiosk, write: Callable[..., Path]) -> None:
    """They are never guessed."""
    rows = "name,date\nAna,05/06/2026\n"

    assert kiosk.json("import", "leads", str(write(rows)))["rejected"] == 1
    assert kiosk.json("import", "leads", str(write(rows)), "--dates", "month-first")["rejected"] == 0
    assert kiosk.json("import", "leads", str(write(rows.replace("Ana", "Bob") + "Cyd,13/06/2026\n")))["rejected"] == 0

    found = {name: datetime.fromtimestamp(entry.scanned_at).date() for name, entry in by_name(kiosk).items()}
    assert [(found["Ana"].month, found["Ana"].day), (found["Bob"].month, found["Bob"].day)] == [(5, 6), (6, 5)]


def test_map_and_encoding_say_it_better(kiosk: Kiosk, write: Callable[..., Path]) -> None:
    """The options work as for attendee lists."""
    path = write("Wer,Firma,Sterne\nŞükrü,Acme,5\n", encoding="cp1254")

    done = kiosk(
        "import", "leads", str(path), "--encoding", "cp1254", "--map", "Wer=name", "--map", "Sterne=rating",
        "--map", "Firma=",
    )  # fmt: skip

    lead = by_name(kiosk)["Şükrü"].lead
    assert (done.exit_code, lead.rating, lead.contact.company) == (0, 5, "")


MISTAKES = [
    ("", [], "list.csv: this file is empty. It needs a header row and a row for each lead."),
    ("colour,size\nred,38\n", [], "no column identifies a person. Choose one with --map 'HEADER=FIELD'."),
    ("name\nAna\n", ["--map", "Nmae=name"], "list.csv: there is no column 'Nmae'. Columns: 'name'."),
    ("name\nAna\n", ["--map", "name=nom"], "write HEADER=FIELD, with one of these fields: lead_id, badge_id, name, "),
    ("PK\x03\x04rubbish", [], "list.csv: this workbook cannot be read. Open it in its program and save it as"),
    ("[oops", [], "list.csv: this is neither CSV, nor a workbook, nor valid JSON (line 1)."),
]


@pytest.mark.parametrize(("text", "options", "sentence"), MISTAKES, ids=range(len(MISTAKES)))
def test_a_file_that_is_not_a_list_is_reported_and_nothing_is_imported(
    kiosk: Kiosk, write: Callable[..., Path], text: str, options: Any, sentence: str
) -> None:
    """Status 2; no database is created."""
    done = kiosk("import", "leads", str(write(text)), *options)

    assert (done.exit_code, done.stdout) == (2, "")
    assert sentence in done.stderr
    assert not kiosk.settings.database_file.exists()


@pytest.mark.parametrize(("keys", "status", "people"), [(b"y\n", 0, True), (b"n\n", 1, False)], ids=["y", "n"])
def test_at_a_terminal_it_asks_first_and_shows_how_far_it_is(
    kiosk: Kiosk, write: Callable[..., Path], keys: bytes, status: int, people: bool
) -> None:
    """Nothing is imported without a yes."""
    path = write("name\n" + "".join(f"Visitor {number}\n" for number in range(3000)))

    code, screen = at_terminal(kiosk, ["import", "leads", str(path)], b"Import these leads?", keys)

    assert code == status
    assert people == (b"100%" in screen) == kiosk.settings.database_file.exists()
    assert (b"3,000 rows: 3,000 new" in screen) == people


def test_what_is_imported_is_delivered(kiosk: Kiosk, write: Callable[..., Path], practice_crm: PracticeCrm) -> None:
    """Each lead is delivered once, however often it is imported."""
    path = write(LIST.replace("50; 13", "50;13"))
    for _ in range(2):
        kiosk("import", "leads", str(path))
        assert kiosk.run("sync").returncode == 0

    assert sorted(contact["last_name"] for contact in practice_crm.contacts()) == ["Müller", "Weiß"]
