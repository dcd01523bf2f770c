"""Leads as the inputs of a batch upsert."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from data.language import N_, _
from sync.connectors.base import NotSent, Outcome, OutgoingLead, Rejected
from sync.settings.hubspot import HubSpotSettings

NO_EMAIL_SENTENCE = N_(
    "HubSpot identifies people by their e-mail, and this lead has none. Add it, and the lead is sent."
)


@dataclass(frozen=True, slots=True)
class BatchInput:
    """One lead, and how HubSpot should identify its contact."""

    lead: OutgoingLead
    id_property: str
    """The property that `id_value` belongs to; empty if that is HubSpot's own id."""
    id_value: str
    properties: Mapping[str, str]

    def as_json(self) -> dict[str, Any]:
        """Return the input as it is sent. The trace id is ours, and comes back with the result or the error."""
        named = {"idProperty": self.id_property} if self.id_property else {}
        return {"id": self.id_value, **named, "objectWriteTraceId": self.lead.id, "properties": dict(self.properties)}

    @property
    def email(self) -> str:
        """The e-mail as HubSpot compares it; empty if none is sent."""
        return normalize_key(self.properties.get("email", ""))


def build_inputs(
    leads: Sequence[OutgoingLead], settings: HubSpotSettings
) -> tuple[list[BatchInput], dict[str, Outcome]]:
    """
    Return the inputs for *leads*, and the outcomes of those that are not sent.

    HubSpot refuses a whole call that names a contact twice: the second lead goes with the next call.
    """
    sent: list[BatchInput] = []
    kept_back: dict[str, Outcome] = {}
    seen: set[str] = set()
    for lead in leads:
        item = _build_input(lead, settings)
        names = {normalize_key(item.id_value), item.email} - {""}
        if not item.id_value:
            kept_back[lead.id] = Rejected(_(NO_EMAIL_SENTENCE), "NO_EMAIL")
        elif seen & names:
            kept_back[lead.id] = NotSent()
        else:
            seen |= names
            sent.append(item)
    return sent, kept_back


def _build_input(lead: OutgoingLead, settings: HubSpotSettings) -> BatchInput:
    """Return *lead* by HubSpot's property names, without empty values, so that it erases nothing there."""
    fields = dict(lead.fields)
    # HubSpot has no field for a full name; an undivided one is more useful there than nothing.
    if not fields.get("first_name") and not fields.get("last_name"):
        fields["last_name"] = fields.get("name")
    known = {theirs: _encode_value(fields.get(ours)) for ours, theirs in settings.fields.items()}
    properties = {name: value for name, value in known.items() if value}
    if settings.id_property != "email":
        return BatchInput(lead, settings.id_property, lead.id, properties)
    if lead.remote_id:  # by a corrected e-mail, HubSpot would create another contact
        return BatchInput(lead, "", lead.remote_id, properties)
    return BatchInput(lead, "email", properties.get("email", ""), properties)


def rekey_by_email(item: BatchInput) -> BatchInput:
    """Address *item* to the contact that has its e-mail; the lead's id becomes one of its properties."""
    kept = {item.id_property: item.id_value} if item.id_property else {}
    return BatchInput(item.lead, "email", item.email, {**item.properties, **kept})


def _encode_value(value: Any) -> str:
    """Return *value* as HubSpot expects it: always text, with semicolons between several values."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case Mapping():
            return "; ".join(f"{name}: {_encode_value(item)}" for name, item in value.items())
        case list() | tuple():
            return ";".join(filter(None, map(_encode_value, value)))
    return str(value).strip()


def normalize_key(key: str) -> str:
    """Return *key* as HubSpot compares it."""
    return key.strip().casefold()
