"""The CRMs that leads can be delivered to: one module or package for each."""

from importlib import import_module
from pathlib import Path

from sync.connection_context import ConnectionContext
from sync.connectors.base import Connector
from sync.settings import CrmSettings
from sync.settings.network import NetworkSettings

# The values of `[crm] connector`, except `practice`, and the class for each, as `MODULE.CLASS` below this package.
_CONNECTOR_CLASSES = {
    "salesforce": "salesforce.SalesforceConnector",
    "rest": "rest.RestConnector",
    "hubspot": "hubspot.HubSpotConnector",
    "odoo": "odoo.OdooConnector",
    "webhook": "webhook.WebhookConnector",
    "csv": "csv_file.CsvConnector",
}


def open_connector(settings: CrmSettings, network: NetworkSettings, folder: Path) -> Connector:
    """
    Create the connector that *settings* name; *folder* is the kiosk's data folder.

    Only the chosen connector's module is imported.
    """
    if settings.connector == "practice":
        from sync.connectors.practice import PracticeConnector

        return PracticeConnector(folder)
    module, _dot, class_name = _CONNECTOR_CLASSES[settings.connector].rpartition(".")
    connector_class = getattr(import_module(f"sync.connectors.{module}"), class_name)
    connector: Connector = connector_class(getattr(settings, settings.connector), ConnectionContext(network, folder))
    return connector
