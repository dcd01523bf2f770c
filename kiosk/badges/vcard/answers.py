"""What a vCard says besides the contact fields, by the card's own name for it."""

from collections.abc import Iterator, Sequence

from kiosk.badges.escapes import unescape_text
from kiosk.badges.stored_id import find_secrets, is_entry_secret
from kiosk.badges.text import clean_text
from kiosk.badges.vcard.fields import select_ranked, split_parts
from kiosk.badges.vcard.properties import UNREAD_NAME, VCardProperty
from kiosk.badges.vcard.property_names import BINARY_PATTERN

_MAX_NOTE_CHARACTERS = 1000

_MAX_ANSWERS = 20

ID_PROPERTIES = {"EVENTYAY", "X-EVENTYAY", "X-BADGE-ID", "X-BADGEID", "X-ATTENDEE-ID", "X-REGISTRATION-ID"}
"""Properties in which organisers put the badge's ID."""

# Properties that are in the contact already, or get a separate answer.
_CONTACT_PROPERTIES = {
    "FN",
    "N",
    "ORG",
    "TITLE",
    "ROLE",
    "EMAIL",
    "TEL",
    "ADR",
    "LABEL",
    "URL",
    "NOTE",
    "NICKNAME",
    *ID_PROPERTIES,
}

# Properties about the card, a program, or private life, which are no business of a booth.
_IGNORED_PROPERTIES = {
    *("VERSION", "PRODID", "REV", "UID", "CLASS", "MAILER", "SORT-STRING", "SOURCE", "PROFILE", "NAME", "CLIENTPIDMAP"),
    *("KIND", "GEO", "TZ", "LANG", "BDAY", "ANNIVERSARY", "GENDER", "DEATHDATE", "CALURI", "CALADRURI", "FBURL"),
    *(
        "AGENT",
        "MEMBER",
        "RELATED",
        "XML",
        "CREATED",
        "GRAMGENDER",
        "LANGUAGE",
        "BIRTHPLACE",
        "DEATHPLACE",
        UNREAD_NAME,
    ),
}

# How the extensions begin in which programs store their own data.
_PROGRAM_PREFIXES = (
    *("X-AB", "X-ADDRESSBOOK", "X-ANDROID", "X-ANNIVERSARY", "X-APPLE", "X-CREATED", "X-EVOLUTION", "X-GENDER"),
    *("X-GOOGLE", "X-IMAGE", "X-KADDRESSBOOK", "X-LOTUS", "X-MOZILLA", "X-MS-", "X-OL-", "X-PHONETIC", "X-RADICALE"),
    *("X-SHARED", "X-SPOUSE", "X-WAB"),
)

_SOCIAL_PROFILES = ("X-SOCIALPROFILE", "SOCIALPROFILE")


def collect_answers(found: Sequence[VCardProperty]) -> dict[str, str]:
    """Return what *found* says besides the contact, without anything that opens a door."""
    answers: dict[str, str] = {}
    for name, value in _iterate_candidates(found):
        limit = _MAX_NOTE_CHARACTERS if name == "note" else 300
        text = clean_text(unescape_text(value), limit)
        name = clean_text(name, 60)
        if name and text and not is_entry_secret(text) and not find_secrets(text) and len(answers) < _MAX_ANSWERS:
            answers.setdefault(name, text)
    return answers


def _iterate_candidates(found: Sequence[VCardProperty]) -> Iterator[tuple[str, str]]:
    """Yield the names and values of everything that may be an answer."""
    yield "note", "\n".join(item.value for item in found if item.name == "NOTE")
    if select_ranked(found, "TITLE"):
        yield from (("role", item.value) for item in select_ranked(found, "ROLE")[:1])
    yield "nickname", "".join(" ".join(split_parts(item)) for item in select_ranked(found, "NICKNAME")[:1])
    for item in found:
        if item.name in _SOCIAL_PROFILES and not item.types & ID_PROPERTIES:
            yield get_network(item), item.value.removeprefix("x-apple:")
        elif item.name not in _SOCIAL_PROFILES and not _is_left_out(item):
            yield item.name.removeprefix("X-").replace("-", " ").lower(), item.value


def get_network(item: VCardProperty) -> str:
    """Return the network of a social profile: `linkedin`."""
    kinds = item.types - {"PREF", "WORK", "HOME", "INTERNET"}
    named = sorted(kind for kind in kinds if kind and "=" not in kind)
    return clean_text(item.get_param("SERVICE-TYPE") or "".join(named[:1]) or "social profile").lower()


def _is_left_out(item: VCardProperty) -> bool:
    """Return whether *item* is held elsewhere, or says nothing about the visitor to a booth."""
    is_label = item.name == "CATEGORIES" and item.value.replace(" ", "").lower() == "mycontacts"
    return (
        is_label
        or item.name in _CONTACT_PROPERTIES
        or item.name in _IGNORED_PROPERTIES
        or bool(BINARY_PATTERN.fullmatch(item.name))
        or item.name.startswith(_PROGRAM_PREFIXES)
    )
