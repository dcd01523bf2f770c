"""Any JSON API that accepts contacts, described in kiosk.toml; the practice CRM is reached through it, too."""

from sync.connectors.rest.connector import RestConnector

__all__ = ["RestConnector"]
