"""Every connector, made for the practice CRM."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from sync.connectors.base import Connector
from sync.connectors.odoo.connector import OdooConnector
from sync.connectors.practice import PracticeConnector, build_practice_settings
from sync.connectors.rest.connector import RestConnector
from sync.connectors.salesforce.connector import SalesforceConnector
from sync.connectors.webhook import WebhookConnector
from sync.practice_crm.dialects.odoo.model import parse_record_id as odoo_id
from sync.practice_crm.dialects.salesforce.lead import build_lead_id as salesforce_id
from sync.practice_crm.dialects.salesforce.sessions import CONSUMER_KEY
from sync.settings.odoo import OdooSettings
from sync.settings.salesforce import SalesforceSettings
from sync.settings.webhook import WebhookSettings
from tests.sync.hubspot.factories import make_connector

Make = Callable[[Any], Connector]


def rest_bulk(crm: Any) -> Connector:
    """Make a rest connector that sends many leads per call."""
    return RestConnector(build_practice_settings(crm.url), read_token=lambda: crm.token)


def rest_single(crm: Any) -> Connector:
    """Make a rest connector for a CRM that accepts one lead per call."""
    return RestConnector(replace(build_practice_settings(crm.url), bulk_url=""), read_token=lambda: crm.token)


def practice(crm: Any) -> Connector:
    """Make a practice connector, which finds the address by itself."""
    return PracticeConnector(Path(crm.folder))


def webhook(crm: Any) -> Connector:
    """Make a webhook connector, whose calls the practice CRM knows by their signature."""
    os.environ["BOOTH_TEST_WEBHOOK_SECRET"] = crm.token
    return WebhookConnector(WebhookSettings(f"{crm.url}/hooks/leads", secret_env="BOOTH_TEST_WEBHOOK_SECRET"))


def salesforce(crm: Any) -> Connector:
    """Make a Salesforce connector, signed in by client credentials."""
    os.environ["BOOTH_TEST_SALESFORCE_SECRET"] = crm.token
    settings = SalesforceSettings(crm.url, client_id=CONSUMER_KEY, client_secret_env="BOOTH_TEST_SALESFORCE_SECRET")
    settings.check()
    return SalesforceConnector(settings)


def odoo(crm: Any, **settings: Any) -> Connector:
    """Make an Odoo connector over JSON-2."""
    os.environ["BOOTH_TEST_ODOO_KEY"] = crm.token
    made = OdooSettings(crm.url, database="practice", key_env="BOOTH_TEST_ODOO_KEY", **settings)
    made.check()
    return OdooConnector(made)


def odoo_jsonrpc(crm: Any) -> Connector:
    """Make an Odoo connector over JSON-RPC."""
    return odoo(crm, api="jsonrpc", login="booth@example.com")


def get_remote_id(make: Make, contact: dict[str, Any]) -> str:
    """Return the id that the practice CRM gives *contact* in the dialect of the connector that *make* makes."""
    if make in (odoo, odoo_jsonrpc):
        return str(odoo_id(contact["id"]))
    return salesforce_id(contact["id"]) if make is salesforce else str(contact["id"])


CONNECTORS: list[Make] = [rest_bulk, rest_single, practice, webhook, salesforce, make_connector, odoo, odoo_jsonrpc]
