"""The `[crm.rest]` table of kiosk.toml: any JSON API that accepts contacts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, Literal

from data.language import _
from sync.settings.checks import check_known_fields, check_range, check_rate
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
"""Words in the names of headers that contain secrets."""


@dataclass(frozen=True, slots=True)
class RestSettings:
    """The `[crm.rest]` table: any JSON API that accepts contacts."""

    url: str = ""
    """
    Where one contact is sent, with placeholders: "https://crm.example.com/contacts/{lead_id}".

    Not needed with a `bulk_url`: then everything goes there.
    """
    method: Literal["POST", "PUT", "PATCH"] = "POST"
    body: Mapping[str, Any] = field(default_factory=dict)
    """The body for one contact, if that is not just the contact: `{ params = ["{fields}"] }`."""
    update_url: str = ""
    """Where a contact is sent that the CRM already has, with its `{remote_id}`; empty if that is the same URL."""
    update_method: Literal["POST", "PUT", "PATCH"] = "PUT"
    update_body: Mapping[str, Any] = field(default_factory=dict)
    """The body for a contact that the CRM already has, if that is not `body`."""
    update_with_id: bool = False
    """Whether an update includes our id as well: for a CRM whose PUT replaces the whole record."""
    check_url: str = ""
    """A URL that answers with a valid key, for `kiosk check crm`; no contact is sent to it."""
    check_method: Literal["GET", "POST"] = "GET"
    check_body: Mapping[str, Any] = field(default_factory=dict)
    """The body of a check by POST."""
    delete_url: str = ""
    """The URL for deleting the contact `{remote_id}`: the test lead of `kiosk check crm`."""
    delete_method: Literal["DELETE", "POST", "PUT", "PATCH"] = "DELETE"
    delete_body: Mapping[str, Any] = field(default_factory=dict)
    """The body for that, such as `{ method = "delete", params = [["{remote_id}"]] }`."""
    bulk_url: str = ""
    """Where many contacts are sent at once; empty if the CRM accepts one at a time."""
    bulk_size: int = 100
    """Contacts per call, at most."""
    bulk_key: str = "contacts"
    """The key of the list in the body; empty if the body is the list."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Sent with each call. Secrets belong in `token_env` or `token_file`."""
    token_env: str = ""
    """The environment variable that contains the token."""
    token_file: str = ""
    """Or the file that contains it, readable by its owner only."""
    at_once: int = 1
    """Calls at the same time, at most."""
    max_calls: int = 0
    """Calls in `per_seconds`, at most; 0 means no limit."""
    per_seconds: float = 10.0
    token_header: str = "Authorization"
    token_prefix: str = "Bearer "
    id_field: str = "client_id"
    """The CRM's name for our id, by which it recognises a contact that it already has."""
    fields: Mapping[str, str] = field(default_factory=lambda: CONTACT_API_FIELDS)
    """Our field names to the CRM's, as dotted paths; fields that are not here are not sent."""
    constants: Mapping[str, Any] = field(default_factory=dict)
    """Sent with each contact, by the CRM's field names: `source = "booth"`."""
    new: Mapping[str, Any] = field(default_factory=dict)
    """Sent only when a contact is created, by the CRM's field names: `status = "New"`."""
    update_fields: Mapping[str, str] = field(default_factory=dict)
    """The fields for a contact that the CRM already has; empty: the same as `fields`."""
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """The CRM's words for a field's values: `rating = { 1 = "COLD" }`."""
    formats: Mapping[str, str] = field(default_factory=dict)
    """The format of a field's values: `scanned_at = "date"`, `tags = "text"`."""
    answer: AnswerSettings = field(default_factory=AnswerSettings)
    search: SearchSettings = field(default_factory=SearchSettings)
    then: SecondCallSettings = field(default_factory=SecondCallSettings)
    token: TokenSettings = field(default_factory=TokenSettings)

    def check(self) -> None:
        """Raise ValueError, with the key in front, for settings that cannot work."""
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
        """Raise ValueError if a lead could not be sent, found or confirmed."""
        if self.bulk_url and not self.answer.key:
            raise ValueError(
                _("rest.answer.key: sending many at once requires the lead's ID in each item of the response.")
            )
        if self.search.url and not self.has_update_call:
            raise ValueError(
                _("rest.search: update_url or update_body must say how a contact that was found is updated.")
            )
        if self.bulk_url and (self.search.url or self.has_update_call or self.then.url):
            raise ValueError(_("rest.bulk_url: cannot be combined with a search, an update or a second call."))
        if self.answer.there_already and not self.search.url:
            raise ValueError(_("rest.answer.there_already: [crm.rest.search] must say how such a lead is found."))
        if self.update_fields and not self.has_update_call:
            raise ValueError(_("rest.update_fields: update_url or update_body must say where an update goes."))
        if not self.answer.id and not self.answer.id_header and not self.search.url:
            raise ValueError(
                _(
                    "rest.answer.id: set where the CRM's own ID is, or in [crm.rest.search] how a lead is found: "
                    "without one of them nothing counts as delivered."
                )
            )

    def _check_field_names(self) -> None:
        """Raise ValueError if a name would be sent twice, or our id would not be sent."""
        for key, table in (("fields", self.fields), ("update_fields", self.update_fields)):
            check_known_fields(f"rest.{key}", table, OUR_FIELDS)
            _check_unique_names(key, self.id_field, (*table.values(), *self.constants, *self.new))
        if not self.id_field and not self.search.url and "lead_id" not in find_placeholders([self.url, self.body]):
            raise ValueError(
                _("rest.id_field: without the lead's ID, a contact that is sent again would be created twice.")
            )
        if secret := [name for name in self.headers if any(word in name.casefold() for word in _SECRET_HEADER_WORDS)]:
            sentence = _("rest.headers: {name} looks like a secret; use token_header with token_env.")
            raise ValueError(sentence.format(name=repr(secret[0])))

    def _check_limits(self) -> None:
        """Raise ValueError if a number is too small or too large."""
        check_range("rest.bulk_size", self.bulk_size, 1, 1000)
        check_range("rest.at_once", self.at_once, 1, 32)
        check_rate("rest", self.max_calls, self.per_seconds)

    @property
    def base_url(self) -> str:
        """The URL whose host is the CRM's."""
        return self.bulk_url or self.url

    @property
    def has_update_call(self) -> bool:
        """Whether a contact that the CRM already has is sent differently from a new one."""
        return bool(self.update_url or self.update_body)

    @property
    def secret(self) -> Secret:
        """Where to read the credential: the token itself, or the secret that a short-lived one is requested with."""
        return Secret("rest.token", self.token_env, self.token_file)


def _check_unique_names(key: str, id_field: str, names: tuple[str, ...]) -> None:
    """Raise ValueError if one of *names* occurs twice, or is a part of another's path."""
    seen: set[str] = {id_field} - {""}
    for name in names:
        if any(f"{other}.".startswith(f"{name}.") or f"{name}.".startswith(f"{other}.") for other in seen):
            sentence = _("{key}: {name} is used twice, or is within another: rename it.")
            raise ValueError(sentence.format(key=f"rest.{key}", name=quote_value(name)))
        seen.add(name)
