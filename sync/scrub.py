"""Secrets taken out of what others say: as they are, and in every escaping that a server may quote them in."""

import base64
import html
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus, unquote, urlsplit

SHORTEST_SECRET = 8
"""Characters; what is shorter stands in any text by chance."""

HIDDEN = "***"

_NAMED_ENTITIES = {
    "&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "apos", "/": "sol", "+": "plus", "=": "equals", ":": "colon",
    "_": "lowbar", ".": "period", "@": "commat", "!": "excl", "$": "dollar", "%": "percnt", "*": "ast",
}  # fmt: skip


_SECRET_NAME = re.compile(r"key|token|secret|passw|auth|sig(nature)?$|^code$", re.IGNORECASE)
"""How parameters of an address are called that hold a credential."""


def secrets_in(headers: Mapping[str, str]) -> tuple[str, ...]:
    """
    What of *headers*, which hold a credential, nobody may read.

    The scheme in front ("Bearer") is not a secret; of basic authentication, what it stands for is one as well.
    """
    found = dict.fromkeys(word for value in headers.values() for word in (value, value.rpartition(" ")[2]))
    for value in headers.values():
        scheme, _, encoded = value.partition(" ")
        if scheme.casefold() == "basic" and (pair := _decoded(encoded)):
            found |= dict.fromkeys((pair, pair.partition(":")[2]))
    return tuple(found)


def secrets_in_url(url: str) -> tuple[str, ...]:
    """What of *url* nobody may read: a password, and what its query calls a key, as Pipedrive's `api_token`."""
    parts = urlsplit(url)
    named = [value for name, value in parse_qsl(parts.query) if _SECRET_NAME.search(name)]
    return tuple(value for value in (unquote(parts.password or ""), *named) if value)


def scrub(text: str, secrets: Iterable[str]) -> str:
    """*text* without *secrets*, however they are escaped in it."""
    for secret in secrets:
        if len(secret) >= SHORTEST_SECRET:
            text = _pattern(secret).sub(HIDDEN, text)
    return text


def scrub_document(document: Any, secrets: tuple[str, ...]) -> Any:
    """*document*, which JSON was read from, without *secrets* in any of its texts and names."""
    match document:
        case str():
            return scrub(document, secrets)
        case dict():
            return {scrub(name, secrets): scrub_document(part, secrets) for name, part in document.items()}
        case list():
            return [scrub_document(part, secrets) for part in document]
    return document


def scrub_bytes(body: bytes, secrets: Iterable[str]) -> bytes:
    """*body* without *secrets* as they are; JSON is scrubbed again once it is decoded."""
    for secret in secrets:
        if len(secret) >= SHORTEST_SECRET:
            body = body.replace(secret.encode(), HIDDEN.encode())
    return body


@lru_cache(maxsize=32)
def _pattern(secret: str) -> re.Pattern[str]:
    """What finds *secret* in a text: each character as it is or escaped, or all of it in base64 or hex."""
    spelt = "".join(_character(character) for character in secret)
    coded = {quote(secret, safe=""), quote_plus(secret), html.escape(secret), secret.encode().hex()} | _base64(secret)
    ways = [re.escape(way) for way in sorted(coded - {secret}, key=len, reverse=True) if len(way) >= SHORTEST_SECRET]
    return re.compile("|".join([spelt, *ways]), re.IGNORECASE)


def _character(character: str) -> str:
    """One character of a secret, as it is or as JSON, a URL or HTML may write it; twice, too."""
    code = ord(character)
    percent = "".join(f"%(?:25){{0,9}}{byte:02x}" for byte in character.encode())
    # Each repetition has an end: without one, a text of backslashes alone takes the square of its length.
    ways = [
        rf"\\{{0,31}}{re.escape(character)}",
        rf"\\{{1,31}}u(?:00){{0,3}}\{{?{code:04x}\}}?",
        rf"\\{{1,31}}x{code:02x}",
        percent,
        rf"&(?:amp;){{0,9}}#0{{0,9}}{code};?",
        rf"&(?:amp;){{0,9}}#x0{{0,9}}{code:x};?",
    ]
    if character in _NAMED_ENTITIES:
        ways.append(f"&(?:amp;){{0,9}}{_NAMED_ENTITIES[character]};")
    return f"(?:{'|'.join(ways)})"


def _base64(secret: str) -> set[str]:
    """What *secret* looks like within base64, at each of the three places where it may begin, as with a name before."""
    found = set()
    for before, cut in ((0, 0), (1, 2), (2, 3)):
        data = b"\0" * before + secret.encode()
        whole = len(data) // 3 * 3  # the characters after it depend on what follows
        for alphabet in (None, b"-_"):
            found.add(base64.b64encode(data[:whole], alphabet).decode()[cut:])
    return {way for way in found if len(way) >= SHORTEST_SECRET}


def _decoded(text: str) -> str:
    """What *text* is the base64 of; empty where it is not."""
    try:
        return base64.b64decode(text, validate=True).decode()
    except ValueError:
        return ""
