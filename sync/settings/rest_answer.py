"""The tables `[crm.rest.answer]` and `[crm.rest.search]`: what stands where in what the CRM answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class AnswerSettings:
    """The `[crm.rest.answer]` table. Steps of a path are divided by dots: `data.id`."""

    id: str = "id"
    """The CRM's own id of a contact, in an answer to one and in each item of an answer to many."""
    key: str = "client_id"
    """Our id, as the CRM gives it back. Needed for many; for one it may be empty where the CRM does not name it."""
    items: str = "results"
    """The list of items, in an answer to many; empty where the answer is the list."""
    status: str = "status"
    """An item's status, as a word or a number; empty where an item without an error counts as taken."""
    taken: tuple[str, ...] = ("created", "updated", "ok", "200", "201")
    """The statuses that mean that the CRM has the contact."""
    error: str = "error"
    """What was wrong, in an item and in an answer that refuses."""
    failure: str = ""
    """What an answer has only when it refuses although its HTTP status says yes; empty where the status is true."""
    sign_in: tuple[str, ...] = ("AccessDenied", "Unauthorized", "invalid token")
    """Words in a `failure` that are about the key."""
    duplicate: tuple[int, ...] = (409,)
    """The HTTP statuses that mean that the CRM has such a contact already."""
    existing: str = ""
    """That contact (or a list of them), in such an answer; empty where the answer itself is it."""
    email: str = "email"
    """The e-mail in that contact, and in what a search finds: by it, or by our id, the person is known again."""


@dataclass(frozen=True, slots=True)
class SearchSettings:
    """The `[crm.rest.search]` table: for a CRM that would make a second contact when one is sent again."""

    url: str = ""
    """What finds a contact, such as "https://crm.example.com/api/Lead?email={email}"; empty: there is no need."""
    method: Literal["GET", "POST"] = "GET"
    body: Mapping[str, Any] = field(default_factory=dict)
    """Of a search by POST; words in braces as in the URL."""
    items: str = ""
    """The list of what was found; empty where the answer is the list."""
    id: str = "id"
    """The CRM's own id, in each item of the list."""
    key: str = ""
    """Our id, in each item; empty where the CRM does not keep it."""
    when: Literal["sent before", "always"] = "sent before"
    """Before each contact, or only where one was sent before and the CRM may have it."""
