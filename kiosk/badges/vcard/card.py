"""vCard 2.1, 3.0 and 4.0 (RFC 6350) as badge printers write them: with or without VERSION, FN and END."""

import re
from collections.abc import Sequence
from dataclasses import astuple, replace
from itertools import islice

from kiosk.badges.badge import Badge, ScannedCode
from kiosk.badges.escapes import unescape_text
from kiosk.badges.labels import read_labels
from kiosk.badges.stored_id import find_secrets, is_entry_secret, redact_secrets, to_stored_id
from kiosk.badges.text import clean_text, make_contact
from kiosk.badges.vcard.answers import ID_PROPERTIES, collect_answers, get_network
from kiosk.badges.vcard.fields import (
    extract_company,
    extract_emails,
    extract_names,
    extract_phones,
    extract_postal_addresses,
    select_ranked,
)
from kiosk.badges.vcard.frame import BEGIN_PATTERN
from kiosk.badges.vcard.properties import UNREAD_NAME, VCardProperty, parse_properties

# The beginning of a link that contains a card: `data:text/vcard,BEGIN%3AVCARD`.
_SCHEME = re.compile(r"(?:data:text/(?:x-)?vcard[^,]{0,60},|vcard:(?://)?)(?=begin)", re.IGNORECASE)

# Lines to remove, empty ones included, if a card has lines such as `First name: Ana` instead of properties.
_FRAME = re.compile(r"^[ \t]*(?:VERSION:.*|END:VCARD.*|\w[\w -]*:[ \t]*)$", re.MULTILINE | re.IGNORECASE)

_LOST_BEGIN = re.compile(r"VERSION:[234]\.[01]\s")

# Properties and unread lines of one card; no card in a single symbol has as many.
_MAX_PROPERTIES = 250

_APPLE_LABEL = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")


def read_vcard(code: ScannedCode) -> Badge | None:
    """Read a vCard by whatever it says about a person."""
    text = _SCHEME.sub("", code.text, count=1) if _SCHEME.match(code.text) else code.text
    begin = BEGIN_PATTERN.match(text)
    if begin is None and not _LOST_BEGIN.match(text):
        return None
    card = text[begin.end() :] if begin else text
    found = parse_properties(card, begin is not None and begin[1].islower(), _is_guessed_latin(code))
    badge = build_badge(list(islice(found, _MAX_PROPERTIES)), code)
    if any(astuple(badge.contact)):
        return badge
    labelled = read_labels(replace(code, text=_FRAME.sub("", card).strip()))
    return replace(labelled, kind="vcard", stored_payload=badge.stored_payload) if labelled else badge


def build_badge(found: list[VCardProperty], code: ScannedCode) -> Badge:
    """Build the badge from the properties of a card in any notation."""
    found = _apply_labels(found)
    company, department = extract_company(found)
    emails, phones, addresses, websites = (
        extract_emails(found),
        extract_phones(found),
        extract_postal_addresses(found),
        _find_websites(found),
    )
    values = {**extract_names(found, company), "company": company, "job_title": _find_title(found)}
    values |= {"email": _first_or_empty(emails), "phone": _first_or_empty(phones), "website": _first_or_empty(websites)}
    values |= addresses[0] if addresses else {}
    more = {"department": department, "other e-mail": ", ".join(emails[1:]), "other phone": ", ".join(phones[1:])}
    more |= {"other website": ", ".join(websites[1:])}
    more |= {"other address": "; ".join(", ".join(filter(None, each.values())) for each in addresses[1:])}
    answers = {
        **collect_answers(found),
        **{name: clean_text(value) for name, value in more.items() if clean_text(value)},
    }
    answers = {name: value for name, value in answers.items() if value != values["website"]}
    badge_id = _find_id(found)
    secrets = [
        badge_id,
        *(item.value for item in found if len(item.value) > 31 and is_entry_secret(clean_text(item.value))),
        *(secret for item in found if len(item.value) > 31 for secret in find_secrets(item.value)),
    ]
    secrets += find_secrets(code.text)
    keep = redact_secrets(code.payload, secrets)
    return Badge("vcard", make_contact(values), to_stored_id(badge_id), answers, keep, _find_unread(found))


def _first_or_empty(values: list[str]) -> str:
    """Return the best of *values*, or an empty string."""
    return values[0] if values else ""


def _find_title(found: Sequence[VCardProperty]) -> str:
    """Return the job title, or the role if there is none."""
    return next(
        (unescape_text(item.value) for item in (*select_ranked(found, "TITLE"), *select_ranked(found, "ROLE"))), ""
    )


def _find_websites(found: Sequence[VCardProperty]) -> list[str]:
    """Return the links, best first, followed by a LinkedIn profile."""
    profiles = [item for item in found if item.name.endswith("SOCIALPROFILE") and get_network(item) == "linkedin"]
    links = [item for item in profiles if item.value.lower().startswith("http")]
    return list(dict.fromkeys(unescape_text(item.value).strip() for item in (*select_ranked(found, "URL"), *links)))


def _apply_labels(found: list[VCardProperty]) -> list[VCardProperty]:
    """
    Return *found* with the labels that Apple and Google write separately, as in `item1.X-ABLabel:Work Fax`, as types.
    """
    labels = {item.group: _parse_types(item.value) for item in found if item.group and item.name == "X-ABLABEL"}
    return [
        replace(item, params=(*item.params, *labels[item.group]))
        if item.group in labels and item.name != "X-ABLABEL"
        else item
        for item in found
    ]


def _parse_types(label: str) -> list[str]:
    """Return the types in *label*: `_$!<Home>!$_` and `homeFax` are of a home, `_$!<HomePage>!$_` is not."""
    words = [word.upper() for word in _APPLE_LABEL.findall(label)]
    return [] if "PAGE" in words else words


def _find_unread(found: Sequence[VCardProperty]) -> tuple[str, ...]:
    """Return the lines that are not a property of this card."""
    lines = (clean_text(item.value, len(item.value)) for item in found if item.name == UNREAD_NAME)
    return tuple(
        line for line in lines if line and not (len(line) > 31 and (is_entry_secret(line) or find_secrets(line)))
    )


def _is_guessed_latin(code: ScannedCode) -> bool:
    """Return whether the code's text is Latin-1 only for lack of better knowledge."""
    latin = code.payload.decode("latin-1").strip()
    return not latin.isascii() and latin == code.text


def _find_id(items: Sequence[VCardProperty]) -> str:
    """Return the badge's ID exactly as the vCard has it: `EVENTYAY:941`, or `X-SOCIALPROFILE;TYPE=EVENTYAY:941`."""
    ids = (
        item.value
        for item in items
        if item.name in ID_PROPERTIES or (item.name == "X-SOCIALPROFILE" and item.types & ID_PROPERTIES)
    )
    return next((value for value in ids if value), "")
