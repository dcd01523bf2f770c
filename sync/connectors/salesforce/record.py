"""A lead as a Salesforce record."""

from collections.abc import Mapping
from typing import Any

from sync.connectors.base import OutgoingLead
from sync.settings.salesforce import SalesforceSettings

_EMPTY_VALUES: tuple[Any, ...] = (None, "", [], {})


def encode_lead(lead: OutgoingLead, settings: SalesforceSettings) -> dict[str, Any]:
    """
    Return *lead* by the org's field names, without empty values, so that it erases nothing there.

    Placeholders for missing values, and values that are set once, are only for a new lead: later they would overwrite
    what people have written in the CRM.
    """
    fields: dict[str, Any] = {**lead.fields, **_split_name(lead.fields)}
    values: dict[str, Any] = {}
    # Salesforce requires both fields, and a lead with a placeholder is better than a rejected one.
    if lead.remote_id is None:
        fields["last_name"] = fields["last_name"] or settings.last_name_when_empty
        fields["company"] = fields.get("company") or settings.company_when_empty
        values |= settings.new
    mapped: dict[str, Any] = {}
    for ours, theirs in settings.fields.items():
        value = _encode_value(ours, fields.get(ours), settings)
        if value not in _EMPTY_VALUES:
            mapped[theirs] = f"{mapped[theirs]}\n{value}" if theirs in mapped else value
    return {"attributes": {"type": settings.object}, **values, **mapped, settings.external_id_field: lead.id}


def _encode_value(name: str, value: Any, settings: SalesforceSettings) -> Any:
    """Return the value of our field *name* as Salesforce expects it, lists as for a multi-select picklist."""
    if name == "rating" and isinstance(value, int) and 1 <= value <= len(settings.ratings):
        return settings.ratings[value - 1]
    if isinstance(value, list | tuple):
        return ";".join(map(str, value))
    if isinstance(value, Mapping):
        return "\n".join(f"{key}: {item}" for key, item in value.items())
    return value


def _split_name(fields: Mapping[str, Any]) -> dict[str, str]:
    """Return first and last name. Salesforce requires a last name, so if need be it is taken from the full name."""
    first, last, full = (str(fields.get(key) or "").strip() for key in ("first_name", "last_name", "name"))
    if last:
        return {"first_name": first, "last_name": last}
    if first and full.startswith(f"{first} "):
        return {"first_name": first, "last_name": full.removeprefix(first).strip()}
    *before, end = (full or first or "").split() or [""]
    return {"first_name": " ".join(before), "last_name": end}
