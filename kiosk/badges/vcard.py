"""vCard 2.1, 3.0 and 4.0 (RFC 6350), as badge printers write them: with or without VERSION, FN and END."""

import re

from kiosk.badges.badge import Badge, Code
from kiosk.badges.escapes import split_escaped, unescaped
from kiosk.badges.stored_id import stored_id, without_secrets
from kiosk.badges.text import clean, contact_of, family_first
from kiosk.badges.vcard_lines import Property, properties

BEGIN = re.compile(r"[^:]{0,16}?begin\s{0,3}:\s{0,3}vcard", re.IGNORECASE)
"""A keyboard scanner may put a prefix in front."""

IDS = {"EVENTYAY", "X-EVENTYAY", "X-BADGE-ID", "X-BADGEID", "X-ATTENDEE-ID", "X-REGISTRATION-ID"}
"""Properties that organisers put the badge's id into."""

DIRECT = {"FN": "name", "TITLE": "job_title", "URL": "website"}

LONGEST_NOTE = 1000


def read_vcard(code: Code) -> Badge | None:
    """A vCard, by whatever it says of a person."""
    begin = BEGIN.match(code.text)
    if begin is None:
        return None
    values: dict[str, str] = {}
    found = list(properties(code.text[begin.end() :], is_guess(code)))
    for item in found:
        for name, value in fields_of(item).items():
            values.setdefault(name, value)
    for name, kind in (("email", "EMAIL"), ("phone", "TEL")):
        values[name] = best([item for item in found if item.name == kind])
    if "name" not in values:
        values["name"] = family_first(values.get("first_name", ""), values.get("last_name", ""))
    note = clean(values.get("note", ""), LONGEST_NOTE)
    badge_id = id_in(found)
    keep = without_secrets(code.payload, [badge_id])
    return Badge("vcard", contact_of(values), stored_id(badge_id), {"note": note} if note else {}, keep)


def is_guess(code: Code) -> bool:
    """Whether the code's text is Latin-1 only because nothing else was known."""
    latin = code.payload.decode("latin-1").strip()
    return not latin.isascii() and latin == code.text


def fields_of(item: Property) -> dict[str, str]:
    """What one property says of a contact; only what it says, never an empty value."""
    values: dict[str, str] = {}
    parts = [unescaped(part).strip() for part in split_escaped(item.value, ";")]
    if item.name in DIRECT:
        values[DIRECT[item.name]] = unescaped(item.value)
    elif item.name == "NOTE":
        values["note"] = unescaped(item.value)
    elif item.name == "ORG":
        values["company"] = parts[0]
    elif item.name == "N":
        values = name_of(parts)
    elif item.name == "ADR":
        _, extended, street, city, region, postcode, country = [*parts, *[""] * 7][:7]
        values = {"address": " ".join(filter(None, (street, extended))), "city": city}
        values |= {"region": region, "postcode": postcode, "country": country}
    return {name: value for name, value in values.items() if value.strip()}


def name_of(parts: list[str]) -> dict[str, str]:
    """The name in the parts of `N`: family, given, additional ...; some write the whole name into the first."""
    last, first = [*parts, ""][:2]
    if " " in last and not first:
        return {"name": last}
    return {"last_name": last, "first_name": first}


def best(items: list[Property]) -> str:
    """The preferred one of several addresses or numbers, else the one at work; a fax only for want of others."""
    ranked = sorted((item for item in items if item.value), key=rank)
    return re.sub(r"^(?:tel|mailto):", "", unescaped(ranked[0].value), flags=re.IGNORECASE) if ranked else ""


def rank(item: Property) -> tuple[bool, int, bool]:
    """Where *item* stands among its like; the lowest is best."""
    return "FAX" in item.types, preference(item), "WORK" not in item.types


def preference(item: Property) -> int:
    """How much it is preferred: 1 is most, 100 least (RFC 6350, 5.3); 101 is "not at all"."""
    number = item.param("PREF").strip('"')
    if number.isascii() and number.isdecimal() and len(number) <= 3:
        return min(int(number), 101)
    return 1 if "PREF" in item.types else 101


def id_in(items: list[Property]) -> str:
    """The badge's id in a vCard, as it is there: `EVENTYAY:941`, or `X-SOCIALPROFILE;TYPE=EVENTYAY:941`."""
    ids = (item.value for item in items if item.name in IDS or (item.name == "X-SOCIALPROFILE" and item.types & IDS))
    return next((value for value in ids if value), "")
