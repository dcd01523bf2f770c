"""The methods of `crm.lead` that the kiosk needs, as in Odoo 17 to 19."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sync.practice_crm.dialects.odoo.load import LoadImport
from sync.practice_crm.dialects.odoo.model import LEAD_FIELDS, OdooError, convert_to_odoo
from sync.practice_crm.fault_injection import FaultInjector
from sync.practice_crm.records import ContactDatabase

# The id of the key's user.
USER_ID = 2


class ModelMethods:
    """The methods that can be called."""

    def __init__(self, records: ContactDatabase, fault_injector: FaultInjector) -> None:
        self.records = records
        self.fault_injector = fault_injector
        self.methods_by_name: Mapping[tuple[str, str], Callable[..., Any]] = {
            ("crm.lead", "load"): self.load,
            ("crm.lead", "fields_get"): self.fields_get,
            ("crm.lead", "default_get"): self.default_get,
            ("crm.lead", "has_access"): lambda ids, operation: True,
            ("crm.lead", "check_access_rights"): lambda ids, operation, raise_exception=True: True,
            ("crm.lead", "read"): self.read,
            ("crm.lead", "unlink"): self.unlink,
            ("res.users", "context_get"): lambda ids: {"lang": "en_US", "tz": "UTC", "uid": USER_ID},
        }

    def call_method(self, model: str, method: str, ids: Sequence[int], *positional: Any, **named: Any) -> Any:
        """
        Call *method* of *model*, and return its result.

        Raises:
            OdooError: the method raised it.
        """
        context = named.pop("context", None) or {}
        if model not in ("crm.lead", "res.users"):
            raise OdooError("werkzeug.exceptions.NotFound", f"the model {model!r} does not exist", 404)
        function = self.methods_by_name.get((model, method))
        if function is None:
            sentence = f"The method '{model}.{method}' does not exist"
            raise OdooError("builtins.AttributeError", sentence, 404)
        if method == "load":
            return self.load(context, *positional, **named)
        try:
            return function(ids, *positional, **named)
        except TypeError as error:
            raise OdooError("werkzeug.exceptions.UnprocessableEntity", str(error), 422) from error

    def load(self, context: Mapping[str, Any], fields: Any, data: Any) -> dict[str, Any]:
        """Import rows, all of them or none."""
        return LoadImport(self.records, self.fault_injector.faults, context).import_rows(fields, data)

    def fields_get(self, ids: Any, allfields: Any = None, attributes: Any = None) -> dict[str, Any]:
        """Return the fields of a lead."""
        return {
            name: {key: value for key, value in field.items() if not attributes or key in attributes}
            for name, field in LEAD_FIELDS.items()
        }

    def default_get(self, ids: Any, fields: Any = None, fields_list: Any = None) -> dict[str, Any]:
        """Return the default values of a new lead."""
        return {
            name: value for name, value in {"type": "lead", "active": True}.items() if name in (fields or fields_list)
        }

    def read(self, ids: Sequence[int], fields: Any = None) -> list[dict[str, Any]]:
        """Return leads by Odoo's field names; False is an empty value."""
        found = [(record, self.records.find_contact(f"P-{record:06d}")) for record in ids]
        if missing := [record for record, contact in found if contact is None]:
            raise OdooError(
                "odoo.exceptions.MissingError", f"Record does not exist or has been deleted.\n(Record: {missing})", 404
            )
        rows = [{"id": record, **convert_to_odoo(contact or {})} for record, contact in found]
        return [{name: row.get(name, False) for name in ("id", *(fields or LEAD_FIELDS))} for row in rows]

    def unlink(self, ids: Sequence[int]) -> bool:
        """Delete leads."""
        self.read(ids, ["id"])
        for record in ids:
            self.records.delete_contact(f"P-{record:06d}")
        return True
