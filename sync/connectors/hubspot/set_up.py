"""Whether a HubSpot account is ready for leads, and making it so."""

from collections.abc import Callable, Mapping
from typing import Any

from sync.answers import at, understood
from sync.connectors.base import Finding
from sync.connectors.field_kinds import Kind, misfit
from sync.connectors.hubspot.refusals import WRITE_SCOPE, refused
from sync.errors import BatchRefused, NotAuthorised, SetUpFault, SyncError
from sync.http import Http
from sync.settings.hubspot import HubSpotSettings

TOKEN_INFO = "/oauth/v2/private-apps/get/access-token-info"

KINDS = {
    "rating": ("number", "number"),
    "revision": ("number", "number"),
    "note": ("string", "textarea"),
    "answers": ("string", "textarea"),
    "badge_text": ("string", "textarea"),
    "scanned_at": ("datetime", "date"),
}
"""The type and the kind of field that a property gets for one of our fields; for any other, a line of text."""

TYPES: dict[str, Kind] = {
    "enumeration": "choice",
    "bool": "yes or no",
    "number": "number",
    "date": "date",
    "datetime": "moment",
}
"""What HubSpot's types hold; any other holds texts."""

CREATE = "`kiosk check crm --create` adds it"


class SetUp:
    """One account, as `[crm.hubspot]` describes it."""

    def __init__(
        self, settings: HubSpotSettings, http: Http, token: Callable[[], str], base: str, properties: str
    ) -> None:
        """*properties* is the URL where the properties of contacts are; *token* may raise ValueError."""
        self.settings = settings
        self.http = http
        self.token = token
        self.base = base
        self.url = properties

    async def look(self) -> list[Finding]:
        """
        What is ready and what is not.

        Raises:
            SyncError: HubSpot could not be asked.
        """
        try:
            known = await self.properties()
        except (NotAuthorised, SetUpFault) as fault:
            return [Finding(False, str(fault))]
        signed_in = Finding(True, "HubSpot accepts the key.")
        return [signed_in, *await self.scopes(), self.key(known), *self.mapped(known)]

    async def create_missing(self) -> list[Finding]:
        """
        Add the properties that are missing, and say how each went.

        Raises:
            SyncError: HubSpot could not be asked.
        """
        known = await self.properties()
        wanted = {theirs: KINDS.get(ours, ("string", "text")) for ours, theirs in self.settings.fields.items()}
        wanted.setdefault(self.settings.id_property, ("string", "text"))
        return [await self.create(name, *kind) for name, kind in wanted.items() if name not in known]

    async def create(self, name: str, kind: str, field: str) -> Finding:
        """Add one property."""
        body = {
            "name": name,
            "label": name.replace("_", " ").capitalize(),
            "type": kind,
            "fieldType": field,
            "groupName": "contactinformation",
            "description": "Written by the booth kiosk.",
            "hasUniqueValue": name == self.settings.id_property,
        }
        answer = await self.http.send("POST", self.url, body)
        if answer.status == 409:
            return Finding(True, f"The property {name} is there by now.")
        if answer.status == 201:
            return Finding(True, f"The property {name} was added.")
        fault = refused(answer)
        if isinstance(fault, BatchRefused | SetUpFault):
            return Finding(False, f"The property {name} could not be added: {fault}")
        raise fault

    async def properties(self) -> dict[str, Any]:
        """
        The properties of contacts, by name.

        Raises:
            SyncError: they could not be had.
        """
        answer = await self.http.send("GET", self.url)
        if answer.status != 200:
            raise refused(answer)
        results = at(understood(answer), "results")
        if not isinstance(results, list):
            raise SetUpFault("CRM set-up: this is not HubSpot: it does not know its properties; correct the url.")
        return {str(at(item, "name")): item for item in results}

    async def scopes(self) -> list[Finding]:
        """Whether the key may write contacts, where HubSpot tells."""
        try:
            answer = await self.http.send("POST", self.base + TOKEN_INFO, {"tokenKey": self.token()})
            scopes = at(understood(answer), "scopes")
        except (SyncError, ValueError):  # not every kind of key can be asked about
            return []
        if not isinstance(scopes, list):
            return []
        if WRITE_SCOPE in scopes:
            return [Finding(True, "The key may add contacts.")]
        return [Finding(False, f"The key lacks the scope {WRITE_SCOPE}: add it to the key in HubSpot.")]

    def key(self, known: Mapping[str, Any]) -> Finding:
        """Whether contacts can be known by what `id_property` names."""
        name = self.settings.id_property
        if name == "email":
            return Finding(True, "HubSpot knows people by their e-mail.")
        if name not in known:
            return Finding(False, f"HubSpot has no property {name} for the lead's own id: {CREATE}.")
        if at(known[name], "hasUniqueValue") is not True:
            why = "its values need not be unique, and that cannot be changed: choose another name for id_property"
            return Finding(False, f"HubSpot has a property {name}, but {why}.")
        return Finding(True, f"HubSpot knows leads by the property {name}.")

    def mapped(self, known: Mapping[str, Any]) -> list[Finding]:
        """Whether the properties that leads are mapped to can be written."""
        complaints = [
            Finding(False, complaint)
            for ours, theirs in self.settings.fields.items()
            if (complaint := wrong(ours, theirs, known.get(theirs)))
        ]
        return complaints or [Finding(True, "HubSpot has every property that leads are mapped to.")]


def wrong(ours: str, theirs: str, has: Any) -> str:
    """Why our field cannot be written to the property *theirs*; empty where it can."""
    if has is None:
        return (
            f"HubSpot has no property {theirs} for the field {ours}: {CREATE}, or take it out of [crm.hubspot.fields]."
        )
    if at(has, "calculated") or at(has, "modificationMetadata.readOnlyValue"):
        return f"HubSpot lets nobody write the property {theirs}: map the field {ours} to another."
    if at(has, "hasUniqueValue") is True and ours != "email":
        return f"HubSpot's {theirs} takes each value once, and two people may have the same {ours}: map it to another."
    kind = TYPES.get(str(at(has, "type")), "text")
    listed = at(has, "options")
    return misfit("HubSpot", ours, theirs, kind, [str(at(item, "value")) for item in listed or []])
