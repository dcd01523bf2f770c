"""The `[crm.odoo]` table of kiosk.toml."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from data.language import _
from sync.settings.checks import check_known_fields, check_range, check_rate
from sync.settings.quoting import quote_value
from sync.settings.rest_placeholders import OUR_FIELDS
from sync.settings.secret import Secret
from sync.settings.urls import check_url

ODOO_FIELDS = {
    "name": "contact_name", "company": "partner_name", "email": "email_from", "phone": "phone",
    "job_title": "function", "website": "website", "address": "street", "city": "city", "postcode": "zip",
    "note": "description", "tags": "tag_ids",
}  # fmt: skip
"""Our field names to those of `crm.lead` in every Odoo."""

FIELD_PLACEHOLDER_PATTERN = re.compile(r"\{(\w+)\}")
"""A placeholder for a field in a template."""


@dataclass(frozen=True, slots=True)
class OdooSettings:
    """The `[crm.odoo]` table."""

    url: str = ""
    """The address of the Odoo server, such as `https://example.odoo.com`."""
    api: Literal["json2", "jsonrpc"] = "json2"
    """`json2` for Odoo 19 and later, `jsonrpc` before."""
    database: str = ""
    """The name of the database; needed for `jsonrpc`, and for `json2` if several share one host."""
    login: str = ""
    """The login of the user whose key it is; for `jsonrpc` only."""
    key_env: str = ""
    """The environment variable that contains the API key."""
    key_file: str = ""
    """Or the file that contains it, readable by its owner only."""
    key_until: str = ""
    """The day on which the key expires, such as 2027-02-28 (in Odoo 19 every key does): staff are warned before it."""
    model: str = "crm.lead"
    """The Odoo model that leads become records of."""
    prefix: str = "booth_kiosk.lead_"
    """The prefix of our id in Odoo's external id: a module's name, a dot, and anything you like."""
    title: str = "{name} ({event})"
    """The title of the lead in Odoo, with placeholders for our fields."""
    title_field: str = "name"
    """Odoo's field for the title; empty if the model has none."""
    html_fields: tuple[str, ...] = ("description",)
    """Odoo's fields that contain HTML: text from a badge is escaped there."""
    new_tags: bool = True
    """Whether tags that Odoo does not have yet are created; otherwise a lead with such a tag is refused."""
    batch_size: int = 100
    """Leads per call, at most."""
    at_once: int = 1
    """Calls at the same time, at most; Odoo rejects parallel calls that touch the same rows."""
    max_calls: int = 0
    """Calls in `per_seconds`, at most; 0 means no limit."""
    per_seconds: float = 10.0
    fields: Mapping[str, str] = field(default_factory=lambda: ODOO_FIELDS)
    """Our field names to Odoo's; fields that are not here are not sent."""
    always: Mapping[str, str] = field(default_factory=dict)
    """Values that are the same for each lead, such as `team_id = "Events"`; written again with each change."""

    def check(self) -> None:
        """Raise ValueError, with the key in front, for settings that cannot work."""
        check_url("odoo.url", self.url)
        if not self.token.is_set:
            raise ValueError(_("odoo.key_env: the API key is missing; set key_env or key_file."))
        if self.api == "jsonrpc" and not (self.database and self.login):
            raise ValueError(_('odoo.database: with api = "jsonrpc", database and login are needed.'))
        if not re.fullmatch(r"[a-z_][a-z0-9_]*\.[\w-]*", self.prefix, re.ASCII):
            raise ValueError(_("odoo.prefix: must be a module's name, a dot, and letters, such as booth_kiosk.lead_"))
        if not re.fullmatch(r"[a-z0-9_]+(\.[a-z0-9_]+)*", self.model):
            sentence = _("odoo.model: {name} is not the name of a model, such as crm.lead.")
            raise ValueError(sentence.format(name=quote_value(self.model)))
        check_range("odoo.batch_size", self.batch_size, 1, 1000)
        check_range("odoo.at_once", self.at_once, 1, 8)
        check_rate("odoo", self.max_calls, self.per_seconds)
        self._check_columns()
        if self.key_until:
            try:
                date.fromisoformat(self.key_until)
            except ValueError as error:
                raise ValueError(_("odoo.key_until: write the date like this: 2027-02-28.")) from error

    def _check_columns(self) -> None:
        """Raise ValueError, with the key in front, for a field mapping that cannot work."""
        for key, names in (("fields", self.fields), ("title", FIELD_PLACEHOLDER_PATTERN.findall(self.title))):
            check_known_fields(f"odoo.{key}", names, OUR_FIELDS)
        columns = ["id", self.title_field, *self.fields.values(), *self.always]
        if twice := [name for name in columns if name and columns.count(name) > 1]:
            raise ValueError(_("odoo.fields: {name} is filled twice.").format(name=quote_value(twice[0])))
        if not all(self.fields.values()):
            raise ValueError(
                _("odoo.fields: the name of an Odoo field is empty; leave out the fields that are not to be sent.")
            )

    @property
    def token(self) -> Secret:
        """Where to read the API key."""
        return Secret("odoo.key", self.key_env, self.key_file)
