"""The `[crm.hubspot]` table of kiosk.toml: contacts in a HubSpot account."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

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
"""The properties that contacts have in every account."""

VERSION_PATTERN = re.compile(r"20\d\d-(03|09)|v3")
_PROPERTY_PATTERN = re.compile(r"[a-z][a-z0-9_]{0,99}")
_MAX_CALLS = 190
"""In ten seconds, of the largest plans."""


@dataclass(frozen=True, slots=True)
class HubSpotSettings:
    """The `[crm.hubspot]` table."""

    url: str = "https://api.hubapi.com"
    version: str = "2026-09"
    """Of the API: a date such as `2026-09`, which HubSpot supports for 18 months, or `v3`."""
    token_env: str = ""
    """The environment variable that holds the service key, or the private app's token."""
    token_file: str = ""
    """Or the file that holds it; only its owner may be able to read it."""
    id_property: str = "booth_lead_id"
    """
    The property by which HubSpot tells a contact that it has already: one with unique values, for the lead's own id.

    Or `email`: then leads without one need you.
    """
    at_once: int = 4
    """How many calls may be under way at the same time; each holds up to a hundred contacts."""
    max_calls: int = 100
    """How many calls HubSpot takes in `per_seconds`; where HubSpot says less, that counts."""
    per_seconds: float = 10.0
    fields: Mapping[str, str] = field(default_factory=lambda: CONTACT_PROPERTIES)
    """Our field's name to HubSpot's name of a property; what is not here is not sent."""

    def check(self) -> None:
        """Raise ValueError, with the key in front, for what cannot work."""
        check_url("hubspot.url", self.url)
        if not VERSION_PATTERN.fullmatch(self.version):
            raise ValueError("hubspot.version: it must be a date such as 2026-09, or v3.")
        if not self.token.is_set:
            raise ValueError("hubspot.token_env: say where the key is, here or in token_file.")
        if not _PROPERTY_PATTERN.fullmatch(self.id_property):
            raise ValueError("hubspot.id_property: a property's name is of small letters, digits and underscores.")
        if not 1 <= self.at_once <= 32:
            raise ValueError("hubspot.at_once: it must be from 1 to 32.")
        if not 1 <= self.max_calls <= _MAX_CALLS or not 1 <= self.per_seconds <= 3600:
            raise ValueError(f"hubspot.max_calls: it must be from 1 to {_MAX_CALLS}, and per_seconds from 1 to 3600.")
        self._check_fields()

    def _check_fields(self) -> None:
        """Raise ValueError for a mapping that cannot work."""
        theirs = list(self.fields.values())
        if unknown := [name for name in self.fields if name not in OUR_FIELDS]:
            raise ValueError(f"hubspot.fields: there is no field {unknown[0]!r}; we have {', '.join(OUR_FIELDS)}.")
        if wrong := [name for name in theirs if not _PROPERTY_PATTERN.fullmatch(name)]:
            raise ValueError(
                f"hubspot.fields: {quote_value(wrong[0])} is no name of a property: those are in small letters."
            )
        if twice := [name for name in theirs if theirs.count(name) > 1]:
            raise ValueError(f"hubspot.fields: two fields go to the property {twice[0]}.")
        if self.id_property == "email" and self.fields.get("email") != "email":
            raise ValueError("hubspot.fields: email must be sent, for contacts are known by it.")
        if self.id_property != "email" and self.id_property in theirs:
            raise ValueError(f"hubspot.fields: {self.id_property} holds the lead's own id, and nothing else.")

    @property
    def token(self) -> Secret:
        """Where the credential is."""
        return Secret("hubspot.token", self.token_env, self.token_file)
