"""Lists that are more than a header and rows: titles, notes, short rows, cover sheets, totals, groups of headers."""

from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from kiosk.importing.tables.opening import open_table
from kiosk.importing.tables.table import TableRow
from kiosk.importing.tables.xlsx_numbers import format_number, parse_format
from tests.kiosk.cli.conftest import Kiosk


def read(path: Path, text: str = "", **options: object) -> tuple[list[str], list[list[object]]]:
    """Return the headers and the cells of the rows of a list."""
    if text:
        path.write_text(text, encoding="utf-8")
    table = open_table(path, **options)  # type: ignore[arg-type]
    rows = [row.cells for row in table.rows if not row.problem]
    table.close()
    return table.header, rows


HEADER, ROWS = ["Badge", "Name", "Email"], [["1", "Ana", "a@x.example"], ["2", "Bob", "b@x.example"]]
BODY = "Badge;Name;Email\n1;Ana;a@x.example\n2;Bob;b@x.example\n"

ABOVE = {
    "a title": "ASISTENTES SHOWROOM\n",
    "a title with separators": "Expo 2026 – Attendee list;;\n;;\n",
    "notes": 'Notes:\n"Some of the e-mails, as you may know, are missing"\n\n',
    "a title and a date": "Expo 2026\nExported on 2026-09-20\n\n",
    "what Excel is told": "sep=;\n",
    "the same in quotes": '"sep=;"\r\n',
    "in capitals": "SEP=;\n",
    "empty lines": "\n;;\n\n",
    "groups": "Ticket;Person;\n",
}


@pytest.mark.parametrize("above", ABOVE)
def test_headers_are_found_below_titles_and_notes(tmp_path: Path, above: str) -> None:
    """Whatever a person or a program wrote there."""
    assert read(tmp_path / "x.csv", ABOVE[above] + BODY) == (HEADER, ROWS)


def test_the_header_row_can_be_chosen(tmp_path: Path) -> None:
    """By its line number; an empty line is refused."""
    text = "Name;Badge;x\nfoo;bar;baz\n1;2;3\n"

    assert read(tmp_path / "x.csv", text, header_row=2) == (["foo", "bar", "baz"], [["1", "2", "3"]])
    with pytest.raises(ValueError, match="line 9 has no headers"):
        read(tmp_path / "x.csv", text, header_row=9)


def test_headers_in_two_lines_are_joined(tmp_path: Path) -> None:
    """Groups above their parts; the same word in two groups is two columns."""
    two = "Badge;Person;;Contact;\nID;First name;Last name;E-Mail;Phone\n1;Ana;Lopez;a@x.example;555\n"
    merged = "Badge;Name;;E-Mail\n;First;Last;\n1;Ana;Lopez;a@x.example\n"
    twice = "Buyer;;Attendee;\nName;Email;Name;Email\nAl;a@x.example;Bo;b@x.example\n"

    assert read(tmp_path / "x.csv", two)[0] == ["ID", "First name", "Last name", "E-Mail", "Phone"]
    assert read(tmp_path / "x.csv", merged) == (
        ["Badge", "First", "Last", "E-Mail"], [["1", "Ana", "Lopez", "a@x.example"]],
    )  # fmt: skip
    assert read(tmp_path / "x.csv", twice)[0] == ["Buyer: Name", "Buyer: Email", "Attendee: Name", "Attendee: Email"]


def test_the_first_row_is_not_a_second_header_line(tmp_path: Path) -> None:
    """People may have the same names as columns."""
    text = "Badge;Name;Company;City\n;Land;Firma;\n1;Ana;ACME;Bonn\n"

    assert read(tmp_path / "x.csv", text)[0] == ["Badge", "Name", "Company", "City"]


def test_short_rows_are_filled_and_totals_reported(tmp_path: Path) -> None:
    """As Outlook and Excel write them. A remark about the report is not a person."""
    path = tmp_path / "x.csv"
    path.write_text(
        "ID,Name,Email,Company\n1,Ana,a@x.example,ACME\n2,Bob,b@x.example\n3,Cy\nTotal,3,\n"
        "\nMy report\nCopyright (c) X\n"
    )
    table = open_table(path)
    rows = list(table.rows)
    table.close()

    assert rows[:3] == [
        TableRow(2, ["1", "Ana", "a@x.example", "ACME"]),
        TableRow(3, ["2", "Bob", "b@x.example", ""]),
        TableRow(4, ["3", "Cy", "", ""]),
    ]
    assert [(row.line, row.problem) for row in rows[3:]] == [
        (5, "looks like a total, not a person"),
        (7, "looks like a remark about the report, not a person"),
        (8, "looks like a remark about the report, not a person"),
    ]


def test_text_wrapped_for_excel_is_unwrapped(tmp_path: Path) -> None:
    """`="000345"` keeps Excel from reading a number."""
    assert read(tmp_path / "x.csv", 'Badge,Name\n="000345",Ana\n"=""000346""",="Bob"\n')[1] == [
        ["000345", "Ana"], ["000346", "Bob"],
    ]  # fmt: skip


