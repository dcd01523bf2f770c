"""How each lead of a batch ended: by its trace id or its key, never by its position."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sync.connectors.base import Delivered, Outcome, Rejected, Retry
from sync.connectors.hubspot.inputs import BatchInput, normalize_key
from sync.crm_messages import clean_message, get_by_path
from sync.errors import BatchRefused, ConfigurationFault, CrmDown, OutcomeUnknown
from sync.http_client import CrmResponse
from sync.response_errors import BUSY_PATTERN, is_record_id

_TRANSIENT_CODES = re.compile(r"RATE_LIMIT|LOCK|TIMEOUT|UNAVAILABLE|INTERNAL|TEMPORAR|TRANSIENT|SERVER_ERROR")
"""In a category or code: the same lead may fare better later."""

_SETUP_CODES = ("PROPERTY_DOESNT_EXIST", "READ_ONLY_VALUE", "MISSING_SCOPES")
"""Codes for which every lead would be refused alike."""

_ALLOWED_OPTIONS = re.compile(r"(was not one of the allowed options)\W.*", re.DOTALL)

_INVALID_VALUES_PREFIX = "Property values were not valid: "


class _HubSpotError(NamedTuple):
    """What HubSpot has against a lead, or a call."""

    message: str
    code: str
    field: str
    """HubSpot's name of the property; empty where none is named."""


@dataclass(slots=True)
class BatchResult:
    """How the leads of one call ended."""

    outcomes: dict[str, Outcome] = field(default_factory=dict)
    email_conflicts: dict[str, BatchInput] = field(default_factory=dict)
    """Refused because another contact has the e-mail already; their outcome is that refusal, until they are sent so."""
    deleted_contacts: list[BatchInput] = field(default_factory=list)
    """Those whose contact is no longer there; they have no outcome."""
    contacts_by_email: dict[str, Any] = field(default_factory=dict)
    """The contacts of those that are known, by their e-mail, as far as they were looked up."""


def parse_results(document: Any, status: int, sent: Sequence[BatchInput], names: Mapping[str, str]) -> BatchResult:
    """
    How each of *sent* ended that *document* names; *names* are our fields by HubSpot's properties.

    Raises:
        Unsure: HubSpot is not done, or does not say how any ended.
        SetUpFault: it refuses what is in every lead.
        BatchRefused: it refuses something, and does not say in which lead.
    """
    results, errors = get_by_path(document, "results"), get_by_path(document, "errors") or []
    if get_by_path(document, "status") != "COMPLETE" or not isinstance(results, list) or not isinstance(errors, list):
        raise OutcomeUnknown("HubSpot has taken the leads, and does not say yet that they are written.")
    found = BatchResult()
    by_trace = {item.lead.id: item for item in sent}
    by_key = {normalize_key(item.id_value): item for item in sent}
    for result in results:
        item = find_input(result, by_trace, by_key)
        if item is not None and is_record_id(get_by_path(result, "id")):
            found.outcomes[item.lead.id] = Delivered(str(get_by_path(result, "id")), status)
    for error in errors:
        for item in _find_blamed_inputs(error, by_trace, by_key) or _find_gone_inputs(error, sent, found):
            if _is_contact_gone(error, item):
                found.deleted_contacts.append(item)
                continue
            found.outcomes[item.lead.id] = parse_lead_error(error, status, names)
            if _is_email_conflict(error, item):
                found.email_conflicts[item.lead.id] = item
    if not found.deleted_contacts and not found.outcomes and errors:
        raise as_call_fault(parse_error(errors[0]), names)
    return found


def find_input(result: Any, by_trace: Mapping[str, BatchInput], by_key: Mapping[str, BatchInput]) -> BatchInput | None:
    """Which input a result is about; None where that was never sent."""
    if trace := get_by_path(result, "objectWriteTraceId"):
        return by_trace.get(str(trace))
    by = next(iter(by_key.values())).id_property
    return by_key.get(normalize_key(str(get_by_path(result, f"properties.{by}" if by else "id") or "")))


def _find_blamed_inputs(
    error: Any, by_trace: Mapping[str, BatchInput], by_key: Mapping[str, BatchInput]
) -> list[BatchInput]:
    """Which inputs an error is about."""
    traces, keys = (get_by_path(error, f"context.{name}") or [] for name in ("objectWriteTraceId", "ids"))
    found = [by_trace.get(str(trace)) for trace in traces] + [by_key.get(normalize_key(str(key))) for key in keys]
    return list({item.lead.id: item for item in found if item is not None}.values())


