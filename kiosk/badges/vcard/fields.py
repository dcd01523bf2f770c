"""What the properties of a vCard say of a person: the best of each kind, whole."""

import re
from collections.abc import Sequence
from urllib.parse import unquote

from kiosk.badges.escapes import split_escaped, unescaped
from kiosk.badges.phone import phone_in
from kiosk.badges.text import family_first, is_email
from kiosk.badges.vcard.lines import Property
from kiosk.badges.vcard.preference import rank

_ADDRESS_IN = re.compile(r"<([^<>]{1,260})>|[\s,;]+")
"""What divides several addresses in one value, or embraces one."""


def ranked(found: Sequence[Property], name: str) -> list[Property]:
    """The properties of this name that have a value, best first; of alternatives (ALTID) only the best."""
    alternatives: set[str] = set()
    best = []
    for item in rank(item for item in found if item.name == name):
        altid = item.param("ALTID")
        if not altid or altid not in alternatives:
            best.append(item)
        alternatives.add(altid)
    return best


def parts_of(item: Property, between: str = " ") -> list[str]:
    """The parts of a structured value, each as text; the items of a list (`Ana,Maria`) with *between* between them."""
    parts = split_escaped(item.value, ";")
    if len(parts) == 1 and r"\;" in item.value:  # some escape the separators, too
        parts = item.value.replace(r"\;", ";").split(";")
    return [between.join(filter(None, (unescaped(one).strip() for one in split_escaped(part, ",")))) for part in parts]


def names_in(found: Sequence[Property], company: str) -> dict[str, str]:
    """The person's name, whole and in parts; what is a company's name (KIND, X-ABShowAs) is not a person's."""
    whole = next((_whole_name(item) for item in ranked(found, "FN")), "")
    language = next((item.param("LANGUAGE") for item in ranked(found, "FN")), "")
    names = rank(item for item in found if item.name == "N")
    divided = sorted(names, key=lambda item: item.param("LANGUAGE") != language)
    last, first, more = [*(parts_of(divided[0]) if divided else ()), "", "", ""][:3]
    if last and not first and (family_and_given := _turned(divided[0])):
        last, first = family_and_given
    if " " in last and not first:
        whole, last = whole or last, ""
    if is_company(found) or (whole and whole.casefold() == company.casefold() and (first or last)):
        whole = ""
    elif not whole:
        whole = family_first(first, last) or (" ".join(filter(None, (first, more, last))) if more else "")
    if not (whole or first or last) and not is_company(found):
        whole = next((unescaped(item.value) for item in ranked(found, "NICKNAME")), "")
    return {"name": whole, "first_name": first, "last_name": last}


def _turned(item: Property) -> list[str]:
    """The family and the given name in an N that has a comma in place of its semicolon: `Lopez, Ana`."""
    parts = [unescaped(part).strip() for part in split_escaped(item.value.rstrip(";"), ",")]
    return parts if len(parts) == 2 and all(parts) and ";" not in item.value.rstrip(";") else []


def _whole_name(item: Property) -> str:
    """The name in an FN; some write the parts of N into it."""
    if ";;" not in item.value:
        return unescaped(item.value)
    last, first, more = [*parts_of(item), "", ""][:3]
    return " ".join(filter(None, (first, more, last)))


def is_company(found: Sequence[Property]) -> bool:
    """Whether the card is a company's: FN is then the company's name."""
    kinds = {(item.name, item.value.strip().upper()) for item in found if item.name in ("KIND", "X-ABSHOWAS")}
    return not kinds.isdisjoint({("KIND", "ORG"), ("KIND", "ORGANIZATION"), ("X-ABSHOWAS", "COMPANY")})


def company_in(found: Sequence[Property]) -> tuple[str, str]:
    """The company, and the department in it."""
    organisations = ranked(found, "ORG")
    company, *departments = parts_of_company(organisations[0]) if organisations else ("",)
    if not company and is_company(found):
        company = next((unescaped(item.value) for item in ranked(found, "FN")), "")
    return company, ", ".join(filter(None, departments))


def parts_of_company(item: Property) -> list[str]:
    """The parts of an ORG; a comma in one is of the company's name (`ACME, Inc.`)."""
    return [unescaped(part).strip() for part in split_escaped(item.value, ";")]


def emails_in(found: Sequence[Property]) -> list[str]:
    """The e-mail addresses, best first; what is not an address comes last, as it is."""
    values = [unescaped(item.value) for item in ranked(found, "EMAIL")]
    addresses = [address for value in values for address in addresses_in(value)]
    return list(dict.fromkeys([*addresses, *(value for value in values if not addresses_in(value))]))


def addresses_in(value: str) -> list[str]:
    """The addresses in one value: `Ana <ana@example.org>`, `mailto:…`, or several."""
    if value[:7].lower() == "mailto:":
        value = unquote(value[7:].partition("?")[0])
    return [part for part in _ADDRESS_IN.split(value) if part and is_email(part)]


def phones_in(found: Sequence[Property]) -> list[str]:
    """The telephone numbers, best first."""
    return list(dict.fromkeys(phone_in(unescaped(item.value)) for item in ranked(found, "TEL")))


def addresses_of(found: Sequence[Property]) -> list[dict[str, str]]:
    """The postal addresses, best first, each whole."""
    addresses = []
    for item in ranked(found, "ADR"):
        box, extended, street, city, region, postcode, country = [*parts_of(item, ", "), *[""] * 7][:7]
        box = "" if ":" in box else box  # what is left of a parameter that was not quoted
        if len(split_escaped(item.value, ";")) == 1:
            box, street = "", unescaped(item.value)
        line = " ".join(filter(None, (street, extended, box)))
        addresses.append({"address": line, "city": city, "region": region, "postcode": postcode, "country": country})
    labels = [item.param("LABEL") for item in ranked(found, "ADR")] + [item.value for item in ranked(found, "LABEL")]
    return addresses or [{"address": unescaped(label)} for label in labels if label]
