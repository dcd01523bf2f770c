"""The outcome of each lead of a batch, matched by trace id or key, never by position."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from data.language import _
from sync.connectors.base import Delivered, Outcome, Rejected, Retry
from sync.connectors.hubspot.inputs import BatchInput, normalize_key
from sync.crm_messages import clean_message, get_by_path
from sync.errors import BatchRefused, ConfigurationFault, CrmDown, OutcomeUnknown
from sync.http_client import CrmResponse
from sync.response_errors import BUSY_PATTERN, is_record_id

# Words in a category or code which mean that the same lead may be accepted later.
_TRANSIENT_CODES = re.compile(r"RATE_LIMIT|LOCK|TIMEOUT|UNAVAILABLE|INTERNAL|TEMPORAR|TRANSIENT|SERVER_ERROR")

# Codes with which every lead would be refused.
_SETUP_CODES = ("PROPERTY_DOESNT_EXIST", "READ_ONLY_VALUE", "MISSING_SCOPES")

_ALLOWED_OPTIONS = re.compile(r"(was not one of the allowed options)\W.*", re.DOTALL)

_INVALID_VALUES_PREFIX = "Property values were not valid: "  # not shown: HubSpot's words


class _HubSpotError(NamedTuple):
    """One error of HubSpot's, about a lead or a whole call."""

    message: str
    code: str
    field: str
    """HubSpot's name for the property; empty if none is named."""


@dataclass(slots=True)
class BatchResult:
    """How the leads of one batch call ended."""

    outcomes: dict[str, Outcome] = field(default_factory=dict)
    email_conflicts: dict[str, BatchInput] = field(default_factory=dict)
    """Leads refused because a contact has their e-mail; until they are resent, their outcome is that refusal."""
    deleted_contacts: list[BatchInput] = field(default_factory=list)
    """Leads whose contact no longer exists; they have no outcome."""
    contacts_by_email: dict[str, Any] = field(default_factory=dict)
    """The contacts with the e-mails of `email_conflicts`; not all of them were looked up."""


def parse_results(document: Any, status: int, inputs: Sequence[BatchInput], labels: Mapping[str, str]) -> BatchResult:
    """
    Return the outcome of each of *inputs* that *document* names; *labels* are our field labels by property.

    Raises:
        OutcomeUnknown: HubSpot is not done.
        ConfigurationFault: HubSpot refuses something that every lead has.
        BatchRefused: HubSpot refuses something, and does not say in which lead.
    """
    results, errors = get_by_path(document, "results"), get_by_path(document, "errors") or []
    # HubSpot may process a batch later: until it is complete, nothing proves that the leads are saved.
    if get_by_path(document, "status") != "COMPLETE" or not isinstance(results, list) or not isinstance(errors, list):
        raise OutcomeUnknown(_("HubSpot has received the leads, but has not confirmed yet that they are saved."))
    found = BatchResult()
    by_trace = {item.lead.id: item for item in inputs}
    by_key = {normalize_key(item.id_value): item for item in inputs}
    for result in results:
        item = _find_input(result, by_trace, by_key)
        if item is not None and is_record_id(get_by_path(result, "id")):
            found.outcomes[item.lead.id] = Delivered(str(get_by_path(result, "id")), status)
    for error in errors:
        for item in _find_blamed_inputs(error, by_trace, by_key) or _find_gone_inputs(error, inputs, found):
            if _is_contact_gone(error, item):
                found.deleted_contacts.append(item)
                continue
            found.outcomes[item.lead.id] = parse_lead_error(error, status, labels)
            if _is_email_conflict(error, item):
                found.email_conflicts[item.lead.id] = item
    # Errors that name no lead are about the call as a whole.
    if not found.deleted_contacts and not found.outcomes and errors:
        raise to_call_fault(parse_error(errors[0]), labels)
    return found


def _find_input(result: Any, by_trace: Mapping[str, BatchInput], by_key: Mapping[str, BatchInput]) -> BatchInput | None:
    """Return the input that *result* is about; None if there is no such input."""
    if trace := get_by_path(result, "objectWriteTraceId"):
        return by_trace.get(str(trace))
    by = next(iter(by_key.values())).id_property
    return by_key.get(normalize_key(str(get_by_path(result, f"properties.{by}" if by else "id") or "")))


def _find_blamed_inputs(
    error: Any, by_trace: Mapping[str, BatchInput], by_key: Mapping[str, BatchInput]
) -> list[BatchInput]:
    """Return the inputs that *error* names."""
    traces, keys = (get_by_path(error, f"context.{name}") or [] for name in ("objectWriteTraceId", "ids"))
    found = [by_trace.get(str(trace)) for trace in traces] + [by_key.get(normalize_key(str(key))) for key in keys]
    return list({item.lead.id: item for item in found if item is not None}.values())


