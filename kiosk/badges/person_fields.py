"""Maps pairs of a key and a text to a person's fields: JSON members, the query of a link, labelled lines."""

from collections.abc import Iterable

from kiosk.badges.field_names import FIELD_BY_KEY, fold_key
from kiosk.badges.text import clean_text, is_email

# Forms of address, folded. They are titles, but not job titles.
_SALUTATIONS = {
    *("mr", "mrs", "ms", "miss", "mx", "dr", "prof", "herr", "frau", "hr", "fr", "m", "mme", "mlle", "sr", "sra"),
    *("srta", "sig", "sigra", "dhr", "mevr", "pan", "pani"),
}

# What `fn` means beside `ln`. Without it, `fn` is vCard's full name.
_SHORT = {"fn": "first_name", "ln": "last_name"}


def collect_fields(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the contact fields in *pairs*; if a field has several values, the first."""
    values: dict[str, str] = {}
    pairs = list(pairs)
    is_short = any(fold_key(key) == "ln" for key, _ in pairs)
    for key, value in pairs:
        field = _SHORT.get(fold_key(key)) if is_short else None
        field = field or FIELD_BY_KEY.get(fold_key(key))
        if field and value and not (field == "job_title" and fold_key(value) in _SALUTATIONS):
            values.setdefault(field, value)
    return _complete_name(values)


def _complete_name(values: dict[str, str]) -> dict[str, str]:
    """Return *values*, with a name beside half a name taken as the other half: `Vorname: Zoë, Name: Müller`."""
    name, halves = values.get("name", ""), ("first_name", "last_name")
    present_halves = [half for half in halves if values.get(half)]
    if not name or len(present_halves) != 1 or values[present_halves[0]].casefold() in name.casefold():
        return values
    missing = halves[1 - halves.index(present_halves[0])]
    return {**values, missing: name, "name": ""}


def has_person(values: dict[str, str]) -> bool:
    """Return whether *values* include a name, a valid e-mail address, or a phone number."""
    named = any(clean_text(values.get(name, "")) for name in ("name", "first_name", "last_name", "phone"))
    return named or is_email(values.get("email", "").strip())
