"""Checks an Odoo before the show, without sending it a lead."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from data.language import _, ngettext
from sync.connectors.base import CheckResult
from sync.connectors.field_types import FieldType, describe_type_mismatch
from sync.connectors.odoo.rpc import OdooApi
from sync.errors import ConfigurationFault, NotAuthorised
from sync.settings.odoo import OdooSettings

# The attributes of each field that are requested from Odoo.
_FIELD_ATTRIBUTES = ["type", "string", "required", "selection"]

# What Odoo's types hold. Every other type holds text, or is found by its name.
_FIELD_TYPES: dict[str, FieldType] = {
    "selection": "choice",
    "boolean": "boolean",
    "integer": "number",
    "float": "number",
    "monetary": "number",
    "date": "date",
    "datetime": "datetime",
}

# How many days before a key expires a new one is advised.
_KEY_WARNING_DAYS = 14

# JSON-2 came with this version; versions after it no longer have JSON-RPC.
_FIRST_JSON2_VERSION = 19


class OdooPreflight:
    """Checks one Odoo."""

    def __init__(self, settings: OdooSettings, api: OdooApi) -> None:
        self.settings = settings
        self.api = api

    async def run_checks(self) -> list[CheckResult]:
        """
        Return the results of the checks; what depends on something that is wrong is not checked.

        Raises:
            SyncError: Odoo could not be reached.
        """
        found: list[CheckResult] = []
        try:
            found.append(self._check_version(await self.api.fetch_version()))
            found += self._check_key_expiry(date.today())
            fields = await self.api.call_method(self.settings.model, "fields_get", attributes=_FIELD_ATTRIBUTES)
            found.append(CheckResult(True, _("Odoo accepts the key.")))
            found += self._check_fields(fields if isinstance(fields, Mapping) else {})
            found += await self._check_required_fields(fields if isinstance(fields, Mapping) else {})
            found.append(await self._check_access_rights())
        except (NotAuthorised, ConfigurationFault) as fault:
            found.append(CheckResult(False, str(fault)))
        return found

    def _check_version(self, version: str) -> CheckResult:
        """Check that this version has the configured API."""
        number = re.search(r"\d+", version)
        major = int(number[0]) if number else 0
        if self.settings.api == "jsonrpc" and major > _FIRST_JSON2_VERSION:
            return CheckResult(
                False,
                _('This is Odoo {version}, which no longer has JSON-RPC: set api = "json2" in kiosk.toml.').format(
                    version=version
                ),
            )
        if self.settings.api == "json2" and 0 < major < _FIRST_JSON2_VERSION:
            return CheckResult(
                False,
                _('This is Odoo {version}, which has no JSON-2: set api = "jsonrpc" in kiosk.toml.').format(
                    version=version
                ),
            )
        return CheckResult(True, _("This is Odoo {version}.").format(version=version))

    def _check_key_expiry(self, today: date) -> list[CheckResult]:
        """Check how long the key is valid, if kiosk.toml says so."""
        if not self.settings.key_until:
            return []
        left = (date.fromisoformat(self.settings.key_until) - today).days
        if left < 0:
            return [
                CheckResult(
                    False,
                    _("The key expired after {day}: create a new one in Odoo.").format(day=self.settings.key_until),
                )
            ]
        sentence = ngettext(
            "The key is valid for {days} more day.", "The key is valid for {days} more days.", left
        ).format(days=left)
        if left <= _KEY_WARNING_DAYS:
            return [CheckResult(False, _("{sentence} Create a new one.").format(sentence=sentence))]
        return [CheckResult(True, sentence)]

    def _check_fields(self, fields: Mapping[str, Any]) -> list[CheckResult]:
        """Check that Odoo has every field that we fill."""
        missing = [name for name in self._list_columns() if name.partition("/")[0] not in fields]
        if missing:
            return [
                CheckResult(
                    False,
                    _("{model} has no field {fields}: correct kiosk.toml.").format(
                        model=self.settings.model, fields=", ".join(missing)
                    ),
                )
            ]
        wrong = [
            _describe_field_problem(ours, theirs, fields.get(theirs)) for ours, theirs in self.settings.fields.items()
        ]
        if any(wrong):
            return [CheckResult(False, sentence) for sentence in wrong if sentence]
        return [
            CheckResult(True, _("{model} has every field that kiosk.toml names.").format(model=self.settings.model))
        ]

    async def _check_required_fields(self, fields: Mapping[str, Any]) -> list[CheckResult]:
        """Check that every field that Odoo requires is filled, by us or by a default."""
        columns = {name.partition("/")[0] for name in self._list_columns(only_always_filled=True)}
        wanted = [name for name, field in fields.items() if _is_required_field(field) and name not in columns]
        if not wanted:
            return []
        # The argument's name depends on the version, and JSON-2 takes no positional arguments.
        name = "fields" if self.settings.api == "json2" else "fields_list"
        defaults = await self.api.call_method(self.settings.model, "default_get", **{name: wanted})
        without_default = [name for name in wanted if not isinstance(defaults, Mapping) or name not in defaults]
        sentence = _("Odoo requires {name}: map it in [crm.odoo.fields] or [crm.odoo.always].")
        return [CheckResult(False, sentence.format(name=name)) for name in without_default]

    async def _check_access_rights(self) -> CheckResult:
        """Check that the key's user may create leads."""
        if self.settings.api == "json2":
            may = await self.api.call_method(self.settings.model, "has_access", [], operation="create")
        else:
            may = await self.api.call_method(
                self.settings.model, "check_access_rights", operation="create", raise_exception=False
            )
        return CheckResult(
            bool(may),
            _("The key's user is allowed to create leads.")
            if may
            else _("The key's user is not allowed to create leads."),
        )

    def _list_columns(self, *, only_always_filled: bool = False) -> list[str]:
        """Return Odoo's fields that we fill; with *only_always_filled*, those that have a value for every lead."""
        settings = self.settings
        title = [settings.title_field] if settings.title_field else []
        return [*title, *settings.always, *(() if only_always_filled else settings.fields.values())]


def _describe_field_problem(ours: str, theirs: str, definition: Any) -> str:
    """Return why our field cannot be written to the field *theirs*, with Odoo's *definition*; empty if it can."""
    if not isinstance(definition, Mapping):
        return ""
    listed = definition.get("selection")
    options = [str(item[0]) for item in listed if isinstance(item, list) and item] if isinstance(listed, list) else []
    return describe_type_mismatch("Odoo", ours, theirs, _FIELD_TYPES.get(str(definition.get("type")), "text"), options)


def _is_required_field(field: Any) -> bool:
    """Return whether Odoo refuses a record without *field*."""
    return isinstance(field, Mapping) and bool(field.get("required"))
