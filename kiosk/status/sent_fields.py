"""Which of a lead's fields the CRM gets, by the mapping in kiosk.toml: a person who edits another should know."""

from collections.abc import Set
from dataclasses import asdict

from data.names import NAME_FIELDS
from sync.settings import CrmSettings
from sync.template import find_placeholders


def is_field_sent(field: str, sent: Set[str] | None) -> bool:
    """
    Whether an edit of *field* reaches a CRM that gets the fields *sent*; None is all of them.

    The parts of a name follow each other, so that an edit of one is an edit of those that are sent.
    """
    if sent is None or field in sent:
        return True
    return field in NAME_FIELDS and ("name" in sent or (field == "name" and bool(sent & set(NAME_FIELDS))))


def find_sent_fields(settings: CrmSettings) -> Set[str] | None:
    """Our names of the fields that are sent to the CRM; None where it gets all of them."""
    if settings.connector == "practice":
        return None
    table = getattr(settings, settings.connector)
    return frozenset(table.fields) | find_placeholders(asdict(table))
