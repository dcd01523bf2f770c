"""A row of a list becomes a lead, or a sentence on why it is none."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.badges.profile import BadgeProfile
from kiosk.importing.columns.vocabulary import LEAD_HEADINGS
from kiosk.importing.row_parser import LeadRow, LeadRowParser, SecretPayloadError

ID = "019de8ba-0798-72f4-b132-56f5b049e3c7"


def read(is_sheet: bool = True, **cells: Any) -> LeadRow:
    """What a row says that has these cells."""
    places = {name: (at,) for at, name in enumerate(cells)}
    return LeadRowParser("Expo", BadgeProfile(), places, is_sheet).parse_row(list(cells.values()))


def test_what_people_typed_is_tidied_up_and_what_a_kiosk_wrote_is_not() -> None:
    """Space, lines and controls; a note keeps its lines."""
    typed = {"name": " Ana \x1b[31m\n Lopez ", "note": " a \n\tb\x00 "}

    tidy, exact = read(**typed).lead, read(**typed, lead_id=ID).lead

    assert (tidy.contact.name, tidy.note) == ("Ana [31m Lopez", "a\nb")
    assert (typed["name"], typed["note"], ID) == (exact.contact.name, exact.note, exact.id)


def test_what_a_database_or_a_web_page_wrote_is_read_as_a_person_means_it() -> None:
    """SQL's NULL, HTML's entities, and the paragraphs of Odoo's notes; what a kiosk wrote stays."""
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
def test_what_stands_before_a_last_name_belongs_to_it(prefix: str, last: str, whole: str) -> None:
    """Dutch lists have a column of its own for it."""
    assert read(first_name="Jan", name_prefix=prefix, last_name=last).lead.contact.last_name == whole


def test_an_event_of_its_own_stays() -> None:
    """Leads of different events never mix."""
    assert [read(name="Ana", event=event).lead.event for event in ("", "Fair")] == ["Expo", "Fair"]


def test_an_apostrophe_before_a_formula_is_a_spreadsheets() -> None:
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
    ({"tags": ",".join(map(str, range(101)))}, "too large: 101 tags; 100 is the most"),
    ({"answers": {str(at): "" for at in range(101)}}, "too large: 101 answers; 100 is the most"),
    ({"lead_id": "1; drop table leads"}, "is not a kiosk lead_id"),
]


@pytest.mark.parametrize(("cells", "sentence"), WRONG, ids=range(len(WRONG)))
def test_what_cannot_be_is_told(cells: dict[str, Any], sentence: str) -> None:
    """With the field that is wrong."""
    with pytest.raises(ValueError) as raised:
        read(is_sheet=False, **{"name": "Ana", **cells})

    assert sentence in str(raised.value)


def test_a_payload_that_is_nobodys_business_is_refused() -> None:
    """It is a kind of its own, so that no file has it."""
    with pytest.raises(SecretPayloadError, match="its payload was refused"):
        read(name="Ana", payload="WIFI:S:net;T:WPA;P:hunter2;;")


def test_half_characters_become_something_that_a_database_takes() -> None:
    """JSON can hold them."""
    assert read(is_sheet=False, name="\ud800Ana").lead.contact.name == "?Ana"


def test_an_entry_secret_is_kept_as_its_hash_only() -> None:
    """Also in what is kept with the scan."""
    secret = "5uhbd49wms2fakafn5nzq7pcqpbjun2v"

    for row in (read(badge_id=secret, name="Ana"), read(payload=secret), read(badge_id=secret, lead_id=ID)):
        assert row.lead.badge_id.startswith("sha256:")
        assert secret.encode() not in row.stored_payload


CELLS = st.none() | st.text() | st.integers() | st.floats() | st.booleans() | st.lists(st.text() | st.none())


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(st.sampled_from(sorted(LEAD_HEADINGS)), CELLS | st.dictionaries(st.text(), CELLS)), st.booleans()
)
def test_no_row_stops_it(cells: dict[str, Any], is_sheet: bool) -> None:
    """It is a lead that a database takes, or a sentence."""
    try:
        row = read(is_sheet, **cells)
    except ValueError as error:
        assert str(error)
    else:
        assert isinstance(str(row.lead).encode(), bytes) and row.payload and len(row.content_hash) == 32
