"""What pairs of a key and a text say of a person: the members of JSON, the query of a link, labelled lines."""

from collections.abc import Iterable

from kiosk.badges.json_keys import KEYS, folded
from kiosk.badges.text import clean, is_email

_SALUTATIONS = {
    *("mr", "mrs", "ms", "miss", "mx", "dr", "prof", "herr", "frau", "hr", "fr", "m", "mme", "mlle", "sr", "sra"),
    *("srta", "sig", "sigra", "dhr", "mevr", "pan", "pani"),
}
"""Titles that are not of a job, folded."""


def values_in(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The fields of a contact in *pairs*; of several values of one field the first."""
    values: dict[str, str] = {}
    for key, value in pairs:
        field = KEYS.get(folded(key))
        if field and value and not (field == "job_title" and folded(value) in _SALUTATIONS):
            values.setdefault(field, value)
    return with_last_name(values)


def with_last_name(values: dict[str, str]) -> dict[str, str]:
    """*values*, in which a name beside a first name is the last one, as in `Vorname: Zoë, Name: Müller`."""
    first, name = values.get("first_name", ""), values.get("name", "")
    if not first or not name or values.get("last_name") or first.casefold() in name.casefold():
        return values
    return {**values, "last_name": name, "name": ""}


def says_who(values: dict[str, str]) -> bool:
    """Whether *values* have a name, an e-mail address that is one, or a number."""
    named = any(clean(values.get(name, "")) for name in ("name", "first_name", "last_name", "phone"))
    return named or is_email(values.get("email", "").strip())
