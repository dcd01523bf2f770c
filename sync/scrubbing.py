"""Removes secrets from text that comes from outside: as they are, and however a server may have escaped them."""

import base64
import html
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus, unquote, urlsplit

# Shorter secrets are not removed, because they would also be found in text where they occur by chance.
_MIN_SECRET_CHARS = 8

_MASK = "***"

_NAMED_ENTITIES = {
    "&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "apos", "/": "sol", "+": "plus", "=": "equals", ":": "colon",
    "_": "lowbar", ".": "period", "@": "commat", "!": "excl", "$": "dollar", "%": "percnt", "*": "ast",
}  # fmt: skip

_SECRET_NAME_PATTERN = re.compile(r"key|token|secret|passw|auth|sig(nature)?$|^code$", re.IGNORECASE)
"""Names of URL parameters that hold a credential."""


def find_header_secrets(headers: Mapping[str, str]) -> tuple[str, ...]:
    """
    Return the secrets in *headers* that hold a credential.

    The scheme in front ("Bearer") is not a secret; for basic authentication, the decoded password is one as well.
    """
    found = dict.fromkeys(word for value in headers.values() for word in (value, value.rpartition(" ")[2]))
    for value in headers.values():
        scheme, _, encoded = value.partition(" ")
        if scheme.casefold() == "basic" and (pair := _decode_base64(encoded)):
            found |= dict.fromkeys((pair, pair.partition(":")[2]))
    return tuple(found)


def find_url_secrets(url: str) -> tuple[str, ...]:
    """Return the secrets in *url*: a password, and parameters named like a key, such as Pipedrive's `api_token`."""
    parts = urlsplit(url)
    named = [value for name, value in parse_qsl(parts.query) if _SECRET_NAME_PATTERN.search(name)]
    return tuple(value for value in (unquote(parts.password or ""), *named) if value)


def scrub_text(text: str, secrets: Iterable[str]) -> str:
    """Return *text* without *secrets*, however they are escaped in it."""
    for secret in secrets:
        if len(secret) >= _MIN_SECRET_CHARS:
            text = _compile_secret_pattern(secret).sub(_MASK, text)
    return text


def scrub_document(document: Any, secrets: tuple[str, ...]) -> Any:
    """Return *document*, as read from JSON, without *secrets* in any of its strings and keys."""
    match document:
        case str():
            return scrub_text(document, secrets)
        case dict():
            return {scrub_text(name, secrets): scrub_document(part, secrets) for name, part in document.items()}
        case list():
            return [scrub_document(part, secrets) for part in document]
    return document


def scrub_bytes(body: bytes, secrets: Iterable[str]) -> bytes:
    """Return *body* without *secrets* as they are; JSON is scrubbed again once it is decoded."""
    for secret in secrets:
        if len(secret) >= _MIN_SECRET_CHARS:
            body = body.replace(secret.encode(), _MASK.encode())
    return body


@lru_cache(maxsize=32)
def _compile_secret_pattern(secret: str) -> re.Pattern[str]:
    """Compile a pattern for *secret*: each character as it is or escaped, or all of it in base64 or hex."""
    spelled = "".join(_build_character_pattern(character) for character in secret)
    coded = {
        quote(secret, safe=""),
        quote_plus(secret),
        html.escape(secret),
        secret.encode().hex(),
    } | _encode_base64_variants(secret)
    variants = [
        re.escape(one) for one in sorted(coded - {secret}, key=len, reverse=True) if len(one) >= _MIN_SECRET_CHARS
    ]
    return re.compile("|".join([spelled, *variants]), re.IGNORECASE)


def _build_character_pattern(character: str) -> str:
    """Return the pattern for one character: as it is, or escaped once or more for JSON, a URL or HTML."""
    code = ord(character)
    percent = "".join(f"%(?:25){{0,9}}{byte:02x}" for byte in character.encode())
    # Each repetition is bounded: otherwise a string of nothing but backslashes takes quadratic time.
    variants = [
        rf"\\{{0,31}}{re.escape(character)}",
        rf"\\{{1,31}}u(?:00){{0,3}}\{{?{code:04x}\}}?",
        rf"\\{{1,31}}x{code:02x}",
        percent,
        rf"&(?:amp;){{0,9}}#0{{0,9}}{code};?",
        rf"&(?:amp;){{0,9}}#x0{{0,9}}{code:x};?",
    ]
    if character in _NAMED_ENTITIES:
        variants.append(f"&(?:amp;){{0,9}}{_NAMED_ENTITIES[character]};")
    return f"(?:{'|'.join(variants)})"


def _encode_base64_variants(secret: str) -> set[str]:
    """Return how *secret* looks within base64, for each of the three offsets at which it may begin."""
    found = set()
    for before, cut in ((0, 0), (1, 2), (2, 3)):
        data = b"\0" * before + secret.encode()
        whole = len(data) // 3 * 3  # the characters after that depend on what follows
        for alphabet in (None, b"-_"):
            found.add(base64.b64encode(data[:whole], alphabet).decode()[cut:])
    return {one for one in found if len(one) >= _MIN_SECRET_CHARS}


def _decode_base64(text: str) -> str:
    """Return what *text* decodes to from base64; empty if it is not base64."""
    try:
        return base64.b64decode(text, validate=True).decode()
    except ValueError:
        return ""
