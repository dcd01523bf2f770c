"""The tables `[crm.rest.answer]` and `[crm.rest.search]`: where the values are in the CRM's responses."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from data.language import _
from sync.settings.checks import check_range
from sync.settings.rest_placeholders import check_endpoint, check_placeholders, find_optional_placeholders

# The longest delay of a search: a longer one would hold up all other leads.
_MAX_SEARCH_WAIT_SECONDS = 30


@dataclass(frozen=True, slots=True)
class AnswerSettings:
    """The `[crm.rest.answer]` table. Paths are dotted: `data.id`."""

    id: str = "id"
    """
    The CRM's own id of a contact, in the answer for one contact and in each item of the response for many.

    Empty if it returns none: then a search confirms that it has the lead.
    """
    id_header: str = ""
    """The header with that id, or with a URL that ends with it, if the body has none: "Location"."""
    key: str = "client_id"
    """Our id, as the CRM returns it. Required for many; may be empty for one if the CRM does not return it."""
    items: str = "results"
    """The list of items in the answer for many; empty if the response is the list."""
    status: str = "status"
    """An item's status, a word or a number; empty if an item without an error counts as accepted."""
    accepted: tuple[str, ...] = ("created", "updated", "ok", "200", "201")
    """Statuses that mean that the CRM has the contact."""
    not_accepted: tuple[str, ...] = ()
    """Statuses that mean that it already has one and did not accept what was sent: "duplicate", "merged"."""
    error: str = "error"
    """The message about what was wrong, in an item and in an error response."""
    failure: str = ""
    """A value that is only there when an answer with a 2xx status is a refusal; empty if the status is correct."""
    sign_in: tuple[str, ...] = ("AccessDenied", "Unauthorized", "invalid token")  # not shown: the CRM's words
    """Words in a `failure` that mean that the key was rejected."""
    there_already: tuple[str, ...] = ()
    """Words in a refusal that mean that the CRM already has this lead; it is then searched and updated."""
    gone: tuple[str, ...] = ()
    """Words in a refused update that mean that the record was deleted; so do 404 and 410 at update_url."""
    duplicate: tuple[int, ...] = (409,)
    """HTTP statuses that mean that the CRM already has such a contact."""
    existing: str = ""
    """That contact (or a list of them) in such an answer; empty if the answer itself is the contact."""
    email: str = "email"
    """The e-mail in that contact, and in search results: by it, or by our id, the person is recognised."""
    names: tuple[str, ...] = ()
    """The parts of the name in it; empty: where `[crm.rest.fields]` sends them."""


@dataclass(frozen=True, slots=True)
class SearchSettings:
    """The `[crm.rest.search]` table: for a CRM that would create a second contact when one is sent again."""

    url: str = ""
    """The URL that finds a contact, such as "https://crm.example.com/api/Lead?email={email}"; empty: no search."""
    method: Literal["GET", "POST"] = "GET"
    body: Mapping[str, Any] = field(default_factory=dict)
    """The body of a search by POST, with placeholders as in the URL."""
    or_url: str = ""
    """The URL for leads without a value for a placeholder of `url`: "https://crm.example.com/api/Lead?q={name}"."""
    or_body: Mapping[str, Any] = field(default_factory=dict)
    """The same for a search by POST."""
    if_empty: Literal["", "needs you"] = ""
    """What to do with a lead that may be there and has no value to search by: "needs you" leaves it to a person."""
    items: str = ""
    """The list of results; empty if the response is the list."""
    id: str = "id"
    """The CRM's own id in each item of the list."""
    key: str = ""
    """Our id in each item; empty if the CRM does not store it."""
    not_found: tuple[int, ...] = ()
    """HTTP statuses that mean "not found", if that is not an empty list: 404."""
    when: Literal["sent before", "always"] = "sent before"  # not shown: a setting
    """Before each contact, or only before one that was sent before, so that the CRM may have it."""
    wait_seconds: float = 0.0
    """How long the CRM takes until its search finds a new contact."""

    @property
    def requests(self) -> list[tuple[str, Mapping[str, Any]]]:
        """The URL and the body of each possible search, the preferred one first."""
        second = [(self.or_url or self.url, self.or_body or self.body)] if self.or_url or self.or_body else []
        return [(self.url, self.body), *second] if self.url else []

    def check(self, key: str, base: str, *more: str) -> None:
        """
        Raise ValueError, with the key in front, for settings that cannot work.

        *key* is the table's name, *base* a URL of the CRM, *more* are additional placeholders of this search.
        """
        if not self.url:
            return
        for name, url in (("url", self.url), ("or_url", self.or_url)):
            check_endpoint(f"{key}.{name}", url, base)
        for url, body in self.requests:
            check_placeholders(key, [url, body], *more, without=("remote_id", "fields"))
        if self.body and self.method == "GET":
            raise ValueError(
                _('{key}: a search by GET has no body; write method = "POST".').format(key=f"rest.{key}.body")
            )
        check_range(f"rest.{key}.wait_seconds", self.wait_seconds, 0, _MAX_SEARCH_WAIT_SECONDS)
        optional = [find_optional_placeholders(request) for request in self.requests]
        if all(optional) and not self.if_empty:
            sentence = _(
                "{key}: {placeholder} is empty for some leads, so that the search would find nothing: search by "
                '{{lead_id}}, add an or_url for such leads, or write if_empty = "needs you".'
            )
            raise ValueError(sentence.format(key=f"rest.{key}", placeholder=f"{{{optional[-1][0]}}}"))
