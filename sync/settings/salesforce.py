"""The `[crm.salesforce]` table of kiosk.toml: Leads in a Salesforce org."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from data.language import _
from sync.settings.checks import check_known_fields, check_range
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
"""Our field names to those of the Lead object in every org."""

_API_NAME_PATTERN = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}")

# The first version of the API that can upsert many records at once.
_MIN_API_VERSION = 46

_MAX_BATCH_RECORDS = 200

_SHARED_LOGIN_HOSTS = ("login.salesforce.com", "test.salesforce.com")
"""Login hosts that all orgs share; they accept no client credentials."""


@dataclass(frozen=True, slots=True)
class SalesforceSettings:
    """The `[crm.salesforce]` table."""

    login_url: str = ""
    """Where to sign in: the org's My Domain, `https://MyDomain.my.salesforce.com`."""
    instance_url: str = ""
    """Where leads may be sent; empty: wherever the sign-in says, over HTTPS."""
    api_version: str = "66.0"
    object: str = "Lead"
    external_id_field: str = "Booth_Lead_Id__c"
    """The field for our id, by which the org recognises a lead that it already has: text, External ID, Unique."""
    sign_in: Literal["client_credentials", "jwt_bearer"] = "client_credentials"
    client_id: str = ""
    """The consumer key of the org's external client app."""
    client_secret_env: str = ""
    """For client credentials: the environment variable that holds the consumer secret."""
    client_secret_file: str = ""
    """Or the file that contains it, readable by its owner only."""
    private_key_file: str = ""
    """For JWT bearer: the RSA key (PEM) whose certificate the app has; readable by its owner only."""
    username: str = ""
    """For JWT bearer: the user in whose name leads are created."""
    audience: str = ""
    """For JWT bearer: the audience of the assertion; empty: `login_url`."""
    allow_duplicates: bool = False
    """Whether a lead is created although a duplicate rule warns; a rule that blocks always does."""
    stop_at_percent: int = 90
    """A share of the org's calls in 24 hours; beyond it, the rest is left to other programs."""
    batch_size: int = 200
    """Leads per call, at most; fewer where the org's triggers are slow, which the kiosk finds out by itself."""
    at_once: int = 1
    """Calls at the same time, at most; several may lock each other's records."""
    company_when_empty: str = "[not provided]"  # not shown: data for the CRM
    last_name_when_empty: str = "[not provided]"  # not shown: data for the CRM
    ratings: tuple[str, ...] = ("Cold", "Cold", "Warm", "Warm", "Hot")
    """The org's words for the ratings 1 to 5; empty: the number is sent."""
    fields: Mapping[str, str] = field(default_factory=lambda: _STANDARD_LEAD_FIELDS)
    """Our field names to the org's; fields that are not here are not sent, and those that share one are joined."""
    new: Mapping[str, str] = field(default_factory=dict)
    """Fields of the org that are set only when the lead is created."""

    def check(self) -> None:
        """Raise ValueError, with the key in front, for settings that cannot work."""
        check_bare_host("salesforce.login_url", self.login_url)
        if self.instance_url:
            check_bare_host("salesforce.instance_url", self.instance_url)
        if not re.fullmatch(r"\d{2,3}\.0", self.api_version) or float(self.api_version) < _MIN_API_VERSION:
            sentence = _("salesforce.api_version: must be a version such as 66.0, and at least {lowest}.0.")
            raise ValueError(sentence.format(lowest=_MIN_API_VERSION))
        self._check_sign_in()
        check_range("salesforce.stop_at_percent", self.stop_at_percent, 1, 100)
        check_range("salesforce.batch_size", self.batch_size, 1, _MAX_BATCH_RECORDS)
        check_range("salesforce.at_once", self.at_once, 1, 10)
        self._check_fields()

    def _check_sign_in(self) -> None:
        """Raise ValueError, with the key in front, where something is missing for the sign-in."""
        if not self.client_id:
            raise ValueError(_("salesforce.client_id: enter the consumer key of the org's external client app."))
        if self.sign_in == "jwt_bearer":
            if not self.username:
                raise ValueError(_("salesforce.username: enter the user in whose name leads are created."))
            if not self.private_key_file:
                raise ValueError(
                    _("salesforce.private_key_file: enter the file with the key whose certificate the app has.")
                )
            return
        if urlsplit(self.login_url).hostname in _SHARED_LOGIN_HOSTS:
            raise ValueError(_("salesforce.login_url: for client credentials it must be https://….my.salesforce.com."))
        if not self.token.is_set:
            raise ValueError(
                _(
                    "salesforce.client_secret_env: the consumer secret is missing; "
                    "set client_secret_env or client_secret_file."
                )
            )

    def _check_fields(self) -> None:
        """Raise ValueError, with the key in front, for an invalid name."""
        names = {"object": self.object, "external_id_field": self.external_id_field}
        names |= {f"fields.{ours}": theirs for ours, theirs in self.fields.items()}
        for key, name in (*names.items(), *((f"new.{name}", name) for name in self.new)):
            if not _API_NAME_PATTERN.fullmatch(name):
                sentence = _("{key}: {name} is not an API name such as Booth_Lead_Id__c.")
                raise ValueError(sentence.format(key=f"salesforce.{key}", name=quote_value(name)))
        check_known_fields("salesforce.fields", self.fields, OUR_FIELDS)
        if len(self.ratings) not in (0, 5):
            raise ValueError(_("salesforce.ratings: give five words, for 1 to 5, or none."))

    @property
    def token(self) -> Secret:
        """Where to read the credential."""
        if self.sign_in == "jwt_bearer":
            return Secret("salesforce.private_key", "", self.private_key_file)
        return Secret("salesforce.client_secret", self.client_secret_env, self.client_secret_file)


def check_bare_host(key: str, url: str) -> None:
    """Raise ValueError unless *url* is only a host, to which personal data may be sent."""
    check_url(key, url)
    parts = urlsplit(url)
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        sentence = _("{key}: must be only a host, such as https://MyDomain.my.salesforce.com.")
        raise ValueError(sentence.format(key=key))
