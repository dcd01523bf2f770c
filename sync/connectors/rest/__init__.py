"""Any JSON API that takes contacts, described in kiosk.toml; the practice CRM is reached through it alone."""

from sync.connectors.rest.connector import RestConnector

__all__ = ["RestConnector"]
