"""The practice CRM as a Salesforce org."""

from sync.sandbox.faces.salesforce.face import SalesforceFace

__all__ = ["SalesforceFace"]
