"""A badge that is a small table: a line with the names of its fields, and one with what they hold."""

import csv

from kiosk.badges.badge import Badge, Code
from kiosk.badges.json_keys import IDS, KEYS, folded
from kiosk.badges.person_pairs import says_who, values_in
from kiosk.badges.stored_id import is_secret, stored_id, without_secrets
from kiosk.badges.text import clean, contact_of, unread_lines

_SEPARATORS = (",", ";", "\t", "|")


def read_header_row(code: Code) -> Badge | None:
    """A line of known field names, and the person below it."""
    header, *rows = [line for line in code.text.splitlines() if line.strip()][:20] or [""]
    for separator in _SEPARATORS:
        names = _fields(header, separator)
        known = sum(folded(name) in KEYS or folded(name) in IDS for name in names)
        if rows and len(names) > 1 and 2 * known > len(names) and known > 1:
            return _read_row(code, list(zip(names, _fields(rows[0], separator), strict=False)), rows[1:])
    return None


def _read_row(code: Code, pairs: list[tuple[str, str]], others: list[str]) -> Badge | None:
    """The person in one row; the rows below are of others."""
    values = values_in(pair for pair in pairs if not is_secret(pair[1]))
    named = {folded(name): value for name, value in pairs}
    badge_id = stored_id(next((named[key] for key in IDS if named.get(key)), ""))
    if not says_who(values):
        return None
    known = {name for name in named if name in KEYS or name in IDS}
    answers = {
        clean(name, 60): clean(value)
        for name, value in pairs
        if folded(name) not in known and clean(name) and clean(value) and not is_secret(value)
    }
    keep = without_secrets(code.payload, [value for _, value in pairs])
    return Badge("labels", contact_of(values), badge_id, answers, keep, unread_lines("\n".join(others)))


def _fields(line: str, separator: str) -> list[str]:
    """The fields of one line, as spreadsheets quote them."""
    try:
        return [field.strip() for field in next(csv.reader([line[:4000]], delimiter=separator), [])]
    except csv.Error:
        return []
