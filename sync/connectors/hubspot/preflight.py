"""Checks whether a HubSpot account is ready for leads, and creates the properties that it lacks."""

from collections.abc import Callable, Mapping
from typing import Any

from data.language import _
from sync.connectors.base import CheckResult
from sync.connectors.field_types import FieldType, describe_type_mismatch
from sync.connectors.hubspot.errors import WRITE_SCOPE, classify_refusal
from sync.crm_messages import get_by_path
from sync.errors import BatchRefused, ConfigurationFault, NotAuthorised, SyncError
from sync.http_client import HttpClient
from sync.response_errors import parse_success
from sync.settings.hubspot import HubSpotSettings

_TOKEN_INFO_PATH = "/oauth/v2/private-apps/get/access-token-info"

# The type and the kind of field that a new property gets for one of our fields; for any other, a line of text.
_PROPERTY_TYPES = {
    "rating": ("number", "number"),
    "revision": ("number", "number"),
    "note": ("string", "textarea"),
    "answers": ("string", "textarea"),
    "badge_text": ("string", "textarea"),
    "scanned_at": ("datetime", "date"),
}

# What HubSpot's types hold. Every other type holds text.
_FIELD_TYPES: dict[str, FieldType] = {
    "enumeration": "choice",
    "bool": "boolean",
    "number": "number",
    "date": "date",
    "datetime": "datetime",
}


class HubSpotPreflight:
    """Checks one account against `[crm.hubspot]`."""

    def __init__(
        self,
        settings: HubSpotSettings,
        http: HttpClient,
        read_token: Callable[[], str],
        base_url: str,
        properties_url: str,
    ) -> None:
        """*properties_url* is for the properties of contacts; *read_token* may raise ValueError."""
        self.settings = settings
        self.http = http
        self.read_token = read_token
        self.base_url = base_url
        self.properties_url = properties_url

    async def run_checks(self) -> list[CheckResult]:
        """
        Check what is ready and what is not.

        Raises:
            SyncError: HubSpot could not be reached.
        """
        try:
            known = await self._fetch_properties()
        except (NotAuthorised, ConfigurationFault) as fault:
            return [CheckResult(False, str(fault))]
        signed_in = CheckResult(True, _("HubSpot accepts the key."))
        return [
            signed_in,
            *await self._check_scopes(),
            self._check_id_property(known),
            *self._check_mapped_fields(known),
        ]

    async def create_missing_properties(self) -> list[CheckResult]:
        """
        Create the properties that are missing, and return one result for each.

        Raises:
            SyncError: HubSpot could not be reached.
        """
        known = await self._fetch_properties()
        wanted = {
            theirs: _PROPERTY_TYPES.get(ours, ("string", "text")) for ours, theirs in self.settings.fields.items()
        }
        wanted.setdefault(self.settings.id_property, ("string", "text"))
        return [await self._create_property(name, *types) for name, types in wanted.items() if name not in known]

    async def _create_property(self, name: str, data_type: str, field_type: str) -> CheckResult:
        """Create one property; *data_type* and *field_type* are HubSpot's `type` and `fieldType`."""
        body = {
            "name": name,
            "label": name.replace("_", " ").capitalize(),
            "type": data_type,
            "fieldType": field_type,
            "groupName": "contactinformation",
            "description": "Written by the booth kiosk.",  # not shown: HubSpot stores it
            "hasUniqueValue": name == self.settings.id_property,
        }
        response = await self.http.send("POST", self.properties_url, body)
        if response.status == 409:  # somebody else created it since the check
            return CheckResult(True, _("The property {name} already exists.").format(name=name))
        if response.status == 201:
            return CheckResult(True, _("The property {name} was created.").format(name=name))
        fault = classify_refusal(response)
        if isinstance(fault, BatchRefused | ConfigurationFault):
            return CheckResult(
                False, _("The property {name} could not be created: {reason}").format(name=name, reason=fault)
            )
        raise fault

    async def _fetch_properties(self) -> dict[str, Any]:
        """
        Return the properties of contacts, by name.

        Raises:
            SyncError: HubSpot did not return them.
        """
        response = await self.http.send("GET", self.properties_url)
        if response.status != 200:
            raise classify_refusal(response)
        results = get_by_path(parse_success(response), "results")
        if not isinstance(results, list):
            raise ConfigurationFault(_("CRM setup: the server at this url does not respond like HubSpot: correct url."))
        return {str(get_by_path(item, "name")): item for item in results}

    async def _check_scopes(self) -> list[CheckResult]:
        """Check that the key may write contacts, if HubSpot says which scopes it has."""
        try:
            response = await self.http.send("POST", self.base_url + _TOKEN_INFO_PATH, {"tokenKey": self.read_token()})
            scopes = get_by_path(parse_success(response), "scopes")
        except (SyncError, ValueError):  # HubSpot does not describe every kind of key
            return []
        if not isinstance(scopes, list):
            return []
        if WRITE_SCOPE in scopes:
            return [CheckResult(True, _("The key is allowed to create contacts."))]
        return [
            CheckResult(
                False, _("The key lacks the scope {scopes}: add it to the key in HubSpot.").format(scopes=WRITE_SCOPE)
            )
        ]

    def _check_id_property(self, known: Mapping[str, Any]) -> CheckResult:
        """Check that contacts can be identified by the property that `id_property` names."""
        name = self.settings.id_property
        if name == "email":
            return CheckResult(True, _("HubSpot identifies people by their e-mail."))
        if name not in known:
            return CheckResult(
                False,
                _("HubSpot has no property {name} for the lead's ID: `kiosk check crm --create` creates it.").format(
                    name=name
                ),
            )
        if get_by_path(known[name], "hasUniqueValue") is not True:
            sentence = _(
                "HubSpot has a property {name}, but its values need not be unique, and that cannot be changed: choose "
                "another name for id_property."
            )
            return CheckResult(False, sentence.format(name=name))
        return CheckResult(True, _("HubSpot identifies leads by the property {name}.").format(name=name))

    def _check_mapped_fields(self, known: Mapping[str, Any]) -> list[CheckResult]:
        """Check that the properties that leads are mapped to can be written."""
        problems = [
            CheckResult(False, problem)
            for ours, theirs in self.settings.fields.items()
            if (problem := _describe_field_problem(ours, theirs, known.get(theirs)))
        ]
        return problems or [CheckResult(True, _("HubSpot has every property that leads are mapped to."))]


def _describe_field_problem(ours: str, theirs: str, definition: Any) -> str:
    """Return why our field cannot be written to the property *theirs*, which is *definition*; empty if it can."""
    if definition is None:
        sentence = _(
            "HubSpot has no property {theirs} for the field {ours}: `kiosk check crm --create` creates it, or remove "
            "it from [crm.hubspot.fields]."
        )
        return sentence.format(theirs=theirs, ours=ours)
    if get_by_path(definition, "calculated") or get_by_path(definition, "modificationMetadata.readOnlyValue"):
        sentence = _("HubSpot does not allow writing to the property {theirs}: map the field {ours} to another.")
        return sentence.format(theirs=theirs, ours=ours)
    if get_by_path(definition, "hasUniqueValue") is True and ours != "email":
        sentence = _(
            "The HubSpot property {theirs} takes each value only once, and two people may have the same {ours}: map "
            "{ours} to another property."
        )
        return sentence.format(theirs=theirs, ours=ours)
    kind = _FIELD_TYPES.get(str(get_by_path(definition, "type")), "text")
    listed = get_by_path(definition, "options")
    return describe_type_mismatch(
        "HubSpot", ours, theirs, kind, [str(get_by_path(item, "value")) for item in listed or []]
    )
