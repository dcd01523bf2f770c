"""The outcome of each lead of a call, and the reason in a salesperson's words."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from data.field_names import translate_field_name
from data.language import _
from sync.connectors.base import Delivered, NotSent, Outcome, OutgoingLead, Rejected, Retry
from sync.connectors.salesforce.errors import (
    BATCH_LIMIT_CODE,
    SETUP_CODES,
    TOO_MUCH_SENTENCE,
    TRANSIENT_CODES,
    ErrorEntry,
    is_batch_limit,
    is_record_lock,
    make_configuration_fault,
    parse_errors,
)
from sync.crm_messages import clean_message
from sync.errors import BatchRefused, OutcomeUnknown
from sync.settings.salesforce import SalesforceSettings

# Fifteen characters, or eighteen with a checksum; all zeros is an empty id.
_RECORD_ID_PATTERN = re.compile(r"(?!0{15})[A-Za-z0-9]{15}([A-Za-z0-9]{3})?")

# Codes with which another try may succeed.
_RETRY_CODES = (*TRANSIENT_CODES, "ALL_OR_NONE_OPERATION_ROLLED_BACK", "PROCESSING_HALTED")

_MAX_LENGTH_PATTERN = re.compile(r"max length=(\d+)")


def parse_outcomes(
    document: Any, leads: Sequence[OutgoingLead], settings: SalesforceSettings, status: int
) -> dict[str, Outcome]:
    """
    Return the outcomes of *leads*, by id; a lead whose result is unclear is missing.

    Salesforce promises the results in the order of the request, and does not return our ids.

    Raises:
        OutcomeUnknown: the results cannot be those of this request.
        ConfigurationFault: every lead was refused, for a reason that would refuse the next one, too.
        BatchRefused: none was accepted, because the call held too much.
    """
    if not isinstance(document, list) or len(document) != len(leads):
        raise OutcomeUnknown(_("The CRM's response does not say what happened to each lead."))
    ids = [item.get("id") for item in document if _is_delivered(item)]
    if len(ids) != len(set(ids)):
        # When the leads are sent one by one, those with one record are noticed, and a person decides.
        raise OutcomeUnknown(_("The CRM's response names one record for several leads."))
    if document and all(_is_setup_error(item) for item in document):
        raise make_configuration_fault(parse_errors(document[0]["errors"])[0])
    # Limits are shared by all records of a call, so many of them can fail because of the others.
    too_much = [error for item in document if (error := _find_batch_limit(item)) is not None]
    if len(too_much) == len(leads) > 1:
        raise BatchRefused(
            _(TOO_MUCH_SENTENCE).format(message=too_much[0].sentence), code=BATCH_LIMIT_CODE, is_too_big=True
        )
    outcomes = {
        lead.id: outcome
        for lead, item in zip(leads, document, strict=True)
        if (outcome := _parse_outcome(item, lead, settings, status)) is not None
    }
    # A single record has the limits to itself. And if only a few are locked, others are writing them: those back off.
    if len(leads) == 1 or (2 * len(too_much) <= len(leads) and all(map(is_record_lock, too_much))):
        return outcomes
    # All other records at a limit failed because of the rest of the call: they are sent again without it.
    left_out = NotSent(is_batch_too_big=2 * len(too_much) > len(leads))
    return outcomes | {
        lead.id: left_out for lead, item in zip(leads, document, strict=True) if _find_batch_limit(item) is not None
    }


def _find_batch_limit(item: Any) -> ErrorEntry | None:
    """Return the error in a result about a limit that all records of a call share; None if there is none."""
    errors = parse_errors(item.get("errors")) if isinstance(item, Mapping) and item.get("success") is False else []
    return next((error for error in errors if is_batch_limit(error)), None)


def _is_delivered(item: Any) -> bool:
    """Return whether a result proves that the CRM has the lead."""
    return (
        isinstance(item, Mapping)
        and item.get("success") is True
        and isinstance(item.get("id"), str)
        and _RECORD_ID_PATTERN.fullmatch(item["id"]) is not None
    )


def _is_setup_error(item: Any) -> bool:
    """Return whether a result is an error that every lead would have."""
    errors = parse_errors(item.get("errors")) if isinstance(item, Mapping) and item.get("success") is False else []
    return bool(errors) and errors[0].code in SETUP_CODES


def _parse_outcome(item: Any, lead: OutgoingLead, settings: SalesforceSettings, status: int) -> Outcome | None:
    """Return the outcome of *lead*; None if its result is unclear, or names another lead."""
    if not isinstance(item, Mapping) or item.get(settings.external_id_field, lead.id) != lead.id:
        return None
    if _is_delivered(item):
        return Delivered(item["id"], status)
    errors = parse_errors(item.get("errors"))
    if item.get("success") is not False or not errors:
        return None
    error = errors[0]  # staff read one reason at a time
    if _is_transient(error, settings):
        return Retry(_("The CRM had trouble with this lead: {message}").format(message=error.sentence), status)
    return Rejected(_describe_rejection(error, lead, settings), error.code, status, ", ".join(error.fields))


def _is_transient(error: ErrorEntry, settings: SalesforceSettings) -> bool:
    """Return whether another try may succeed: after a lock, or after two simultaneous calls with one id of ours."""
    # Two calls that create one lead at the same time: the second try finds it and updates it.
    is_own_id_twice = error.code == "DUPLICATE_VALUE" and settings.external_id_field in error.message
    return is_own_id_twice or error.code in _RETRY_CODES or is_batch_limit(error)


def _describe_rejection(error: ErrorEntry, lead: OutgoingLead, settings: SalesforceSettings) -> str:
    """Return why the lead was refused, for the person who has to correct it."""
    field, message = _format_field_names(error.fields, settings), error.sentence
    match error.code:
        case "REQUIRED_FIELD_MISSING":
            return _("The CRM requires {field}, which this lead does not have.").format(field=field or _("a field"))
        case "INVALID_EMAIL_ADDRESS":
            return _("{field}: the CRM does not accept this as an e-mail address.").format(field=field or _("e-mail"))
        case "STRING_TOO_LONG":
            most = _MAX_LENGTH_PATTERN.search(message)
            if most:
                sentence = _("{field}: too long for the CRM; the limit is {count} characters.")
                return sentence.format(field=field or _("a field"), count=most[1])
            return _("{field}: too long for the CRM.").format(field=field or _("a field"))
        case "DUPLICATES_DETECTED":
            who = clean_message(lead.fields.get("name") or lead.fields.get("email") or _("this one"))
            sentence = _(
                "The CRM has another lead like {name}, and its rules allow only one: check there, then edit or discard "
                "this one."
            )
            return sentence.format(name=who)
        case "CANNOT_UPDATE_CONVERTED_LEAD":
            return _("A salesperson has already converted this lead: add what is new in the CRM by hand.")
        case "DUPLICATE_EXTERNAL_ID":
            return _("The CRM has several leads with this lead's ID: merge them there.")
        case "FIELD_CUSTOM_VALIDATION_EXCEPTION":
            return _("A rule of the CRM rejected it: {message}").format(message=message)
    if field:
        return _("The CRM rejected the {field}: {message}").format(field=field, message=message)
    return _("The CRM rejected it: {message}").format(message=message)


def _format_field_names(fields: Sequence[str], settings: SalesforceSettings) -> str:
    """Return the names of Salesforce's *fields* as the screen calls them, or as Salesforce does."""
    ours: dict[str, str] = {}
    for name, theirs in settings.fields.items():
        ours.setdefault(theirs, translate_field_name(name))
    return ", ".join(ours.get(name, name) for name in fields)
