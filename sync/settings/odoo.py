"""The `[crm.odoo]` table of kiosk.toml."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from sync.settings.quoting import quote_value
from sync.settings.rest_placeholders import OUR_FIELDS
from sync.settings.secret import Secret
from sync.settings.urls import check_url

ODOO_FIELDS = {
    "name": "contact_name", "company": "partner_name", "email": "email_from", "phone": "phone",
    "job_title": "function", "website": "website", "address": "street", "city": "city", "postcode": "zip",
    "note": "description", "tags": "tag_ids",
}  # fmt: skip
"""Our fields to those of `crm.lead`, as every Odoo has them."""

FIELD_PLACEHOLDER_PATTERN = re.compile(r"\{(\w+)\}")
"""Where a field goes in a template."""


@dataclass(frozen=True, slots=True)
class OdooSettings:
    """The `[crm.odoo]` table."""

    url: str = ""
    """Of the Odoo, such as `https://example.odoo.com`."""
    api: Literal["json2", "jsonrpc"] = "json2"
    """`json2` from Odoo 19 on, `jsonrpc` before."""
    database: str = ""
    """Its name; needed for `jsonrpc`, and for `json2` where several share one host."""
    login: str = ""
    """Of the user whose key it is; for `jsonrpc` only."""
    key_env: str = ""
    """The environment variable that holds the API key."""
    key_file: str = ""
    """Or the file that holds it; only its owner may be able to read it."""
    key_until: str = ""
    """The key's last day, such as 2027-02-28, where it has one (from Odoo 19 on it has): told before it comes."""
    model: str = "crm.lead"
    """What leads become."""
    prefix: str = "booth_kiosk.lead_"
    """What stands before our id in Odoo's external id: a module's name, a dot, and what you like."""
    title: str = "{name} ({event})"
    """The lead's title in Odoo, with our fields in braces."""
    title_field: str = "name"
    """Where the title goes; empty where the model has none."""
    html_fields: tuple[str, ...] = ("description",)
    """Odoo's fields that hold HTML: what a badge says is no markup there."""
    new_tags: bool = True
    """Whether tags that Odoo does not have yet are made there; else a lead with one is refused."""
    batch_size: int = 100
    """How many leads one call may hold."""
    at_once: int = 1
    """How many calls may be under way at the same time; Odoo locks out calls that touch the same rows."""
    max_calls: int = 0
    """How many calls are made in `per_seconds`; 0 is no limit."""
    per_seconds: float = 10.0
    fields: Mapping[str, str] = field(default_factory=lambda: ODOO_FIELDS)
    """Our field's name to Odoo's; what is not here is not sent."""
    always: Mapping[str, str] = field(default_factory=dict)
    """Odoo's fields that are the same for each lead, such as `team_id = "Events"`; written again with each change."""

    def check(self) -> None:
        """Raise ValueError, with the key in front, for what cannot work."""
        check_url("odoo.url", self.url)
        if not self.token.is_set:
            raise ValueError("odoo.key_env: the API key is missing; set key_env or key_file.")
        if self.api == "jsonrpc" and not (self.database and self.login):
            raise ValueError('odoo.database: with api = "jsonrpc", database and login are needed.')
        if not re.fullmatch(r"[a-z_][a-z0-9_]*\.[\w-]*", self.prefix, re.ASCII):
            raise ValueError("odoo.prefix: it must be a module's name, a dot, and letters, such as booth_kiosk.lead_")
        if not re.fullmatch(r"[a-z0-9_]+(\.[a-z0-9_]+)*", self.model):
            raise ValueError(f"odoo.model: {quote_value(self.model)} is no model's name, such as crm.lead.")
        if not 1 <= self.batch_size <= 1000:
            raise ValueError("odoo.batch_size: it must be from 1 to 1000.")
        if not 1 <= self.at_once <= 8:
            raise ValueError("odoo.at_once: it must be from 1 to 8.")
        if self.max_calls < 0 or not 0 < self.per_seconds <= 3600:
            raise ValueError("odoo.max_calls: it must be 0 or more, and per_seconds from 0 to 3600.")
        self._check_columns()
        if self.key_until:
            try:
                date.fromisoformat(self.key_until)
            except ValueError as error:
                raise ValueError("odoo.key_until: write the day as in 2027-02-28.") from error

    def _check_columns(self) -> None:
        """Raise ValueError for a mapping that cannot work."""
        for key, names in (("fields", self.fields), ("title", FIELD_PLACEHOLDER_PATTERN.findall(self.title))):
            if unknown := [name for name in names if name not in OUR_FIELDS]:
                raise ValueError(f"odoo.{key}: there is no field {unknown[0]!r}; we have {', '.join(OUR_FIELDS)}.")
        columns = ["id", self.title_field, *self.fields.values(), *self.always]
        if twice := [name for name in columns if name and columns.count(name) > 1]:
            raise ValueError(f"odoo.fields: {quote_value(twice[0])} is filled twice.")
        if not all(self.fields.values()):
            raise ValueError("odoo.fields: a field of Odoo's has no name; leave out what is not to be sent.")

    @property
    def token(self) -> Secret:
        """Where the API key is."""
        return Secret("odoo.key", self.key_env, self.key_file)
