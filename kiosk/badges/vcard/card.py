"""vCard 2.1, 3.0 and 4.0 (RFC 6350), as badge printers write them: with or without VERSION, FN and END."""

import re
from collections.abc import Sequence
from dataclasses import astuple, replace
from itertools import islice

from kiosk.badges.badge import Badge, Code
from kiosk.badges.escapes import unescaped
from kiosk.badges.labels import read_labels
from kiosk.badges.stored_id import is_secret, secrets_in, stored_id, without_secrets
from kiosk.badges.text import clean, contact_of
from kiosk.badges.vcard.answers import IDS, answers_in, network_of
from kiosk.badges.vcard.fields import addresses_of, company_in, emails_in, names_in, phones_in, ranked
from kiosk.badges.vcard.lines import UNREAD, Property, properties

BEGIN = re.compile(r"[^:]{0,16}?(begin)\s{0,3}(?::|%3a)\s{0,3}vcard", re.IGNORECASE)
"""A keyboard scanner may put a prefix in front."""

_SCHEME = re.compile(r"(?:data:text/(?:x-)?vcard[^,]{0,60},|vcard:(?://)?)(?=begin)", re.IGNORECASE)
"""How a link begins that is a card: `data:text/vcard,BEGIN%3AVCARD`."""

_FRAME = re.compile(r"^[ \t]*(?:VERSION:.*|END:VCARD.*|\w[\w -]*:[ \t]*)$", re.MULTILINE | re.IGNORECASE)
"""What is left out where a card has lines such as `First name: Ana` in place of properties: empty ones, too."""

_LOST_BEGIN = re.compile(r"VERSION:[234]\.[01]\s")

MAX_PROPERTIES = 250
"""Properties and unread lines of one card; no card of one symbol has as many."""

_APPLE_LABEL = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")


def read_vcard(code: Code) -> Badge | None:
    """A vCard, by whatever it says of a person."""
    text = _SCHEME.sub("", code.text, count=1) if _SCHEME.match(code.text) else code.text
    begin = BEGIN.match(text)
    if begin is None and not _LOST_BEGIN.match(text):
        return None
    card = text[begin.end() :] if begin else text
    found = properties(card, begin is not None and begin[1].islower(), is_guess(code))
    badge = badge_of(list(islice(found, MAX_PROPERTIES)), code)
    if any(astuple(badge.contact)):
        return badge
    labelled = read_labels(replace(code, text=_FRAME.sub("", card).strip()))
    return replace(labelled, kind="vcard", keep=badge.keep) if labelled else badge


def badge_of(found: list[Property], code: Code) -> Badge:
    """The badge that these properties make, whatever their card was written in."""
    found = _labelled(found)
    company, department = company_in(found)
    emails, phones, addresses, websites = emails_in(found), phones_in(found), addresses_of(found), _websites_in(found)
    values = {**names_in(found, company), "company": company, "job_title": _title_in(found)}
    values |= {"email": _first(emails), "phone": _first(phones), "website": _first(websites)}
    values |= addresses[0] if addresses else {}
    more = {"department": department, "other e-mail": ", ".join(emails[1:]), "other phone": ", ".join(phones[1:])}
    more |= {"other website": ", ".join(websites[1:])}
    more |= {"other address": "; ".join(", ".join(filter(None, each.values())) for each in addresses[1:])}
    answers = {**answers_in(found), **{name: clean(value) for name, value in more.items() if clean(value)}}
    answers = {name: value for name, value in answers.items() if value != values["website"]}
    badge_id = id_in(found)
    secrets = [badge_id, *(item.value for item in found if len(item.value) > 31 and is_secret(clean(item.value)))]
    secrets += secrets_in(code.text)
    keep = without_secrets(code.payload, secrets)
    return Badge("vcard", contact_of(values), stored_id(badge_id), answers, keep, _unread_in(found))


def _first(values: list[str]) -> str:
    """The best of *values*, or an empty string."""
    return values[0] if values else ""


def _title_in(found: Sequence[Property]) -> str:
    """The job title, or the role where there is none."""
    return next((unescaped(item.value) for item in (*ranked(found, "TITLE"), *ranked(found, "ROLE"))), "")


def _websites_in(found: Sequence[Property]) -> list[str]:
    """The links, best first; behind them a LinkedIn profile."""
    profiles = [item for item in found if item.name.endswith("SOCIALPROFILE") and network_of(item) == "linkedin"]
    links = [item for item in profiles if item.value.lower().startswith("http")]
    return list(dict.fromkeys(unescaped(item.value).strip() for item in (*ranked(found, "URL"), *links)))


def _labelled(found: list[Property]) -> list[Property]:
    """*found* with what Apple and Google write into a label of its own (`item1.X-ABLabel:Work Fax`) among the types."""
    labels = {item.group: _types_in(item.value) for item in found if item.group and item.name == "X-ABLABEL"}
    return [
        replace(item, params=(*item.params, *labels[item.group]))
        if item.group in labels and item.name != "X-ABLABEL"
        else item
        for item in found
    ]


def _types_in(label: str) -> list[str]:
    """The types that *label* names: `_$!<Home>!$_` and `homeFax` do, `_$!<HomePage>!$_` is not of a home."""
    words = [word.upper() for word in _APPLE_LABEL.findall(label)]
    return [] if "PAGE" in words else words


def _unread_in(found: Sequence[Property]) -> tuple[str, ...]:
    """The lines that are no property of this card."""
    lines = (clean(item.value, len(item.value)) for item in found if item.name == UNREAD)
    return tuple(line for line in lines if line and not (len(line) > 31 and (is_secret(line) or secrets_in(line))))


def is_guess(code: Code) -> bool:
    """Whether the code's text is Latin-1 only because nothing else was known."""
    latin = code.payload.decode("latin-1").strip()
    return not latin.isascii() and latin == code.text


def id_in(items: Sequence[Property]) -> str:
    """The badge's id in a vCard, as it is there: `EVENTYAY:941`, or `X-SOCIALPROFILE;TYPE=EVENTYAY:941`."""
    ids = (item.value for item in items if item.name in IDS or (item.name == "X-SOCIALPROFILE" and item.types & IDS))
    return next((value for value in ids if value), "")
