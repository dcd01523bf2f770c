"""Our leads as rows of an import, and what Odoo says of the rows."""

import html
from collections.abc import Mapping, Sequence
from typing import Any

from sync.connectors.base import Delivered, NotSent, Outcome, OutgoingLead, Rejected
from sync.connectors.odoo.errors import TRANSIENT_PATTERN, format_reason
from sync.crm_messages import clean_message
from sync.errors import BatchRefused, CrmDown, OutcomeUnknown
from sync.response_errors import is_record_id
from sync.settings.odoo import FIELD_PLACEHOLDER_PATTERN, OdooSettings

_TITLE_FALLBACK_FIELDS = ("name", "email", "phone", "badge_id")
"""What a title says in place of a name that is not known."""


def build_cells(lead: OutgoingLead, settings: OdooSettings) -> dict[str, str]:
    """*lead* by Odoo's names; what is not known is left out."""
    named = {theirs: _encode_cell(lead.fields.get(ours)) for ours, theirs in settings.fields.items()}
    if settings.title_field:
        named[settings.title_field] = build_title(lead, settings.title)
    named |= settings.always
    for name in settings.html_fields:
        if name in named and name not in settings.always:
            named[name] = html.escape(named[name]).replace("\n", "<br>")
    return {"id": settings.prefix + lead.id, **{name: value for name, value in named.items() if value}}


def _encode_cell(value: Any) -> str:
    """*value* as an import has it: a list in one cell, where a comma ends an item."""
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {part}" for name, part in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ",".join(str(part).replace(",", " ") for part in value)
    return "" if value is None else str(value).replace("\0", "")  # which PostgreSQL does not take


def build_title(lead: OutgoingLead, template: str) -> str:
    """*template* with the fields of *lead* in it, on one line."""
    best = next((str(lead.fields[name]) for name in _TITLE_FALLBACK_FIELDS if lead.fields.get(name)), "unknown badge")
    values = {**lead.fields, "name": best}
    return clean_message(FIELD_PLACEHOLDER_PATTERN.sub(lambda place: _encode_cell(values.get(place[1])), template))


def select_batch(leads: Sequence[OutgoingLead], settings: OdooSettings) -> list[tuple[OutgoingLead, dict[str, str]]]:
    """
    Those of *leads* that can go in one call, the first among them, each with its cells.

    An empty cell erases what Odoo has, and all rows have the same columns. So leads that Odoo may have already go with
    those alone that fill the same columns; new ones go together, for nothing can be erased of them.
    """
    filled = [(lead, build_cells(lead, settings)) for lead in leads]
    first, columns = filled[0]
    if _is_new_lead(first):
        return [(lead, row) for lead, row in filled if _is_new_lead(lead)]
    return [(lead, row) for lead, row in filled if not _is_new_lead(lead) and row.keys() == columns.keys()]


def _is_new_lead(lead: OutgoingLead) -> bool:
    """Whether Odoo cannot have *lead*."""
    return not lead.was_sent_before and lead.remote_id is None


def parse_load_result(answer: Any, leads: Sequence[OutgoingLead]) -> dict[str, Outcome]:
    """
    How `load` ended for each of *leads*, which were its rows in this order.

    Raises:
        BatchRefused: nothing was written, and no row is named.
        CrmDown: nothing was written, and no row is at fault.
        Unsure: this is not how `load` answers.
    """
    if not isinstance(answer, Mapping) or not isinstance(messages := answer.get("messages") or [], list):
        raise OutcomeUnknown("Odoo's answer does not say how the leads ended.")
    if isinstance(ids := answer.get("ids"), list):
        if len(ids) != len(leads) or len(set(map(str, ids))) != len(leads) or not all(map(is_record_id, ids)):
            raise OutcomeUnknown("Odoo's answer does not name each lead that was sent.")
        return {lead.id: Delivered(str(found), 200) for lead, found in zip(leads, ids, strict=True)}
    errors = [item for item in messages if isinstance(item, Mapping) and item.get("type", "error") == "error"]
    if answer.get("ids") is not False or not errors:
        raise OutcomeUnknown("Odoo's answer does not say how the leads ended.")
    return parse_row_errors(errors, leads)


def parse_row_errors(errors: Sequence[Mapping[str, Any]], leads: Sequence[OutgoingLead]) -> dict[str, Outcome]:
    """
    The leads whose rows are named as bad; the others go with the next call, for nothing was written.

    Raises:
        BatchRefused: no row is named.
        CrmDown: no row is at fault.
    """
    found: dict[int, Rejected] = {}
    for error in errors:
        if TRANSIENT_PATTERN.search(said := clean_message(error.get("message"))):
            raise CrmDown(f"Odoo is having trouble: {format_reason(said)}")
        row = _find_row(error, len(leads))
        if row is not None:
            found.setdefault(
                row,
                Rejected(f"Odoo refuses it: {describe_row_error(error)}", _find_field(error), 200, _find_field(error)),
            )
    if not found:
        raise BatchRefused(f"Odoo refuses it: {describe_row_error(errors[0])}", code="load")
    # What Odoo says of all rows together it puts on the first, in front of what it then finds of each alone.
    if len(found) > 1 and _find_row(errors[0], len(leads)) == 0 and not _find_field(errors[0]):
        del found[0]
    return {lead.id: found.get(row, NotSent()) for row, lead in enumerate(leads)}


def _find_row(error: Mapping[str, Any], count: int) -> int | None:
    """The row that *error* is about, counted from 0; None where it names none, or several."""
    rows = error.get("rows")
    row = rows.get("from") if isinstance(rows, Mapping) and rows.get("from") == rows.get("to") else error.get("record")
    return row if isinstance(row, int) and not isinstance(row, bool) and 0 <= row < count else None


def _find_field(error: Mapping[str, Any]) -> str:
    """The field that *error* is about, by Odoo's name; some versions give the way to it."""
    field = error.get("field")
    return "/".join(map(str, field)) if isinstance(field, list) else str(field or "")


def describe_row_error(error: Mapping[str, Any]) -> str:
    """What Odoo says, with the field where the words leave it out."""
    said, field = format_reason(error.get("message")), _find_field(error)
    return f"{field}: {said}" if field and field not in said and "field" not in said else said
