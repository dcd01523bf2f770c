"""The model `crm.lead`, as far as a booth fills it."""

from collections.abc import Mapping
from typing import Any

from sync.settings.odoo import ODOO_FIELDS

_TEXT_FIELD_LABELS = {
    "contact_name": "Contact Name", "partner_name": "Company Name", "email_from": "Email", "phone": "Phone",
    "function": "Job Position", "website": "Website", "street": "Street", "street2": "Street2", "city": "City",
    "zip": "Zip", "referred": "Referred By",
}  # fmt: skip

LEAD_FIELDS: Mapping[str, Mapping[str, Any]] = {
    "id": {"type": "integer", "string": "ID", "required": False, "readonly": True},
    "name": {"type": "char", "string": "Opportunity", "required": True, "readonly": False},
    "type": {"type": "selection", "string": "Type", "required": True, "readonly": False},
    "active": {"type": "boolean", "string": "Active", "required": False, "readonly": False},
    "description": {"type": "html", "string": "Notes", "required": False, "readonly": False},
    "tag_ids": {"type": "many2many", "string": "Tags", "required": False, "readonly": False},
    "team_id": {"type": "many2one", "string": "Sales Team", "required": False, "readonly": False},
    **{
        name: {"type": "char", "string": label, "required": False, "readonly": False}
        for name, label in _TEXT_FIELD_LABELS.items()
    },
}

# The names under which our records store Odoo's fields.
_RECORD_NAMES = {theirs: ours for ours, theirs in ODOO_FIELDS.items()} | {"name": "title"}


class OdooError(Exception):
    """An exception of Odoo's; its name and message are sent to the caller."""

    def __init__(self, name: str, words: str, status: int) -> None:
        super().__init__(words)
        self.status = status
        """The HTTP status of a JSON-2 response."""
        self.document = {
            "name": name,
            "message": words,
            "arguments": [words],
            "context": {},
            "debug": f"{name}: {words}",
        }


def convert_from_odoo(values: Mapping[str, Any]) -> dict[str, Any]:
    """Rename a lead's values from Odoo's names to those of our records."""
    return {_RECORD_NAMES.get(name, name): value for name, value in values.items()}


def convert_to_odoo(contact: Mapping[str, Any]) -> dict[str, Any]:
    """Rename a record's values to Odoo's names."""
    theirs = {ours: name for name, ours in _RECORD_NAMES.items()}
    return {theirs[name]: value for name, value in contact.items() if name in theirs}


def parse_record_id(record_id: str) -> int:
    """Return Odoo's id of the record `P-000001`: 1."""
    return int(record_id[2:])