def _find_gone_inputs(error: Any, sent: Sequence[BatchInput], found: BatchResult) -> list[BatchInput]:
    """Which inputs an error must be about that names none: some contacts are gone, so those without a result are."""
    return [item for item in sent if item.lead.id not in found.outcomes and _is_contact_gone(error, item)]


def parse_conflict(answer: CrmResponse, item: BatchInput, names: Mapping[str, str]) -> BatchResult:
    """How *item* ended, which went alone, and whose e-mail another contact has."""
    try:
        document = answer.json()
    except ValueError as error:
        raise OutcomeUnknown("HubSpot's answer is not complete.") from error
    known = {item.lead.id: item} if _is_email_conflict(document, item) else {}
    return BatchResult({item.lead.id: parse_lead_error(document, answer.status, names)}, known)


def parse_lead_error(error: Any, status: int, names: Mapping[str, str]) -> Outcome:
    """
    How a lead ended that HubSpot has something against.

    Raises:
        SetUpFault: every lead would be refused alike.
    """
    words, code, name = found = parse_error(error)
    if code in _SETUP_CODES:
        raise as_call_fault(found, names)
    if _TRANSIENT_CODES.search(code) or not (words or code):
        return Retry(f"HubSpot had trouble with this lead: {words or 'it does not say why.'}", status)
    return Rejected(describe_error(found, names), code, status, name)


def describe_error(found: _HubSpotError, names: Mapping[str, str]) -> str:
    """What HubSpot refuses and why; *names* are our fields by HubSpot's properties."""
    what = f"the {names.get(found.field, found.field)}" if found.field else "it"
    # All the options of a list, which follow, are no help to anybody at a booth.
    words = _ALLOWED_OPTIONS.sub(r"\1", found.message) or found.code
    return f"HubSpot refuses {what}: {words}"


def is_conflict_error(error: Any) -> bool:
    """Whether HubSpot says that a contact has what must be unique."""
    return get_by_path(error, "category") == "CONFLICT" or "already exists" in str(get_by_path(error, "message"))


def _is_email_conflict(error: Any, item: BatchInput) -> bool:
    """Whether a contact has the e-mail of *item*, which is for none yet, so that it may be for that."""
    return is_conflict_error(error) and bool(item.email) and item.id_property not in ("", "email")


def _is_contact_gone(error: Any, item: BatchInput) -> bool:
    """Whether the contact that *item* is for is no longer there: deleted, or merged into another."""
    return get_by_path(error, "category") == "OBJECT_NOT_FOUND" and not item.id_property


def parse_error(error: Any) -> _HubSpotError:
    """What *error* says: its first detail where it has any, for those name the property."""
    said, category = str(get_by_path(error, "message") or ""), str(get_by_path(error, "category") or "")
    if code := get_by_path(error, "errors.0.code"):
        name = get_by_path(error, "errors.0.context.propertyName.0") or get_by_path(error, "errors.0.in")
        return _HubSpotError(clean_message(get_by_path(error, "errors.0.message")), str(code), str(name or ""))
    if said.startswith(_INVALID_VALUES_PREFIX):
        try:
            detail = json.loads(said.removeprefix(_INVALID_VALUES_PREFIX))
        except ValueError:
            detail = []
        if code := get_by_path(detail, "0.error"):
            return _HubSpotError(
                clean_message(get_by_path(detail, "0.message")), str(code), str(get_by_path(detail, "0.name") or "")
            )
    return _HubSpotError(clean_message(said), category, "")


NO_LABELS: Mapping[str, str] = {}


def as_call_fault(
    found: _HubSpotError, names: Mapping[str, str] = NO_LABELS
) -> ConfigurationFault | BatchRefused | CrmDown:
    """What it means that HubSpot refuses a call, or something that is in every lead."""
    words, code, name = found
    if code in _SETUP_CODES or "non-unique" in words:
        hint = "check [crm.hubspot] in kiosk.toml, or have `kiosk check crm --create` add what is missing."
        return ConfigurationFault(f"CRM set-up: {words}: {hint}")
    if _TRANSIENT_CODES.search(code) or BUSY_PATTERN.search(words):
        return CrmDown(f"HubSpot is having trouble: {words or code}")
    return BatchRefused(describe_error(found, names), code=code, field=name)
