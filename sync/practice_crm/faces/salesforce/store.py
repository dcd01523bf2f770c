"""The Leads of the practice org, kept as contacts like those of every other dialect."""

from collections.abc import Mapping, Sequence
from typing import Any

from sync.practice_crm.faces.salesforce.lead import KEY, Wrong, as_lead, changed, check, lead_id, record_id
from sync.practice_crm.faults import Faults
from sync.practice_crm.records import Invalid, Records

DIALECT = "salesforce"

ROLLED_BACK = "Record rolled back because not all records were valid and the request was using AllOrNone header"


class Undone(Exception):
    """Nothing is kept, for one record was bad."""


class Leads:
    """Upserts, and what else is done with Leads."""

    def __init__(self, records: Records) -> None:
        self.records = records

    def upsert(self, leads: Sequence[Any], faults: Faults, *, whole: bool, force: bool) -> list[dict[str, Any]]:
        """How each of *leads* ended; all or none of them where *whole*, and past a warning rule where *force*."""
        results: list[dict[str, Any]] = []
        try:
            with self.records.writing():
                results += [self.result(lead, leads, faults, force) for lead in leads]
                if whole and not all(result["success"] for result in results):
                    raise Undone
        except Undone:
            wrong = Wrong("ALL_OR_NONE_OPERATION_ROLLED_BACK", ROLLED_BACK)
            return [failed(wrong) if result["success"] else result for result in results]
        return results

    def result(self, lead: Any, others: Sequence[Any], faults: Faults, force: bool) -> dict[str, Any]:
        """How *lead* ended, which comes with *others*."""
        try:
            return self.upsert_one(lead, others, faults, force)
        except Wrong as wrong:
            return failed(wrong)

    def upsert_one(self, lead: Any, others: Sequence[Any], faults: Faults, force: bool) -> dict[str, Any]:
        """
        Keep *lead*.

        Raises:
            Wrong: it is not kept.
        """
        if not isinstance(lead, Mapping) or not isinstance(lead.get(KEY), str) or not lead[KEY]:
            raise Wrong("MISSING_ARGUMENT", f"{KEY} not specified", (KEY,))
        if sum(isinstance(other, Mapping) and other.get(KEY) == lead[KEY] for other in others) > 1:
            raise Wrong("DUPLICATE_VALUE", f"Duplicate external id specified: {lead[KEY]}", (KEY,))
        fields = {name: value for name, value in lead.items() if name != "attributes"}
        before = self.contact(lead[KEY])
        contact = changed(before, fields)
        check(contact, fields, self.more())
        if Faults.hits(faults.refuse, contact):
            raise Wrong("FIELD_CUSTOM_VALIDATION_EXCEPTION", "This CRM does not like it.")
        if self.is_forbidden_twin(contact, faults.duplicates, force):
            raise Wrong("DUPLICATES_DETECTED", "You're creating a duplicate record. Use one of these records?")
        kept = self.records.keep_one(contact)
        if isinstance(kept, Invalid):
            raise Wrong("INVALID_FIELD", str(kept))
        return {"id": lead_id(kept.id), "success": True, "created": kept.created, "errors": []}

    def contact(self, name: str) -> dict[str, Any]:
        """What is kept of the contact with this id of the sender's, but for what is not the sender's."""
        found = self.records.find(name) or {}
        own = ("id", "times_sent", "created_at", "updated_at")
        return {key: value for key, value in found.items() if key not in own}

    def is_forbidden_twin(self, contact: Mapping[str, Any], rule: str, force: bool) -> bool:
        """Whether a duplicate rule keeps *contact* out: one that warns lets whoever insists pass."""
        if not rule or (rule == "warn" and force) or not contact.get("email"):
            return False
        other = self.records.find_email(contact["email"])
        return other is not None and other["client_id"] != contact["client_id"]

    def more(self) -> dict[str, Any]:
        """The fields that the administrator has added."""
        return self.records.definitions(DIALECT)

    def find(self, name: str) -> dict[str, Any] | None:
        """The Lead with this id of Salesforce's; None where there is none."""
        found = self.records.find(record_id(name)) if record_id(name) else None
        return as_lead(found) if found else None

    def find_key(self, value: str) -> dict[str, Any] | None:
        """The Lead with this id of the sender's; None where there is none."""
        found = self.records.find(value)
        return as_lead(found) if found and found["client_id"] == value else None

    def all(self) -> list[dict[str, Any]]:
        """Every Lead, the newest first."""
        return [as_lead(contact) for contact in self.records.newest(100_000)]

    def remove(self, name: str) -> bool:
        """Delete the Lead with this id; False where there is none."""
        return bool(record_id(name)) and self.records.remove(record_id(name))


def failed(wrong: Wrong) -> dict[str, Any]:
    """The result of a record that is not kept."""
    return {"success": False, "errors": [wrong.as_json()]}
