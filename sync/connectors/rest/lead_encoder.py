"""Encodes a lead as the CRM wants it: under its field names, in its words and formats, without empty values."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sync.connectors.base import OutgoingLead
from sync.settings.rest import RestSettings
from sync.settings.rest_values import FALLBACK_VALUE
from sync.template import format_text, is_empty_value

# The key in a table of values whose value a new contact gets if we know none.
_UNKNOWN_VALUE_KEY = ""


class LeadEncoder:
    """Applies the fields, values and formats of `[crm.rest]`."""

    def __init__(self, settings: RestSettings) -> None:
        self.settings = settings
        self.value_tables = {
            name: {known.casefold(): theirs for known, theirs in table.items()}
            for name, table in settings.values.items()
        }

    def build_template_values(self, lead: OutgoingLead, remote_id: str | None = None, **more: Any) -> dict[str, Any]:
        """Return the values for a template's placeholders. *remote_id* is the id of the CRM's record, if it has one."""
        values = {name: self._encode_field(name, value, is_new=not remote_id) for name, value in lead.fields.items()}
        for name in self.value_tables:
            values.setdefault(name, self._encode_field(name, None, is_new=not remote_id))
        fields = self.build_contact(lead.id, values, is_new=not remote_id)
        return {**values, "lead_id": lead.id, "remote_id": coerce_number(remote_id), "fields": fields, **more}

    def build_flat_fields(self, values: Mapping[str, Any], *, is_new: bool) -> dict[str, Any]:
        """Return the contact's fields by the CRM's names, without empty ones, which would erase values there."""
        settings = self.settings
        fields = settings.fields if is_new else settings.update_fields or settings.fields
        return {theirs: values[ours] for ours, theirs in fields.items() if not is_empty_value(values.get(ours))}

    def build_contact(self, lead_id: str, values: Mapping[str, Any], *, is_new: bool) -> dict[str, Any]:
        """Return the contact as JSON. An update names the record, so it has our id only with `update_with_id`."""
        settings = self.settings
        has_id = settings.id_field and (is_new or not settings.has_update_call or settings.update_with_id)
        ours = {settings.id_field: lead_id} if has_id else {}
        new = settings.new if is_new else {}
        return _nest_paths({**ours, **settings.constants, **new, **self.build_flat_fields(values, is_new=is_new)})

    def _encode_field(self, name: str, value: Any, *, is_new: bool) -> Any:
        """Return the *value* of our field *name* in the CRM's words and format."""
        table = self.value_tables.get(name)
        if table is not None:
            if is_empty_value(value):
                return table.get(_UNKNOWN_VALUE_KEY) if is_new else None
            if isinstance(value, list):
                translated = [_translate_value(item, table) for item in value]
                value = [item for item in translated if not is_empty_value(item)]
            else:
                value = _translate_value(value, table)
        wanted = self.settings.formats.get(name)
        return value if wanted is None or is_empty_value(value) else _format_value(value, wanted)


def _translate_value(value: Any, table: Mapping[str, Any]) -> Any:
    """Look *value* up in *table*; return the table's fallback, or *value* itself, if it is not there."""
    return table.get(format_text(value).casefold(), table.get(FALLBACK_VALUE, value))


def _format_value(value: Any, wanted: str) -> Any:
    """
    Format *value* as `[crm.rest.formats]` says.

    Dates and patterns are in this device's time zone, which is the booth's; everything else is in UTC.
    """
    if wanted == "text":
        return format_text(value)
    timestamp = datetime.fromisoformat(str(value)).astimezone(UTC)
    match wanted:
        case "date":
            return f"{timestamp.astimezone():%Y-%m-%d}"
        case "datetime":
            return f"{timestamp:%Y-%m-%d %H:%M:%S}"
        case "zulu":
            return f"{timestamp:%Y-%m-%dT%H:%M:%SZ}"
        case "seconds":
            return int(timestamp.timestamp())
        case "milliseconds":
            return int(timestamp.timestamp()) * 1000
        case "iso":
            return timestamp.isoformat(timespec="seconds")
    return timestamp.astimezone().strftime(wanted)


def coerce_number(remote_id: str | None) -> str | int | None:
    """Return *remote_id* as an integer if it is one: some APIs distinguish `17` from `"17"`."""
    return int(remote_id) if remote_id and remote_id.isdecimal() and str(int(remote_id)) == remote_id else remote_id


def _nest_paths(flat: Mapping[str, Any]) -> dict[str, Any]:
    """
    Nest *flat*, whose names are dotted paths: `properties.email` becomes `email` within `properties`.

    Numbers in a path make a list: `emails.0.value`.
    """
    document: dict[str, Any] = {}
    for path, value in flat.items():
        *steps, name = path.split(".")
        place = document
        for step in steps:
            place = place.setdefault(step, {})
        place[name] = value
    return {name: _convert_lists(part) for name, part in document.items()}


def _convert_lists(part: Any) -> Any:
    """Replace each object in *part* whose names are numbers by a list."""
    if not isinstance(part, dict):
        return part
    inner = {name: _convert_lists(value) for name, value in part.items()}
    return list(inner.values()) if inner and all(name.isdecimal() for name in inner) else inner
