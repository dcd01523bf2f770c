"""The properties that contacts have: those of every HubSpot account, and those that were added to this one."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sync.practice_crm.faces.hubspot.problems import Problem, invalid
from sync.practice_crm.records import EMAIL, Records

DIALECT = "hubspot"
MOST_UNIQUE = 10
"""Properties with unique values that an object may have."""

TYPES = {
    "string": ("text", "textarea", "phonenumber", "file"),
    "number": ("number",),
    "date": ("date",),
    "datetime": ("date",),
    "enumeration": ("select", "radio", "checkbox", "booleancheckbox"),
    "bool": ("booleancheckbox",),
}
"""The types, and the kinds of field that each can have."""

NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")


def definition(name: str, kind: str = "string", field: str = "text", **more: Any) -> dict[str, Any]:
    """A property as the API tells it."""
    return {
        "name": name,
        "label": name.replace("_", " ").capitalize(),
        "type": kind,
        "fieldType": field,
        "groupName": "contactinformation",
        "description": "",
        "options": [],
        "hidden": False,
        "formField": True,
        "hubspotDefined": False,
        "calculated": False,
        "externalOptions": False,
        "archived": False,
        "hasUniqueValue": False,
        "displayOrder": -1,
        "modificationMetadata": {"archivable": True, "readOnlyDefinition": False, "readOnlyValue": False},
        **more,
    }


READ_ONLY = {"archivable": False, "readOnlyDefinition": True, "readOnlyValue": True}

DEFAULTS = {
    **{name: definition(name, hubspotDefined=True) for name in (
        "email", "firstname", "lastname", "phone", "mobilephone", "company", "jobtitle", "website", "address", "city",
        "state", "zip", "country", "message",
    )},
    "hs_object_id": definition("hs_object_id", "number", "number", hubspotDefined=True, modificationMetadata=READ_ONLY),
    **{name: definition(name, "datetime", "date", hubspotDefined=True, modificationMetadata=READ_ONLY) for name in (
        "createdate", "lastmodifieddate",
    )},
}  # fmt: skip


class Properties:
    """What a contact may have, and which values are right."""

    def __init__(self, records: Records) -> None:
        self.records = records

    def all(self) -> dict[str, dict[str, Any]]:
        """Every property by its name."""
        return {**DEFAULTS, **self.records.definitions(DIALECT)}

    def create(self, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """
        Add a property as *wanted*.

        Raises:
            Problem: there is one of that name, or something in it is not right.
        """
        name, kind, field = (wanted.get(key) for key in ("name", "type", "fieldType"))
        if not isinstance(name, str) or not NAME.fullmatch(name):
            raise Problem(f"Invalid property name: {name}")
        if kind not in TYPES or field not in TYPES[str(kind)]:
            raise Problem(f"Invalid property: fieldType {field} does not go with type {kind}.")
        if not all(isinstance(wanted.get(key), str) and wanted[key] for key in ("label", "groupName")):
            raise Problem("Invalid input JSON: label and groupName are required.")
        known = self.all()
        if name in known:
            raise Problem(f"A property named '{name}' already exists.", "OBJECT_ALREADY_EXISTS", 409)
        if wanted.get("hasUniqueValue") and sum(has["hasUniqueValue"] for has in known.values()) >= MOST_UNIQUE:
            raise Problem(f"At most {MOST_UNIQUE} properties may have unique values.")
        made = definition(name, str(kind), str(field), **{key: wanted[key] for key in wanted if key != "name"})
        self.records.define(DIALECT, name, made)
        return made

    def check(self, values: Mapping[str, Any]) -> None:
        """Raise Problem where one of *values* is not right for its property."""
        known = self.all()
        complaints = [complaint for name, value in values.items() if (complaint := wrong(known.get(name), name, value))]
        if complaints:
            raise invalid(complaints)


def wrong(has: Mapping[str, Any] | None, name: str, value: Any) -> dict[str, Any] | None:
    """What is wrong with *value* for the property *has*; None where it is right."""
    if has is None:
        return {"message": f'Property "{name}" does not exist', "error": "PROPERTY_DOESNT_EXIST", "name": name}
    if has["modificationMetadata"]["readOnlyValue"]:
        message = f'"{name}" is a read only property; its value cannot be set.'
        return {"message": message, "error": "READ_ONLY_VALUE", "name": name}
    if value == "":
        return None
    if name == "email" and not EMAIL.fullmatch(value):
        return {"message": f"Email address {value} is invalid", "error": "INVALID_EMAIL", "name": name}
    if has["type"] == "number" and not re.fullmatch(r"-?\d+(\.\d+)?", value):
        return {"message": f"{value} was not a valid long.", "error": "INVALID_LONG", "name": name}
    if has["type"] == "enumeration":
        allowed = [option["value"] for option in has["options"]]
        if any(part not in allowed for part in value.split(";")):
            message = f"{value} was not one of the allowed options: [{', '.join(allowed)}]"
            return {"message": message, "error": "INVALID_OPTION", "name": name}
    if has["type"] in ("date", "datetime") and not is_date(value):
        return {"message": f"{value} was not a valid date.", "error": "INVALID_DATE", "name": name}
    return None


def is_date(value: str) -> bool:
    """Whether *value* is a moment as the API takes it: ISO 8601, or milliseconds since 1970."""
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return value.isdecimal()
    return True
