"""Decides whether a record of the CRM is a lead: by our id, by e-mail and name, or because all fields are equal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from data.language import _
from data.person_matching import names_differ, normalize_name
from sync.connectors.base import OutgoingLead
from sync.crm_messages import clean_message, get_by_path
from sync.settings.rest import RestSettings
from sync.template import format_text


@dataclass(frozen=True, slots=True)
class RecordMatch:
    """Which of a CRM's records belongs to a lead."""

    record: Mapping[str, Any] | None = None
    """The record that is this lead."""
    uncertain_record: Mapping[str, Any] | None = None
    """A record with the lead's e-mail or name that may be somebody else's."""
    other_name: str = ""
    """The name on that record, if it is another person's."""


@dataclass(frozen=True, slots=True)
class RecordPaths:
    """The paths in a record to what identifies people."""

    lead_id: str
    email: str
    names: tuple[tuple[str, ...], ...]
    """The parts of the name; if the first group is empty, the next one counts."""

    @classmethod
    def from_settings(cls, settings: RestSettings, key: str) -> "RecordPaths":
        """Return the paths of kiosk.toml; *key* is the path to our id."""
        fields, own = settings.fields, settings.answer.names
        groups = (own,) if own else (("name",), ("first_name", "last_name"))
        names = tuple(group if own else tuple(fields[name] for name in group if name in fields) for group in groups)
        return cls(key, settings.answer.email, names)


def match_lead(
    contacts: Sequence[Mapping[str, Any]], lead: OutgoingLead, places: RecordPaths, sent: Mapping[str, Any]
) -> RecordMatch:
    """
    Return which of *contacts* is *lead*; *sent* are the fields that would be sent, by the CRM's names.

    By our id; else by its e-mail, unless the name is another person's; without an e-mail, if all fields are equal.
    """
    for contact in contacts:
        if places.lead_id and str(get_by_path(contact, places.lead_id)) == lead.id:
            return RecordMatch(contact)
    ours = _normalize_email(lead.fields.get("email"))
    others: list[RecordMatch] = []
    for contact in contacts:
        if ours and _normalize_email(get_by_path(contact, places.email)) == ours:
            if not (other := _find_other_name(contact, lead, places)):
                return RecordMatch(contact)
            others.append(RecordMatch(uncertain_record=contact, other_name=other))
    # With an e-mail, only records with the same e-mail count.
    if ours:
        return others[0] if others else RecordMatch()
    same = next((contact for contact in contacts if has_same_values(contact, sent)), None)
    unclear = next((contact for contact in contacts if not _find_other_name(contact, lead, places)), None)
    return RecordMatch(same, uncertain_record=unclear if same is None else None)


def has_same_values(contact: Mapping[str, Any], sent: Mapping[str, Any]) -> bool:
    """Return whether *contact* has all values in *sent*."""
    return bool(sent) and all(
        _normalize_value(get_by_path(contact, name)) == _normalize_value(value) for name, value in sent.items()
    )


def format_lead_name(lead: OutgoingLead) -> str:
    """Return what a sentence calls *lead*."""
    return clean_message(lead.fields.get("name") or lead.fields.get("email")) or _("somebody")


def _find_other_name(contact: Mapping[str, Any], lead: OutgoingLead, places: RecordPaths) -> str:
    """Return the name in *contact* if it is another person's; else nothing."""
    found = (
        clean_message(" ".join(format_text(get_by_path(contact, name)) for name in group)) for group in places.names
    )
    theirs = next(filter(None, found), "")
    ours = str(lead.fields.get("name") or "")
    return theirs if normalize_name(theirs) and normalize_name(ours) and names_differ(ours, theirs) else ""


def _normalize_email(value: Any) -> str:
    """Return an e-mail in the form in which it is compared."""
    return str(value or "").strip().casefold()


def _normalize_value(value: Any) -> str:
    """Return a value in the form in which it is compared."""
    return " ".join(format_text(value).casefold().split())
