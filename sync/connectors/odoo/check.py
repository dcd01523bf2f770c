"""What can be known of an Odoo before the show, without sending it a lead."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from sync.connectors.base import Finding
from sync.connectors.field_kinds import Kind, misfit
from sync.connectors.odoo.calls import Calls
from sync.errors import NotAuthorised, SetUpFault
from sync.settings.odoo import OdooSettings

ATTRIBUTES = ["type", "string", "required", "selection"]
"""What is asked of each field."""

TYPES: dict[str, Kind] = {
    "selection": "choice",
    "boolean": "yes or no",
    "integer": "number",
    "float": "number",
    "monetary": "number",
    "date": "date",
    "datetime": "moment",
}
"""What Odoo's types hold; any other holds texts, or is found by its name."""

SOON = 14
"""Days before a key's last in which to make a new one."""

JSON2_SINCE = 19
"""The version of Odoo that has JSON-2; the next ones no longer have JSON-RPC."""


class Check:
    """Looks at one Odoo."""

    def __init__(self, settings: OdooSettings, calls: Calls) -> None:
        self.settings = settings
        self.calls = calls

    async def findings(self) -> list[Finding]:
        """
        What was found, one thing after another; what builds on something that is wrong is not looked at.

        Raises:
            SyncError: Odoo could not be asked.
        """
        found: list[Finding] = []
        try:
            found.append(self.of_version(await self.calls.version()))
            found += self.of_key(date.today())
            fields = await self.calls.call(self.settings.model, "fields_get", attributes=ATTRIBUTES)
            found.append(Finding(True, "Odoo accepts our key."))
            found += self.of_fields(fields if isinstance(fields, Mapping) else {})
            found += await self.of_required(fields if isinstance(fields, Mapping) else {})
            found.append(await self.of_rights())
        except (NotAuthorised, SetUpFault) as fault:
            found.append(Finding(False, str(fault)))
        return found

    def of_version(self, version: str) -> Finding:
        """Whether this version speaks as we do."""
        number = re.search(r"\d+", version)
        major = int(number[0]) if number else 0
        if self.settings.api == "jsonrpc" and major > JSON2_SINCE:
            return Finding(False, f'This is Odoo {version}, where JSON-RPC has ended: set api = "json2" in kiosk.toml.')
        if self.settings.api == "json2" and 0 < major < JSON2_SINCE:
            return Finding(False, f'This is Odoo {version}, which has no JSON-2: set api = "jsonrpc" in kiosk.toml.')
        return Finding(True, f"This is Odoo {version}.")

    def of_key(self, today: date) -> list[Finding]:
        """How long the key is good, where kiosk.toml says it."""
        if not self.settings.key_until:
            return []
        left = (date.fromisoformat(self.settings.key_until) - today).days
        if left < 0:
            return [Finding(False, f"The key's last day was {self.settings.key_until}: make a new one in Odoo.")]
        return [
            Finding(left > SOON, f"The key is good for {left} more days{'' if left > SOON else ': make a new one'}.")
        ]

    def of_fields(self, fields: Mapping[str, Any]) -> list[Finding]:
        """Whether Odoo has every field that we fill."""
        missing = [name for name in self.columns() if name.partition("/")[0] not in fields]
        if missing:
            return [Finding(False, f"{self.settings.model} has no field {', '.join(missing)}: correct kiosk.toml.")]
        wrong = [_misfit(ours, theirs, fields.get(theirs)) for ours, theirs in self.settings.fields.items()]
        if any(wrong):
            return [Finding(False, sentence) for sentence in wrong if sentence]
        return [Finding(True, f"{self.settings.model} has every field that kiosk.toml names.")]

    async def of_required(self, fields: Mapping[str, Any]) -> list[Finding]:
        """Whether every field that Odoo requires is filled, by us or by itself."""
        columns = {name.partition("/")[0] for name in self.columns(sure=True)}
        wanted = [name for name, field in fields.items() if is_required(field) and name not in columns]
        if not wanted:
            return []
        # By version, the argument has two names; by its place, JSON-2 does not take it.
        name = "fields" if self.settings.api == "json2" else "fields_list"
        defaults = await self.calls.call(self.settings.model, "default_get", **{name: wanted})
        open_ = [name for name in wanted if not isinstance(defaults, Mapping) or name not in defaults]
        return [
            Finding(False, f"Odoo requires {name}: map it in [crm.odoo.fields] or [crm.odoo.always].") for name in open_
        ]

    async def of_rights(self) -> Finding:
        """Whether the key's user may add leads."""
        if self.settings.api == "json2":
            may = await self.calls.call(self.settings.model, "has_access", [], operation="create")
        else:
            may = await self.calls.call(
                self.settings.model, "check_access_rights", operation="create", raise_exception=False
            )
        return Finding(bool(may), "The key's user may add leads." if may else "The key's user may not add leads.")

    def columns(self, *, sure: bool = False) -> list[str]:
        """Odoo's fields that we fill; with *sure*, those alone that each lead has a value for."""
        settings = self.settings
        title = [settings.title_field] if settings.title_field else []
        return [*title, *settings.always, *(() if sure else settings.fields.values())]


def _misfit(ours: str, theirs: str, has: Any) -> str:
    """Why our field cannot be written to the field *theirs*, which Odoo describes; empty where it can."""
    if not isinstance(has, Mapping):
        return ""
    listed = has.get("selection")
    options = [str(item[0]) for item in listed if isinstance(item, list) and item] if isinstance(listed, list) else []
    return misfit("Odoo", ours, theirs, TYPES.get(str(has.get("type")), "text"), options)


def is_required(field: Any) -> bool:
    """Whether Odoo takes no record without *field*."""
    return isinstance(field, Mapping) and bool(field.get("required"))
