"""Contacts by the rules of HubSpot's batches: identified by a unique property or by e-mail, and no e-mail twice."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sync.practice_crm.dialects.hubspot.inputs import check_batch, echo_trace_id
from sync.practice_crm.dialects.hubspot.problems import HubSpotProblem, make_invalid_values_problem
from sync.practice_crm.dialects.hubspot.properties import HubSpotProperties
from sync.practice_crm.faults import Faults
from sync.practice_crm.records import ContactDatabase, InvalidContact, SavedContact

# What the practice CRM stores with a contact besides its properties.
_INTERNAL_FIELDS = ("client_id", "name", "id", "times_sent", "created_at", "updated_at")


class HubSpotContacts:
    """Writes to the practice CRM's database, where the key that identifies a contact is its `client_id`."""

    def __init__(self, records: ContactDatabase, properties: HubSpotProperties) -> None:
        self.records = records
        self.properties = properties

    def upsert_batch(self, inputs: Sequence[Mapping[str, Any]], faults: Faults) -> tuple[list[Any], list[Any]]:
        """
        Upsert the inputs of a call; return results and errors, in no particular order.

        Raises:
            HubSpotProblem: the whole call is refused, and nothing of it is written.
        """
        self._check_keys(inputs)
        return self.write_batch(inputs, faults, self._upsert_contact)

    def update_batch(self, inputs: Sequence[Mapping[str, Any]], faults: Faults) -> tuple[list[Any], list[Any]]:
        """
        Update contacts that are named by HubSpot's own ids; return results and errors.

        Raises:
            HubSpotProblem: the whole call is refused, and nothing of it is written.
        """
        return self.write_batch(inputs, faults, self._update_contact)

    def write_batch(
        self, inputs: Sequence[Mapping[str, Any]], faults: Faults, write: Callable[[Mapping[str, Any]], Any]
    ) -> tuple[list[Any], list[Any]]:
        """
        Pass each of *inputs* to *write*; return results and errors.

        Raises:
            HubSpotProblem: the whole call is refused, and nothing of it is written.
        """
        check_batch(inputs)
        is_traced = all(item.get("objectWriteTraceId") for item in inputs)
        results, errors = [], []
        with self.records.transaction():
            # In reverse, so that a client which matches results by position fails its tests.
            for item in reversed(inputs):
                try:
                    if Faults.matches(faults.refuse, {"client_id": item["id"], **item["properties"]}):
                        raise HubSpotProblem("This account does not like it.")
                    results.append(write(item))
                except HubSpotProblem as problem:
                    if not is_traced:
                        raise
                    errors.append(problem.as_json(item["objectWriteTraceId"]))
        return results, errors

    def _check_keys(self, inputs: Sequence[Mapping[str, Any]]) -> None:
        """Raise HubSpotProblem if contacts cannot be identified by the properties that *inputs* name."""
        known = self.properties.list_properties()
        for by in {str(item.get("idProperty") or "") for item in inputs}:
            if by != "email" and not known.get(by, {}).get("hasUniqueValue"):
                raise HubSpotProblem(f"Unable to perform update/upsert by non-unique 0-1 property {by}")

    def _upsert_contact(self, item: Mapping[str, Any]) -> dict[str, Any]:
        """
        Save one contact.

        Raises:
            HubSpotProblem: it is refused.
        """
        key, by = item["id"], item["idProperty"]
        values = {**item["properties"], by: key}
        self.properties.check_values(values)
        found = self.records.find_by_email(key) if by == "email" else self.records.find_contact(key)
        self._check_uniqueness(found["id"] if found else "", values)
        saved = self.write_contact(found, values)
        return {
            **self.encode_contact(self.records.find_contact(saved.id) or {}),
            "new": saved.was_created,
            **echo_trace_id(item),
        }

    def _update_contact(self, item: Mapping[str, Any]) -> dict[str, Any]:
        """
        Update one contact.

        Raises:
            HubSpotProblem: it is refused, or does not exist.
        """
        found = self.records.find_contact(item["id"]) if item["id"].startswith("P-") else None
        if found is None:
            message = "Could not get some CONTACT objects, they may be deleted or not exist. Check that ids are valid."
            raise HubSpotProblem(message, "OBJECT_NOT_FOUND", 404, context={"ids": [item["id"]]})
        self.properties.check_values(item["properties"])
        self._check_uniqueness(found["id"], item["properties"])
        saved = self.write_contact(found, item["properties"])
        return {**self.encode_contact(self.records.find_contact(saved.id) or {}), **echo_trace_id(item)}

    def _check_uniqueness(self, own_id: str, values: Mapping[str, Any]) -> None:
        """Raise HubSpotProblem if another contact than *own_id* has an e-mail or a unique value of *values*."""
        other = self.records.find_by_email(values["email"]) if values.get("email") else None
        if other and other["id"] != own_id:
            message = f"Contact already exists. Existing ID: {other['id']}"
            raise HubSpotProblem(message, "CONFLICT", 409, context={"existingId": [other["id"]]})
        for name, definition in self.properties.list_properties().items():
            is_unique = definition["hasUniqueValue"]
            other = self.records.find_contact(values[name]) if is_unique and values.get(name) else None
            if other and other["id"] != own_id:
                message = f'Another contact has the value "{values[name]}" already: {other["id"]}'
                raise make_invalid_values_problem(
                    [{"message": message, "error": "CONFLICTING_UNIQUE_VALUE", "name": name}]
                )

    def write_contact(self, found: Mapping[str, Any] | None, values: Mapping[str, Any]) -> SavedContact:
        """Save *values* over the contact that was *found*, if any; what is not sent stays, and empty values erase."""
        before = {name: value for name, value in (found or {}).items() if name not in _INTERNAL_FIELDS}
        now = {name: value for name, value in {**before, **values}.items() if value != ""}
        if now.get("email"):
            now["email"] = now["email"].lower()
        unique = [
            now[name]
            for name, definition in self.properties.list_properties().items()
            if definition["hasUniqueValue"] and now.get(name)
        ]
        whole = " ".join(now[name] for name in ("firstname", "lastname") if now.get(name))
        contact = {
            **now,
            "client_id": unique[0] if unique else f"email:{now.get('email')}",
            **({"name": whole} if whole else {}),
        }
        if found:
            return self.records.replace_contact(found["id"], contact)
        saved = self.records.save_contact(contact)
        if isinstance(saved, InvalidContact):
            raise HubSpotProblem(str(saved))
        return saved

    def encode_contact(self, contact: Mapping[str, Any]) -> dict[str, Any]:
        """Return a contact as the API returns it."""
        created, updated = (format_time(contact[name]) for name in ("created_at", "updated_at"))
        stamps = {"createdate": created, "lastmodifieddate": updated, "hs_object_id": contact["id"]}
        return {
            "id": contact["id"],
            "properties": {**{name: contact[name] for name in contact if name not in _INTERNAL_FIELDS}, **stamps},
            "createdAt": created,
            "updatedAt": updated,
            "archived": False,
        }


def format_time(seconds: float) -> str:
    """Format seconds since 1970 as HubSpot does."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
