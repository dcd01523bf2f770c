"""HubSpot connectors for the practice CRM, which speaks HubSpot's dialect."""

from dataclasses import replace
from typing import Any

from sync.connectors.hubspot import HubSpotConnector
from sync.practice_crm.faces.hubspot.properties import DIALECT, definition
from sync.settings.hubspot import HubSpotSettings

KEY = "booth_lead_id"


def settings_for(crm: Any, **changes: Any) -> HubSpotSettings:
    """How *crm* is spoken to, but for *changes*."""
    return replace(HubSpotSettings(url=crm.url, token_env="BOOTH_TEST_HUBSPOT_KEY"), **changes)


def add_property(crm: Any, name: str, kind: str = "string", field: str = "text", **more: Any) -> None:
    """Have *crm* know a property, as an administrator would have added it before."""
    with crm.records() as records:
        records.define(DIALECT, name, definition(name, kind, field, **more))


def hubspot(crm: Any, **changes: Any) -> HubSpotConnector:
    """The HubSpot connector, in an account that has the property for the lead's own id."""
    add_property(crm, KEY, hasUniqueValue=True)
    return HubSpotConnector(settings_for(crm, **changes), token=lambda: crm.token)
