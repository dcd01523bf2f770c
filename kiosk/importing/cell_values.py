"""Reads single cells of a list of leads: exactly as another kiosk wrote them, or tidied if people typed them."""

from typing import Any
from uuid import UUID

from data.cell_codec import decode_list, decode_table
from data.language import _
from kiosk.badges.html import strip_markup
from kiosk.importing.columns.cells import normalize_cell
from kiosk.importing.tables.table import cell_to_text

# The longest text on one line, and with line breaks.
_MAX_LINE_CHARACTERS = 500
_MAX_NOTE_CHARACTERS = 10_000


def parse_lead_id(cell: Any) -> str:
    """
    Parse the ID of another kiosk's lead.

    Raises:
        ValueError: it is not one.
    """
    text = cell_to_text(cell).strip()
    try:
        return str(UUID(text)) if text else ""
    except ValueError:
        raise ValueError(
            _("{text} is not a kiosk lead_id; to ignore the column, use --map 'HEADER='").format(text=repr(text[:40]))
        ) from None


def read_exact(name: str, cell: Any) -> str:
    """
    Return *cell* unchanged except for lone surrogates, which no database accepts.

    Raises:
        ValueError: it is not text, or too long.
    """
    if isinstance(cell, list | dict):
        raise ValueError(_("its {field} is not text").format(field=name))
    text = cell_to_text(cell).encode("utf-8", "replace").decode()
    if len(text) > _MAX_NOTE_CHARACTERS:
        raise ValueError(
            _("its {field} has {count} characters; the limit is {limit}").format(
                field=name, count=len(text), limit=_MAX_NOTE_CHARACTERS
            )
        )
    return text


def read_tidy(name: str, cell: Any) -> str:
    """Return *cell* on one line, without control characters, cut off if it is too long."""
    return collapse_line(normalize_cell(name, read_exact(name, cell)))[:_MAX_LINE_CHARACTERS]


def read_note(cell: Any) -> str:
    """Return *cell* without control characters and HTML tags; line breaks are kept."""
    text = strip_markup(normalize_cell("note", read_exact("note", cell)))
    return "\n".join(map(collapse_line, text.splitlines())).strip()


def collapse_line(text: str) -> str:
    """Return *text* on one line, without control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def parse_tags(cell: Any, *, is_exact: bool = False) -> tuple[str, ...]:
    """Return the tags in a list, or in a cell with commas."""
    if isinstance(cell, list):
        parts = [read_exact("tags", part) for part in cell]
    else:
        text = read_exact("tags", cell)
        # Google separates a contact's labels like this, and marks its own with a star.
        parts = text.split(" ::: ") if " ::: " in text and not is_exact else decode_list(text)
        if not is_exact:
            parts = [part.removeprefix("* ").strip('"') for part in parts if part != "* myContacts"]
    return tuple(dict.fromkeys(part for part in parts if part))


def parse_answers(cell: Any) -> dict[str, str]:
    """Return the answers in an object, or in a cell such as `size: 10; when: soon`."""
    if isinstance(cell, dict):
        found = {read_exact("answers", name): read_exact("answers", value) for name, value in cell.items()}
    else:
        text = read_exact("answers", cell)
        try:
            found = decode_table(text)
        except ValueError as error:
            raise ValueError(_("its answers: {error}").format(error=error)) from None
    return found
