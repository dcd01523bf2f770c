"""Is a record that the CRM has the lead that is to be sent? By our id, by e-mail and name, or by all that it says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from data.person_matching import names_differ, normalize_name
from sync.connectors.base import OutgoingLead
from sync.crm_messages import clean_message, get_by_path
from sync.settings.rest import RestSettings
from sync.template import format_text


@dataclass(frozen=True, slots=True)
class RecordMatch:
    """What the records that a CRM gave say of a lead."""

    record: Mapping[str, Any] | None = None
    """The record that is this lead."""
    uncertain_record: Mapping[str, Any] | None = None
    """A record that may be somebody else's: it has the lead's e-mail or its name, and nothing proves that it is it."""
    other_name: str = ""
    """Whose name that record has, where it has another."""


@dataclass(frozen=True, slots=True)
class RecordPaths:
    """Where a record has what people are known by."""

    lead_id: str
    email: str
    names: tuple[tuple[str, ...], ...]
    """The parts of the name; where the first have nothing, the next."""

    @classmethod
    def from_settings(cls, settings: RestSettings, key: str) -> "RecordPaths":
        """As kiosk.toml has them; *key* is where our id is."""
        fields, own = settings.fields, settings.answer.names
        ways = (own,) if own else (("name",), ("first_name", "last_name"))
        names = tuple(way if own else tuple(fields[name] for name in way if name in fields) for way in ways)
        return cls(key, settings.answer.email, names)


def match_lead(
    contacts: Sequence[Mapping[str, Any]], lead: OutgoingLead, places: RecordPaths, sent: Mapping[str, Any]
) -> RecordMatch:
    """
    Which of *contacts* is *lead*, of which the fields *sent* would be sent by the CRM's names.

    By our id; else by its e-mail, unless the name is another's; else, where it has no e-mail, by saying all the same.
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
    if ours:
        return others[0] if others else RecordMatch()
    same = next((contact for contact in contacts if has_same_values(contact, sent)), None)
    unclear = next((contact for contact in contacts if not _find_other_name(contact, lead, places)), None)
    return RecordMatch(same, uncertain_record=unclear if same is None else None)


def has_same_values(contact: Mapping[str, Any], sent: Mapping[str, Any]) -> bool:
    """Whether *contact* has all that is *sent*, as it is sent."""
    return bool(sent) and all(
        _normalize_value(get_by_path(contact, name)) == _normalize_value(value) for name, value in sent.items()
    )


def format_lead_name(lead: OutgoingLead) -> str:
    """What people call a lead."""
    return clean_message(lead.fields.get("name") or lead.fields.get("email")) or "somebody"


def _find_other_name(contact: Mapping[str, Any], lead: OutgoingLead, places: RecordPaths) -> str:
    """The name in *contact*, where it is another person's than the lead's."""
    found = (clean_message(" ".join(format_text(get_by_path(contact, name)) for name in way)) for way in places.names)
    theirs = next(filter(None, found), "")
    ours = str(lead.fields.get("name") or "")
    return theirs if normalize_name(theirs) and normalize_name(ours) and names_differ(ours, theirs) else ""


def _normalize_email(value: Any) -> str:
    """An e-mail as it is compared."""
    return str(value or "").strip().casefold()


def _normalize_value(value: Any) -> str:
    """A value as it is compared."""
    return " ".join(format_text(value).casefold().split())
