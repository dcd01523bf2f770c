"""The person that a link carries: in its query, behind its `#`, or as a card or JSON inside one of these."""

import base64
import binascii
import re
from urllib.parse import SplitResult, parse_qsl, unquote

from kiosk.badges.badge import Badge, Code
from kiosk.badges.json_keys import IDS, KEYS, SECRETS, TECHNICAL, folded
from kiosk.badges.person_pairs import values_in
from kiosk.badges.stored_id import is_secret, secrets_in, stored_id
from kiosk.badges.text import clean, contact_of, is_email

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{24,}={0,2}")

_TRACKING = re.compile(r"utm_|mc_|ga_|gclid|fbclid|msclkid|hs|ref$|lang$|locale$|redirect|next$|theme", re.IGNORECASE)
"""How keys begin that are for a website alone."""

_PHONE = re.compile(r"\+?[\d\s().-]{6,25}")

MAX_ANSWERS = 20


def documents_in(link: SplitResult, query: list[tuple[str, str]]) -> list[str]:
    """The texts in *link* that may be a card or JSON of their own, also in Base64."""
    texts = [*(value for _, value in query), unquote(link.fragment)]
    return [text for text in (*texts, *map(_from_base64, texts)) if text]


def _from_base64(text: str) -> str:
    """The text that *text* is the Base64 of; an empty string where it is not."""
    if not _BASE64.fullmatch(text):
        return ""
    data = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(data + "=" * (-len(data) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


def person_in(code: Code, link: SplitResult, query: list[tuple[str, str]]) -> Badge | None:
    """The person whom the query of *link* names, or what is behind its `#`; None where it names nobody."""
    behind = link.fragment.partition("?")[2] or link.fragment
    more = parse_qsl(behind, max_num_fields=100) if "=" in behind and behind.count("&") < 100 else []
    pairs = [(key, value) for key, value in (*query, *more) if value.strip()]
    if any(folded(key) in SECRETS or is_secret(value) for key, value in pairs):
        return None  # `link` keeps such a link without them
    values = values_in(pairs)
    if not _is_person(values):
        return None
    named = {folded(key): value for key, value in reversed(pairs)}
    badge_id = next((named[key] for key in IDS if key in named), "")
    answers = {
        clean(key, 60): clean(value)
        for key, value in pairs
        if folded(key) not in KEYS and folded(key) not in IDS and not _is_technical(key) and not secrets_in(value)
    }
    return Badge("link", contact_of(values), stored_id(badge_id), dict(list(answers.items())[:MAX_ANSWERS]))


def _is_person(values: dict[str, str]) -> bool:
    """Whether *values* are a person's: an address, or a name with something beside it. Other pages have names, too."""
    if is_email(values.get("email", "").strip()):
        return True
    has_name = bool(values.get("name") or values.get("last_name")) or "first_name" in values
    is_divided = "first_name" in values and "last_name" in values
    has_phone = _PHONE.fullmatch(values.get("phone", "").strip()) is not None
    return is_divided or (has_name and (has_phone or "company" in values))


def _is_technical(key: str) -> bool:
    """Whether *key* is for a website, and says nothing of the visitor."""
    return folded(key) in TECHNICAL or _TRACKING.match(key) is not None
