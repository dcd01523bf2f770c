"""What our fields can be sent to: a choice, a date or a number in the CRM does not take what badges say."""

from typing import Any

import pytest

from sync.connectors.field_types import FieldType, describe_type_mismatch
from sync.settings.odoo import OdooSettings
from tests.sync.hubspot.factories import add_property, make_connector
from tests.sync.odoo.conftest import KEY
from tests.sync.scripted_server import ScriptedResponse, ScriptedServer

CASES: list[tuple[str, FieldType, tuple[str, ...], str]] = [
    ("country", "text", (), ""),
    ("rating", "text", (), ""),
    ("rating", "number", (), ""),
    ("rating", "choice", ("1", "2", "3", "4", "5", "6"), ""),
    ("scanned_at", "datetime", (), ""),
    ("scanned_at", "text", (), ""),
    ("rating", "choice", ("hot", "cold"), "only takes cold, hot: add the ratings 1 to 5 to it"),
    ("country", "choice", ("DE", "FR"), "only takes DE, FR: a lead with any other value would be rejected"),
    ("scanned_at", "date", (), "is a date without a time, and the kiosk's scanned_at is a date with a time"),
    ("company", "number", (), "is a number, and the kiosk's company is free text"),
    ("company", "boolean", (), "is a yes/no field"),
    ("company", "record", (), "is a link to another record"),
    ("rating", "datetime", (), "is a date with a time, and the kiosk's rating is a number"),
]


@pytest.mark.parametrize(("ours", "kind", "options", "words"), CASES)
def test_what_does_not_fit_is_named(ours: str, kind: FieldType, options: tuple[str, ...], words: str) -> None:
    """With what to do."""
    found = describe_type_mismatch("Example", ours, "their_field", kind, options)

    assert words in found
    assert bool(words) == bool(found)


async def list_problems(connector: Any) -> list[str]:
    """What a check finds wrong."""
    try:
        return [finding.sentence for finding in await connector.check_setup() if not finding.is_well]
    finally:
        await connector.aclose()


def test_hubspot_s_lists_dates_and_unique_properties_are_found(crm: Any) -> None:
    """hubspot-api-php#74: a date takes midnight alone; a list of options refuses what badges say."""
    import asyncio

    options = [{"label": name, "value": name, "hidden": False} for name in ("Germany", "France")]
    add_property(crm, "booth_country", "enumeration", "select", options=options)
    add_property(crm, "booth_day", "date", "date")
    add_property(crm, "booth_phone", hasUniqueValue=True)
    fields = {"email": "email", "country": "booth_country", "scanned_at": "booth_day", "phone": "booth_phone"}

    found = asyncio.run(list_problems(make_connector(crm, fields=fields)))

    assert [sentence.partition(":")[0] for sentence in found] == [
        "The HubSpot field booth_country only takes France, Germany",
        "The HubSpot field booth_day is a date without a time, and the kiosk's scanned_at is a date with a time",
        "The HubSpot property booth_phone takes each value only once, and two people may have the same phone",
    ]


def test_odoo_s_selections_and_dates_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """As Odoo describes its fields."""
    import asyncio

    from sync.connectors.odoo.connector import OdooConnector

    described = {
        "name": {"type": "char", "required": True},
        "priority": {"type": "selection", "selection": [["0", "Low"], ["1", "Medium"], ["2", "High"]]},
        "date_deadline": {"type": "date"},
        "city": {"type": "char"},
    }
    answers = {"version": {"version": "19.0"}, "fields_get": described, "has_access": True}
    server = ScriptedServer()
    server.respond = lambda asked: ScriptedResponse(
        next((said for name, said in answers.items() if name in asked.path), {})
    )
    monkeypatch.setenv("BOOTH_TEST_KEY", KEY)
    fields = {"rating": "priority", "scanned_at": "date_deadline", "city": "city"}
    settings = OdooSettings(server.url, key_env="BOOTH_TEST_KEY", database="show", fields=fields)

    found = asyncio.run(list_problems(OdooConnector(settings)))
    server.stop()

    assert [sentence.partition(":")[0] for sentence in found] == [
        "The Odoo field priority only takes 0, 1, 2",
        "The Odoo field date_deadline is a date without a time, and the kiosk's scanned_at is a date with a time",
    ]
