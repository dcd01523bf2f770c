"""The tables `[crm.rest.answer]` and `[crm.rest.search]`: what stands where in what the CRM answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from sync.settings.rest_placeholders import check_endpoint, check_placeholders, find_optional_placeholders

_MAX_SEARCH_WAIT_SECONDS = 30.0
"""That a search may be held back: the call it belongs to holds up all others."""


@dataclass(frozen=True, slots=True)
class AnswerSettings:
    """The `[crm.rest.answer]` table. Steps of a path are divided by dots: `data.id`."""

    id: str = "id"
    """
    The CRM's own id of a contact, in an answer to one and in each item of an answer to many.

    Empty where it gives none: then the search proves that it has the lead.
    """
    id_header: str = ""
    """The header that holds that id, or an address that ends with it, where the body has none: "Location"."""
    key: str = "client_id"
    """Our id, as the CRM gives it back. Needed for many; for one it may be empty where the CRM does not name it."""
    items: str = "results"
    """The list of items, in an answer to many; empty where the answer is the list."""
    status: str = "status"
    """An item's status, as a word or a number; empty where an item without an error counts as taken."""
    taken: tuple[str, ...] = ("created", "updated", "ok", "200", "201")
    """The statuses that mean that the CRM has the contact."""
    not_taken: tuple[str, ...] = ()
    """The statuses that mean that it has one already and did not take what was sent: "duplicate", "merged"."""
    error: str = "error"
    """What was wrong, in an item and in an answer that refuses."""
    failure: str = ""
    """What an answer has only when it refuses although its HTTP status says yes; empty where the status is true."""
    sign_in: tuple[str, ...] = ("AccessDenied", "Unauthorized", "invalid token")
    """Words in a `failure` that are about the key."""
    there_already: tuple[str, ...] = ()
    """Words in a refusal that mean that the CRM has this lead already; then it is searched, and updated."""
    gone: tuple[str, ...] = ()
    """Words in a refusal of an update that mean that the record was deleted there; 404 and 410 at update_url do so."""
    duplicate: tuple[int, ...] = (409,)
    """The HTTP statuses that mean that the CRM has such a contact already."""
    existing: str = ""
    """That contact (or a list of them), in such an answer; empty where the answer itself is it."""
    email: str = "email"
    """The e-mail in that contact, and in what a search finds: by it, or by our id, the person is known again."""
    names: tuple[str, ...] = ()
    """The parts of the name in it; empty is where `[crm.rest.fields]` sends them."""


@dataclass(frozen=True, slots=True)
class SearchSettings:
    """The `[crm.rest.search]` table: for a CRM that would make a second contact when one is sent again."""

    url: str = ""
    """What finds a contact, such as "https://crm.example.com/api/Lead?email={email}"; empty: there is no need."""
    method: Literal["GET", "POST"] = "GET"
    body: Mapping[str, Any] = field(default_factory=dict)
    """Of a search by POST; words in braces as in the URL."""
    or_url: str = ""
    """What finds those that have nothing for a word of `url`: "https://crm.example.com/api/Lead?q={name}"."""
    or_body: Mapping[str, Any] = field(default_factory=dict)
    """The same for a search by POST."""
    if_empty: Literal["", "needs you"] = ""
    """What to do with a lead that may be there and has nothing to be searched by: "needs you" shows it to a person."""
    items: str = ""
    """The list of what was found; empty where the answer is the list."""
    id: str = "id"
    """The CRM's own id, in each item of the list."""
    key: str = ""
    """Our id, in each item; empty where the CRM does not keep it."""
    not_found: tuple[int, ...] = ()
    """The HTTP statuses that mean that nothing was found, where that is not an empty list: 404."""
    when: Literal["sent before", "always"] = "sent before"
    """Before each contact, or only where one was sent before and the CRM may have it."""
    wait_seconds: float = 0.0
    """How long the CRM may take until its search finds what is new."""

    @property
    def requests(self) -> list[tuple[str, Mapping[str, Any]]]:
        """The URL and the body of each way to search, the first choice first."""
        second = [(self.or_url or self.url, self.or_body or self.body)] if self.or_url or self.or_body else []
        return [(self.url, self.body), *second] if self.url else []

    def check(self, key: str, base: str, *more: str) -> None:
        """
        Raise ValueError, with the key in front, for what cannot work.

        *key* is the table's name, *base* the CRM's URL, *more* are the words in braces that this search has besides.
        """
        if not self.url:
            return
        for name, url in (("url", self.url), ("or_url", self.or_url)):
            check_endpoint(f"{key}.{name}", url, base)
        for url, body in self.requests:
            check_placeholders(key, [url, body], *more, without=("remote_id", "fields"))
        if self.body and self.method == "GET":
            raise ValueError(f'rest.{key}.body: a search by GET has no body; write method = "POST".')
        if not 0 <= self.wait_seconds <= _MAX_SEARCH_WAIT_SECONDS:
            raise ValueError(f"rest.{key}.wait_seconds: it must be from 0 to {_MAX_SEARCH_WAIT_SECONDS:.0f}.")
        unsure = [find_optional_placeholders(way) for way in self.requests]
        if all(unsure) and not self.if_empty:
            raise ValueError(
                f"rest.{key}: {{{unsure[-1][0]}}} is empty for some leads, and a search for nothing finds nothing: "
                f'search by {{lead_id}}, add or_url with what such leads have, or write if_empty = "needs you".'
            )
