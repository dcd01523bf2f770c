"""HubSpot: batch upserts of contacts, identified by a unique property for the lead's id, or by e-mail."""

from sync.connectors.hubspot.connector import HubSpotConnector

__all__ = ["HubSpotConnector"]
