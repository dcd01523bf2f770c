"""Exports: complete or not at all, private, and harmless in the program that opens them."""

import csv
import io
import json
import os
from pathlib import Path
from typing import Any

import pytest

from data import leads, outbox
from data.cell_codec import unescape_formula
from data.contact import CONTACT_FIELDS
from data.export import EXPORT_COLUMNS, write_export
from data.listing import iterate_listed_leads
from data.outbox import STATES
from data.store import write_transaction
from tests.data.conftest import Booth

HOSTILE = [
    '=HYPERLINK("http://evil.example";"click")', "+1+1", "-1+1", "@SUM(1)", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1",
    "－1", "＠SUM(1)", 'a"b,c;d', "two\r\nlines", "O'Brien", "[red]x[/red]", "\x1b[31m", "山田 太郎 𝕏", "a\x0bEMAIL:b",
    "nul\0here", "BEGIN:VCARD", "x\nEND:VCARD\nBEGIN:VCARD\nFN:y", "\u2028EMAIL:evil@x.example", "\\n\\,\\;",
]  # fmt: skip


def export_leads(booth: Any, name: str) -> Path:
    """Export all leads to a file called *name*."""
    path = booth.path.parent / name
    write_export(iterate_listed_leads(booth.db, states=STATES), path)
    return path


def read_csv_rows(path: Path) -> list[dict[str, str]]:
    """Read the rows of a CSV file."""
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))


def read_unfolded_lines(path: Path) -> list[str]:
    """Read the lines of a vCard file, unfolded as in RFC 6350 (3.2)."""
    return path.read_bytes().decode().replace("\r\n ", "").split("\r\n")


@pytest.fixture
def full(booth: Booth) -> Booth:
    """A booth with one delivered lead that has something in every column."""
    lead = booth.show(
        "badge:7", name="Ana Lopez", first_name="Ana", last_name="Lopez", email="ana@x.example", phone="555",
        company="Initech", job_title="Engineer", website="https://x.example", address="1 Road", city="Austin",
        region="TX", postcode="78701", country="US", badge_id="7", rating=5, note="wants a demo",
        tags=("hot", "robots"), answers={"size": "10-50", "when": "soon"},
    ).lead  # fmt: skip
    with write_transaction(booth.db):
        outbox.settle_lead(booth.db, lead.id, 1, "crm-1", booth.clock.wall_time())
    return booth


def test_a_csv_has_a_byte_order_mark_and_a_column_for_everything(full: Booth) -> None:
    """Excel takes it for UTF-8; nothing that is known is left out."""
    path = export_leads(full, "leads.csv")

    [row] = read_csv_rows(path)
    assert path.read_bytes().startswith(b"\xef\xbb\xbflead_id,event,state,")
    assert list(EXPORT_COLUMNS) == list(row)
    assert [name for name, cell in row.items() if not cell and name != "reason"] == []
    assert tuple(row[name] for name in ("state", "tags", "answers", "rating", "remote_id", "scanned_at")) == (
        "delivered",
        "hot, robots",
        "size: 10-50; when: soon",
        "5",
        "crm-1",
        "2027-01-15T08:00:00+00:00",
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_no_cell_of_a_csv_begins_like_a_formula(booth: Booth, text: str) -> None:
    """Whatever a badge says; apart from a leading apostrophe it can be read back, and is one row."""
    booth.show(f"badge:{text}", name=text, company=text, badge_id=text, note=text, tags=(text,), answers={text: text})

    [row] = read_csv_rows(export_leads(booth, "leads.csv"))

    assert [cell for cell in row.values() if cell.startswith(tuple("=+-@\t\r\n＝＋－＠"))] == []
    assert [unescape_formula(row[name]) for name in ("name", "company", "badge_id", "note")] == [text] * 4


DIVIDED = [
    f"{before}{mark}{sign}1+1{mark}x"
    for before in ("x", "", 'x"', "x'")
    for mark in (";", ",", "|", "\t", "\n", "\r\n", "\r", ' ; "', ";'", ";\"'", "\v", "\u2028")
    for sign in ("=", "+", "-", "@", "＝")
]


@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_NONE], ids=["quotes", "no quotes"])
@pytest.mark.parametrize("mark", [";", "\t", "|", ",", ":", " "])
def test_no_cell_is_a_formula_wherever_a_spreadsheet_divides(booth: Booth, mark: str, quoting: int) -> None:
    """In every text column: a double click in most of Europe splits at semicolons, also inside our cells."""
    for number, text in enumerate(DIVIDED):
        fields = dict.fromkeys(CONTACT_FIELDS, text)
        booth.show(f"badge:{number}", **fields, badge_id=text, note=text, tags=(text,), answers={text: text})
    text = export_leads(booth, "leads.csv").read_bytes().decode("utf-8-sig")
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=mark, quoting=quoting)
    found = [cell.lstrip('" ') for row in lines for cell in row]

    signs = "=＝" if mark in ": " else "=+-@＝"
    assert [cell for cell in found if cell.startswith(tuple(signs))] == []
    assert {unescape_formula(row["company"]) for row in read_csv_rows(export_leads(booth, "leads.csv"))} == set(DIVIDED)


