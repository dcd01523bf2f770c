"""A lead as the CRM wants it: by its names, in its words and formats, without what is not known."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sync.connectors.base import Outgoing
from sync.settings.rest import RestSettings
from sync.settings.rest_shape import ANY_OTHER
from sync.template import as_text, is_unknown

NO_VALUE = ""
"""In a table of values: what is sent of a new contact where nothing is known."""


class Shape:
    """What `[crm.rest]` says of fields, values and formats."""

    def __init__(self, settings: RestSettings) -> None:
        self.settings = settings
        self.values = {
            name: {known.casefold(): theirs for known, theirs in table.items()}
            for name, table in settings.values.items()
        }

    def words(self, lead: Outgoing, remote_id: str | None = None, **more: Any) -> dict[str, Any]:
        """What stands for the words in braces of a template; *remote_id* says where the CRM has the lead already."""
        words = {name: self._shaped(name, value, is_new=not remote_id) for name, value in lead.fields.items()}
        for name in self.values:
            words.setdefault(name, self._shaped(name, None, is_new=not remote_id))
        fields = self.contact(lead.id, words, is_new=not remote_id)
        return {**words, "lead_id": lead.id, "remote_id": as_number(remote_id), "fields": fields, **more}

    def flat(self, words: Mapping[str, Any], *, is_new: bool) -> dict[str, Any]:
        """The contact's fields by the CRM's names; what is not known is left out, so that it erases nothing there."""
        settings = self.settings
        fields = settings.fields if is_new else settings.update_fields or settings.fields
        return {theirs: words[ours] for ours, theirs in fields.items() if not is_unknown(words.get(ours))}

    def contact(self, lead_id: str, words: Mapping[str, Any], *, is_new: bool) -> dict[str, Any]:
        """The contact as JSON; an update, which goes to where the record is, has our id only where that is set."""
        settings = self.settings
        has_id = settings.id_field and (is_new or not settings.updates or settings.update_with_id)
        ours = {settings.id_field: lead_id} if has_id else {}
        new = settings.new if is_new else {}
        return nested({**ours, **settings.constants, **new, **self.flat(words, is_new=is_new)})

    def _shaped(self, name: str, value: Any, *, is_new: bool) -> Any:
        """*value* of our field *name*, in the CRM's words and format."""
        table = self.values.get(name)
        if table is not None:
            if is_unknown(value):
                return table.get(NO_VALUE) if is_new else None
            value = [_called(item, table) for item in value] if isinstance(value, list) else _called(value, table)
            value = [item for item in value if not is_unknown(item)] if isinstance(value, list) else value
        wanted = self.settings.formats.get(name)
        return value if wanted is None or is_unknown(value) else formatted(value, wanted)


def _called(value: Any, table: Mapping[str, Any]) -> Any:
    """What *value* is called in *table*; itself, where the table says nothing of it."""
    return table.get(as_text(value).casefold(), table.get(ANY_OTHER, value))


def formatted(value: Any, wanted: str) -> Any:
    """
    *value* as `[crm.rest.formats]` has it.

    A date, and what a pattern makes, are of this device's time zone, as people at the booth see it; all else is UTC.
    """
    if wanted == "text":
        return as_text(value)
    moment = datetime.fromisoformat(str(value)).astimezone(UTC)
    match wanted:
        case "date":
            return f"{moment.astimezone():%Y-%m-%d}"
        case "datetime":
            return f"{moment:%Y-%m-%d %H:%M:%S}"
        case "zulu":
            return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
        case "seconds":
            return int(moment.timestamp())
        case "milliseconds":
            return int(moment.timestamp()) * 1000
        case "iso":
            return moment.isoformat(timespec="seconds")
    return moment.astimezone().strftime(wanted)


def as_number(remote_id: str | None) -> str | int | None:
    """*remote_id* as a number where it is one: some APIs tell `17` from `"17"`."""
    return int(remote_id) if remote_id and remote_id.isdecimal() and str(int(remote_id)) == remote_id else remote_id


def nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    """
    *flat* as JSON, where the steps of a name are divided by dots: `properties.email` lies within `properties`.

    Steps that are numbers make a list: `emails.0.value`.
    """
    document: dict[str, Any] = {}
    for path, value in flat.items():
        *steps, name = path.split(".")
        place = document
        for step in steps:
            place = place.setdefault(step, {})
        place[name] = value
    return {name: _with_lists(part) for name, part in document.items()}


def _with_lists(part: Any) -> Any:
    """*part*, with a list in place of each object whose names are numbers."""
    if not isinstance(part, dict):
        return part
    inner = {name: _with_lists(value) for name, value in part.items()}
    return list(inner.values()) if inner and all(name.isdecimal() for name in inner) else inner
