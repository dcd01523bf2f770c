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
    other: Mapping[str, Any] | None = None
    """A record that may be somebody else's: it has the lead's e-mail or its name, and nothing proves that it is it."""
    who: str = ""
    """Whose name that record has, where it has another."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where a record has what people are known by."""

    key: str
    email: str
    names: tuple[tuple[str, ...], ...]
    """The parts of the name; where the first have nothing, the next."""

    @classmethod
    def of(cls, settings: RestSettings, key: str) -> "Places":
        """As kiosk.toml has them; *key* is where our id is."""
        fields, own = settings.fields, settings.answer.names
        ways = (own,) if own else (("name",), ("first_name", "last_name"))
        names = tuple(way if own else tuple(fields[name] for name in way if name in fields) for way in ways)
        return cls(key, settings.answer.email, names)


def match_lead(contacts: Sequence[Mapping[str, Any]], lead: Outgoing, places: Places, sent: Mapping[str, Any]) -> Match:
    """
    Which of *contacts* is *lead*, of which the fields *sent* would be sent by the CRM's names.

    By our id; else by its e-mail, unless the name is another's; else, where it has no e-mail, by saying all the same.
    """
    for contact in contacts:
        if places.key and str(at(contact, places.key)) == lead.id:
            return Match(contact)
    ours = _email(lead.fields.get("email"))
    others: list[Match] = []
    for contact in contacts:
        if ours and _email(at(contact, places.email)) == ours:
            if not (other := _other_name(contact, lead, places)):
                return Match(contact)
            others.append(Match(other=contact, who=other))
    if ours:
        return others[0] if others else Match()
    same = next((contact for contact in contacts if says_the_same(contact, sent)), None)
    unclear = next((contact for contact in contacts if not _other_name(contact, lead, places)), None)
    return Match(same, other=unclear if same is None else None)


def says_the_same(contact: Mapping[str, Any], sent: Mapping[str, Any]) -> bool:
    """Whether *contact* has all that is *sent*, as it is sent."""
    return bool(sent) and all(_plain(at(contact, name)) == _plain(value) for name, value in sent.items())


def name_of(lead: Outgoing) -> str:
    """What people call a lead."""
    return message(lead.fields.get("name") or lead.fields.get("email")) or "somebody"


def _other_name(contact: Mapping[str, Any], lead: Outgoing, places: Places) -> str:
    """The name in *contact*, where it is another person's than the lead's."""
    found = (message(" ".join(as_text(at(contact, name)) for name in way)) for way in places.names)
    theirs = next(filter(None, found), "")
    ours = str(lead.fields.get("name") or "")
    return theirs if words(theirs) and words(ours) and names_differ(ours, theirs) else ""


def _email(value: Any) -> str:
    """An e-mail as it is compared."""
    return str(value or "").strip().casefold()


def _plain(value: Any) -> str:
    """A value as it is compared."""
    return " ".join(as_text(value).casefold().split())
