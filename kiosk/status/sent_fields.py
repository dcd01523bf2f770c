"""Which fields of a lead the mapping in kiosk.toml sends to the CRM. Screens say so if any other field is edited."""

from collections.abc import Set
from dataclasses import asdict

from data.names import NAME_FIELDS
from sync.settings import CrmSettings
from sync.template import find_placeholders


def is_field_sent(field: str, sent: Set[str] | None) -> bool:
    """
    Return whether an edit of *field* reaches a CRM that gets the fields *sent* (None: all of them).

    An edit of one part of a name also changes the others, so it is sent where any of them is.
    """
    if sent is None or field in sent:
        return True
    return field in NAME_FIELDS and ("name" in sent or (field == "name" and bool(sent & set(NAME_FIELDS))))


def find_sent_fields(settings: CrmSettings) -> Set[str] | None:
    """Return our names of the fields that are sent to the CRM; None if it gets all of them."""
    if settings.connector == "practice":
        return None
    table = getattr(settings, settings.connector)
    return frozenset(table.fields) | find_placeholders(asdict(table))
