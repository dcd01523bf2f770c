"""Leads as rows of an import, and what Odoo reports about the rows."""

import html
from collections.abc import Mapping, Sequence
from typing import Any

from data.language import _
from sync.connectors.base import Delivered, NotSent, Outcome, OutgoingLead, Rejected
from sync.connectors.odoo.errors import TRANSIENT_PATTERN, format_reason
from sync.crm_messages import clean_message
from sync.errors import BatchRefused, CrmDown, OutcomeUnknown
from sync.response_errors import is_record_id
from sync.settings.odoo import FIELD_PLACEHOLDER_PATTERN, OdooSettings

# What a title contains in place of an unknown name: the first of these that is known.
_TITLE_FALLBACK_FIELDS = ("name", "email", "phone", "badge_id")


def build_cells(lead: OutgoingLead, settings: OdooSettings) -> dict[str, str]:
    """Return the cells of *lead* by Odoo's field names, without empty ones."""
    named = {theirs: _encode_cell(lead.fields.get(ours)) for ours, theirs in settings.fields.items()}
    if settings.title_field:
        named[settings.title_field] = _build_title(lead, settings.title)
    named |= settings.always
    for name in settings.html_fields:
        if name in named and name not in settings.always:
            # What a badge says must not become markup in Odoo.
            named[name] = html.escape(named[name]).replace("\n", "<br>")
    return {"id": settings.prefix + lead.id, **{name: value for name, value in named.items() if value}}


def _encode_cell(value: Any) -> str:
    """Return *value* as an import expects it: a list in one cell, with a comma after each item."""
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {part}" for name, part in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ",".join(str(part).replace(",", " ") for part in value)
    return "" if value is None else str(value).replace("\0", "")  # PostgreSQL refuses NUL


def _build_title(lead: OutgoingLead, template: str) -> str:
    """Fill *template* with the fields of *lead*, on one line."""
    best = next(
        (str(lead.fields[name]) for name in _TITLE_FALLBACK_FIELDS if lead.fields.get(name)), _("unknown badge")
    )
    values = {**lead.fields, "name": best}
    return clean_message(FIELD_PLACEHOLDER_PATTERN.sub(lambda place: _encode_cell(values.get(place[1])), template))


def select_batch(leads: Sequence[OutgoingLead], settings: OdooSettings) -> list[tuple[OutgoingLead, dict[str, str]]]:
    """
    Return those of *leads* that can go in one call, including the first, each with its cells.

    An empty cell erases what Odoo has, and all rows have the same columns. So leads that Odoo may already have go only
    with leads that fill the same columns. New leads go together: nothing of them can be erased.
    """
    filled = [(lead, build_cells(lead, settings)) for lead in leads]
    first, columns = filled[0]
    if _is_new_lead(first):
        return [(lead, row) for lead, row in filled if _is_new_lead(lead)]
    return [(lead, row) for lead, row in filled if not _is_new_lead(lead) and row.keys() == columns.keys()]


def _is_new_lead(lead: OutgoingLead) -> bool:
    """Return whether Odoo cannot have *lead* yet."""
    return not lead.was_sent_before and lead.remote_id is None


def parse_load_result(result: Any, leads: Sequence[OutgoingLead]) -> dict[str, Outcome]:
    """
    Return the outcome of each of *leads*, which were the rows of `load` in this order.

    Raises:
        BatchRefused: nothing was written, and no row is named.
        CrmDown: nothing was written, because of a temporary problem of Odoo's.
        OutcomeUnknown: this is not a result of `load`.
    """
    if not isinstance(result, Mapping) or not isinstance(messages := result.get("messages") or [], list):
        raise OutcomeUnknown(_("Odoo's response does not say what happened to each lead."))
    if isinstance(ids := result.get("ids"), list):
        # `load` returns the ids in the order of the rows, which is safe only if there is one id for each.
        if len(ids) != len(leads) or len(set(map(str, ids))) != len(leads) or not all(map(is_record_id, ids)):
            raise OutcomeUnknown(_("Odoo's response does not name each lead that was sent."))
        return {lead.id: Delivered(str(found), 200) for lead, found in zip(leads, ids, strict=True)}
    errors = [item for item in messages if isinstance(item, Mapping) and item.get("type", "error") == "error"]
    if result.get("ids") is not False or not errors:
        raise OutcomeUnknown(_("Odoo's response does not say what happened to each lead."))
    return _parse_row_errors(errors, leads)


def _parse_row_errors(errors: Sequence[Mapping[str, Any]], leads: Sequence[OutgoingLead]) -> dict[str, Outcome]:
    """
    Reject the leads whose rows are named as bad. The others go with the next call, because nothing was written.

    Raises:
        BatchRefused: no row is named.
        CrmDown: Odoo has a temporary problem.
    """
    found: dict[int, Rejected] = {}
    for error in errors:
        # A lock or a lost connection is reported as if this row were bad.
        if TRANSIENT_PATTERN.search(message := clean_message(error.get("message"))):
            raise CrmDown(_("Odoo is having trouble: {message}").format(message=format_reason(message)))
        row = _find_row(error, len(leads))
        if row is not None:
            found.setdefault(
                row,
                Rejected(
                    _("Odoo rejected it: {message}").format(message=_describe_row_error(error)),
                    _find_field(error),
                    200,
                    _find_field(error),
                ),
            )
    if not found:
        raise BatchRefused(_("Odoo rejected it: {message}").format(message=_describe_row_error(errors[0])), code="load")
    # An error about all rows together is reported on the first row, in front of the errors of single rows.
    if len(found) > 1 and _find_row(errors[0], len(leads)) == 0 and not _find_field(errors[0]):
        del found[0]
    return {lead.id: found.get(row, NotSent()) for row, lead in enumerate(leads)}


def _find_row(error: Mapping[str, Any], count: int) -> int | None:
    """Return the row that *error* is about, counted from 0; None if it names none, or several."""
    rows = error.get("rows")
    row = rows.get("from") if isinstance(rows, Mapping) and rows.get("from") == rows.get("to") else error.get("record")
    return row if isinstance(row, int) and not isinstance(row, bool) and 0 <= row < count else None


def _find_field(error: Mapping[str, Any]) -> str:
    """Return the field that *error* is about, by Odoo's name. Some versions give a path to it."""
    field = error.get("field")
    return "/".join(map(str, field)) if isinstance(field, list) else str(field or "")


def _describe_row_error(error: Mapping[str, Any]) -> str:
    """Return Odoo's words, with the field's name if they do not mention it."""
    message, field = format_reason(error.get("message")), _find_field(error)
    return f"{field}: {message}" if field and field not in message and "field" not in message else message
