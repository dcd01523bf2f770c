"""Salesforce: Leads, upserted by the lead's id in an external id field, up to 200 in a call."""

from sync.connectors.salesforce.connector import SalesforceConnector

__all__ = ["SalesforceConnector"]
