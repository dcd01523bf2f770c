"""The properties of contacts: those of every HubSpot account, and those that were added to this one."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sync.practice_crm.dialects.hubspot.problems import HubSpotProblem, make_invalid_values_problem
from sync.practice_crm.records import EMAIL_PATTERN, ContactDatabase

DIALECT = "hubspot"

# How many unique properties an object may have.
_MAX_UNIQUE_PROPERTIES = 10

# The types, and the kinds of field that each can have.
_FIELD_KINDS_BY_TYPE = {
    "string": ("text", "textarea", "phonenumber", "file"),
    "number": ("number",),
    "date": ("date",),
    "datetime": ("date",),
    "enumeration": ("select", "radio", "checkbox", "booleancheckbox"),
    "bool": ("booleancheckbox",),
}

_NAME_PATTERN = re.compile(r"[a-z][a-z0-9_]{0,99}")


def define_property(name: str, kind: str = "string", field: str = "text", **more: Any) -> dict[str, Any]:
    """Return a property as the API returns it."""
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


_READ_ONLY = {"archivable": False, "readOnlyDefinition": True, "readOnlyValue": True}

_TEXT_PROPERTIES = [
    "email",
    "firstname",
    "lastname",
    "phone",
    "mobilephone",
    "company",
    "jobtitle",
    "website",
    "address",
    "city",
    "state",
    "zip",
    "country",
    "message",
]

_DEFAULT_PROPERTIES = {
    **{name: define_property(name, hubspotDefined=True) for name in _TEXT_PROPERTIES},
    **{
        name: define_property(name, *kind, hubspotDefined=True, modificationMetadata=_READ_ONLY)
        for name, kind in {
            "hs_object_id": ("number", "number"),
            "createdate": ("datetime", "date"),
            "lastmodifieddate": ("datetime", "date"),
        }.items()
    },
}


class HubSpotProperties:
    """The properties that exist, and which values they accept."""

    def __init__(self, records: ContactDatabase) -> None:
        self.records = records

    def list_properties(self) -> dict[str, dict[str, Any]]:
        """Return every property by its name."""
        return {**_DEFAULT_PROPERTIES, **self.records.list_definitions(DIALECT)}

    def create_property(self, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """
        Create the property *wanted*.

        Raises:
            HubSpotProblem: a property of that name exists, or something in *wanted* is invalid.
        """
        name, kind, field = (wanted.get(key) for key in ("name", "type", "fieldType"))
        if not isinstance(name, str) or not _NAME_PATTERN.fullmatch(name):
            raise HubSpotProblem(f"Invalid property name: {name}")
        if kind not in _FIELD_KINDS_BY_TYPE or field not in _FIELD_KINDS_BY_TYPE[str(kind)]:
            raise HubSpotProblem(f"Invalid property: fieldType {field} does not go with type {kind}.")
        if not all(isinstance(wanted.get(key), str) and wanted[key] for key in ("label", "groupName")):
            raise HubSpotProblem("Invalid input JSON: label and groupName are required.")
        known = self.list_properties()
        if name in known:
            raise HubSpotProblem(f"A property named '{name}' already exists.", "OBJECT_ALREADY_EXISTS", 409)
        if (
            wanted.get("hasUniqueValue")
            and sum(definition["hasUniqueValue"] for definition in known.values()) >= _MAX_UNIQUE_PROPERTIES
        ):
            raise HubSpotProblem(f"At most {_MAX_UNIQUE_PROPERTIES} properties may have unique values.")
        made = define_property(name, str(kind), str(field), **{key: wanted[key] for key in wanted if key != "name"})
        self.records.save_definition(DIALECT, name, made)
        return made

    def check_values(self, values: Mapping[str, Any]) -> None:
        """Raise HubSpotProblem if one of *values* is invalid for its property."""
        known = self.list_properties()
        complaints = [
            complaint
            for name, value in values.items()
            if (complaint := _find_value_error(known.get(name), name, value))
        ]
        if complaints:
            raise make_invalid_values_problem(complaints)


def _find_value_error(definition: Mapping[str, Any] | None, name: str, value: Any) -> dict[str, Any] | None:
    """Return the error of *value* for the property *definition*; None if it is valid."""
    if definition is None:
        return {"message": f'Property "{name}" does not exist', "error": "PROPERTY_DOESNT_EXIST", "name": name}
    if definition["modificationMetadata"]["readOnlyValue"]:
        message = f'"{name}" is a read only property; its value cannot be set.'
        return {"message": message, "error": "READ_ONLY_VALUE", "name": name}
    if value == "":
        return None
    if name == "email" and not EMAIL_PATTERN.fullmatch(value):
        return {"message": f"Email address {value} is invalid", "error": "INVALID_EMAIL", "name": name}
    if definition["type"] == "number" and not re.fullmatch(r"-?\d+(\.\d+)?", value):
        return {"message": f"{value} was not a valid long.", "error": "INVALID_LONG", "name": name}
    if definition["type"] == "enumeration":
        allowed = [option["value"] for option in definition["options"]]
        if any(part not in allowed for part in value.split(";")):
            message = f"{value} was not one of the allowed options: [{', '.join(allowed)}]"
            return {"message": message, "error": "INVALID_OPTION", "name": name}
    if definition["type"] in ("date", "datetime") and not _is_valid_date(value):
        return {"message": f"{value} was not a valid date.", "error": "INVALID_DATE", "name": name}
    return None


def _is_valid_date(value: str) -> bool:
    """Return whether *value* is a time as the API accepts it: ISO 8601, or milliseconds since 1970."""
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return value.isdecimal()
    return True
