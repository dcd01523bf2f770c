"""The `[crm.webhook]` table of kiosk.toml: your own receiver, or an automation tool's."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from data.language import _
from sync.settings.checks import check_known_fields, check_range, check_rate
from sync.settings.rest_placeholders import CONTACT_API_FIELDS, OUR_FIELDS
from sync.settings.secret import Secret
from sync.settings.urls import check_url

_WEBHOOK_FIELDS = {name: name for name in CONTACT_API_FIELDS if name != "revision"}
"""Our fields as they are sent, besides `lead_id` and `revision`."""

_MAPPABLE_FIELDS = tuple(name for name in OUR_FIELDS if name != "revision")
"""The fields that can be mapped."""

_LOCAL_HOSTS = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """The `[crm.webhook]` table: leads are posted as docs/webhook.md describes."""

    url: str = ""
    """Where leads are posted."""
    secret_env: str = ""
    """The environment variable that contains the secret for signing calls."""
    secret_file: str = ""
    """Or the file that contains it, readable by its owner only."""
    secret_header: str = ""
    """For receivers that cannot check a signature: the header in which the secret is sent, in place of signing."""
    batch_size: int = 50
    """Leads per call, at most."""
    at_once: int = 1
    """Calls at the same time, at most."""
    max_calls: int = 0
    """Calls in `per_seconds`, at most; 0 means no limit."""
    per_seconds: float = 10.0
    proof: Literal["batch id", "results", "any answer"] = "batch id"  # not shown: a setting
    """
    What proves that leads have arrived, besides a status from 200 to 299.

    `batch id`: the answer returns the batch's id. `results`: it names each lead. `any answer`: nothing more, over HTTPS
    only, for tools that answer before they work. Such a tool may lose a lead, and none is sent twice to find out.
    """
    not_accepted: tuple[str, ...] = ()
    """
    Values of `result`, besides those of docs/webhook.md, for a lead that the receiver did not accept.

    Such as `merged`, where it puts two people into one record. After a lost answer it counts as accepted.
    """
    headers: Mapping[str, str] = field(default_factory=dict)
    """Sent with each call. Secrets do not belong here."""
    fields: Mapping[str, str] = field(default_factory=lambda: _WEBHOOK_FIELDS)
    """Our field names to the receiver's; fields that are not here are not sent."""

    def check(self) -> None:
        """Raise ValueError, with the key in front, for settings that cannot work."""
        check_url("webhook.url", self.url)
        if self.secret_header and not self.token.is_set:
            raise ValueError(_("webhook.secret_header: there is no secret to send; set secret_env or secret_file."))
        check_range("webhook.batch_size", self.batch_size, 1, 1000)
        check_range("webhook.at_once", self.at_once, 1, 32)
        check_rate("webhook", self.max_calls, self.per_seconds)
        check_known_fields("webhook.fields", self.fields, _MAPPABLE_FIELDS)
        if {"lead_id", "revision"} & set(self.fields.values()):
            raise ValueError(_("webhook.fields: the kiosk uses lead_id and revision itself; choose another name."))
        parts = urlsplit(self.url)
        accepts_anything = self.proof == "any answer"  # not shown: a setting
        if accepts_anything and parts.scheme != "https" and parts.hostname not in _LOCAL_HOSTS:
            raise ValueError(
                _('webhook.proof: "any answer" requires https://: over http:// it may come from a login page.')
            )

    @property
    def token(self) -> Secret:
        """Where to read the secret."""
        return Secret("webhook.secret", self.secret_env, self.secret_file)
