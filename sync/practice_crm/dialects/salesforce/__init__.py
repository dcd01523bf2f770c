"""The practice CRM as a Salesforce org."""

from sync.practice_crm.dialects.salesforce.dialect import SalesforceDialect

__all__ = ["SalesforceFace"]
