"""The `[crm.hubspot]` table of kiosk.toml: contacts in a HubSpot account."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from data.language import _
from sync.settings.checks import check_known_fields, check_range
from sync.settings.quoting import quote_value
from sync.settings.rest_placeholders import OUR_FIELDS
from sync.settings.secret import Secret
from sync.settings.urls import check_url

CONTACT_PROPERTIES = {
    "first_name": "firstname",
    "last_name": "lastname",
    "email": "email",
    "phone": "phone",
    "company": "company",
    "job_title": "jobtitle",
    "website": "website",
    "address": "address",
    "city": "city",
    "region": "state",
    "postcode": "zip",
    "country": "country",
}
"""Our field names to the properties that contacts have in every HubSpot account."""

_VERSION_PATTERN = re.compile(r"20\d\d-(03|09)|v3")
_PROPERTY_PATTERN = re.compile(r"[a-z][a-z0-9_]{0,99}")

# HubSpot's limit for ten seconds, with the largest plans.
_MAX_CALLS = 190


@dataclass(frozen=True, slots=True)
class HubSpotSettings:
    """The `[crm.hubspot]` table."""

    url: str = "https://api.hubapi.com"
    version: str = "2026-09"
    """The API version: a date such as `2026-09`, which HubSpot supports for 18 months, or `v3`."""
    token_env: str = ""
    """The environment variable that contains the service key, or the private app's token."""
    token_file: str = ""
    """Or the file that contains it, readable by its owner only."""
    id_property: str = "booth_lead_id"
    """
    The property by which HubSpot recognises a contact that it already has: unique, for the lead's own id.

    Or `email`: then leads without an e-mail need a person.
    """
    at_once: int = 4
    """Calls at the same time, at most; each holds up to a hundred contacts."""
    max_calls: int = 100
    """Calls in `per_seconds`, at most; where HubSpot reports a lower limit, that counts."""
    per_seconds: float = 10.0
    fields: Mapping[str, str] = field(default_factory=lambda: CONTACT_PROPERTIES)
    """Our field names to HubSpot's property names; fields that are not here are not sent."""

    def check(self) -> None:
        """Raise ValueError, with the key in front, for settings that cannot work."""
        check_url("hubspot.url", self.url)
        if not _VERSION_PATTERN.fullmatch(self.version):
            raise ValueError(_("hubspot.version: must be a date such as 2026-09, or v3."))
        if not self.token.is_set:
            raise ValueError(_("hubspot.token_env: the key is missing; set token_env or token_file."))
        if not _PROPERTY_PATTERN.fullmatch(self.id_property):
            raise ValueError(
                _("hubspot.id_property: a property's name may only contain lower-case letters, digits and underscores.")
            )
        check_range("hubspot.at_once", self.at_once, 1, 32)
        if not 1 <= self.max_calls <= _MAX_CALLS or not 1 <= self.per_seconds <= 3600:
            sentence = _("hubspot.max_calls: must be from 1 to {highest}, and per_seconds from 1 to 3600.")
            raise ValueError(sentence.format(highest=_MAX_CALLS))
        self._check_fields()

    def _check_fields(self) -> None:
        """Raise ValueError, with the key in front, for a field mapping that cannot work."""
        theirs = list(self.fields.values())
        check_known_fields("hubspot.fields", self.fields, OUR_FIELDS)
        if wrong := [name for name in theirs if not _PROPERTY_PATTERN.fullmatch(name)]:
            sentence = _("hubspot.fields: {name} is not the name of a property; property names are in lower case.")
            raise ValueError(sentence.format(name=quote_value(wrong[0])))
        if twice := [name for name in theirs if theirs.count(name) > 1]:
            raise ValueError(_("hubspot.fields: two fields are mapped to the property {name}.").format(name=twice[0]))
        if self.id_property == "email" and self.fields.get("email") != "email":
            raise ValueError(_("hubspot.fields: email must be sent, because contacts are recognised by it."))
        if self.id_property != "email" and self.id_property in theirs:
            sentence = _("hubspot.fields: the property {name} is only for the lead's ID.")
            raise ValueError(sentence.format(name=self.id_property))

    @property
    def token(self) -> Secret:
        """Where to read the credential."""
        return Secret("hubspot.token", self.token_env, self.token_file)
