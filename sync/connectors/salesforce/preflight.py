"""Whether an org's object can take our leads, as its description says."""

from collections.abc import Iterator, Mapping
from typing import Any

from sync.connectors.base import CheckResult
from sync.connectors.field_types import FieldType, describe_type_mismatch
from sync.crm_messages import clean_message, get_by_path
from sync.errors import ConfigurationFault
from sync.settings.salesforce import SalesforceSettings

_FIELD_TYPES: dict[str, FieldType] = {
    "picklist": "choice",
    "multipicklist": "choice",
    "boolean": "yes or no",
    "double": "number",
    "int": "number",
    "currency": "number",
    "percent": "number",
    "date": "date",
    "datetime": "datetime",
    "reference": "record",
}
"""What Salesforce's types hold; any other holds texts."""

_ALWAYS_FILLED = ("last_name", "company")
"""Ours that have words in their place where they are missing."""


def check_object(document: Any, settings: SalesforceSettings) -> list[CheckResult]:
    """
    What there is to say about the object that *document* describes.

    Raises:
        SetUpFault: it describes none.
    """
    listed = get_by_path(document, "fields")
    entries = [entry for entry in listed if isinstance(entry, Mapping)] if isinstance(listed, list) else []
    fields = {clean_message(entry.get("name")): entry for entry in entries}
    if not fields:
        raise ConfigurationFault(f"CRM set-up: the CRM does not describe {settings.object}: correct api_version.")
    bad = [
        *_find_object_faults(document, settings),
        *_find_key_faults(fields, settings),
        *_find_field_faults(fields, settings),
    ]
    bad += [*_find_picklist_faults(fields, settings), *_find_required_faults(fields, settings)]
    well = f"{settings.object} has every field of the mapping, and {settings.external_id_field} for our id."
    return [CheckResult(False, sentence) for sentence in bad] or [CheckResult(True, well)]


def _find_object_faults(document: Any, settings: SalesforceSettings) -> Iterator[str]:
    """What the user may not do with the object."""
    if get_by_path(document, "createable") is not True or get_by_path(document, "updateable") is not True:
        yield f"The user may not create and edit {settings.object}: give the permission in Salesforce."


def _find_key_faults(fields: Mapping[str, Mapping[str, Any]], settings: SalesforceSettings) -> Iterator[str]:
    """What is wrong with the field for our id: without it, a lead that is sent again becomes a second one."""
    name = settings.external_id_field
    entry = fields.get(name)
    if entry is None:
        yield f"{settings.object} has no field {name} that the user may see: make one (text, External ID, Unique)."
        return
    if entry.get("externalId") is not True or entry.get("unique") is not True:
        yield f"{name} must be an External ID and Unique: tick both in Salesforce."
    if entry.get("type") == "string" and entry.get("length", 36) < 36:
        yield f"{name} must hold 36 characters: make it longer in Salesforce."
    if entry.get("createable") is not True:
        yield f"The user may not write {name}: give the permission in Salesforce."


def _find_field_faults(fields: Mapping[str, Mapping[str, Any]], settings: SalesforceSettings) -> Iterator[str]:
    """What is wrong with the fields of the mapping."""
    for key, name in (*settings.fields.items(), *((f"new.{name}", name) for name in settings.new)):
        entry = fields.get(name)
        if entry is None:
            yield f"{settings.object} has no field {name}, or the user may not see it: correct {key} in kiosk.toml."
        elif entry.get("createable") is not True or entry.get("updateable") is not True:
            yield f"The user may not write {name}: give the permission in Salesforce, or take {key} out of kiosk.toml."
        elif key in settings.fields and not (key == "rating" and settings.ratings):
            yield from filter(None, [_describe_field_problem(key, name, entry)])


def _describe_field_problem(ours: str, theirs: str, entry: Mapping[str, Any]) -> str:
    """Why our field cannot be written to the field *theirs*; empty where it can."""
    kind = _FIELD_TYPES.get(clean_message(entry.get("type")), "text")
    if kind == "choice" and entry.get("restrictedPicklist") is not True:
        kind = "text"
    listed = entry.get("picklistValues")
    options = [clean_message(get_by_path(item, "value")) for item in listed] if isinstance(listed, list) else []
    return describe_type_mismatch("Salesforce", ours, theirs, kind, options)


def _find_picklist_faults(fields: Mapping[str, Mapping[str, Any]], settings: SalesforceSettings) -> Iterator[str]:
    """What we would say that a restricted list of words does not have."""
    wanted = {name: [value] for name, value in settings.new.items()}
    if "rating" in settings.fields:
        wanted[settings.fields["rating"]] = list(settings.ratings)
    for name, words in wanted.items():
        entry = fields.get(name, {})
        values = entry.get("picklistValues")
        if entry.get("restrictedPicklist") is not True or not isinstance(values, list):
            continue
        known = [get_by_path(value, "value") for value in values if get_by_path(value, "active") is not False]
        for word in dict.fromkeys(word for word in words if word not in known):
            yield f"{name} does not know the word {word!r}: it has {', '.join(map(clean_message, known))}."


def _find_required_faults(fields: Mapping[str, Mapping[str, Any]], settings: SalesforceSettings) -> Iterator[str]:
    """What the org requires, and not every lead has."""
    sure = {settings.fields[name] for name in _ALWAYS_FILLED if name in settings.fields} | settings.new.keys()
    sure.add(settings.external_id_field)
    mapped = set(settings.fields.values())
    for name, entry in fields.items():
        has_none = entry.get("nillable") is False and entry.get("defaultedOnCreate") is not True
        if not has_none or entry.get("createable") is not True or entry.get("type") == "boolean" or name in sure:
            continue
        if name in mapped:
            yield f"{name} is required in Salesforce: a lead without it will need you."
        else:
            yield f"{name} is required in Salesforce, and nothing goes there: give it a value in [crm.salesforce.new]."
