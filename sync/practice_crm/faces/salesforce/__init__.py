"""The practice CRM as a Salesforce org."""

from sync.practice_crm.faces.salesforce.face import SalesforceFace

__all__ = ["SalesforceFace"]
