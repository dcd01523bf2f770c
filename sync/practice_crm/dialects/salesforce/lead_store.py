"""The Leads of the practice org, stored as contacts like those of every other dialect."""

from collections.abc import Mapping, Sequence
from typing import Any

from sync.practice_crm.dialects.salesforce.lead import (
    EXTERNAL_ID_FIELD,
    LeadError,
    as_lead,
    build_lead_id,
    check_lead,
    merge_lead,
    parse_record_id,
)
from sync.practice_crm.faults import Faults
from sync.practice_crm.records import ContactDatabase, InvalidContact

_DIALECT = "salesforce"

_ROLLED_BACK_MESSAGE = (
    "Record rolled back because not all records were valid and the request was using AllOrNone header"
)


class _UpsertRolledBack(Exception):
    """Ends the transaction because one record was bad."""


class LeadStore:
    """Upserts, finds and deletes Leads."""

    def __init__(self, records: ContactDatabase) -> None:
        self.records = records

    def upsert_all(
        self, leads: Sequence[Any], faults: Faults, *, all_or_none: bool, ignores_warnings: bool
    ) -> list[dict[str, Any]]:
        """Upsert *leads*, and return their results; *ignores_warnings* gets past a duplicate rule that only warns."""
        results: list[dict[str, Any]] = []
        try:
            with self.records.transaction():
                results += [self.upsert_or_fail(lead, leads, faults, ignores_warnings) for lead in leads]
                if all_or_none and not all(result["success"] for result in results):
                    raise _UpsertRolledBack
        except _UpsertRolledBack:
            wrong = LeadError("ALL_OR_NONE_OPERATION_ROLLED_BACK", _ROLLED_BACK_MESSAGE)
            return [_failure_result(wrong) if result["success"] else result for result in results]
        return results

    def upsert_or_fail(self, lead: Any, batch: Sequence[Any], faults: Faults, ignores_warnings: bool) -> dict[str, Any]:
        """Upsert *lead*, which is one of *batch*, and return its result, even if it is refused."""
        try:
            return self._upsert_lead(lead, batch, faults, ignores_warnings)
        except LeadError as wrong:
            return _failure_result(wrong)

    def _upsert_lead(self, lead: Any, batch: Sequence[Any], faults: Faults, ignores_warnings: bool) -> dict[str, Any]:
        """
        Upsert *lead*, which is one of *batch*, and return its result.

        Raises:
            LeadError: it is refused.
        """
        if (
            not isinstance(lead, Mapping)
            or not isinstance(lead.get(EXTERNAL_ID_FIELD), str)
            or not lead[EXTERNAL_ID_FIELD]
        ):
            raise LeadError("MISSING_ARGUMENT", f"{EXTERNAL_ID_FIELD} not specified", (EXTERNAL_ID_FIELD,))
        if (
            sum(
                isinstance(other, Mapping) and other.get(EXTERNAL_ID_FIELD) == lead[EXTERNAL_ID_FIELD]
                for other in batch
            )
            > 1
        ):
            raise LeadError(
                "DUPLICATE_VALUE", f"Duplicate external id specified: {lead[EXTERNAL_ID_FIELD]}", (EXTERNAL_ID_FIELD,)
            )
        fields = {name: value for name, value in lead.items() if name != "attributes"}
        before = self.find_contact(lead[EXTERNAL_ID_FIELD])
        contact = merge_lead(before, fields)
        check_lead(contact, fields, self.list_custom_fields())
        if Faults.matches(faults.refuse, contact):
            raise LeadError("FIELD_CUSTOM_VALIDATION_EXCEPTION", "This CRM does not like it.")
        if self._is_blocked_duplicate(contact, faults.duplicates, ignores_warnings):
            raise LeadError("DUPLICATES_DETECTED", "You're creating a duplicate record. Use one of these records?")
        saved = self.records.save_contact(contact)
        if isinstance(saved, InvalidContact):
            raise LeadError("INVALID_FIELD", str(saved))
        return {"id": build_lead_id(saved.id), "success": True, "created": saved.was_created, "errors": []}

    def find_contact(self, external_id: str) -> dict[str, Any]:
        """Return the contact with the sender's id *external_id*, without our own fields; empty if there is none."""
        found = self.records.find_contact(external_id) or {}
        own = ("id", "times_sent", "created_at", "updated_at")
        return {key: value for key, value in found.items() if key not in own}

    def _is_blocked_duplicate(self, contact: Mapping[str, Any], rule: str, ignores_warnings: bool) -> bool:
        """Return whether a duplicate rule blocks *contact*; one that warns gives way to a caller who insists."""
        if not rule or (rule == "warn" and ignores_warnings) or not contact.get("email"):
            return False
        other = self.records.find_by_email(contact["email"])
        return other is not None and other["client_id"] != contact["client_id"]

    def list_custom_fields(self) -> dict[str, Any]:
        """Return the fields that the administrator has added."""
        return self.records.list_definitions(_DIALECT)

    def find_lead(self, lead_id: str) -> dict[str, Any] | None:
        """Return the Lead with Salesforce's id *lead_id*; None if there is none."""
        found = self.records.find_contact(parse_record_id(lead_id)) if parse_record_id(lead_id) else None
        return as_lead(found) if found else None

    def find_by_external_id(self, external_id: str) -> dict[str, Any] | None:
        """Return the Lead with the sender's id *external_id*; None if there is none."""
        found = self.records.find_contact(external_id)
        return as_lead(found) if found and found["client_id"] == external_id else None

    def list_leads(self) -> list[dict[str, Any]]:
        """Return every Lead, the newest first."""
        return [as_lead(contact) for contact in self.records.list_newest(100_000)]

    def delete_lead(self, lead_id: str) -> bool:
        """Delete the Lead with Salesforce's id *lead_id*; return False if there is none."""
        return bool(parse_record_id(lead_id)) and self.records.delete_contact(parse_record_id(lead_id))


def _failure_result(wrong: LeadError) -> dict[str, Any]:
    """Return the result of a record that is refused."""
    return {"success": False, "errors": [wrong.as_json()]}
