"""The `[crm.salesforce]` table of kiosk.toml: Leads in a Salesforce org."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from sync.settings.quoting import quote_value
from sync.settings.rest_placeholders import OUR_FIELDS
from sync.settings.secret import Secret
from sync.settings.urls import check_url

_STANDARD_LEAD_FIELDS = {
    "first_name": "FirstName",
    "last_name": "LastName",
    "email": "Email",
    "phone": "Phone",
    "company": "Company",
    "job_title": "Title",
    "website": "Website",
    "address": "Street",
    "city": "City",
    "region": "State",
    "postcode": "PostalCode",
    "country": "Country",
    "rating": "Rating",
    "note": "Description",
}
"""The fields that every org's Lead has."""

_API_NAME_PATTERN = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}")
_MIN_API_VERSION = 46
"""Of the API, that can upsert many at once."""

_MAX_BATCH_RECORDS = 200
"""That one call may hold."""

_SHARED_LOGIN_HOSTS = ("login.salesforce.com", "test.salesforce.com")
"""Hosts of no org: they take no client credentials."""


@dataclass(frozen=True, slots=True)
class SalesforceSettings:
    """The `[crm.salesforce]` table."""

    login_url: str = ""
    """Where to sign in: the org's My Domain, `https://MyDomain.my.salesforce.com`."""
    instance_url: str = ""
    """Where leads may be sent; empty is wherever the sign-in says, by HTTPS."""
    api_version: str = "66.0"
    object: str = "Lead"
    external_id_field: str = "Booth_Lead_Id__c"
    """The field for our id, by which the org tells a lead that it has already: text, External ID, Unique."""
    sign_in: Literal["client_credentials", "jwt_bearer"] = "client_credentials"
    client_id: str = ""
    """The consumer key of the org's external client app."""
    client_secret_env: str = ""
    """For client credentials: the environment variable that holds the consumer secret."""
    client_secret_file: str = ""
    """Or the file that holds it; only its owner may be able to read it."""
    private_key_file: str = ""
    """For JWT bearer: the RSA key (PEM) whose certificate the app has; only its owner may be able to read it."""
    username: str = ""
    """For JWT bearer: the user in whose name leads are made."""
    audience: str = ""
    """For JWT bearer: for whom the assertion is; empty is `login_url`."""
    allow_duplicates: bool = False
    """Whether a lead is made although a duplicate rule warns of another; one that blocks always does."""
    stop_at_percent: int = 90
    """Of the org's calls in 24 hours: from there on the rest is left to others."""
    batch_size: int = 200
    """How many leads one call may hold; less where the org's own triggers are slow. What is too many is found out."""
    at_once: int = 1
    """How many calls may be under way at the same time; several may lock each other's records out."""
    company_when_empty: str = "[not provided]"
    last_name_when_empty: str = "[not provided]"
    ratings: tuple[str, ...] = ("Cold", "Cold", "Warm", "Warm", "Hot")
    """What 1 to 5 are called there; empty sends the number."""
    fields: Mapping[str, str] = field(default_factory=lambda: _STANDARD_LEAD_FIELDS)
    """Our field's name to the org's; what is not here is not sent, and what shares a field is put line below line."""
    new: Mapping[str, str] = field(default_factory=dict)
    """The org's fields that are set once, when the lead is made there."""

    def check(self) -> None:
        """Raise ValueError, with the key in front, for what cannot work."""
        check_bare_host("salesforce.login_url", self.login_url)
        if self.instance_url:
            check_bare_host("salesforce.instance_url", self.instance_url)
        if not re.fullmatch(r"\d{2,3}\.0", self.api_version) or float(self.api_version) < _MIN_API_VERSION:
            raise ValueError(f"salesforce.api_version: it must be one such as 66.0, from {_MIN_API_VERSION}.0.")
        self._check_sign_in()
        if not 1 <= self.stop_at_percent <= 100:
            raise ValueError("salesforce.stop_at_percent: it must be from 1 to 100.")
        if not 1 <= self.batch_size <= _MAX_BATCH_RECORDS:
            raise ValueError(f"salesforce.batch_size: it must be from 1 to {_MAX_BATCH_RECORDS}.")
        if not 1 <= self.at_once <= 10:
            raise ValueError("salesforce.at_once: it must be from 1 to 10.")
        self._check_fields()

    def _check_sign_in(self) -> None:
        """Raise ValueError where something is missing for the sign-in."""
        if not self.client_id:
            raise ValueError("salesforce.client_id: it is the consumer key of the org's external client app.")
        if self.sign_in == "jwt_bearer":
            if not self.username:
                raise ValueError("salesforce.username: say in whose name leads are made.")
            if not self.private_key_file:
                raise ValueError("salesforce.private_key_file: name the key whose certificate the app has.")
            return
        if urlsplit(self.login_url).hostname in _SHARED_LOGIN_HOSTS:
            raise ValueError("salesforce.login_url: client credentials need the org's own https://….my.salesforce.com.")
        if not self.token.is_set:
            raise ValueError("salesforce.client_secret_env: say where the consumer secret is, or client_secret_file.")

    def _check_fields(self) -> None:
        """Raise ValueError for a name that cannot be one."""
        names = {"object": self.object, "external_id_field": self.external_id_field}
        names |= {f"fields.{ours}": theirs for ours, theirs in self.fields.items()}
        for key, name in (*names.items(), *((f"new.{name}", name) for name in self.new)):
            if not _API_NAME_PATTERN.fullmatch(name):
                raise ValueError(f"salesforce.{key}: {quote_value(name)} is no API name such as Booth_Lead_Id__c.")
        if unknown := [name for name in self.fields if name not in OUR_FIELDS]:
            raise ValueError(f"salesforce.fields: there is no field {unknown[0]!r}; we have {', '.join(OUR_FIELDS)}.")
        if len(self.ratings) not in (0, 5):
            raise ValueError("salesforce.ratings: give five words, for 1 to 5, or none.")

    @property
    def token(self) -> Secret:
        """Where the credential is."""
        if self.sign_in == "jwt_bearer":
            return Secret("salesforce.private_key", "", self.private_key_file)
        return Secret("salesforce.client_secret", self.client_secret_env, self.client_secret_file)


def check_bare_host(key: str, url: str) -> None:
    """Raise ValueError unless *url* is a host alone, to which personal data may be sent."""
    check_url(key, url)
    parts = urlsplit(url)
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError(f"{key}: it must be a host alone, such as https://MyDomain.my.salesforce.com.")