@pytest.mark.parametrize("text", HOSTILE)
def test_json_gives_back_what_was_saved(booth: Booth, text: str) -> None:
    """Character for character, with lists and objects as such."""
    booth.show(f"badge:{text}", name=text, note=text, tags=(text,), answers={text: text}, rating=3)

    [row] = json.loads(export_leads(booth, "leads.json").read_bytes())

    assert list(EXPORT_COLUMNS) == list(row)
    assert (
        row["name"], row["note"], row["tags"], row["answers"], row["rating"]
    ) == (text, text, [text], {text: text}, 3)  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_ends_a_line_of_a_vcard(booth: Booth, text: str) -> None:
    """However a reader splits lines: one card, one name, one note, and no made-up e-mail."""
    booth.show(f"badge:{text}", name=text, company=text, note=text, tags=(text, text + "2"))

    path = export_leads(booth, "leads.vcf")

    begins = [line.split(":")[0] for line in path.read_bytes().decode().replace("\r\n ", "").splitlines()]
    assert begins == ["BEGIN", "VERSION", "FN", "N", "ORG", "NOTE", "CATEGORIES", "X-BADGE-TEXT", "UID", "END"]
    assert not set(path.read_bytes().decode().replace("\r\n", "")) & set(map(chr, (*range(9), *range(10, 32), 127)))


def test_a_vcard_has_what_is_known_and_escapes_it(full: Booth) -> None:
    """As in RFC 6350; semicolons separate the parts of an address, and are escaped inside them."""
    lead = next(leads.iterate_leads(full.db))
    leads.edit_lead(full.db, lead.id, {"note": "a;b,c\\d\ne\r\nf\rg", "address": "1; Road"}, "bob", full.clock)

    assert read_unfolded_lines(export_leads(full, "leads.vcf")) == [
        "BEGIN:VCARD", "VERSION:4.0", "FN:Ana Lopez", "N:Lopez;Ana;;;", "EMAIL:ana@x.example", "TEL:555", "ORG:Initech",
        "TITLE:Engineer", "URL:https://x.example", "ADR:;;1\\; Road;Austin;TX;78701;US",
        "NOTE:a\\;b\\,c\\\\d\\ne\\nf\\ng", "CATEGORIES:hot,robots", "X-BADGE-TEXT:a badge",
        f"UID:urn:uuid:{lead.id}", "END:VCARD", "",
    ]  # fmt: skip


