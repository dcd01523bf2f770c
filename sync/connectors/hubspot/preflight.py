"""Whether a HubSpot account is ready for leads, and making it so."""

from collections.abc import Callable, Mapping
from typing import Any

from sync.connectors.base import CheckResult
from sync.connectors.field_types import FieldType, describe_type_mismatch
from sync.connectors.hubspot.errors import WRITE_SCOPE, classify_refusal
from sync.crm_messages import get_by_path
from sync.errors import BatchRefused, ConfigurationFault, NotAuthorised, SyncError
from sync.http_client import HttpClient
from sync.response_errors import parse_success
from sync.settings.hubspot import HubSpotSettings

_TOKEN_INFO_PATH = "/oauth/v2/private-apps/get/access-token-info"

_PROPERTY_TYPES = {
    "rating": ("number", "number"),
    "revision": ("number", "number"),
    "note": ("string", "textarea"),
    "answers": ("string", "textarea"),
    "badge_text": ("string", "textarea"),
    "scanned_at": ("datetime", "date"),
}
"""The type and the kind of field that a property gets for one of our fields; for any other, a line of text."""

_FIELD_TYPES: dict[str, FieldType] = {
    "enumeration": "choice",
    "bool": "yes or no",
    "number": "number",
    "date": "date",
    "datetime": "datetime",
}
"""What HubSpot's types hold; any other holds texts."""

_CREATE_HINT = "`kiosk check crm --create` adds it"


class HubSpotPreflight:
    """One account, as `[crm.hubspot]` describes it."""

    def __init__(
        self, settings: HubSpotSettings, http: HttpClient, token: Callable[[], str], base: str, properties: str
    ) -> None:
        """*properties* is the URL where the properties of contacts are; *token* may raise ValueError."""
        self.settings = settings
        self.http = http
        self.read_token = token
        self.base_url = base
        self.properties_url = properties

    async def run_checks(self) -> list[CheckResult]:
        """
        What is ready and what is not.

        Raises:
            SyncError: HubSpot could not be asked.
        """
        try:
            known = await self.fetch_properties()
        except (NotAuthorised, ConfigurationFault) as fault:
            return [CheckResult(False, str(fault))]
        signed_in = CheckResult(True, "HubSpot accepts the key.")
        return [signed_in, *await self.check_scopes(), self.check_id_property(known), *self.check_mapped_fields(known)]

    async def create_missing(self) -> list[CheckResult]:
        """
        Add the properties that are missing, and say how each went.

        Raises:
            SyncError: HubSpot could not be asked.
        """
        known = await self.fetch_properties()
        wanted = {
            theirs: _PROPERTY_TYPES.get(ours, ("string", "text")) for ours, theirs in self.settings.fields.items()
        }
        wanted.setdefault(self.settings.id_property, ("string", "text"))
        return [await self.create_property(name, *kind) for name, kind in wanted.items() if name not in known]

    async def create_property(self, name: str, kind: str, field: str) -> CheckResult:
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
        answer = await self.http.send("POST", self.properties_url, body)
        if answer.status == 409:
            return CheckResult(True, f"The property {name} is there by now.")
        if answer.status == 201:
            return CheckResult(True, f"The property {name} was added.")
        fault = classify_refusal(answer)
        if isinstance(fault, BatchRefused | ConfigurationFault):
            return CheckResult(False, f"The property {name} could not be added: {fault}")
        raise fault

    async def fetch_properties(self) -> dict[str, Any]:
        """
        The properties of contacts, by name.

        Raises:
            SyncError: they could not be had.
        """
        answer = await self.http.send("GET", self.properties_url)
        if answer.status != 200:
            raise classify_refusal(answer)
        results = get_by_path(parse_success(answer), "results")
        if not isinstance(results, list):
            raise ConfigurationFault(
                "CRM set-up: this is not HubSpot: it does not know its properties; correct the url."
            )
        return {str(get_by_path(item, "name")): item for item in results}

    async def check_scopes(self) -> list[CheckResult]:
        """Whether the key may write contacts, where HubSpot tells."""
        try:
            answer = await self.http.send("POST", self.base_url + _TOKEN_INFO_PATH, {"tokenKey": self.read_token()})
            scopes = get_by_path(parse_success(answer), "scopes")
        except (SyncError, ValueError):  # not every kind of key can be asked about
            return []
        if not isinstance(scopes, list):
            return []
        if WRITE_SCOPE in scopes:
            return [CheckResult(True, "The key may add contacts.")]
        return [CheckResult(False, f"The key lacks the scope {WRITE_SCOPE}: add it to the key in HubSpot.")]

    def check_id_property(self, known: Mapping[str, Any]) -> CheckResult:
        """Whether contacts can be known by what `id_property` names."""
        name = self.settings.id_property
        if name == "email":
            return CheckResult(True, "HubSpot knows people by their e-mail.")
        if name not in known:
            return CheckResult(False, f"HubSpot has no property {name} for the lead's own id: {_CREATE_HINT}.")
        if get_by_path(known[name], "hasUniqueValue") is not True:
            why = "its values need not be unique, and that cannot be changed: choose another name for id_property"
            return CheckResult(False, f"HubSpot has a property {name}, but {why}.")
        return CheckResult(True, f"HubSpot knows leads by the property {name}.")

    def check_mapped_fields(self, known: Mapping[str, Any]) -> list[CheckResult]:
        """Whether the properties that leads are mapped to can be written."""
        complaints = [
            CheckResult(False, complaint)
            for ours, theirs in self.settings.fields.items()
            if (complaint := describe_field_problem(ours, theirs, known.get(theirs)))
        ]
        return complaints or [CheckResult(True, "HubSpot has every property that leads are mapped to.")]


def describe_field_problem(ours: str, theirs: str, has: Any) -> str:
    """Why our field cannot be written to the property *theirs*; empty where it can."""
    if has is None:
        return f"HubSpot has no property {theirs} for the field {ours}: {_CREATE_HINT}, or take it out of [crm.hubspot.fields]."
    if get_by_path(has, "calculated") or get_by_path(has, "modificationMetadata.readOnlyValue"):
        return f"HubSpot lets nobody write the property {theirs}: map the field {ours} to another."
    if get_by_path(has, "hasUniqueValue") is True and ours != "email":
        return f"HubSpot's {theirs} takes each value once, and two people may have the same {ours}: map it to another."
    kind = _FIELD_TYPES.get(str(get_by_path(has, "type")), "text")
    listed = get_by_path(has, "options")
    return describe_type_mismatch(
        "HubSpot", ours, theirs, kind, [str(get_by_path(item, "value")) for item in listed or []]
    )
