"""The CRMs that leads can be delivered to, one a file."""

from importlib import import_module
from pathlib import Path

from sync.connection_context import ConnectionContext
from sync.connectors.base import Connector
from sync.settings import CrmSettings
from sync.settings.network import NetworkSettings

_CONNECTOR_CLASSES = {
    "salesforce": "SalesforceConnector",
    "rest": "RestConnector",
    "hubspot": "HubSpotConnector",
    "odoo": "OdooConnector",
    "webhook": "WebhookConnector",
    "csv": "csv_file.CsvConnector",
}
"""What `[crm] connector` may say, beside `practice`: the module's name, and the class in it; or both together."""


def open_connector(settings: CrmSettings, network: NetworkSettings, folder: Path) -> Connector:
    """The connector that *settings* choose, imported when it is needed; *folder* is the kiosk's own."""
    if settings.connector == "practice":
        from sync.connectors.practice import PracticeConnector

        return PracticeConnector(folder)
    module, _, name = _CONNECTOR_CLASSES[settings.connector].rpartition(".")
    make = getattr(import_module(f"sync.connectors.{module or settings.connector}"), name)
    connector: Connector = make(getattr(settings, settings.connector), ConnectionContext(network, folder))
    return connector
