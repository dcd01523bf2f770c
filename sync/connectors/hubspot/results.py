"""How each lead of a batch ended: by its trace id or its key, never by its position."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sync.answers import BUSY, at, is_id, message
from sync.connectors.base import Delivered, Outcome, Rejected, Retry
from sync.connectors.hubspot.inputs import Input, normal
from sync.errors import BatchRefused, CrmDown, SetUpFault, Unsure
from sync.http import Answer

PASSING = re.compile(r"RATE_LIMIT|LOCK|TIMEOUT|UNAVAILABLE|INTERNAL|TEMPORAR|TRANSIENT|SERVER_ERROR")
"""In a category or code: the same lead may fare better later."""

SET_UP = ("PROPERTY_DOESNT_EXIST", "READ_ONLY_VALUE", "MISSING_SCOPES")
"""Codes for which every lead would be refused alike."""

_OPTIONS = re.compile(r"(was not one of the allowed options)\W.*", re.DOTALL)

NOT_VALID = "Property values were not valid: "


class Complaint(NamedTuple):
    """What HubSpot has against a lead, or a call."""

    words: str
    code: str
    field: str
    """HubSpot's name of the property; empty where none is named."""


@dataclass(slots=True)
class Ends:
    """How the leads of one call ended."""

    outcomes: dict[str, Outcome] = field(default_factory=dict)
    known: dict[str, Input] = field(default_factory=dict)
    """Refused because another contact has the e-mail already; their outcome is that refusal, until they are sent so."""
    gone: list[Input] = field(default_factory=list)
    """Those whose contact is no longer there; they have no outcome."""
    contacts: dict[str, Any] = field(default_factory=dict)
    """The contacts of those that are known, by their e-mail, as far as they were looked up."""


def ends(document: Any, status: int, sent: Sequence[Input], names: Mapping[str, str]) -> Ends:
    """
    How each of *sent* ended that *document* names; *names* are our fields by HubSpot's properties.

    Raises:
        Unsure: HubSpot is not done, or does not say how any ended.
        SetUpFault: it refuses what is in every lead.
        BatchRefused: it refuses something, and does not say in which lead.
    """
    results, errors = at(document, "results"), at(document, "errors") or []
    if at(document, "status") != "COMPLETE" or not isinstance(results, list) or not isinstance(errors, list):
        raise Unsure("HubSpot has taken the leads, and does not say yet that they are written.")
    found = Ends()
    by_trace = {item.lead.id: item for item in sent}
    by_key = {normal(item.key): item for item in sent}
    for result in results:
        item = named(result, by_trace, by_key)
        if item is not None and is_id(at(result, "id")):
            found.outcomes[item.lead.id] = Delivered(str(at(result, "id")), status)
    for error in errors:
        for item in blamed(error, by_trace, by_key) or unnamed(error, sent, found):
            if is_gone(error, item):
                found.gone.append(item)
                continue
            found.outcomes[item.lead.id] = refused(error, status, names)
            if is_conflict(error, item):
                found.known[item.lead.id] = item
    if not found.gone and not found.outcomes and errors:
        raise whole(complaint(errors[0]), names)
    return found


def named(result: Any, by_trace: Mapping[str, Input], by_key: Mapping[str, Input]) -> Input | None:
    """Which input a result is about; None where that was never sent."""
    if trace := at(result, "objectWriteTraceId"):
        return by_trace.get(str(trace))
    by = next(iter(by_key.values())).by
    return by_key.get(normal(str(at(result, f"properties.{by}" if by else "id") or "")))


def blamed(error: Any, by_trace: Mapping[str, Input], by_key: Mapping[str, Input]) -> list[Input]:
    """Which inputs an error is about."""
    traces, keys = (at(error, f"context.{name}") or [] for name in ("objectWriteTraceId", "ids"))
    found = [by_trace.get(str(trace)) for trace in traces] + [by_key.get(normal(str(key))) for key in keys]
    return list({item.lead.id: item for item in found if item is not None}.values())


def unnamed(error: Any, sent: Sequence[Input], found: Ends) -> list[Input]:
    """Which inputs an error must be about that names none: some contacts are gone, so those without a result are."""
    return [item for item in sent if item.lead.id not in found.outcomes and is_gone(error, item)]


def conflict(answer: Answer, item: Input, names: Mapping[str, str]) -> Ends:
    """How *item* ended, which went alone, and whose e-mail another contact has."""
    try:
        document = answer.json()
    except ValueError as error:
        raise Unsure("HubSpot's answer is not complete.") from error
    known = {item.lead.id: item} if is_conflict(document, item) else {}
    return Ends({item.lead.id: refused(document, answer.status, names)}, known)


def refused(error: Any, status: int, names: Mapping[str, str]) -> Outcome:
    """
    How a lead ended that HubSpot has something against.

    Raises:
        SetUpFault: every lead would be refused alike.
    """
    words, code, name = found = complaint(error)
    if code in SET_UP:
        raise whole(found, names)
    if PASSING.search(code) or not (words or code):
        return Retry(f"HubSpot had trouble with this lead: {words or 'it does not say why.'}", status)
    return Rejected(sentence(found, names), code, status, name)


def sentence(found: Complaint, names: Mapping[str, str]) -> str:
    """What HubSpot refuses and why; *names* are our fields by HubSpot's properties."""
    what = f"the {names.get(found.field, found.field)}" if found.field else "it"
    # All the options of a list, which follow, are no help to anybody at a booth.
    words = _OPTIONS.sub(r"\1", found.words) or found.code
    return f"HubSpot refuses {what}: {words}"


def tells_of_conflict(error: Any) -> bool:
    """Whether HubSpot says that a contact has what must be unique."""
    return at(error, "category") == "CONFLICT" or "already exists" in str(at(error, "message"))


def is_conflict(error: Any, item: Input) -> bool:
    """Whether a contact has the e-mail of *item*, which is for none yet, so that it may be for that."""
    return tells_of_conflict(error) and bool(item.email) and item.by not in ("", "email")


def is_gone(error: Any, item: Input) -> bool:
    """Whether the contact that *item* is for is no longer there: deleted, or merged into another."""
    return at(error, "category") == "OBJECT_NOT_FOUND" and not item.by


def complaint(error: Any) -> Complaint:
    """What *error* says: its first detail where it has any, for those name the property."""
    said, category = str(at(error, "message") or ""), str(at(error, "category") or "")
    if code := at(error, "errors.0.code"):
        name = at(error, "errors.0.context.propertyName.0") or at(error, "errors.0.in")
        return Complaint(message(at(error, "errors.0.message")), str(code), str(name or ""))
    if said.startswith(NOT_VALID):
        try:
            detail = json.loads(said.removeprefix(NOT_VALID))
        except ValueError:
            detail = []
        if code := at(detail, "0.error"):
            return Complaint(message(at(detail, "0.message")), str(code), str(at(detail, "0.name") or ""))
    return Complaint(message(said), category, "")


NO_NAMES: Mapping[str, str] = {}


def whole(found: Complaint, names: Mapping[str, str] = NO_NAMES) -> SetUpFault | BatchRefused | CrmDown:
    """What it means that HubSpot refuses a call, or something that is in every lead."""
    words, code, name = found
    if code in SET_UP or "non-unique" in words:
        hint = "check [crm.hubspot] in kiosk.toml, or have `kiosk check crm --create` add what is missing."
        return SetUpFault(f"CRM set-up: {words}: {hint}")
    if PASSING.search(code) or BUSY.search(words):
        return CrmDown(f"HubSpot is having trouble: {words or code}")
    return BatchRefused(sentence(found, names), code=code, field=name)
