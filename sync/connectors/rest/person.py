"""Is a record that the CRM has the lead that is to be sent? By our id, by e-mail and name, or by all that it says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from data.same import names_differ, words
from sync.answers import at, message
from sync.connectors.base import Outgoing
from sync.settings.rest import RestSettings
from sync.template import as_text


@dataclass(frozen=True, slots=True)
class Match:
    """What the records that a CRM gave say of a lead."""

    contact: Mapping[str, Any] | None = None
    """The record that is this lead."""
    other: str = ""
    """The name of somebody else who has the lead's e-mail there."""
    is_unclear: bool = False
    """Whether one of them has the lead's name, and nothing says more."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where a record has what people are known by."""

    key: str
    email: str
    names: tuple[str, ...]

    @classmethod
    def of(cls, settings: RestSettings, key: str) -> "Places":
        """As kiosk.toml has them; *key* is where our id is."""
        fields = settings.fields
        parts = tuple(fields[name] for name in ("first_name", "last_name") if name in fields)
        whole = (fields["name"],) if "name" in fields and not parts else ()
        return cls(key, settings.answer.email, settings.answer.names or parts or whole)


def match_lead(contacts: Sequence[Mapping[str, Any]], lead: Outgoing, places: Places, sent: Mapping[str, Any]) -> Match:
    """
    Which of *contacts* is *lead*, of which the fields *sent* would be sent by the CRM's names.

    By our id; else by its e-mail, unless the name is another's; else, where it has no e-mail, by saying all the same.
    """
    for contact in contacts:
        if places.key and str(at(contact, places.key)) == lead.id:
            return Match(contact)
    ours = _email(lead.fields.get("email"))
    others = []
    for contact in contacts:
        if ours and _email(at(contact, places.email)) == ours:
            if not (other := _other_name(contact, lead, places)):
                return Match(contact)
            others.append(other)
    if others:
        return Match(other=others[0])
    if ours:
        return Match()
    same = next((contact for contact in contacts if says_the_same(contact, sent)), None)
    unclear = [contact for contact in contacts if not _other_name(contact, lead, places)]
    return Match(same, is_unclear=same is None and bool(unclear))


def says_the_same(contact: Mapping[str, Any], sent: Mapping[str, Any]) -> bool:
    """Whether *contact* has all that is *sent*, as it is sent."""
    return bool(sent) and all(_plain(at(contact, name)) == _plain(value) for name, value in sent.items())


def name_of(lead: Outgoing) -> str:
    """What people call a lead."""
    return message(lead.fields.get("name") or lead.fields.get("email")) or "somebody"


def _other_name(contact: Mapping[str, Any], lead: Outgoing, places: Places) -> str:
    """The name in *contact*, where it is another person's than the lead's."""
    theirs = message(" ".join(as_text(at(contact, name)) for name in places.names))
    ours = str(lead.fields.get("name") or "")
    return theirs if words(theirs) and words(ours) and names_differ(ours, theirs) else ""


def _email(value: Any) -> str:
    """An e-mail as it is compared."""
    return str(value or "").strip().casefold()


def _plain(value: Any) -> str:
    """A value as it is compared."""
    return " ".join(as_text(value).casefold().split())
