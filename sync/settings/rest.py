"""The `[crm.rest]` table of kiosk.toml: any JSON API that takes contacts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, Literal

from sync.settings.quoting import quote_value
from sync.settings.rest_answer import AnswerSettings, SearchSettings
from sync.settings.rest_placeholders import CONTACT_API_FIELDS, OUR_FIELDS, check_endpoint, check_placeholders
from sync.settings.rest_second_call import SecondCallSettings
from sync.settings.rest_token import TokenSettings
from sync.settings.rest_values import check_formats, check_values
from sync.settings.secret import Secret
from sync.settings.urls import check_url
from sync.template import find_placeholders

_SECRET_HEADER_WORDS = ("authorization", "cookie", "key", "token", "secret")
"""What the names of headers have in them that hold secrets."""


@dataclass(frozen=True, slots=True)
class RestSettings:
    """The `[crm.rest]` table: any JSON API that takes contacts."""

    url: str = ""
    """
    Where one contact is sent; words in braces are filled in: "https://crm.example.com/contacts/{lead_id}".

    Not needed where there is a `bulk_url`: then everything goes there.
    """
    method: Literal["POST", "PUT", "PATCH"] = "POST"
    body: Mapping[str, Any] = field(default_factory=dict)
    """What is sent for one contact, where that is not the contact alone: `{ params = ["{fields}"] }`."""
    update_url: str = ""
    """Where a contact is sent that the CRM has already, with its `{remote_id}`; empty where that is the same URL."""
    update_method: Literal["POST", "PUT", "PATCH"] = "PUT"
    update_body: Mapping[str, Any] = field(default_factory=dict)
    """What is sent for a contact that the CRM has already, where that is not `body`."""
    update_with_id: bool = False
    """Whether an update has our id in it, too: for a CRM whose PUT replaces the whole record."""
    check_url: str = ""
    """What answers whoever has a right key, for `kiosk check crm`; it gets no contact."""
    check_method: Literal["GET", "POST"] = "GET"
    check_body: Mapping[str, Any] = field(default_factory=dict)
    """Of a check by POST."""
    delete_url: str = ""
    """Where the contact `{remote_id}` is deleted, for the test lead of `kiosk check crm`."""
    delete_method: Literal["DELETE", "POST", "PUT", "PATCH"] = "DELETE"
    delete_body: Mapping[str, Any] = field(default_factory=dict)
    """What is sent for that, such as `{ method = "delete", params = [["{remote_id}"]] }`."""
    bulk_url: str = ""
    """Where many are sent at once; empty where the CRM takes them one by one."""
    bulk_size: int = 100
    """How many contacts one call may hold."""
    bulk_key: str = "contacts"
    """The name of the list in the body; empty where the body is the list."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Sent with each call. Secrets do not belong here but into `token_env` or `token_file`."""
    token_env: str = ""
    """The environment variable that holds the token."""
    token_file: str = ""
    """Or the file that holds it; only its owner may be able to read it."""
    at_once: int = 1
    """How many calls may be under way at the same time."""
    max_calls: int = 0
    """How many calls the CRM takes in `per_seconds`; 0 is no limit."""
    per_seconds: float = 10.0
    token_header: str = "Authorization"
    token_prefix: str = "Bearer "
    id_field: str = "client_id"
    """The CRM's name for our id, by which it tells a contact that it has already."""
    fields: Mapping[str, str] = field(default_factory=lambda: CONTACT_API_FIELDS)
    """Our field's name to the CRM's; steps of a path are divided by dots. What is not here is not sent."""
    constants: Mapping[str, Any] = field(default_factory=dict)
    """Sent with each contact, by the CRM's names: `source = "booth"`."""
    new: Mapping[str, Any] = field(default_factory=dict)
    """Sent once, when a contact is made, by the CRM's names: `status = "New"`."""
    update_fields: Mapping[str, str] = field(default_factory=dict)
    """What is sent of a contact that the CRM has already; empty: the same `fields`."""
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What a field's values are called there: `rating = { 1 = "COLD" }`."""
    formats: Mapping[str, str] = field(default_factory=dict)
    """How a field's values are written: `scanned_at = "date"`, `tags = "text"`."""
    answer: AnswerSettings = field(default_factory=AnswerSettings)
    search: SearchSettings = field(default_factory=SearchSettings)
    then: SecondCallSettings = field(default_factory=SecondCallSettings)
    token: TokenSettings = field(default_factory=TokenSettings)

    def check(self) -> None:
        """Raise ValueError, with the key in front, for what cannot work."""
        check_url("rest.bulk_url" if self.bulk_url else "rest.url", self.base_url)
        for key in ("url", "bulk_url", "update_url", "check_url", "delete_url"):
            check_endpoint(key, attrgetter(key)(self), self.base_url)
        for key in ("url", "body"):
            check_placeholders(key, getattr(self, key), without=("remote_id",) if key == "url" else ())
        for key in ("update_url", "update_body", "delete_url", "delete_body"):
            check_placeholders(key, getattr(self, key))
        self._check_calls()
        self._check_field_names()
        self._check_limits()
        check_values(self.values)
        check_formats(self.formats)
        self.search.check("search", self.base_url)
        self.then.check(self.base_url)
        self.token.check(self.secret)

    def _check_calls(self) -> None:
        """Raise ValueError where a lead could not be sent, found or proven."""
        if self.bulk_url and not self.answer.key:
            raise ValueError("rest.answer.key: sending many at once needs our id in each item of the answer.")
        if self.search.url and not self.has_update_call:
            raise ValueError("rest.search: say with update_url or update_body how a contact that was found is updated.")
        if self.bulk_url and (self.search.url or self.has_update_call or self.then.url):
            raise ValueError("rest.bulk_url: a CRM that has to be searched, or updated elsewhere, takes one at a time.")
        if self.answer.there_already and not self.search.url:
            raise ValueError("rest.answer.there_already: say with [crm.rest.search] how the lead is found there.")
        if self.update_fields and not self.has_update_call:
            raise ValueError("rest.update_fields: say with update_url or update_body where an update goes.")
        if not self.answer.id and not self.answer.id_header and not self.search.url:
            raise ValueError(
                "rest.answer.id: say where the CRM's own id is, or with [crm.rest.search] how what was sent is found: "
                "without it nothing counts as delivered."
            )

    def _check_field_names(self) -> None:
        """Raise ValueError where a name would be sent twice, or our id would not arrive under its own."""
        for key, table in (("fields", self.fields), ("update_fields", self.update_fields)):
            if unknown := [name for name in table if name not in OUR_FIELDS]:
                raise ValueError(f"rest.{key}: there is no field {unknown[0]!r}; we have {', '.join(OUR_FIELDS)}.")
            _check_unique_names(key, self.id_field, (*table.values(), *self.constants, *self.new))
        if not self.id_field and not self.search.url and "lead_id" not in find_placeholders([self.url, self.body]):
            raise ValueError("rest.id_field: without our id in it, a contact that is sent again becomes a second one.")
        if secret := [name for name in self.headers if any(word in name.casefold() for word in _SECRET_HEADER_WORDS)]:
            raise ValueError(f"rest.headers: {secret[0]!r} looks like a secret; use token_header with token_env.")

    def _check_limits(self) -> None:
        """Raise ValueError where a number is too small or too large."""
        if not 1 <= self.bulk_size <= 1000:
            raise ValueError("rest.bulk_size: it must be from 1 to 1000.")
        if not 1 <= self.at_once <= 32:
            raise ValueError("rest.at_once: it must be from 1 to 32.")
        if self.max_calls < 0 or not 0 < self.per_seconds <= 3600:
            raise ValueError("rest.max_calls: it must be 0 or more, and per_seconds from 0 to 3600.")

    @property
    def base_url(self) -> str:
        """The URL whose host is the CRM's."""
        return self.bulk_url or self.url

    @property
    def has_update_call(self) -> bool:
        """Whether a contact that the CRM has already is sent otherwise than a new one."""
        return bool(self.update_url or self.update_body)

    @property
    def secret(self) -> Secret:
        """Where the credential is: the token itself, or what a short-lived one is asked for with."""
        return Secret("rest.token", self.token_env, self.token_file)


def _check_unique_names(key: str, id_field: str, names: tuple[str, ...]) -> None:
    """Raise ValueError where one of *names* is there twice, or lies within another."""
    seen: set[str] = {id_field} - {""}
    for name in names:
        if any(f"{other}.".startswith(f"{name}.") or f"{name}.".startswith(f"{other}.") for other in seen):
            raise ValueError(f"rest.{key}: {quote_value(name)} is used twice, or lies within another: rename it.")
        seen.add(name)
