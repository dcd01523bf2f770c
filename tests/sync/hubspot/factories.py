"""HubSpot connectors for the practice CRM, which speaks HubSpot's dialect."""

from dataclasses import replace
from typing import Any

from sync.connectors.hubspot import HubSpotConnector
from sync.practice_crm.dialects.hubspot.properties import DIALECT, define_property
from sync.settings.hubspot import HubSpotSettings

ID_PROPERTY = "booth_lead_id"


def make_settings(crm: Any, **changes: Any) -> HubSpotSettings:
    """Return the settings for *crm*, with *changes*."""
    return replace(HubSpotSettings(url=crm.url, token_env="BOOTH_TEST_HUBSPOT_KEY"), **changes)


def add_property(crm: Any, name: str, kind: str = "string", field: str = "text", **more: Any) -> None:
    """Add a property to *crm*, as an administrator would have done."""
    with crm.records() as records:
        records.save_definition(DIALECT, name, define_property(name, kind, field, **more))


def make_connector(crm: Any, **changes: Any) -> HubSpotConnector:
    """Return a connector to an account that has the property for the lead's id."""
    add_property(crm, ID_PROPERTY, hasUniqueValue=True)
    return HubSpotConnector(make_settings(crm, **changes), read_token=lambda: crm.token)
