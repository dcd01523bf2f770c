"""The practice CRM's web page with its contacts; it loads nothing from elsewhere."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

_PAGE_COLUMNS = ("id", "name", "company", "email", "rating", "note")

_PAGE_TEMPLATE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="2">
<title>Practice CRM</title><style>
body {{ font: 16px system-ui, sans-serif; margin: 2rem; background: #14181f; color: #e8e8e8 }}
table {{ border-collapse: collapse; width: 100% }} td, th {{ text-align: left; padding: .3rem .8rem }}
tr:nth-child(even) {{ background: #1d232d }}</style>
<h1>Practice CRM</h1><p>{contacts} contacts, {calls} calls, {repeats} sent again.</p>
<table><tr><th>Id<th>Name<th>Company<th>E-mail<th>Rating<th>Note</tr>{rows}</table>"""


def render_page(contacts: Sequence[Mapping[str, Any]], numbers: Mapping[str, int]) -> str:
    """Render an HTML page that lists *contacts*, each value as text, below the *numbers* of the statistics."""
    return _PAGE_TEMPLATE.format(rows="".join(map(_render_row, contacts)), **numbers)


def _render_row(contact: Mapping[str, Any]) -> str:
    """Render one contact as a row of the table."""
    return "<tr>" + "".join(f"<td>{escape(str(contact.get(key) or ''))}" for key in _PAGE_COLUMNS)
