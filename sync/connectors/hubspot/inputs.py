"""Leads as the inputs of a batch upsert."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sync.connectors.base import NotSent, Outcome, Outgoing, Rejected
from sync.settings.hubspot import HubSpotSettings

NO_EMAIL = "HubSpot is set up to know people by their e-mail, and this lead has none: add it, and the lead goes."


@dataclass(frozen=True, slots=True)
class Input:
    """One lead, and how HubSpot is to know its contact."""

    lead: Outgoing
    by: str
    """The property that `key` is a value of; empty where that is HubSpot's own id."""
    key: str
    properties: Mapping[str, str]

    def as_json(self) -> dict[str, Any]:
        """The input as it is sent; the trace id is ours, and comes back with the result or the error."""
        named = {"idProperty": self.by} if self.by else {}
        return {"id": self.key, **named, "objectWriteTraceId": self.lead.id, "properties": dict(self.properties)}

    @property
    def email(self) -> str:
        """The e-mail as HubSpot compares it; empty where none is sent."""
        return normal(self.properties.get("email", ""))


def inputs(leads: Sequence[Outgoing], settings: HubSpotSettings) -> tuple[list[Input], dict[str, Outcome]]:
    """
    What to send for *leads*, and how those end that are not sent.

    HubSpot refuses a whole call that names somebody twice: the second goes with the next.
    """
    sent: list[Input] = []
    kept_back: dict[str, Outcome] = {}
    seen: set[str] = set()
    for lead in leads:
        item = make(lead, settings)
        names = {normal(item.key), item.email} - {""}
        if not item.key:
            kept_back[lead.id] = Rejected(NO_EMAIL, "NO_EMAIL")
        elif seen & names:
            kept_back[lead.id] = NotSent()
        else:
            seen |= names
            sent.append(item)
    return sent, kept_back


def make(lead: Outgoing, settings: HubSpotSettings) -> Input:
    """*lead* by HubSpot's names; what is not known is left out, so that it erases nothing there."""
    fields = dict(lead.fields)
    if not fields.get("first_name") and not fields.get("last_name"):
        fields["last_name"] = fields.get("name")
    known = {theirs: text(fields.get(ours)) for ours, theirs in settings.fields.items()}
    properties = {name: value for name, value in known.items() if value}
    if settings.id_property != "email":
        return Input(lead, settings.id_property, lead.id, properties)
    if lead.remote_id:  # an e-mail that was corrected since would make another contact
        return Input(lead, "", lead.remote_id, properties)
    return Input(lead, "email", properties.get("email", ""), properties)


def by_email(item: Input) -> Input:
    """*item* for the contact that has its e-mail, which gets this lead's id by that, where ids are kept."""
    kept = {item.by: item.key} if item.by else {}
    return Input(item.lead, "email", item.email, {**item.properties, **kept})


def text(value: Any) -> str:
    """*value* as HubSpot takes it: always a text; several are divided by semicolons."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case Mapping():
            return "; ".join(f"{name}: {text(item)}" for name, item in value.items())
        case list() | tuple():
            return ";".join(filter(None, map(text, value)))
    return str(value).strip()


def normal(key: str) -> str:
    """A key as HubSpot compares it."""
    return key.strip().casefold()
