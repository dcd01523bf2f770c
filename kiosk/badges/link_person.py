"""The person in a link: in its query, in its fragment, or as a card or JSON inside one of these."""

import base64
import binascii
import re
from urllib.parse import SplitResult, parse_qsl, unquote

from kiosk.badges.badge import Badge, ScannedCode
from kiosk.badges.field_names import FIELD_BY_KEY, ID_KEYS, SECRET_KEYS, TECHNICAL_KEYS, fold_key
from kiosk.badges.person_fields import collect_fields
from kiosk.badges.stored_id import find_secrets, to_stored_id
from kiosk.badges.text import clean_text, is_email, make_contact

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{24,}={0,2}")

# How keys begin that only matter to a website.
_TRACKING = re.compile(r"utm_|mc_|ga_|gclid|fbclid|msclkid|hs|ref$|lang$|locale$|redirect|next$|theme", re.IGNORECASE)

_PHONE = re.compile(r"\+?[\d\s().-]{6,25}")

# How many further keys become answers.
_MAX_ANSWERS = 20


def find_documents(link: SplitResult, query: list[tuple[str, str]]) -> list[str]:
    """Return the texts in *link* that may be a card or JSON, decoded from Base64 if necessary."""
    texts = [*(value for _, value in query), unquote(link.fragment)]
    return [text for text in (*texts, *map(_decode_base64, texts)) if text]


def _decode_base64(text: str) -> str:
    """Decode *text* from Base64; return an empty string if it is not Base64 of text."""
    if not _BASE64.fullmatch(text):
        return ""
    data = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(data + "=" * (-len(data) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


def parse_fragment(link: SplitResult) -> list[tuple[str, str]]:
    """Return the fields in the fragment of *link*, which is written like a query: `#name=Ana`, `#/badge?name=Ana`."""
    behind = link.fragment.partition("?")[2] or link.fragment
    return parse_qsl(behind, max_num_fields=100) if "=" in behind and behind.count("&") < 100 else []


def read_person(code: ScannedCode, link: SplitResult, query: list[tuple[str, str]]) -> Badge | None:
    """Read the person named by the query of *link* or by its fragment; None if there is none."""
    pairs = [(key, value) for key, value in (*query, *parse_fragment(link)) if value.strip()]
    if any(fold_key(key) in SECRET_KEYS or find_secrets(value) for key, value in pairs):
        return None  # `_read_secret_link` stores such a link without the secrets
    values = collect_fields(pairs)
    if not _is_person(values):
        return None
    named = {fold_key(key): value for key, value in reversed(pairs)}
    badge_id = next((named[key] for key in ID_KEYS if key in named), "")
    answers = {
        clean_text(key, 60): clean_text(value)
        for key, value in pairs
        if fold_key(key) not in FIELD_BY_KEY and fold_key(key) not in ID_KEYS and not _is_technical(key)
    }
    return Badge("link", make_contact(values), to_stored_id(badge_id), dict(list(answers.items())[:_MAX_ANSWERS]))


def _is_person(values: dict[str, str]) -> bool:
    """
    Return whether *values* describe a person: they need an e-mail, or a name and more, because pages have names, too.
    """
    if is_email(values.get("email", "").strip()):
        return True
    has_name = bool(values.get("name") or values.get("last_name")) or "first_name" in values
    is_divided = "first_name" in values and "last_name" in values
    has_phone = _PHONE.fullmatch(values.get("phone", "").strip()) is not None
    return is_divided or (has_name and (has_phone or "company" in values))


def _is_technical(key: str) -> bool:
    """Return whether *key* only matters to a website, and says nothing about the visitor."""
    return fold_key(key) in TECHNICAL_KEYS or _TRACKING.match(key) is not None
