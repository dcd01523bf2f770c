"""What can be known of an Odoo before the show, without sending it a lead."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from sync.connectors.base import CheckResult
from sync.connectors.field_types import FieldType, describe_type_mismatch
from sync.connectors.odoo.rpc import OdooApi
from sync.errors import ConfigurationFault, NotAuthorised
from sync.settings.odoo import OdooSettings

_FIELD_ATTRIBUTES = ["type", "string", "required", "selection"]
"""What is asked of each field."""

_FIELD_TYPES: dict[str, FieldType] = {
    "selection": "choice",
    "boolean": "yes or no",
    "integer": "number",
    "float": "number",
    "monetary": "number",
    "date": "date",
    "datetime": "datetime",
}
"""What Odoo's types hold; any other holds texts, or is found by its name."""

_KEY_WARNING_DAYS = 14
"""Days before a key's last in which to make a new one."""

_FIRST_JSON2_VERSION = 19
"""The version of Odoo that has JSON-2; the next ones no longer have JSON-RPC."""


class OdooPreflight:
    """Looks at one Odoo."""

    def __init__(self, settings: OdooSettings, calls: OdooApi) -> None:
        self.settings = settings
        self.api = calls

    async def run_checks(self) -> list[CheckResult]:
        """
        What was found, one thing after another; what builds on something that is wrong is not looked at.

        Raises:
            SyncError: Odoo could not be asked.
        """
        found: list[CheckResult] = []
        try:
            found.append(self._check_version(await self.api.fetch_version()))
            found += self._check_key_expiry(date.today())
            fields = await self.api.call_method(self.settings.model, "fields_get", attributes=_FIELD_ATTRIBUTES)
            found.append(CheckResult(True, "Odoo accepts our key."))
            found += self._check_fields(fields if isinstance(fields, Mapping) else {})
            found += await self._check_required_fields(fields if isinstance(fields, Mapping) else {})
            found.append(await self._check_access_rights())
        except (NotAuthorised, ConfigurationFault) as fault:
            found.append(CheckResult(False, str(fault)))
        return found

    def _check_version(self, version: str) -> CheckResult:
        """Whether this version speaks as we do."""
        number = re.search(r"\d+", version)
        major = int(number[0]) if number else 0
        if self.settings.api == "jsonrpc" and major > _FIRST_JSON2_VERSION:
            return CheckResult(
                False, f'This is Odoo {version}, where JSON-RPC has ended: set api = "json2" in kiosk.toml.'
            )
        if self.settings.api == "json2" and 0 < major < _FIRST_JSON2_VERSION:
            return CheckResult(
                False, f'This is Odoo {version}, which has no JSON-2: set api = "jsonrpc" in kiosk.toml.'
            )
        return CheckResult(True, f"This is Odoo {version}.")

    def _check_key_expiry(self, today: date) -> list[CheckResult]:
        """How long the key is good, where kiosk.toml says it."""
        if not self.settings.key_until:
            return []
        left = (date.fromisoformat(self.settings.key_until) - today).days
        if left < 0:
            return [CheckResult(False, f"The key's last day was {self.settings.key_until}: make a new one in Odoo.")]
        return [
            CheckResult(
                left > _KEY_WARNING_DAYS,
                f"The key is good for {left} more days{'' if left > _KEY_WARNING_DAYS else ': make a new one'}.",
            )
        ]

    def _check_fields(self, fields: Mapping[str, Any]) -> list[CheckResult]:
        """Whether Odoo has every field that we fill."""
        missing = [name for name in self.list_columns() if name.partition("/")[0] not in fields]
        if missing:
            return [CheckResult(False, f"{self.settings.model} has no field {', '.join(missing)}: correct kiosk.toml.")]
        wrong = [
            _describe_field_problem(ours, theirs, fields.get(theirs)) for ours, theirs in self.settings.fields.items()
        ]
        if any(wrong):
            return [CheckResult(False, sentence) for sentence in wrong if sentence]
        return [CheckResult(True, f"{self.settings.model} has every field that kiosk.toml names.")]

    async def _check_required_fields(self, fields: Mapping[str, Any]) -> list[CheckResult]:
        """Whether every field that Odoo requires is filled, by us or by itself."""
        columns = {name.partition("/")[0] for name in self.list_columns(only_always_filled=True)}
        wanted = [name for name, field in fields.items() if _is_required_field(field) and name not in columns]
        if not wanted:
            return []
        # By version, the argument has two names; by its place, JSON-2 does not take it.
        name = "fields" if self.settings.api == "json2" else "fields_list"
        defaults = await self.api.call_method(self.settings.model, "default_get", **{name: wanted})
        open_ = [name for name in wanted if not isinstance(defaults, Mapping) or name not in defaults]
        return [
            CheckResult(False, f"Odoo requires {name}: map it in [crm.odoo.fields] or [crm.odoo.always].")
            for name in open_
        ]

    async def _check_access_rights(self) -> CheckResult:
        """Whether the key's user may add leads."""
        if self.settings.api == "json2":
            may = await self.api.call_method(self.settings.model, "has_access", [], operation="create")
        else:
            may = await self.api.call_method(
                self.settings.model, "check_access_rights", operation="create", raise_exception=False
            )
        return CheckResult(bool(may), "The key's user may add leads." if may else "The key's user may not add leads.")

    def list_columns(self, *, only_always_filled: bool = False) -> list[str]:
        """Odoo's fields that we fill; with *only_always_filled*, those alone that each lead has a value for."""
        settings = self.settings
        title = [settings.title_field] if settings.title_field else []
        return [*title, *settings.always, *(() if only_always_filled else settings.fields.values())]


def _describe_field_problem(ours: str, theirs: str, has: Any) -> str:
    """Why our field cannot be written to the field *theirs*, which Odoo describes; empty where it can."""
    if not isinstance(has, Mapping):
        return ""
    listed = has.get("selection")
    options = [str(item[0]) for item in listed if isinstance(item, list) and item] if isinstance(listed, list) else []
    return describe_type_mismatch("Odoo", ours, theirs, _FIELD_TYPES.get(str(has.get("type")), "text"), options)


def _is_required_field(field: Any) -> bool:
    """Whether Odoo takes no record without *field*."""
    return isinstance(field, Mapping) and bool(field.get("required"))
