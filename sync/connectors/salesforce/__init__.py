"""Salesforce: Leads, upserted by our id in an external id field, up to 200 a call."""

from sync.connectors.salesforce.connector import SalesforceConnector

__all__ = ["SalesforceConnector"]
