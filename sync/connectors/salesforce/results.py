"""How each lead of a call ended, and why in a salesperson's words."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sync.connectors.base import Delivered, NotSent, Outcome, OutgoingLead, Rejected, Retry
from sync.connectors.salesforce.errors import (
    SETUP_CODES,
    TRANSIENT_CODES,
    SalesforceError,
    is_batch_limit,
    is_record_lock,
    make_configuration_fault,
    parse_errors,
)
from sync.crm_messages import clean_message
from sync.errors import BatchRefused, OutcomeUnknown
from sync.settings.salesforce import SalesforceSettings

_RECORD_ID_PATTERN = re.compile(r"(?!0{15})[A-Za-z0-9]{15}([A-Za-z0-9]{3})?")

_RETRY_CODES = (*TRANSIENT_CODES, "ALL_OR_NONE_OPERATION_ROLLED_BACK", "PROCESSING_HALTED")
"""Codes of what another try settles."""

_MAX_LENGTH_PATTERN = re.compile(r"max length=(\d+)")


def parse_outcomes(
    document: Any, leads: Sequence[OutgoingLead], settings: SalesforceSettings, status: int
) -> dict[str, Outcome]:
    """
    How each of *leads* ended: Salesforce promises the results in the order of the request, and names no id of ours.

    Raises:
        Unsure: the results cannot be those of this request.
        SetUpFault: every lead was refused, for what the next would be refused for too.
        BatchRefused: none was taken, because there was too much in the call.
    """
    if not isinstance(document, list) or len(document) != len(leads):
        raise OutcomeUnknown("The CRM's answer does not say how each lead ended.")
    ids = [item.get("id") for item in document if is_delivered(item)]
    if len(ids) != len(set(ids)):
        # Sent one by one, those that are one record there are noticed, and a person decides.
        raise OutcomeUnknown("The CRM's answer names one record for several leads.")
    if document and all(_is_setup_error(item) for item in document):
        raise make_configuration_fault(parse_errors(document[0]["errors"])[0])
    too_much = [error for item in document if (error := _find_batch_limit(item)) is not None]
    if len(too_much) == len(leads) > 1:
        raise BatchRefused(f"The CRM cannot do so much at once: {too_much[0].sentence}", code="limit", is_too_big=True)
    pairs = [(lead, parse_outcome(item, lead, settings, status)) for lead, item in zip(leads, document, strict=True)]
    ends = {lead.id: ended for lead, ended in pairs if ended is not None}
    if len(leads) == 1 or (2 * len(too_much) <= len(leads) and all(map(is_record_lock, too_much))):
        return ends
    # What went wrong because of the others in the call goes again without them.
    again = NotSent(is_batch_too_big=2 * len(too_much) > len(leads))
    return ends | {
        lead.id: again for lead, item in zip(leads, document, strict=True) if _find_batch_limit(item) is not None
    }


def _find_batch_limit(item: Any) -> SalesforceError | None:
    """What a result says of a limit that all records of a call share; None where it says nothing of one."""
    errors = parse_errors(item.get("errors")) if isinstance(item, Mapping) and item.get("success") is False else []
    return next((error for error in errors if is_batch_limit(error)), None)


def is_delivered(item: Any) -> bool:
    """Whether a result proves that the CRM has the lead."""
    return (
        isinstance(item, Mapping)
        and item.get("success") is True
        and isinstance(item.get("id"), str)
        and _RECORD_ID_PATTERN.fullmatch(item["id"]) is not None
    )


def _is_setup_error(item: Any) -> bool:
    """Whether a result tells of a fault of the set-up."""
    errors = parse_errors(item.get("errors")) if isinstance(item, Mapping) and item.get("success") is False else []
    return bool(errors) and errors[0].code in SETUP_CODES


def parse_outcome(item: Any, lead: OutgoingLead, settings: SalesforceSettings, status: int) -> Outcome | None:
    """How *lead* ended; None where its result says neither yes nor no, or names another."""
    if not isinstance(item, Mapping) or item.get(settings.external_id_field, lead.id) != lead.id:
        return None
    if is_delivered(item):
        return Delivered(item["id"], status)
    errors = parse_errors(item.get("errors"))
    if item.get("success") is not False or not errors:
        return None
    error = errors[0]
    if _is_transient(error, settings):
        return Retry(f"The CRM had trouble with this lead: {error.sentence}", status)
    return Rejected(describe_rejection(error, lead, settings), error.code, status, ", ".join(error.fields))


def _is_transient(error: SalesforceError, settings: SalesforceSettings) -> bool:
    """Whether another try may settle it: a lock, also in a trigger, or our own id at the same moment in two calls."""
    ours = error.code == "DUPLICATE_VALUE" and settings.external_id_field in error.message
    return ours or error.code in _RETRY_CODES or is_batch_limit(error)


def describe_rejection(error: SalesforceError, lead: OutgoingLead, settings: SalesforceSettings) -> str:
    """Why the lead was refused, for who must mend it."""
    field, said = _format_field_names(error.fields, settings), error.sentence
    match error.code:
        case "REQUIRED_FIELD_MISSING":
            return f"The CRM needs {field or 'a field'}, which this lead does not have."
        case "INVALID_EMAIL_ADDRESS":
            return f"{field or 'e-mail'}: the CRM takes this for no e-mail address."
        case "STRING_TOO_LONG":
            most = _MAX_LENGTH_PATTERN.search(said)
            limit = f"; it takes {most[1]} characters" if most else ""
            return f"{field or 'a field'}: too long for the CRM{limit}."
        case "DUPLICATES_DETECTED":
            who = clean_message(lead.fields.get("name") or lead.fields.get("email") or "this one")
            return f"The CRM has another lead like {who}, and its rules allow one: look there, edit or discard this."
        case "CANNOT_UPDATE_CONVERTED_LEAD":
            return "A salesperson has converted this lead already: what is new, write into the CRM by hand."
        case "DUPLICATE_EXTERNAL_ID":
            return "The CRM has several leads with this one's id: merge them there."
        case "FIELD_CUSTOM_VALIDATION_EXCEPTION":
            return f"A rule of the CRM refuses it: {said}"
    return f"The CRM refuses it: {f'{field}: ' if field else ''}{said}"


def _format_field_names(fields: Sequence[str], settings: SalesforceSettings) -> str:
    """Salesforce's *fields* by the names that the screen has for them, or by its own."""
    ours: dict[str, str] = {}
    for name, theirs in settings.fields.items():
        ours.setdefault(theirs, "e-mail" if name == "email" else name.replace("_", " "))
    return ", ".join(ours.get(name, name) for name in fields)
