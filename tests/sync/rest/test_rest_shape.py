"""A lead in the CRM's own words and formats."""

from pathlib import Path
from typing import Any

import pytest

from kiosk.config.load import ConfigError
from sync.connectors.base import OutgoingLead
from sync.connectors.rest.lead_encoder import LeadEncoder
from tests.sync.rest.contacts_api import ContactsApi, read_settings

LEAD = OutgoingLead(
    "L1",
    1,
    {
        "name": "Ana Lopez", "rating": 2, "tags": ["demo", "call me"], "country": "germany", "company": "",
        "answers": {"Budget": "10k", "When": "soon"}, "scanned_at": "2026-05-31T22:30:00+00:00",
    },
)  # fmt: skip

FIELDS = """
url = "{url}/contacts"
[crm.rest.fields]
"""


@pytest.fixture(autouse=True)
def tokyo(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The booth is in Tokyo, nine hours before UTC."""
    import time

    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def get_sent_contact(api: ContactsApi, folder: Path, text: str, remote_id: str | None = None) -> dict[str, Any]:
    """Return the contact without our id."""
    fields = LeadEncoder(read_settings(text, api, folder)).build_template_values(LEAD, remote_id)["fields"]
    return {name: value for name, value in fields.items() if name != "client_id"}


VALUES: list[tuple[str, str, Any]] = [
    ('rating = "r"', 'rating = {{ 1 = "COLD", 2 = "COLD", 3 = "WARM", "*" = "HOT" }}', {"r": "COLD"}),
    ('rating = "r"', "rating = {{ 1 = 3, 2 = 3, 3 = 2, 4 = 1, 5 = 1 }}", {"r": 3}),
    ('rating = "r.name"', 'rating = {{ "*" = "Hot" }}', {"r": {"name": "Hot"}}),
    ('rating = "r"', 'rating = {{ "*" = {{ select = "Hot" }} }}', {"r": {"select": "Hot"}}),
    ('country = "c"', 'country = {{ Germany = "DE" }}', {"c": "DE"}),
    ('country = "c"', 'country = {{ France = "FR" }}', {"c": "germany"}),
    ('country = "c"', 'country = {{ France = "FR", "*" = "" }}', {}),
    ('company = "c"', 'company = {{ "" = "[not provided]" }}', {"c": "[not provided]"}),
    ('tags = "t"', "tags = {{ demo = 7 }}", {"t": [7, "call me"]}),
    ('tags = "t.0.id"', "tags = {{ demo = 7 }}", {"t": [{"id": [7, "call me"]}]}),
]


@pytest.mark.parametrize(("field", "table", "contact"), VALUES)
def test_values_are_translated_by_the_table(
    api: ContactsApi, tmp_path: Path, field: str, table: str, contact: Any
) -> None:
    """A table for a field translates its values; others are sent unchanged, or as "*" says."""
    assert get_sent_contact(api, tmp_path, f"{FIELDS}{field}\n[crm.rest.values]\n{table}") == contact


def test_defaults_are_sent_for_new_contacts_only(api: ContactsApi, tmp_path: Path) -> None:
    """Later they would overwrite what people have written there."""
    text = FIELDS + 'company = "c"\n[crm.rest.values]\ncompany = {{ "" = "[not provided]" }}'

    assert get_sent_contact(api, tmp_path, text, remote_id="c1") == {}


FORMATS: list[tuple[str, str, Any]] = [
    ("scanned_at", "date", "2026-06-01"),
    ("scanned_at", "datetime", "2026-05-31 22:30:00"),
    ("scanned_at", "iso", "2026-05-31T22:30:00+00:00"),
    ("scanned_at", "zulu", "2026-05-31T22:30:00Z"),
    ("scanned_at", "seconds", 1780266600),
    ("scanned_at", "milliseconds", 1780266600000),
    ("scanned_at", "%d/%m/%Y %H:%M", "01/06/2026 07:30"),
    ("rating", "text", "2"),
    ("tags", "text", "demo, call me"),
    ("answers", "text", "Budget: 10k\nWhen: soon"),
]


@pytest.mark.parametrize(("field", "wanted", "value"), FORMATS)
def test_values_are_formatted_for_the_crm(
    api: ContactsApi, tmp_path: Path, field: str, wanted: str, value: Any
) -> None:
    """The date is in the booth's time zone, everything else in UTC."""
    assert get_sent_contact(api, tmp_path, f'{FIELDS}{field} = "x"\n[crm.rest.formats]\n{field} = "{wanted}"') == {
        "x": value
    }


WRONG = [
    ('[crm.rest.values]\nratng = {{ 1 = "x" }}', "[crm.rest] values: there is no lead field 'ratng'"),
    ('[crm.rest.values]\nrating = {{ 1 = "x", 2 = "y" }}', "say what 3 is called in the CRM"),
    ('[crm.rest.formats]\nscanned = "date"', "[crm.rest] formats: there is no lead field 'scanned'"),
    ('[crm.rest.formats]\nscanned_at = "dat"', "must be one of date, datetime, iso, zulu"),
    ('[crm.rest.formats]\nemail = "date"', 'only "text" is possible'),
]


@pytest.mark.parametrize(("text", "complaint"), WRONG, ids=[complaint for _, complaint in WRONG])
def test_a_table_that_cannot_work_is_named(api: ContactsApi, tmp_path: Path, text: str, complaint: str) -> None:
    """It is refused when kiosk.toml is loaded."""
    with pytest.raises(ConfigError) as caught:
        read_settings(f'url = "{{url}}/contacts"\n{text}', api, tmp_path)

    assert complaint in str(caught.value)
