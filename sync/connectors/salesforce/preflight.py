"""Checks whether an org's object can hold our leads, from its description."""

from collections.abc import Iterator, Mapping
from typing import Any

from data.language import _
from sync.connectors.base import CheckResult
from sync.connectors.field_types import FieldType, describe_type_mismatch
from sync.crm_messages import clean_message, get_by_path
from sync.errors import ConfigurationFault
from sync.settings.salesforce import SalesforceSettings

# What Salesforce's types hold. Every other type holds text.
_FIELD_TYPES: dict[str, FieldType] = {
    "picklist": "choice",
    "multipicklist": "choice",
    "boolean": "boolean",
    "double": "number",
    "int": "number",
    "currency": "number",
    "percent": "number",
    "date": "date",
    "datetime": "datetime",
    "reference": "record",
}

# Our fields for which a missing value is replaced.
_ALWAYS_FILLED = ("last_name", "company")


def check_object(document: Any, settings: SalesforceSettings) -> list[CheckResult]:
    """
    Check the object that *document* describes.

    Raises:
        ConfigurationFault: *document* describes no object.
    """
    listed = get_by_path(document, "fields")
    entries = [entry for entry in listed if isinstance(entry, Mapping)] if isinstance(listed, list) else []
    fields = {clean_message(entry.get("name")): entry for entry in entries}
    if not fields:
        raise ConfigurationFault(
            _("CRM setup: the CRM does not describe {object}: correct api_version.").format(object=settings.object)
        )
    fault_sentences = [
        *_find_object_faults(document, settings),
        *_find_key_faults(fields, settings),
        *_find_field_faults(fields, settings),
    ]
    fault_sentences += [*_find_picklist_faults(fields, settings), *_find_required_faults(fields, settings)]
    success_sentence = _("{object} has every field of the mapping, and {field} for the lead's ID.").format(
        object=settings.object, field=settings.external_id_field
    )
    return [CheckResult(False, sentence) for sentence in fault_sentences] or [CheckResult(True, success_sentence)]


def _find_object_faults(document: Any, settings: SalesforceSettings) -> Iterator[str]:
    """Find out whether the user may create and edit the object."""
    if get_by_path(document, "createable") is not True or get_by_path(document, "updateable") is not True:
        yield _("The user is not allowed to create and edit {object}: grant the permission in Salesforce.").format(
            object=settings.object
        )


def _find_key_faults(fields: Mapping[str, Mapping[str, Any]], settings: SalesforceSettings) -> Iterator[str]:
    """Find what is wrong with the field for our id. Without it, a lead that is sent again becomes a second record."""
    name = settings.external_id_field
    entry = fields.get(name)
    if entry is None:
        yield _("{object} has no field {field} that the user can see: create one (text, External ID, Unique).").format(
            object=settings.object, field=name
        )
        return
    if entry.get("externalId") is not True or entry.get("unique") is not True:
        yield _("{field} must be an External ID and Unique: tick both in Salesforce.").format(field=name)
    if entry.get("type") == "string" and entry.get("length", 36) < 36:
        yield _("{field} must hold 36 characters: make it longer in Salesforce.").format(field=name)
    if entry.get("createable") is not True:
        yield _("The user is not allowed to write {field}: grant the permission in Salesforce.").format(field=name)


def _find_field_faults(fields: Mapping[str, Mapping[str, Any]], settings: SalesforceSettings) -> Iterator[str]:
    """Find what is wrong with the fields of the mapping."""
    for key, name in (*settings.fields.items(), *((f"new.{name}", name) for name in settings.new)):
        entry = fields.get(name)
        if entry is None:
            yield _("{object} has no field {field}, or the user cannot see it: correct {key} in kiosk.toml.").format(
                object=settings.object, field=name, key=key
            )
        elif entry.get("createable") is not True or entry.get("updateable") is not True:
            yield _(
                "The user is not allowed to write {field}: grant the permission in Salesforce, or remove {key} from "
                "kiosk.toml."
            ).format(field=name, key=key)
        elif (
            key in settings.fields
            and not (key == "rating" and settings.ratings)
            and (problem := _describe_field_problem(key, name, entry))
        ):
            yield problem


def _describe_field_problem(ours: str, theirs: str, entry: Mapping[str, Any]) -> str:
    """Return why our field cannot be written to the field *theirs*; empty if it can."""
    kind = _FIELD_TYPES.get(clean_message(entry.get("type")), "text")
    if kind == "choice" and entry.get("restrictedPicklist") is not True:
        kind = "text"
    listed = entry.get("picklistValues")
    options = [clean_message(get_by_path(item, "value")) for item in listed] if isinstance(listed, list) else []
    return describe_type_mismatch("Salesforce", ours, theirs, kind, options)


def _find_picklist_faults(fields: Mapping[str, Mapping[str, Any]], settings: SalesforceSettings) -> Iterator[str]:
    """Find values of ours that a restricted picklist does not have."""
    wanted = {name: [value] for name, value in settings.new.items()}
    if "rating" in settings.fields:
        wanted[settings.fields["rating"]] = list(settings.ratings)
    for name, wanted_values in wanted.items():
        entry = fields.get(name, {})
        options = entry.get("picklistValues")
        if entry.get("restrictedPicklist") is not True or not isinstance(options, list):
            continue
        known = [get_by_path(option, "value") for option in options if get_by_path(option, "active") is not False]
        for value in dict.fromkeys(value for value in wanted_values if value not in known):
            yield _("{field} has no value {value!r}: it has {values}.").format(
                field=name, value=value, values=", ".join(map(clean_message, known))
            )


def _find_required_faults(fields: Mapping[str, Mapping[str, Any]], settings: SalesforceSettings) -> Iterator[str]:
    """Find fields that the org requires and that not every lead has."""
    always_filled = {settings.fields[name] for name in _ALWAYS_FILLED if name in settings.fields} | settings.new.keys()
    always_filled.add(settings.external_id_field)
    mapped = set(settings.fields.values())
    for name, entry in fields.items():
        is_required = entry.get("nillable") is False and entry.get("defaultedOnCreate") is not True
        if not is_required or name in always_filled:
            continue
        if entry.get("createable") is not True or entry.get("type") == "boolean":
            continue
        if name in mapped:
            yield _("{field} is required in Salesforce: a lead without it will need you.").format(field=name)
        else:
            yield _(
                "{field} is required in Salesforce, and nothing is sent to it: give it a value in [crm.salesforce.new]."
            ).format(field=name)
