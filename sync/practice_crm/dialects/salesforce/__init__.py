"""The practice CRM's Salesforce dialect."""

from sync.practice_crm.dialects.salesforce.dialect import SalesforceDialect

__all__ = ["SalesforceDialect"]
