"""The `[crm.rest]` table of kiosk.toml: any JSON API that takes contacts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from sync.settings.secret import Secret
from sync.settings.urls import check_url, origin

CONTACT_API = {name: name for name in (
    "first_name", "last_name", "name", "email", "phone", "company", "job_title", "website", "address", "city",
    "region", "postcode", "country", "badge_id", "rating", "note", "tags", "answers", "event", "scanned_at", "revision",
)}  # fmt: skip
"""The field names of the practice CRM's API: our own."""


@dataclass(frozen=True, slots=True)
class AnswerSettings:
    """The `[crm.rest.answer]` table: where in an answer things are. Steps of a path are divided by dots: `data.id`."""

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


@dataclass(frozen=True, slots=True)
class RestSettings:
    """The `[crm.rest]` table: any JSON API that takes contacts."""

    url: str = ""
    """Where one contact is sent."""
    method: Literal["POST", "PUT", "PATCH"] = "POST"
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
    fields: Mapping[str, str] = field(default_factory=lambda: CONTACT_API)
    """Our field's name to the CRM's; what is not here is not sent."""
    answer: AnswerSettings = field(default_factory=AnswerSettings)

    def check(self) -> None:
        """Raise ValueError, with the key in front, for what cannot work."""
        check_url("rest.url", self.url)
        if self.bulk_url:
            check_url("rest.bulk_url", self.bulk_url)
            if origin(self.bulk_url) != origin(self.url):
                raise ValueError("rest.bulk_url: it must be on the same host as url.")
            if not self.answer.key:
                raise ValueError("rest.answer.key: sending many at once needs our id in each item of the answer.")
        if not 1 <= self.bulk_size <= 1000:
            raise ValueError("rest.bulk_size: it must be from 1 to 1000.")
        if not 1 <= self.at_once <= 32:
            raise ValueError("rest.at_once: it must be from 1 to 32.")
        if self.max_calls < 0 or not 0 < self.per_seconds <= 3600:
            raise ValueError("rest.max_calls: it must be 0 or more, and per_seconds from 0 to 3600.")
        if unknown := [name for name in self.fields if name not in CONTACT_API]:
            raise ValueError(f"rest.fields: there is no field {unknown[0]!r}; we have {', '.join(CONTACT_API)}.")
        if not self.answer.id:
            raise ValueError("rest.answer.id: say where the CRM's own id is; without it nothing counts as delivered.")

    @property
    def token(self) -> Secret:
        """Where the credential is."""
        return Secret("rest.token", self.token_env, self.token_file)
