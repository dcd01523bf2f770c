"""The `[crm.webhook]` table of kiosk.toml: a receiver of your own, or of an automation tool."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from sync.settings.rest_placeholders import CONTACT_API_FIELDS, OUR_FIELDS
from sync.settings.secret import Secret
from sync.settings.urls import check_url

_WEBHOOK_FIELDS = {name: name for name in CONTACT_API_FIELDS if name != "revision"}
"""Our fields as they are sent, beside `lead_id` and `revision`."""

_MAPPABLE_FIELDS = tuple(name for name in OUR_FIELDS if name != "revision")
"""All that can be mapped."""

_LOCAL_HOSTS = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """The `[crm.webhook]` table: leads are posted as docs/webhook.md describes."""

    url: str = ""
    """Where leads are posted."""
    secret_env: str = ""
    """The environment variable that holds the secret with which calls are signed."""
    secret_file: str = ""
    """Or the file that holds it; only its owner may be able to read it."""
    secret_header: str = ""
    """For receivers that cannot check a signature: the header in which the secret is sent, in place of signing."""
    batch_size: int = 50
    """How many leads one call may hold."""
    at_once: int = 1
    """How many calls may be under way at the same time."""
    max_calls: int = 0
    """How many calls the receiver takes in `per_seconds`; 0 is no limit."""
    per_seconds: float = 10.0
    proof: Literal["batch id", "results", "any answer"] = "batch id"
    """
    What proves that leads have arrived, beside a status from 200 to 299.

    `batch id`: the answer gives back the batch's id. `results`: it names each lead. `any answer`: nothing more, by
    HTTPS only, for tools that answer before they work; a lead may then be lost in them, and none is sent twice to see.
    """
    not_taken: tuple[str, ...] = ()
    """
    What a receiver's `result` may be, besides the words of docs/webhook.md, of a lead that it did not take.

    Such as `merged`, where it puts two people into one record. After a lost answer it counts as taken.
    """
    headers: Mapping[str, str] = field(default_factory=dict)
    """Sent with each call. Secrets do not belong here."""
    fields: Mapping[str, str] = field(default_factory=lambda: _WEBHOOK_FIELDS)
    """Our field's name to the receiver's; what is not here is not sent."""

    def check(self) -> None:
        """Raise ValueError, with the key in front, for what cannot work."""
        check_url("webhook.url", self.url)
        if self.secret_header and not self.token.is_set:
            raise ValueError("webhook.secret_header: there is no secret to send; set secret_env or secret_file.")
        if not 1 <= self.batch_size <= 1000:
            raise ValueError("webhook.batch_size: it must be from 1 to 1000.")
        if not 1 <= self.at_once <= 32:
            raise ValueError("webhook.at_once: it must be from 1 to 32.")
        if self.max_calls < 0 or not 0 < self.per_seconds <= 3600:
            raise ValueError("webhook.max_calls: it must be 0 or more, and per_seconds from 0 to 3600.")
        if unknown := [name for name in self.fields if name not in _MAPPABLE_FIELDS]:
            raise ValueError(
                f"webhook.fields: there is no field {unknown[0]!r}; we have {', '.join(_MAPPABLE_FIELDS)}."
            )
        if {"lead_id", "revision"} & set(self.fields.values()):
            raise ValueError("webhook.fields: lead_id and revision are ours, and cannot be another field's name.")
        parts = urlsplit(self.url)
        if self.proof == "any answer" and parts.scheme != "https" and parts.hostname not in _LOCAL_HOSTS:
            raise ValueError(
                'webhook.proof: "any answer" needs https://, for a login page can answer in the place of anything else.'
            )

    @property
    def token(self) -> Secret:
        """Where the secret is."""
        return Secret("webhook.secret", self.secret_env, self.secret_file)
