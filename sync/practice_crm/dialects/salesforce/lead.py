"""The object Lead of a Salesforce org: its fields, how it is stored as a contact, and what it refuses."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from sync.practice_crm.records import EMAIL_PATTERN

# The field for our id, which the practice org's administrator has added.
EXTERNAL_ID_FIELD = "Booth_Lead_Id__c"


class _LeadField(NamedTuple):
    """A field of Lead."""

    length: int
    record_name: str = ""
    """The name in our records."""
    type: str = "string"
    required: bool = False
    picklist_values: tuple[str, ...] = ()


_LEAD_FIELDS: Mapping[str, _LeadField] = {
    "FirstName": _LeadField(40, "first_name"),
    "LastName": _LeadField(80, "last_name", required=True),
    "Company": _LeadField(255, "company", required=True),
    "Email": _LeadField(80, "email", "email"),
    "Phone": _LeadField(40, "phone", "phone"),
    "Title": _LeadField(128, "job_title"),
    "Website": _LeadField(255, "website", "url"),
    "Street": _LeadField(255, "address", "textarea"),
    "City": _LeadField(40, "city"),
    "State": _LeadField(80, "region"),
    "PostalCode": _LeadField(20, "postcode"),
    "Country": _LeadField(80, "country"),
    "Rating": _LeadField(255, "rating", "picklist", picklist_values=("Hot", "Warm", "Cold")),
    "LeadSource": _LeadField(
        255, "", "picklist", picklist_values=("Web", "Phone Inquiry", "Partner Referral", "Other")
    ),
    "Description": _LeadField(32000, "note", "textarea"),
    EXTERNAL_ID_FIELD: _LeadField(64, "client_id"),
}

_READ_ONLY_FIELDS = ("Id", "CreatedDate", "IsConverted")

# The letters of an id's last three characters: each encodes which of five other characters are upper case.
_CHECKSUM_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


@dataclass(frozen=True, slots=True)
class LeadError(Exception):
    """A record that Salesforce refuses."""

    code: str
    message: str
    fields: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the error as it appears in a record's result."""
        return {"statusCode": self.code, "message": self.message, "fields": list(self.fields)}


def build_lead_id(record_id: str) -> str:
    """Return the id with eighteen characters of `P-000001`."""
    return append_checksum(f"00QPR{int(record_id.removeprefix('P-')):010d}")


def append_checksum(short: str) -> str:
    """Append the three characters that encode the case of an id with fifteen."""
    parts = (short[start : start + 5] for start in (0, 5, 10))
    return short + "".join(_CHECKSUM_LETTERS[sum(part[i].isupper() << i for i in range(5))] for part in parts)


def parse_record_id(name: str) -> str:
    """Return the `P-000001` of an id with fifteen or eighteen characters; empty if it is not one of ours."""
    found = re.fullmatch(r"00QPR(\d{10})(\w{3})?", name)
    return f"P-{int(found[1]):06d}" if found else ""


def as_lead(contact: Mapping[str, Any]) -> dict[str, Any]:
    """Return one of our contacts by Salesforce's field names."""
    ours = {field.record_name: name for name, field in _LEAD_FIELDS.items() if field.record_name}
    known = {
        ours.get(key, key): value
        for key, value in contact.items()
        if key in ours or key in _LEAD_FIELDS or "__c" in key
    }
    return {"Id": build_lead_id(contact["id"]), **dict.fromkeys(_LEAD_FIELDS), **known}


def merge_lead(before: Mapping[str, Any], lead: Mapping[str, Any]) -> dict[str, Any]:
    """Return the contact *before* with the fields of *lead*; null removes a field."""
    given = {
        (_LEAD_FIELDS[name].record_name if name in _LEAD_FIELDS else "") or name: value for name, value in lead.items()
    }
    after = {key: value for key, value in {**before, **given}.items() if value not in (None, "")}
    name = " ".join(str(after[key]) for key in ("first_name", "last_name") if after.get(key))
    return {**after, "name": name}


def check_lead(contact: Mapping[str, Any], lead: Mapping[str, Any], more: Mapping[str, Any]) -> None:
    """
    Check *contact* as it would be after *lead*; the org has *more* fields.

    Raises:
        LeadError: Salesforce would refuse it.
    """
    for name in lead:
        if name in _READ_ONLY_FIELDS:
            raise LeadError("INVALID_FIELD_FOR_INSERT_UPDATE", f"Unable to create/update fields: {name}.", (name,))
        if name not in _LEAD_FIELDS and name not in more:
            raise LeadError("INVALID_FIELD", f"No such column '{name}' on sobject of type Lead", (name,))
    missing = tuple(
        name for name, field in _LEAD_FIELDS.items() if field.required and not contact.get(field.record_name)
    )
    if missing:
        raise LeadError("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(missing)}]", missing)
    for name, value in lead.items():
        length = _LEAD_FIELDS[name].length if name in _LEAD_FIELDS else int(more[name].get("length", 255))
        if len(str(value or "")) > length:
            raise LeadError("STRING_TOO_LONG", f"{name}: data value too large: {value} (max length={length})", (name,))
    email = lead.get("Email")
    if email and not EMAIL_PATTERN.fullmatch(str(email)):
        raise LeadError("INVALID_EMAIL_ADDRESS", f"Email: invalid email address: {email}", ("Email",))


def describe_object(more: Mapping[str, Any]) -> dict[str, Any]:
    """Return what `describe` says about the object; the org has *more* fields."""
    fields = [_describe_field(name, field) for name, field in _LEAD_FIELDS.items()]
    fields += [_describe_field(name, _LeadField(18), createable=False, updateable=False) for name in _READ_ONLY_FIELDS]
    fields += [_describe_field("Status", _LeadField(255, "", "picklist"), nillable=False, defaultedOnCreate=True)]
    fields += [{**_describe_field(name, _LeadField(255)), **definition} for name, definition in more.items()]
    return {
        "name": "Lead",
        "label": "Lead",
        "keyPrefix": "00Q",
        "createable": True,
        "updateable": True,
        "fields": fields,
    }


def _describe_field(name: str, field: _LeadField, **more: Any) -> dict[str, Any]:
    """Return what `describe` says about one field."""
    return {
        "name": name,
        "label": re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", name.removesuffix("__c")),
        "type": field.type,
        "length": field.length,
        "nillable": not field.required,
        "defaultedOnCreate": False,
        "createable": True,
        "updateable": True,
        "custom": name.endswith("__c"),
        "externalId": name == EXTERNAL_ID_FIELD,
        "unique": name == EXTERNAL_ID_FIELD,
        "restrictedPicklist": False,
        "picklistValues": [
            {"active": True, "defaultValue": False, "label": word, "value": word} for word in field.picklist_values
        ],
        **more,
    }