def _find_gone_inputs(error: Any, sent: Sequence[BatchInput], found: BatchResult) -> list[BatchInput]:
    """Return the inputs for an *error* that names none: if contacts are gone, it is about those without a result."""
    return [item for item in sent if item.lead.id not in found.outcomes and _is_contact_gone(error, item)]


def parse_conflict(response: CrmResponse, item: BatchInput, labels: Mapping[str, str]) -> BatchResult:
    """Return the result for *item*, which was sent alone and whose e-mail another contact has."""
    try:
        document = response.json()
    except ValueError as error:
        raise OutcomeUnknown(_("HubSpot's response is incomplete.")) from error
    known = {item.lead.id: item} if _is_email_conflict(document, item) else {}
    return BatchResult({item.lead.id: parse_lead_error(document, response.status, labels)}, known)


def parse_lead_error(error: Any, status: int, labels: Mapping[str, str]) -> Outcome:
    """
    Return the outcome of a lead for which HubSpot reports *error*.

    Raises:
        ConfigurationFault: every lead would be refused for the same reason.
    """
    message, code, name = found = parse_error(error)
    if code in _SETUP_CODES:
        raise to_call_fault(found, labels)
    if _TRANSIENT_CODES.search(code) or not (message or code):
        return Retry(
            _("HubSpot had trouble with this lead: {message}").format(message=message or _("it gives no reason.")),
            status,
        )
    return Rejected(_describe_error(found, labels), code, status, name)


def _describe_error(error: _HubSpotError, labels: Mapping[str, str]) -> str:
    """Return a sentence about what HubSpot refuses, and why; *labels* are our field labels by property."""
    # HubSpot appends all the options of a list, which help nobody at a booth.
    message = _ALLOWED_OPTIONS.sub(r"\1", error.message) or error.code
    if not error.field:
        return _("HubSpot rejected it: {message}").format(message=message)
    field = labels.get(error.field, error.field)
    return _("HubSpot rejected the {field}: {message}").format(field=field, message=message)


def is_conflict_error(error: Any) -> bool:
    """Return whether HubSpot says that a contact already has a value that must be unique."""
    message = str(get_by_path(error, "message"))
    return get_by_path(error, "category") == "CONFLICT" or "already exists" in message  # not shown: HubSpot's words


def _is_email_conflict(error: Any, item: BatchInput) -> bool:
    """Return whether *item*, which was not addressed to a contact, has the e-mail of an existing one."""
    return is_conflict_error(error) and bool(item.email) and item.id_property not in ("", "email")


def _is_contact_gone(error: Any, item: BatchInput) -> bool:
    """Return whether the contact that *item* is for was deleted, or merged into another."""
    return get_by_path(error, "category") == "OBJECT_NOT_FOUND" and not item.id_property


def parse_error(error: Any) -> _HubSpotError:
    """Parse an error: from its first detail if it has any, because details name the property."""
    message, category = str(get_by_path(error, "message") or ""), str(get_by_path(error, "category") or "")
    if code := get_by_path(error, "errors.0.code"):
        name = get_by_path(error, "errors.0.context.propertyName.0") or get_by_path(error, "errors.0.in")
        return _HubSpotError(clean_message(get_by_path(error, "errors.0.message")), str(code), str(name or ""))
    # Some responses have the details only as JSON inside the message.
    if message.startswith(_INVALID_VALUES_PREFIX):
        try:
            detail = json.loads(message.removeprefix(_INVALID_VALUES_PREFIX))
        except ValueError:
            detail = []
        if code := get_by_path(detail, "0.error"):
            return _HubSpotError(
                clean_message(get_by_path(detail, "0.message")), str(code), str(get_by_path(detail, "0.name") or "")
            )
    return _HubSpotError(clean_message(message), category, "")


NO_LABELS: Mapping[str, str] = {}


def to_call_fault(
    error: _HubSpotError, labels: Mapping[str, str] = NO_LABELS
) -> ConfigurationFault | BatchRefused | CrmDown:
    """Return the fault for an error about a whole call, or about something that every lead has."""
    message, code, name = error
    if code in _SETUP_CODES or "non-unique" in message:
        return ConfigurationFault(
            _(
                "CRM setup: {message}: check [crm.hubspot] in kiosk.toml, or run `kiosk check crm --create` to create "
                "what is missing."
            ).format(message=message)
        )
    if _TRANSIENT_CODES.search(code) or BUSY_PATTERN.search(message):
        return CrmDown(_("HubSpot is having trouble: {message}").format(message=message or code))
    return BatchRefused(_describe_error(error, labels), code=code, field=name)
