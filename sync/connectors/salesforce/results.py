"""How each lead of a call ended, and why in a salesperson's words."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sync.answers import message
from sync.connectors.base import Delivered, NotSent, Outcome, Outgoing, Rejected, Retry
from sync.connectors.salesforce.answers import SET_UP, TROUBLE, Error, errors_in, is_lock, is_too_much, set_up_fault
from sync.errors import BatchRefused, Unsure
from sync.settings.salesforce import SalesforceSettings

RECORD_ID = re.compile(r"(?!0{15})[A-Za-z0-9]{15}([A-Za-z0-9]{3})?")

PASSING = (*TROUBLE, "ALL_OR_NONE_OPERATION_ROLLED_BACK", "PROCESSING_HALTED")
"""Codes of what another try settles."""

MOST = re.compile(r"max length=(\d+)")


def outcomes(document: Any, leads: Sequence[Outgoing], settings: SalesforceSettings, status: int) -> dict[str, Outcome]:
    """
    How each of *leads* ended: Salesforce promises the results in the order of the request, and names no id of ours.

    Raises:
        Unsure: the results cannot be those of this request.
        SetUpFault: every lead was refused, for what the next would be refused for too.
        BatchRefused: none was taken, because there was too much in the call.
    """
    if not isinstance(document, list) or len(document) != len(leads):
        raise Unsure("The CRM's answer does not say how each lead ended.")
    ids = [item.get("id") for item in document if is_taken(item)]
    if len(ids) != len(set(ids)):
        # Sent one by one, those that are one record there are noticed, and a person decides.
        raise Unsure("The CRM's answer names one record for several leads.")
    if document and all(is_set_up(item) for item in document):
        raise set_up_fault(errors_in(document[0]["errors"])[0])
    too_much = [error for item in document if (error := limit_in(item)) is not None]
    if len(too_much) == len(leads) > 1:
        raise BatchRefused(f"The CRM cannot do so much at once: {too_much[0].said}", code="limit", too_big=True)
    pairs = [(lead, outcome(item, lead, settings, status)) for lead, item in zip(leads, document, strict=True)]
    ends = {lead.id: ended for lead, ended in pairs if ended is not None}
    if len(leads) == 1 or (2 * len(too_much) <= len(leads) and all(map(is_lock, too_much))):
        return ends
    # What went wrong because of the others in the call goes again without them.
    again = NotSent(too_many=2 * len(too_much) > len(leads))
    return ends | {lead.id: again for lead, item in zip(leads, document, strict=True) if limit_in(item) is not None}


def limit_in(item: Any) -> Error | None:
    """What a result says of a limit that all records of a call share; None where it says nothing of one."""
    errors = errors_in(item.get("errors")) if isinstance(item, Mapping) and item.get("success") is False else []
    return next((error for error in errors if is_too_much(error)), None)


def is_taken(item: Any) -> bool:
    """Whether a result proves that the CRM has the lead."""
    return (
        isinstance(item, Mapping)
        and item.get("success") is True
        and isinstance(item.get("id"), str)
        and RECORD_ID.fullmatch(item["id"]) is not None
    )


def is_set_up(item: Any) -> bool:
    """Whether a result tells of a fault of the set-up."""
    errors = errors_in(item.get("errors")) if isinstance(item, Mapping) and item.get("success") is False else []
    return bool(errors) and errors[0].code in SET_UP


def outcome(item: Any, lead: Outgoing, settings: SalesforceSettings, status: int) -> Outcome | None:
    """How *lead* ended; None where its result says neither yes nor no, or names another."""
    if not isinstance(item, Mapping) or item.get(settings.external_id_field, lead.id) != lead.id:
        return None
    if is_taken(item):
        return Delivered(item["id"], status)
    errors = errors_in(item.get("errors"))
    if item.get("success") is not False or not errors:
        return None
    error = errors[0]
    if is_passing(error, settings):
        return Retry(f"The CRM had trouble with this lead: {error.said}", status)
    return Rejected(reason(error, lead, settings), error.code, status, ", ".join(error.fields))


def is_passing(error: Error, settings: SalesforceSettings) -> bool:
    """Whether another try may settle it: a lock, also in a trigger, or our own id at the same moment in two calls."""
    ours = error.code == "DUPLICATE_VALUE" and settings.external_id_field in error.message
    return ours or error.code in PASSING or is_too_much(error)


def reason(error: Error, lead: Outgoing, settings: SalesforceSettings) -> str:
    """Why the lead was refused, for who must mend it."""
    field, said = spoken(error.fields, settings), error.said
    match error.code:
        case "REQUIRED_FIELD_MISSING":
            return f"The CRM needs {field or 'a field'}, which this lead does not have."
        case "INVALID_EMAIL_ADDRESS":
            return f"{field or 'e-mail'}: the CRM takes this for no e-mail address."
        case "STRING_TOO_LONG":
            most = MOST.search(said)
            limit = f"; it takes {most[1]} characters" if most else ""
            return f"{field or 'a field'}: too long for the CRM{limit}."
        case "DUPLICATES_DETECTED":
            who = message(lead.fields.get("name") or lead.fields.get("email") or "this one")
            return f"The CRM has another lead like {who}, and its rules allow one: look there, edit or discard this."
        case "CANNOT_UPDATE_CONVERTED_LEAD":
            return "A salesperson has converted this lead already: what is new, write into the CRM by hand."
        case "DUPLICATE_EXTERNAL_ID":
            return "The CRM has several leads with this one's id: merge them there."
        case "FIELD_CUSTOM_VALIDATION_EXCEPTION":
            return f"A rule of the CRM refuses it: {said}"
    return f"The CRM refuses it: {f'{field}: ' if field else ''}{said}"


def spoken(fields: Sequence[str], settings: SalesforceSettings) -> str:
    """Salesforce's *fields* by the names that the screen has for them, or by its own."""
    ours: dict[str, str] = {}
    for name, theirs in settings.fields.items():
        ours.setdefault(theirs, "e-mail" if name == "email" else name.replace("_", " "))
    return ", ".join(ours.get(name, name) for name in fields)
