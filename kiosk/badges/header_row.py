"""A badge that is a small table: a line with the names of its fields, and a line with their values."""

import csv

from kiosk.badges.badge import Badge, ScannedCode
from kiosk.badges.field_names import FIELD_BY_KEY, ID_KEYS, fold_key
from kiosk.badges.person_fields import collect_fields, has_person
from kiosk.badges.stored_id import is_entry_secret, redact_secrets, to_stored_id
from kiosk.badges.text import clean_text, make_contact, split_unread_lines

_SEPARATORS = (",", ";", "\t", "|")


def read_header_row(code: ScannedCode) -> Badge | None:
    """Read a badge whose first line has known field names, and the next one the person."""
    header, *rows = [line for line in code.text.splitlines() if line.strip()][:20] or [""]
    for separator in _SEPARATORS:
        names = _split_row(header, separator)
        known = sum(fold_key(name) in FIELD_BY_KEY or fold_key(name) in ID_KEYS for name in names)
        if rows and len(names) > 1 and 2 * known > len(names) and known > 1:
            return _read_row(code, list(zip(names, _split_row(rows[0], separator), strict=False)), rows[1:])
    return None


def _read_row(code: ScannedCode, pairs: list[tuple[str, str]], other_rows: list[str]) -> Badge | None:
    """Read the person in one row. Further rows belong to other people."""
    values = collect_fields(pair for pair in pairs if not is_entry_secret(pair[1]))
    named = {fold_key(name): value for name, value in pairs}
    badge_id = to_stored_id(next((named[key] for key in ID_KEYS if named.get(key)), ""))
    if not has_person(values):
        return None
    known = {name for name in named if name in FIELD_BY_KEY or name in ID_KEYS}
    answers = {
        clean_text(name, 60): clean_text(value)
        for name, value in pairs
        if fold_key(name) not in known and clean_text(name) and clean_text(value) and not is_entry_secret(value)
    }
    keep = redact_secrets(code.payload, [value for _, value in pairs])
    return Badge("labels", make_contact(values), badge_id, answers, keep, split_unread_lines("\n".join(other_rows)))


def _split_row(line: str, separator: str) -> list[str]:
    """Split one line into fields, which may be quoted as in a spreadsheet."""
    try:
        return [field.strip() for field in next(csv.reader([line[:4000]], delimiter=separator), [])]
    except csv.Error:
        return []