@pytest.mark.parametrize("character", ["a", "é", "山", "𝕏"])
def test_a_line_of_a_vcard_has_at_most_75_bytes(booth: Booth, character: str) -> None:
    """No character is cut in two, and unfolding gives back the text."""
    booth.show("badge:7", name="Ana", note=character * 500)

    path = export_leads(booth, "leads.vcf")

    pieces = path.read_bytes().split(b"\r\n")
    assert max(map(len, pieces)) <= 75
    assert [piece.decode().encode() for piece in pieces] == pieces
    assert f"NOTE:{character * 500}" in read_unfolded_lines(path)


def test_a_line_of_75_bytes_is_not_folded(booth: Booth) -> None:
    """That is the limit itself."""
    booth.show("badge:7", name="Ana", note="a" * 70)

    assert b"\r\nNOTE:" + b"a" * 70 + b"\r\n" in export_leads(booth, "leads.vcf").read_bytes()


def test_a_lead_without_a_name_has_a_card_all_the_same(booth: Booth) -> None:
    """FN is mandatory: it is the best label there is."""
    booth.show("badge:7", badge_id="7")

    assert "FN:7" in read_unfolded_lines(export_leads(booth, "leads.vcf"))


@pytest.mark.parametrize("suffix", ["csv", "json", "vcf", "CSV"])
def test_only_its_owner_can_read_an_export(full: Booth, suffix: str) -> None:
    """Also if the file existed and was readable by everybody, and whatever the umask is."""
    path = full.path.parent / f"leads.{suffix}"
    path.touch()
    path.chmod(0o644)
    old = os.umask(0)
    try:
        export_leads(full, path.name)
    finally:
        os.umask(old)

    assert path.stat().st_mode & 0o777 == 0o600


def test_an_export_says_how_many_leads_it_has(full: Booth) -> None:
    """Also zero."""
    found = iterate_listed_leads(full.db, states=STATES)

    assert write_export(found, full.path.parent / "one.json") == 1
    assert write_export([], full.path.parent / "none.json") == 0
    assert (full.path.parent / "none.json").read_bytes() == b"[]\n"


@pytest.mark.parametrize("name", ["leads.xlsx", "leads", ".csv.exe", "leads.csv "])
def test_a_name_without_a_format_is_refused_before_anything_is_written(full: Booth, name: str) -> None:
    """The sentence lists the formats."""
    with pytest.raises(ValueError, match=r"must end in \.csv, \.json or \.vcf"):
        export_leads(full, name)

    assert not (full.path.parent / name).exists()


@pytest.mark.parametrize("failing", ["os.fsync", "pathlib.Path.replace"])
def test_an_export_that_fails_leaves_what_was_there(full: Booth, monkeypatch: pytest.MonkeyPatch, failing: str) -> None:
    """The earlier file is intact, and no temporary file is left."""
    path = full.path.parent / "leads.csv"
    path.write_bytes(b"yesterday's")
    before = sorted(full.path.parent.iterdir())

    def fail(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(failing, fail)
        with pytest.raises(OSError, match="No space left"):
            export_leads(full, path.name)

    assert path.read_bytes() == b"yesterday's"
    assert sorted(full.path.parent.iterdir()) == before


def test_a_folder_in_its_place_is_an_os_error_and_nothing_is_left(full: Booth) -> None:
    """And so is a folder that is not there."""
    (full.path.parent / "leads.csv").mkdir()
    before = sorted(full.path.parent.iterdir())

    with pytest.raises(OSError):
        export_leads(full, "leads.csv")
    with pytest.raises(FileNotFoundError):
        export_leads(full, "nowhere/leads.csv")
    assert sorted(full.path.parent.iterdir()) == before


NAMES = ["-rf.csv", "; touch x.csv", "$(x).json", "a..csv", "名簿.vcf", "line\nbreak.csv", "%s.csv"]


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_file_name_is_only_a_name(full: Booth, name: str) -> None:
    """The file has that name, and no other file is created."""
    before = set(full.path.parent.iterdir())

    path = export_leads(full, name)

    assert set(full.path.parent.iterdir()) - before == {path}
