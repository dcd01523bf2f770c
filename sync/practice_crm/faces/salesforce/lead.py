"""The object Lead of a Salesforce org: its fields, how it becomes a contact of ours, and what it does not take."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from sync.practice_crm.records import EMAIL

KEY = "Booth_Lead_Id__c"
"""The field that the practice org's administrator has made for our id."""


class Field(NamedTuple):
    """A field of Lead."""

    length: int
    ours: str = ""
    """What our contacts call it."""
    type: str = "string"
    required: bool = False
    words: tuple[str, ...] = ()


FIELDS: Mapping[str, Field] = {
    "FirstName": Field(40, "first_name"),
    "LastName": Field(80, "last_name", required=True),
    "Company": Field(255, "company", required=True),
    "Email": Field(80, "email", "email"),
    "Phone": Field(40, "phone", "phone"),
    "Title": Field(128, "job_title"),
    "Website": Field(255, "website", "url"),
    "Street": Field(255, "address", "textarea"),
    "City": Field(40, "city"),
    "State": Field(80, "region"),
    "PostalCode": Field(20, "postcode"),
    "Country": Field(80, "country"),
    "Rating": Field(255, "rating", "picklist", words=("Hot", "Warm", "Cold")),
    "LeadSource": Field(255, "", "picklist", words=("Web", "Phone Inquiry", "Partner Referral", "Other")),
    "Description": Field(32000, "note", "textarea"),
    KEY: Field(64, "client_id"),
}

SET_BY_SALESFORCE = ("Id", "CreatedDate", "IsConverted")

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
"""Of the last three characters of an id: each tells which of five others are upper case."""


@dataclass(frozen=True, slots=True)
class Wrong(Exception):
    """What Salesforce does not take."""

    code: str
    message: str
    fields: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As it stands in a record's result."""
        return {"statusCode": self.code, "message": self.message, "fields": list(self.fields)}


def lead_id(record_id: str) -> str:
    """The id of eighteen characters of `P-000001`."""
    return checked(f"00QPR{int(record_id.removeprefix('P-')):010d}")


def checked(short: str) -> str:
    """An id of fifteen characters, with the three at its end that tell its case."""
    parts = (short[start : start + 5] for start in (0, 5, 10))
    return short + "".join(LETTERS[sum(part[i].isupper() << i for i in range(5))] for part in parts)


def record_id(name: str) -> str:
    """The `P-000001` of an id of fifteen or eighteen characters; empty where it is none of ours."""
    found = re.fullmatch(r"00QPR(\d{10})(\w{3})?", name)
    return f"P-{int(found[1]):06d}" if found else ""


def as_lead(contact: Mapping[str, Any]) -> dict[str, Any]:
    """One of our contacts by Salesforce's names."""
    ours = {field.ours: name for name, field in FIELDS.items() if field.ours}
    known = {
        ours.get(key, key): value for key, value in contact.items() if key in ours or key in FIELDS or "__c" in key
    }
    return {"Id": lead_id(contact["id"]), **dict.fromkeys(FIELDS), **known}


def changed(before: Mapping[str, Any], lead: Mapping[str, Any]) -> dict[str, Any]:
    """The contact *before*, with the fields of *lead* in place of its own; null takes a field away."""
    given = {(FIELDS[name].ours if name in FIELDS else "") or name: value for name, value in lead.items()}
    after = {key: value for key, value in {**before, **given}.items() if value not in (None, "")}
    name = " ".join(str(after[key]) for key in ("first_name", "last_name") if after.get(key))
    return {**after, "name": name}


def check(contact: Mapping[str, Any], lead: Mapping[str, Any], more: Mapping[str, Any]) -> None:
    """
    Look at what *contact* would be after *lead*, where the org has *more* fields.

    Raises:
        Wrong: Salesforce would not take it.
    """
    for name in lead:
        if name in SET_BY_SALESFORCE:
            raise Wrong("INVALID_FIELD_FOR_INSERT_UPDATE", f"Unable to create/update fields: {name}.", (name,))
        if name not in FIELDS and name not in more:
            raise Wrong("INVALID_FIELD", f"No such column '{name}' on sobject of type Lead", (name,))
    missing = tuple(name for name, field in FIELDS.items() if field.required and not contact.get(field.ours))
    if missing:
        raise Wrong("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(missing)}]", missing)
    for name, value in lead.items():
        length = FIELDS[name].length if name in FIELDS else int(more[name].get("length", 255))
        if len(str(value or "")) > length:
            raise Wrong("STRING_TOO_LONG", f"{name}: data value too large: {value} (max length={length})", (name,))
    email = lead.get("Email")
    if email and not EMAIL.fullmatch(str(email)):
        raise Wrong("INVALID_EMAIL_ADDRESS", f"Email: invalid email address: {email}", ("Email",))


def description(more: Mapping[str, Any]) -> dict[str, Any]:
    """What `describe` says of the object, where the org has *more* fields."""
    fields = [described(name, field) for name, field in FIELDS.items()]
    fields += [described(name, Field(18), createable=False, updateable=False) for name in SET_BY_SALESFORCE]
    fields += [described("Status", Field(255, "", "picklist"), nillable=False, defaultedOnCreate=True)]
    fields += [{**described(name, Field(255)), **definition} for name, definition in more.items()]
    return {
        "name": "Lead",
        "label": "Lead",
        "keyPrefix": "00Q",
        "createable": True,
        "updateable": True,
        "fields": fields,
    }


def described(name: str, field: Field, **more: Any) -> dict[str, Any]:
    """What `describe` says of one field."""
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
        "externalId": name == KEY,
        "unique": name == KEY,
        "restrictedPicklist": False,
        "picklistValues": [
            {"active": True, "defaultValue": False, "label": word, "value": word} for word in field.words
        ],
        **more,
    }
