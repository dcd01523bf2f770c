"""Badges that are links. A link is stored, never opened."""

import re
from urllib.parse import SplitResult, parse_qsl, unquote, urlencode, urlsplit

from data.contact import Contact
from data.language import N_, _
from kiosk.badges.badge import Badge, RefusedPayload, ScannedCode
from kiosk.badges.field_names import SECRET_KEYS, fold_key
from kiosk.badges.json_object import read_json
from kiosk.badges.link_person import find_documents, parse_fragment, read_person
from kiosk.badges.mecard import read_mecard
from kiosk.badges.signed_ticket import find_tickets
from kiosk.badges.stored_id import find_secrets, hash_secret, to_stored_id
from kiosk.badges.text import clean_text
from kiosk.badges.vcard.card import read_vcard

_LINK_PATTERN = re.compile(r"https?://\S+|(?:www\.)?linkedin\.com/\S+", re.IGNORECASE)

_LINKEDIN_HOST = re.compile(r"(?:[a-z]{2,3}\.)?linkedin\.com")

PROFILE_PATH = re.compile(r"/(?:in|pub)/[^/]{1,200}")

# Paths that contain an entry secret: pgeu's private ticket, and pretix's orders and tickets.
_PRIVATE_PATH = re.compile(r"/t/id/|/(?:order|ticket)/[A-Z0-9]{4,10}/(?:\d{1,9}/)?(?:[0-9a-z]{16,}|[0-9A-Z]{16,})")

# Path of pgeu's badge, whose token stands for the attendee.
_PUBLIC_PATH = re.compile(r"(?:/[^/]{1,200}){0,5}/t/at/([^/]{1,200})/?")

# Folded keys of a query whose value is the ID in the attendee list. `id` and `code` are not among them: any page has
# those.
_NAMED_IDS = ("ticketid", "attendeeid", "registrantid", "registrationid", "participantid", "badgeid", "ticketcode")

# Folded keys of a query whose value, together with an ID, lets somebody in. It is not stored.
_CHECK_IN_KEYS = frozenset(("securitycode", "checkincode", "pin"))

_TICKET_REFUSED = N_("This link is an entry ticket, not a badge, so it was not saved. Scan the code on the badge.")


def read_link(code: ScannedCode) -> Badge | RefusedPayload | None:
    """Read a link: a profile, an attendee's page, or any other link, which is an ID for the attendee list."""
    if not _LINK_PATTERN.fullmatch(code.text):
        return None
    if _PRIVATE_PATH.search(code.text):
        return RefusedPayload("entry secret", _(_TICKET_REFUSED))
    url = code.text if code.text[:4].lower() == "http" else f"https://{code.text}"
    try:
        link = urlsplit(url)
        query = parse_qsl(link.query, keep_blank_values=True, max_num_fields=100)
    except ValueError:
        return None
    return (
        _read_embedded_card(code, link, query)
        or read_person(code, link, query)
        or _read_secret_link(link, query)
        or _refuse_ticket(link)
        or _read_known_site(link, query, url)
    )


def _read_embedded_card(
    code: ScannedCode, link: SplitResult, query: list[tuple[str, str]]
) -> Badge | RefusedPayload | None:
    """Read the card or JSON that the link contains, in its query or in its fragment."""
    for text in find_documents(link, query):
        inner = ScannedCode(text.encode("utf-8", "replace"), text.strip(), code.profile)
        badge = read_vcard(inner) or read_mecard(inner) or (read_json(inner) if text.startswith("{") else None)
        if isinstance(badge, RefusedPayload):
            return badge
        if badge and (_has_identity(badge.contact) or badge.badge_id):
            return badge
    return None


def _has_identity(contact: Contact) -> bool:
    """Return whether *contact* identifies somebody."""
    return bool(contact.display_name or contact.email or contact.phone)


def _read_secret_link(link: SplitResult, query: list[tuple[str, str]]) -> Badge | None:
    """
    Read a link that contains entry secrets: stored without them, identified by the hash of the first. None if it
    has none.
    """
    pairs = (*query, *parse_fragment(link))
    secrets = [value for name, value in pairs if value and (fold_key(name) in SECRET_KEYS or find_secrets(value))]
    if not secrets:
        return None
    public = urlencode([(name, value) for name, value in query if value not in secrets])
    keep = link._replace(query=public, fragment="").geturl().encode("utf-8", "replace")
    return Badge("link", badge_id=hash_secret(secrets[0]), stored_payload=keep)


def _refuse_ticket(link: SplitResult) -> RefusedPayload | None:
    """Refuse a link that has a signed ticket in its path or fragment; None if it has none."""
    tickets = find_tickets(unquote(f"{link.path}#{link.fragment}"))
    return RefusedPayload("entry secret", _(_TICKET_REFUSED)) if tickets else None


def _read_known_site(link: SplitResult, query: list[tuple[str, str]], url: str) -> Badge:
    """Read the link according to the site it leads to."""
    host = link.netloc.lower()
    if _LINKEDIN_HOST.fullmatch(host) and (profile := PROFILE_PATH.match(link.path)):
        page = clean_text(f"https://www.linkedin.com{profile.group()}")
        return Badge("link", Contact(website=page), to_stored_id(page))
    if badge := _PUBLIC_PATH.fullmatch(link.path):
        return Badge("link", badge_id=to_stored_id(badge[1]))
    if host in ("lu.ma", "luma.com") and link.path.startswith("/check-in/"):
        return Badge("link", badge_id=to_stored_id(dict(query).get("pk") or url))
    named = {fold_key(name): value.strip() for name, value in reversed(query)}
    badge_id = next((named[key] for key in _NAMED_IDS if named.get(key)), "")
    if not badge_id or _CHECK_IN_KEYS.isdisjoint(named):
        return Badge("link", badge_id=to_stored_id(badge_id or url))
    public = urlencode([(name, value) for name, value in query if fold_key(name) not in _CHECK_IN_KEYS])
    keep = link._replace(query=public).geturl().encode("utf-8", "replace")
    return Badge("link", badge_id=to_stored_id(badge_id), stored_payload=keep)
