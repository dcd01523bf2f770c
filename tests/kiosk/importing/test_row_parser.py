"""A row of a list becomes a lead, or a sentence on why it does not."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.badges.profile import BadgeProfile
from kiosk.importing.columns.vocabulary import LEAD_HEADINGS
from kiosk.importing.row_parser import LeadRow, LeadRowParser, SecretPayloadError

ID = "019de8ba-0798-72f4-b132-56f5b049e3c7"


def read(is_sheet: bool = True, **cells: Any) -> LeadRow:
    """Parse a row with these cells."""
    places = {name: (at,) for at, name in enumerate(cells)}
    return LeadRowParser("Expo", BadgeProfile(), places, is_sheet).parse_row(list(cells.values()))


def test_typed_text_is_tidied_and_exported_text_is_not() -> None:
    """White space, lines and control characters. A note keeps its lines."""
    typed = {"name": " Ana \x1b[31m\n Lopez ", "note": " a \n\tb\x00 "}

    tidy, exact = read(**typed).lead, read(**typed, lead_id=ID).lead

    assert (tidy.contact.name, tidy.note) == ("Ana [31m Lopez", "a\nb")
    assert (typed["name"], typed["note"], ID) == (exact.contact.name, exact.note, exact.id)


def test_sql_nulls_and_html_are_cleaned() -> None:
    """And the paragraphs of Odoo's notes. What a kiosk wrote is not changed."""
    cells = {"name": "Conan O&#039;Brien", "company": "NULL", "note": "<p>met at booth</p><p>wants R&amp;D</p>"}

    lead, exact = read(**cells).lead, read(**cells, lead_id=ID).lead

    assert (lead.contact.name, lead.contact.company) == ("Conan O'Brien", "")
    assert lead.note == "met at booth\nwants R&D"
    assert (exact.contact.company, exact.note) == ("NULL", cells["note"])


@pytest.mark.parametrize(
    ("prefix", "last", "whole"),
    [
        ("van der", "Berg", "van der Berg"),
        ("", "Smit", "Smit"),
        ("van der", "van der Berg", "van der Berg"),
        ("de", "Delft", "de Delft"),
        ("van", "", ""),
    ],
)
def test_a_name_prefix_belongs_to_the_last_name(prefix: str, last: str, whole: str) -> None:
    """Dutch lists have a separate column for it."""
    assert read(first_name="Jan", name_prefix=prefix, last_name=last).lead.contact.last_name == whole


def test_a_rows_own_event_is_kept() -> None:
    """Leads of different events are never merged."""
    assert [read(name="Ana", event=event).lead.event for event in ("", "Fair")] == ["Expo", "Fair"]


def test_a_spreadsheets_apostrophe_is_removed() -> None:
    """In JSON it is text."""
    assert read(name="Ana", phone="'+49 30").lead.contact.phone == "+49 30"
    assert read(is_sheet=False, name="Ana", phone="'+49 30").lead.contact.phone == "'+49 30"
    assert read(name="'Ana").lead.contact.name == "'Ana"


@pytest.mark.parametrize("rating", [4, 4.0, "4", " 4 "], ids=repr)
def test_a_rating_is_read_from_text_and_numbers(rating: Any) -> None:
    """As spreadsheets have them."""
    assert read(name="Ana", rating=rating).lead.rating == 4


WRONG = [
    ({"name": {"first": "Ana"}}, "its name is not text"),
    ({"note": "x" * 10_001}, "its note has 10001 characters; the limit is 10000"),
    ({"tags": [["a"]]}, "its tags is not text"),
    ({"tags": ",".join(map(str, range(101)))}, "too large: 101 tags; 100 is the limit"),
    ({"answers": {str(at): "" for at in range(101)}}, "too large: 101 answers; 100 is the limit"),
    ({"lead_id": "1; drop table leads"}, "is not a kiosk lead_id"),
]


@pytest.mark.parametrize(("cells", "sentence"), WRONG, ids=range(len(WRONG)))
def test_impossible_values_are_reported(cells: dict[str, Any], sentence: str) -> None:
    """With the field that is wrong."""
    with pytest.raises(ValueError) as raised:
        read(is_sheet=False, **{"name": "Ana", **cells})

    assert sentence in str(raised.value)


def test_a_secret_payload_is_refused() -> None:
    """By an error of its own, so that it is not written to the file of rejected rows."""
    with pytest.raises(SecretPayloadError, match="its payload was refused"):
        read(name="Ana", payload="WIFI:S:net;T:WPA;P:hunter2;;")


def test_lone_surrogates_are_replaced() -> None:
    """JSON can contain them, and no database accepts them."""
    assert read(is_sheet=False, name="\ud800Ana").lead.contact.name == "?Ana"


def test_an_entry_secret_is_stored_as_its_hash_only() -> None:
    """Also in what is stored with the scan."""
    secret = "5uhbd49wms2fakafn5nzq7pcqpbjun2v"

    for row in (read(badge_id=secret, name="Ana"), read(payload=secret), read(badge_id=secret, lead_id=ID)):
        assert row.lead.badge_id.startswith("sha256:")
        assert secret.encode() not in row.stored_payload


CELLS = st.none() | st.text() | st.integers() | st.floats() | st.booleans() | st.lists(st.text() | st.none())


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(st.sampled_from(sorted(LEAD_HEADINGS)), CELLS | st.dictionaries(st.text(), CELLS)), st.booleans()
)
def test_any_row_can_be_parsed(cells: dict[str, Any], is_sheet: bool) -> None:
    """It is a lead that the database accepts, or a sentence."""
    try:
        row = read(is_sheet, **cells)
    except ValueError as error:
        assert str(error)
    else:
        assert isinstance(str(row.lead).encode(), bytes) and row.payload and len(row.content_hash) == 32
