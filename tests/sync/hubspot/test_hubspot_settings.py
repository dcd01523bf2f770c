"""The `[crm.hubspot]` table: invalid settings are reported before anything is sent."""

from dataclasses import replace
from typing import Any

import pytest

from sync.settings.hubspot import CONTACT_PROPERTIES, HubSpotSettings

GOOD = HubSpotSettings(token_env="HUBSPOT_KEY")

WRONG: list[tuple[dict[str, Any], str]] = [
    ({"url": "http://api.hubapi.com"}, "hubspot.url: api.hubapi.com would get personal data unencrypted"),
    ({"version": "2026-9"}, "hubspot.version: must be a date such as 2026-09, or v3."),
    ({"version": "2026-09/../../x"}, "hubspot.version"),
    ({"token_env": ""}, "hubspot.token_env: the key is missing"),
    ({"id_property": "Booth Lead"}, "hubspot.id_property"),
    ({"id_property": ""}, "hubspot.id_property"),
    ({"id_property": "phone"}, "hubspot.fields: the property phone is only for the lead's ID"),
    ({"at_once": 0}, "hubspot.at_once"),
    ({"max_calls": 0}, "hubspot.max_calls"),
    ({"max_calls": 191}, "hubspot.max_calls"),
    ({"per_seconds": 0.0}, "hubspot.max_calls"),
    ({"fields": {"mail": "email"}}, "hubspot.fields: there is no lead field 'mail'"),
    ({"fields": {"note": "Booth note"}}, "hubspot.fields: 'Booth note' is not the name of a property"),
    (
        {"fields": {"note": "message", "answers": "message"}},
        "hubspot.fields: two fields are mapped to the property message.",
    ),
    ({"fields": {"note": "message"}, "id_property": "email"}, "hubspot.fields: email must be sent"),
]


@pytest.mark.parametrize(("change", "sentence"), WRONG, ids=[str(change) for change, _ in WRONG])
def test_invalid_settings_are_reported_with_their_key(change: dict[str, Any], sentence: str) -> None:
    """In one sentence."""
    with pytest.raises(ValueError) as caught:
        replace(GOOD, **change).check()

    assert str(caught.value).startswith(sentence)


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"version": "v3"},
        {"version": "2027-03"},
        {"id_property": "email"},
        {"url": "http://127.0.0.1:8765"},
        {"fields": {**CONTACT_PROPERTIES, "rating": "booth_rating"}},
    ],
    ids=str,
)
def test_valid_settings_are_accepted(change: dict[str, Any]) -> None:
    """Also the practice CRM on this device."""
    replace(GOOD, **change).check()
