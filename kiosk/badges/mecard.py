"""MeCard, NTT docomo's one-line card: `MECARD:N:Doe,John;TEL:13035551212;;`."""

from kiosk.badges.badge import Badge, Code
from kiosk.badges.escapes import split_escaped, unescaped
from kiosk.badges.text import clean, contact_of, family_first

DIRECT = {
    "TEL": "phone",
    "EMAIL": "email",
    "ORG": "company",
    "TIL": "job_title",
    "TITLE": "job_title",
    "URL": "website",
}

EXTRA = {"NOTE": "note", "DIV": "division"}
"""What no field of a contact holds, and the name of the answer that does."""

ADDRESS = ("", "", "address", "city", "region", "postcode", "country")
"""The parts of `ADR` in docomo's order; the first two are the box and the room."""


def read_mecard(code: Code) -> Badge | None:
    """A MeCard."""
    if code.text[:7].upper() != "MECARD:":
        return None
    values: dict[str, str] = {}
    answers: dict[str, str] = {}
    for field in split_escaped(code.text[7:], ";"):
        name, _, value = field.strip().partition(":")
        name = name.upper()
        if name in DIRECT:
            values.setdefault(DIRECT[name], unescaped(value))
        elif name == "N":
            values |= name_of(value)
        elif name == "ADR":
            values |= address_of(value)
        elif name in EXTRA and clean(value):
            answers[EXTRA[name]] = clean(unescaped(value))
    return Badge("mecard", contact_of(values), answers=answers)


def name_of(value: str) -> dict[str, str]:
    """The name in `N`: last,first; or a whole one without a comma."""
    last, *others = (unescaped(part).strip() for part in split_escaped(value, ","))
    if not others:
        return {"name": last}
    first = " ".join(filter(None, others))
    return {"first_name": first, "last_name": last, "name": family_first(first, last)}


def address_of(value: str) -> dict[str, str]:
    """The address in `ADR`: in seven parts, or as one text."""
    parts = [unescaped(part).strip() for part in split_escaped(value, ",")]
    if len(parts) != len(ADDRESS):
        return {"address": ", ".join(filter(None, parts))}
    return {name: part for name, part in zip(ADDRESS, parts, strict=True) if name}
