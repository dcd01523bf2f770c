"""What the properties of a vCard say about a person: the best of each kind, complete."""

import re
from collections.abc import Sequence
from urllib.parse import unquote

from kiosk.badges.escapes import split_escaped, unescape_text
from kiosk.badges.phone import extract_phone
from kiosk.badges.text import is_email, join_family_first
from kiosk.badges.vcard.preference import rank_properties
from kiosk.badges.vcard.properties import VCardProperty

# What separates several addresses in one value, or encloses one.
_ADDRESS_IN = re.compile(r"<([^<>]{1,260})>|[\s,;]+")


def select_ranked(found: Sequence[VCardProperty], name: str) -> list[VCardProperty]:
    """Return the properties called *name* that have a value, best first; of alternatives (ALTID) only the best."""
    alternatives: set[str] = set()
    best = []
    for item in rank_properties(item for item in found if item.name == name):
        altid = item.get_param("ALTID")
        if not altid or altid not in alternatives:
            best.append(item)
        alternatives.add(altid)
    return best


def split_parts(item: VCardProperty, between: str = " ") -> list[str]:
    """
    Split a structured value into parts, each as text; the items of a list (`Ana,Maria`) are joined with *between*.
    """
    parts = split_escaped(item.value, ";")
    if len(parts) == 1 and r"\;" in item.value:  # some programs escape the separators, too
        parts = item.value.replace(r"\;", ";").split(";")
    return [
        between.join(filter(None, (unescape_text(one).strip() for one in split_escaped(part, ",")))) for part in parts
    ]


def extract_names(found: Sequence[VCardProperty], company: str) -> dict[str, str]:
    """Return the person's full name and its parts. A company's name (KIND, X-ABShowAs) is not a person's."""
    whole = next((_join_name(item) for item in select_ranked(found, "FN")), "")
    language = next((item.get_param("LANGUAGE") for item in select_ranked(found, "FN")), "")
    names = rank_properties(item for item in found if item.name == "N")
    divided = sorted(names, key=lambda item: item.get_param("LANGUAGE") != language)
    last, first, more = [*(split_parts(divided[0]) if divided else ()), "", "", ""][:3]
    if last and not first and (family_and_given := _split_comma_name(divided[0])):
        last, first = family_and_given
    if " " in last and not first:
        whole, last = whole or last, ""
    if _is_company_card(found) or (whole and whole.casefold() == company.casefold() and (first or last)):
        whole = ""
    elif not whole:
        whole = join_family_first(first, last) or (" ".join(filter(None, (first, more, last))) if more else "")
    if not (whole or first or last) and not _is_company_card(found):
        whole = next((unescape_text(item.value) for item in select_ranked(found, "NICKNAME")), "")
    return {"name": whole, "first_name": first, "last_name": last}


def _split_comma_name(item: VCardProperty) -> list[str]:
    """Return the family and the given name of an N with a comma instead of its semicolon: `Lopez, Ana`."""
    parts = [unescape_text(part).strip() for part in split_escaped(item.value.rstrip(";"), ",")]
    return parts if len(parts) == 2 and all(parts) and ";" not in item.value.rstrip(";") else []


def _join_name(item: VCardProperty) -> str:
    """Return the name in an FN; some programs write the parts of N into it."""
    if ";;" not in item.value:
        return unescape_text(item.value)
    last, first, more = [*split_parts(item), "", ""][:3]
    return " ".join(filter(None, (first, more, last)))


def _is_company_card(found: Sequence[VCardProperty]) -> bool:
    """Return whether the card is a company's, so that FN is the company's name."""
    kinds = {(item.name, item.value.strip().upper()) for item in found if item.name in ("KIND", "X-ABSHOWAS")}
    return not kinds.isdisjoint({("KIND", "ORG"), ("KIND", "ORGANIZATION"), ("X-ABSHOWAS", "COMPANY")})


def extract_company(found: Sequence[VCardProperty]) -> tuple[str, str]:
    """Return the company and the department."""
    organisations = select_ranked(found, "ORG")
    company, *departments = _split_company(organisations[0]) if organisations else ("",)
    if not company and _is_company_card(found):
        company = next((unescape_text(item.value) for item in select_ranked(found, "FN")), "")
    return company, ", ".join(filter(None, departments))


def _split_company(item: VCardProperty) -> list[str]:
    """Split an ORG into its parts; a comma belongs to the company's name (`ACME, Inc.`)."""
    return [unescape_text(part).strip() for part in split_escaped(item.value, ";")]


def extract_emails(found: Sequence[VCardProperty]) -> list[str]:
    """Return the e-mail addresses, best first; values that are not addresses come last, as they are."""
    values = [unescape_text(item.value) for item in select_ranked(found, "EMAIL")]
    addresses = [address for value in values for address in split_email_addresses(value)]
    return list(dict.fromkeys([*addresses, *(value for value in values if not split_email_addresses(value))]))


def split_email_addresses(value: str) -> list[str]:
    """Return the addresses in one value: `Ana <ana@example.org>`, `mailto:…`, or several."""
    if value[:7].lower() == "mailto:":
        value = unquote(value[7:].partition("?")[0])
    return [part for part in _ADDRESS_IN.split(value) if part and is_email(part)]


def extract_phones(found: Sequence[VCardProperty]) -> list[str]:
    """Return the phone numbers, best first."""
    return list(dict.fromkeys(extract_phone(unescape_text(item.value)) for item in select_ranked(found, "TEL")))


def extract_postal_addresses(found: Sequence[VCardProperty]) -> list[dict[str, str]]:
    """Return the postal addresses, best first, each complete."""
    addresses = []
    for item in select_ranked(found, "ADR"):
        box, extended, street, city, region, postcode, country = [*split_parts(item, ", "), *[""] * 7][:7]
        box = "" if ":" in box else box  # the rest of a parameter that should have been quoted
        if len(split_escaped(item.value, ";")) == 1:
            box, street = "", unescape_text(item.value)
        line = " ".join(filter(None, (street, extended, box)))
        addresses.append({"address": line, "city": city, "region": region, "postcode": postcode, "country": country})
    labels = [item.get_param("LABEL") for item in select_ranked(found, "ADR")] + [
        item.value for item in select_ranked(found, "LABEL")
    ]
    return addresses or [{"address": unescape_text(label)} for label in labels if label]
