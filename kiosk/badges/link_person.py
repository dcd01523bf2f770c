"""The person that a link carries: in its query, behind its `#`, or as a card or JSON inside one of these."""

import base64
import binascii
import re
from urllib.parse import SplitResult, parse_qsl, unquote

from kiosk.badges.badge import Badge, ScannedCode
from kiosk.badges.field_names import FIELD_BY_KEY, ID_KEYS, SECRET_KEYS, TECHNICAL_KEYS, fold_key
from kiosk.badges.person_fields import collect_fields
from kiosk.badges.stored_id import find_secrets, is_entry_secret, to_stored_id
from kiosk.badges.text import clean_text, is_email, make_contact

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{24,}={0,2}")

_TRACKING = re.compile(r"utm_|mc_|ga_|gclid|fbclid|msclkid|hs|ref$|lang$|locale$|redirect|next$|theme", re.IGNORECASE)
"""How keys begin that are for a website alone."""

_PHONE = re.compile(r"\+?[\d\s().-]{6,25}")

_MAX_ANSWERS = 20


def find_documents(link: SplitResult, query: list[tuple[str, str]]) -> list[str]:
    """The texts in *link* that may be a card or JSON of their own, also in Base64."""
    texts = [*(value for _, value in query), unquote(link.fragment)]
    return [text for text in (*texts, *map(_decode_base64, texts)) if text]


def _decode_base64(text: str) -> str:
    """The text that *text* is the Base64 of; an empty string where it is not."""
    if not _BASE64.fullmatch(text):
        return ""
    data = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(data + "=" * (-len(data) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


def read_person(code: ScannedCode, link: SplitResult, query: list[tuple[str, str]]) -> Badge | None:
    """The person whom the query of *link* names, or what is behind its `#`; None where it names nobody."""
    behind = link.fragment.partition("?")[2] or link.fragment
    more = parse_qsl(behind, max_num_fields=100) if "=" in behind and behind.count("&") < 100 else []
    pairs = [(key, value) for key, value in (*query, *more) if value.strip()]
    if any(fold_key(key) in SECRET_KEYS or is_entry_secret(value) for key, value in pairs):
        return None  # `link` keeps such a link without them
    values = collect_fields(pairs)
    if not _is_person(values):
        return None
    named = {fold_key(key): value for key, value in reversed(pairs)}
    badge_id = next((named[key] for key in ID_KEYS if key in named), "")
    answers = {
        clean_text(key, 60): clean_text(value)
        for key, value in pairs
        if fold_key(key) not in FIELD_BY_KEY
        and fold_key(key) not in ID_KEYS
        and not _is_technical(key)
        and not find_secrets(value)
    }
    return Badge("link", make_contact(values), to_stored_id(badge_id), dict(list(answers.items())[:_MAX_ANSWERS]))


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
    return fold_key(key) in TECHNICAL_KEYS or _TRACKING.match(key) is not None
