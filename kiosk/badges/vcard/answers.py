"""What a vCard says beside the fields of a contact, by the name that it gives it."""

from collections.abc import Iterator, Sequence

from kiosk.badges.escapes import unescaped
from kiosk.badges.stored_id import is_secret, secrets_in
from kiosk.badges.text import clean
from kiosk.badges.vcard.fields import parts_of, ranked
from kiosk.badges.vcard.lines import UNREAD, Property
from kiosk.badges.vcard.names import IS_BINARY

MAX_NOTE_CHARACTERS = 1000

MAX_ANSWERS = 20

IDS = {"EVENTYAY", "X-EVENTYAY", "X-BADGE-ID", "X-BADGEID", "X-ATTENDEE-ID", "X-REGISTRATION-ID"}
"""Properties that organisers put the badge's id into."""

_TAKEN = {"FN", "N", "ORG", "TITLE", "ROLE", "EMAIL", "TEL", "ADR", "LABEL", "URL", "NOTE", "NICKNAME", *IDS}
"""Properties that the contact or an answer of its own holds."""

_NOT_SAID = {
    *("VERSION", "PRODID", "REV", "UID", "CLASS", "MAILER", "SORT-STRING", "SOURCE", "PROFILE", "NAME", "CLIENTPIDMAP"),
    *("KIND", "GEO", "TZ", "LANG", "BDAY", "ANNIVERSARY", "GENDER", "DEATHDATE", "CALURI", "CALADRURI", "FBURL"),
    *("AGENT", "MEMBER", "RELATED", "XML", "CREATED", "GRAMGENDER", "LANGUAGE", "BIRTHPLACE", "DEATHPLACE", UNREAD),
}
"""Properties of the card, of a program, or of a private life: no business of a booth."""

_OF_PROGRAMS = (
    *("X-AB", "X-ADDRESSBOOK", "X-ANDROID", "X-ANNIVERSARY", "X-APPLE", "X-CREATED", "X-EVOLUTION", "X-GENDER"),
    *("X-GOOGLE", "X-IMAGE", "X-KADDRESSBOOK", "X-LOTUS", "X-MOZILLA", "X-MS-", "X-OL-", "X-PHONETIC", "X-RADICALE"),
    *("X-SHARED", "X-SPOUSE", "X-WAB"),
)
"""How the extensions begin by which programs keep their own things in a card."""

_PROFILES = ("X-SOCIALPROFILE", "SOCIALPROFILE")


def answers_in(found: Sequence[Property]) -> dict[str, str]:
    """What *found* says beside the contact; nothing that opens a door."""
    answers: dict[str, str] = {}
    for name, value in _said(found):
        limit = MAX_NOTE_CHARACTERS if name == "note" else 300
        text = clean(unescaped(value), limit)
        name = clean(name, 60)
        if name and text and not is_secret(text) and not secrets_in(text) and len(answers) < MAX_ANSWERS:
            answers.setdefault(name, text)
    return answers


def _said(found: Sequence[Property]) -> Iterator[tuple[str, str]]:
    """The names and the values of all that may be an answer."""
    yield "note", "\n".join(item.value for item in found if item.name == "NOTE")
    if ranked(found, "TITLE"):
        yield from (("role", item.value) for item in ranked(found, "ROLE")[:1])
    yield "nickname", "".join(" ".join(parts_of(item)) for item in ranked(found, "NICKNAME")[:1])
    for item in found:
        if item.name in _PROFILES and not item.types & IDS:
            yield network_of(item), item.value.removeprefix("x-apple:")
        elif item.name not in _PROFILES and not _is_left_out(item):
            yield item.name.removeprefix("X-").replace("-", " ").lower(), item.value


def network_of(item: Property) -> str:
    """Which network a social profile is of: `linkedin`."""
    kinds = item.types - {"PREF", "WORK", "HOME", "INTERNET"}
    named = sorted(kind for kind in kinds if kind and "=" not in kind)
    return clean(item.param("SERVICE-TYPE") or "".join(named[:1]) or "social profile").lower()


def _is_left_out(item: Property) -> bool:
    """Whether *item* is held elsewhere, or says nothing of the visitor to a booth."""
    is_label = item.name == "CATEGORIES" and item.value.replace(" ", "").lower() == "mycontacts"
    return (
        is_label
        or item.name in _TAKEN
        or item.name in _NOT_SAID
        or bool(IS_BINARY.fullmatch(item.name))
        or item.name.startswith(_OF_PROGRAMS)
    )