def test_a_last_name_with_a_comma_does_not_change_the_separator(tmp_path: Path) -> None:
    """Nor do commas in every row."""
    text = "Badge;Name\n1;Lopez, Ana\n2;Ray, Bob\n3;Wu, Cy\n"

    assert read(tmp_path / "x.csv", text) == (
        ["Badge", "Name"],
        [["1", "Lopez, Ana"], ["2", "Ray, Bob"], ["3", "Wu, Cy"]],
    )


@pytest.fixture
def book() -> Any:
    """An empty workbook."""
    return openpyxl.Workbook()


def test_a_hidden_first_sheet_is_not_the_list(tmp_path: Path, book: Any) -> None:
    """It contains the choices of a form. It can still be read by its name."""
    book.active.title, book.active.sheet_state = "Lookup", "hidden"
    for row in (["Ticket", "Code"], ["VIP ticket", "V1"]):
        book.active.append(row)
    people = book.create_sheet("People")
    for line in (["Badge", "Name"], [7, "Ana"]):
        people.append(line)
    book.save(tmp_path / "x.xlsx")

    assert read(tmp_path / "x.xlsx") == (["Badge", "Name"], [[7, "Ana"]])
    assert read(tmp_path / "x.xlsx", sheet="Lookup") == (["Ticket", "Code"], [["VIP ticket", "V1"]])
    with pytest.raises(ValueError, match=r"no sheet 'Guests'\. Sheets: 'Lookup', 'People'"):
        read(tmp_path / "x.xlsx", sheet="Guests")


def test_a_cover_sheet_and_a_merged_title_are_skipped(tmp_path: Path, book: Any) -> None:
    """The sheet with the list is the one with headers."""
    book.active.append(["Expo 2026, all attendees"])
    people = book.create_sheet("People")
    people.append(["Expo 2026"])
    people.merge_cells("A1:C1")
    for row in (["Badge", "Name", "Email"], [7, "Ana", "a@x.example"]):
        people.append(row)
    book.save(tmp_path / "x.xlsx")

    table = open_table(tmp_path / "x.xlsx")
    table.close()

    assert table.header == ["Badge", "Name", "Email"]
    assert table.description == "workbook, sheet 'People', 1 of 2 sheets, headers in line 2"


NUMBERS = [
    ("12", "General", 12), ("12", "000000", "000012"), ("1067", "00000", "01067"), ("12.5", "General", 12.5),
    ("1234567", "#,##0", 1234567), ("12", '"A-"000', "A-012"), ("493012345", "+00 00 00000", "+49 30 12345"),
    ("5551234567", "(000) 000-0000", "(555) 123-4567"), ("1234", "00", "1234"), ("0", "0000", "0000"),
    ("46155", "yyyy-mm-dd", date(2026, 5, 13)), ("46155", "dd/mm/yy;@", date(2026, 5, 13)),
    ("46155.604166666664", "m/d/yy h:mm", datetime(2026, 5, 13, 14, 30)), ("0.5", "h:mm AM/PM", time(12)),
    ("46155", "[$-407]d. mmmm yyyy", date(2026, 5, 13)), ("12", "[Red]0;[Blue]-0", 12), ("12", "@", 12),
    ("0.1", "0%", 0.1), ("7", '0" pcs"', "7 pcs"), ("1234567890123456", "0", 1234567890123456),
]  # fmt: skip


@pytest.mark.parametrize(("text", "code", "value"), NUMBERS)
def test_numbers_are_read_as_shown(text: str, code: str, value: object) -> None:
    """As far as they can be an ID, a postcode, a phone number or a day."""
    assert format_number(text, parse_format(code)) == value


def test_workbooks_can_count_days_from_1904() -> None:
    """As on old Macs."""
    assert format_number("44693", parse_format("yyyy-mm-dd"), is_1904=True) == date(2026, 5, 13)


def test_an_ignored_email_column_is_reported(kiosk: Kiosk) -> None:
    """On the terminal and in a script, with the option that imports it."""
    path = kiosk.folder / "list.csv"
    path.write_text("Badge,Name,First contact,Second contact\n1,Ana,a@x.example,b@x.example\n2,Bob,c@x.example,\n")
    note = (
        "No column is used for the e-mail, although 2 of the first 2 cells of 'First contact' contain one: "
        "--map 'First contact=email' uses it."
    )

    done, told = kiosk("import", "attendees", str(path)), kiosk.json("import", "leads", str(path))

    assert note in done.stdout.splitlines()
    assert told["notes"][0] == note
    assert (done.exit_code, len(told["notes"])) == (0, 2)


def test_an_ignored_column_has_a_reason(kiosk: Kiosk) -> None:
    """The buyer is not the visitor."""
    path = kiosk.folder / "list.csv"
    path.write_text("Badge,Attendee name,Attendee email,Email\n1,Ana,a@x.example,buyer@x.example\n")

    done = kiosk("import", "attendees", str(path))

    assert "(ignored: 'Attendee email' is the attendee's own)" in done.stdout
    note = "'Email' is ignored ('Attendee email' is the attendee's own), although 1 of the first 1 cells contain an"
    assert note in done.stdout
