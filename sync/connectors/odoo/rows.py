"""Our leads as rows of an import, and what Odoo says of the rows."""

import html
from collections.abc import Mapping, Sequence
from typing import Any

from sync.answers import is_id, message
from sync.connectors.base import Delivered, NotSent, Outcome, Outgoing, Rejected
from sync.connectors.odoo.errors import PASSING, sentence
from sync.errors import BatchRefused, CrmDown, Unsure
from sync.settings.odoo import PLACE, OdooSettings

FALLBACKS = ("name", "email", "phone", "badge_id")
"""What a title says in place of a name that is not known."""


def cells(lead: Outgoing, settings: OdooSettings) -> dict[str, str]:
    """*lead* by Odoo's names; what is not known is left out."""
    named = {theirs: as_cell(lead.fields.get(ours)) for ours, theirs in settings.fields.items()}
    if settings.title_field:
        named[settings.title_field] = title(lead, settings.title)
    named |= settings.always
    for name in settings.html_fields:
        if name in named and name not in settings.always:
            named[name] = html.escape(named[name]).replace("\n", "<br>")
    return {"id": settings.prefix + lead.id, **{name: value for name, value in named.items() if value}}


def as_cell(value: Any) -> str:
    """*value* as an import has it: a list in one cell, where a comma ends an item."""
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {part}" for name, part in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ",".join(str(part).replace(",", " ") for part in value)
    return "" if value is None else str(value).replace("\0", "")  # which PostgreSQL does not take


def title(lead: Outgoing, template: str) -> str:
    """*template* with the fields of *lead* in it, on one line."""
    best = next((str(lead.fields[name]) for name in FALLBACKS if lead.fields.get(name)), "unknown badge")
    values = {**lead.fields, "name": best}
    return message(PLACE.sub(lambda place: as_cell(values.get(place[1])), template))


def together(leads: Sequence[Outgoing], settings: OdooSettings) -> list[tuple[Outgoing, dict[str, str]]]:
    """
    Those of *leads* that can go in one call, the first among them, each with its cells.

    An empty cell erases what Odoo has, and all rows have the same columns. So leads that Odoo may have already go with
    those alone that fill the same columns; new ones go together, for nothing can be erased of them.
    """
    filled = [(lead, cells(lead, settings)) for lead in leads]
    first, columns = filled[0]
    if is_new(first):
        return [(lead, row) for lead, row in filled if is_new(lead)]
    return [(lead, row) for lead, row in filled if not is_new(lead) and row.keys() == columns.keys()]


def is_new(lead: Outgoing) -> bool:
    """Whether Odoo cannot have *lead*."""
    return not lead.tried and lead.remote_id is None


def ends(answer: Any, leads: Sequence[Outgoing]) -> dict[str, Outcome]:
    """
    How `load` ended for each of *leads*, which were its rows in this order.

    Raises:
        BatchRefused: nothing was written, and no row is named.
        CrmDown: nothing was written, and no row is at fault.
        Unsure: this is not how `load` answers.
    """
    if not isinstance(answer, Mapping) or not isinstance(messages := answer.get("messages") or [], list):
        raise Unsure("Odoo's answer does not say how the leads ended.")
    if isinstance(ids := answer.get("ids"), list):
        if len(ids) != len(leads) or len(set(map(str, ids))) != len(leads) or not all(map(is_id, ids)):
            raise Unsure("Odoo's answer does not name each lead that was sent.")
        return {lead.id: Delivered(str(found), 200) for lead, found in zip(leads, ids, strict=True)}
    errors = [item for item in messages if isinstance(item, Mapping) and item.get("type", "error") == "error"]
    if answer.get("ids") is not False or not errors:
        raise Unsure("Odoo's answer does not say how the leads ended.")
    return refused(errors, leads)


def refused(errors: Sequence[Mapping[str, Any]], leads: Sequence[Outgoing]) -> dict[str, Outcome]:
    """
    The leads whose rows are named as bad; the others go with the next call, for nothing was written.

    Raises:
        BatchRefused: no row is named.
        CrmDown: no row is at fault.
    """
    found: dict[int, Rejected] = {}
    for error in errors:
        if PASSING.search(said := message(error.get("message"))):
            raise CrmDown(f"Odoo is having trouble: {sentence(said)}")
        row = row_of(error, len(leads))
        if row is not None:
            found.setdefault(row, Rejected(f"Odoo refuses it: {words(error)}", field_of(error), 200, field_of(error)))
    if not found:
        raise BatchRefused(f"Odoo refuses it: {words(errors[0])}", code="load")
    # What Odoo says of all rows together it puts on the first, in front of what it then finds of each alone.
    if len(found) > 1 and row_of(errors[0], len(leads)) == 0 and not field_of(errors[0]):
        del found[0]
    return {lead.id: found.get(row, NotSent()) for row, lead in enumerate(leads)}


def row_of(error: Mapping[str, Any], count: int) -> int | None:
    """The row that *error* is about, counted from 0; None where it names none, or several."""
    rows = error.get("rows")
    row = rows.get("from") if isinstance(rows, Mapping) and rows.get("from") == rows.get("to") else error.get("record")
    return row if isinstance(row, int) and not isinstance(row, bool) and 0 <= row < count else None


def field_of(error: Mapping[str, Any]) -> str:
    """The field that *error* is about, by Odoo's name; some versions give the way to it."""
    field = error.get("field")
    return "/".join(map(str, field)) if isinstance(field, list) else str(field or "")


def words(error: Mapping[str, Any]) -> str:
    """What Odoo says, with the field where the words leave it out."""
    said, field = sentence(error.get("message")), field_of(error)
    return f"{field}: {said}" if field and field not in said and "field" not in said else said
