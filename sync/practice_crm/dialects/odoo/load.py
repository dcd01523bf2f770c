"""`load`, Odoo's import: an upsert by external id, of all rows or none."""

from collections.abc import Mapping, Sequence
from typing import Any

from sync.practice_crm.dialects.odoo.model import LEAD_FIELDS, OdooError, convert_from_odoo, parse_record_id
from sync.practice_crm.faults import Faults
from sync.practice_crm.records import ContactDatabase, InvalidContact, SavedContact

# Precedes the lead's id in the external ids that a kiosk sends.
_EXTERNAL_ID_PREFIX = "booth_kiosk.lead_"


class _ImportRolledBack(Exception):
    """Ends the transaction without writing anything."""


class LoadImport:
    """One import."""

    def __init__(self, records: ContactDatabase, faults: Faults, context: Mapping[str, Any]) -> None:
        self.records = records
        self.faults = faults
        self.context = context
        self.messages: list[dict[str, Any]] = []
        self.new_tags: set[str] = set()

    def import_rows(self, fields: Sequence[str], data: Sequence[Sequence[Any]]) -> dict[str, Any]:
        """
        Import *data*, a list of rows with the columns *fields*.

        Raises:
            OdooError: a column is unknown, or the database has a problem.
        """
        for name in fields:
            if name.partition("/")[0] not in LEAD_FIELDS:
                raise OdooError("builtins.KeyError", repr(name), 500)
        rows = [dict(zip(fields, row, strict=False)) for row in data]
        values = [self._convert_row(place, row) for place, row in enumerate(rows)]
        ids: list[int] | bool = False
        if not self.messages:
            try:
                with self.records.transaction():
                    ids = self._write_rows(values)
            except _ImportRolledBack:
                ids = False
        # Outside the transaction, because a tag is created only if all rows were accepted.
        if ids:
            for tag in self.new_tags:
                self.records.save_definition("odoo", tag, {"model": "crm.tag"})
        return {"ids": ids, "messages": self.messages, "nextrow": 0}

    def _convert_row(self, place: int, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values of one row; an empty cell is False, which erases."""
        values: dict[str, Any] = {name: cell or False for name, cell in row.items()}
        if tags := values.get("tag_ids"):
            values["tag_ids"] = [self.resolve_tag(place, name) for name in tags.split(",")]
        return values

    def resolve_tag(self, place: int, name: str) -> str:
        """Return the tag *name*; add a message if it neither exists nor may be created."""
        if name not in self.records.list_definitions("odoo"):
            if (self.context.get("name_create_enabled_fields") or {}).get("tag_ids"):
                self.new_tags.add(name)
            else:
                sentence = f"No matching record found for name '{name}' in field 'Tags'"
                self._add_message(place, sentence, record=place, field="tag_ids", field_name="Tags")
        return name

    def _write_rows(self, rows: Sequence[Mapping[str, Any]]) -> list[int]:
        """
        Write *rows*, and return their ids. Of two rows with one external id, the last counts; both get the same id.

        Raises:
            _ImportRolledBack: a row is refused. The first message is repeated for the first row, as in Odoo.
            OdooError: the database has a problem.
        """
        saved = [self._write_row(place, row) for place, row in enumerate(rows)]
        if self.messages:
            first = {**self.messages[0], "rows": {"from": 0, "to": 0}}
            if first not in self.messages:
                self.messages.insert(0, first)
            raise _ImportRolledBack
        return [parse_record_id(one.id) for one in saved if one]

    def _write_row(self, place: int, row: Mapping[str, Any]) -> SavedContact | None:
        """Create or update one row; return None and add a message if it is refused."""
        lead_id = str(row.get("id") or f"__import__.{place}").removeprefix(_EXTERNAL_ID_PREFIX)
        found = self.records.find_contact(lead_id)
        values = convert_from_odoo({name: value for name, value in row.items() if name != "id"})
        if found and self.context.get("update_many2many"):
            values["tags"] = sorted({*found.get("tags", ()), *(values.get("tags") or ())})
        old = {name: value for name, value in (found or {}).items() if name not in _INTERNAL_FIELDS}
        contact = {name: value for name, value in (old | values).items() if value is not False}
        contact |= {"client_id": lead_id, "external_id": str(row.get("id") or "")}
        if Faults.matches(self.faults.fail, contact):
            words = "could not serialize access due to concurrent update"
            raise OdooError("psycopg2.errors.SerializationFailure", words, 500)
        if not contact.get("title"):
            self._add_message(place, "Missing required value for the field 'Opportunity' (name)", field="name")
            return None
        if Faults.matches(self.faults.refuse, contact):
            self._add_message(place, "The e-mail address is one that this Odoo does not like.")
            return None
        saved = self.records.save_contact(contact)
        if isinstance(saved, InvalidContact):
            self._add_message(place, f"The e-mail address is wrong: {saved}")
            return None
        return saved

    def _add_message(self, place: int, sentence: str, **more: Any) -> None:
        """Add a message about what is wrong with a row."""
        self.messages.append({"rows": {"from": place, "to": place}, "type": "error", "message": sentence, **more})


# What the practice CRM stores with a contact besides its fields.
_INTERNAL_FIELDS = ("id", "client_id", "times_sent", "created_at", "updated_at")
