"""xCard (RFC 6351), and Jabber's vCard (XEP-0054): a vCard as XML."""

import re
from collections.abc import Iterator
from typing import Any

from kiosk.badges.badge import Badge, ScannedCode
from kiosk.badges.vcard.card import build_badge
from kiosk.badges.vcard.jcard import escape_value
from kiosk.badges.vcard.properties import VCardProperty

_START = re.compile(r"<(?:\?xml|vcards?\b|[\w-]{1,20}:vcards?\b)", re.IGNORECASE)

_DECLARATION = re.compile(r"<\?xml[^>]{0,200}\?>", re.IGNORECASE)

# Declarations that no card needs, and that can make a short document grow without limit, or read files.
_UNSAFE = re.compile(r"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)

# The parts of structured values in vCard's order, by the element names of RFC 6351 and XEP-0054.
_STRUCTURES = {
    "N": ("surname family", "given", "additional middle", "prefix", "suffix"),
    "ADR": ("pobox", "ext extadd", "street", "locality", "region", "code pcode", "country ctry"),
    "ORG": ("orgname", "orgunit"),
}

# Properties of one card that are read.
_MAX_PROPERTIES = 200


def read_xcard(code: ScannedCode) -> Badge | None:
    """Read the first card of an XML document; None if there is none, or if the document is not safe to parse."""
    if not _START.match(code.text) or "vcard" not in code.text.lower() or _UNSAFE.search(code.text):
        return None
    from xml.etree import ElementTree  # imported late, because few badges are XML

    try:
        document = ElementTree.fromstring(_DECLARATION.sub("", code.text, count=1))
    except (ElementTree.ParseError, ValueError):
        return None
    card = next((element for element in document.iter() if _get_tag(element) == "vcard"), None)
    if card is None:
        return None
    found = [_parse_element(element) for element in _iterate_members(card)][:_MAX_PROPERTIES]
    return build_badge(found, code)


def _iterate_members(card: Any) -> Iterator[Any]:
    """Yield the properties of *card*, including those in a group."""
    for element in card:
        if _get_tag(element) == "group":
            yield from element
        else:
            yield element


def _parse_element(element: Any) -> VCardProperty:
    """Convert one element to a property."""
    name = _get_tag(element).upper()
    parts = _STRUCTURES.get(name)
    children = [child for child in element if _get_tag(child) != "parameters"]
    if parts and any(_get_tag(child) in " ".join(parts).split() for child in children):
        value = ";".join(",".join(_find_texts(children, names)) for names in parts)
    elif name == "ORG":
        value = ";".join(escape_value(_get_text(child)) for child in children) or escape_value(_get_text(element))
    else:
        filled = [child for child in children if _get_text(child)]
        value = escape_value(_get_text(filled[-1])) if filled else escape_value(_get_text(element))
    return VCardProperty(name, tuple(_iterate_params(element)), value.rstrip(";"))


def _iterate_params(element: Any) -> Iterator[str]:
    """Yield the parameters; Jabber's types are empty elements."""
    for child in element:
        if _get_tag(child) == "parameters":
            yield from (f"{_get_tag(one).upper()}={_get_text(inner).upper()}" for one in child for inner in one)
        elif not _get_text(child) and not len(child):
            yield _get_tag(child).upper()


def _find_texts(children: list[Any], names: str) -> list[str]:
    """Return the texts of those *children* whose name is one of *names*."""
    return [
        escape_value(_get_text(child)) for child in children if _get_tag(child) in names.split() and _get_text(child)
    ]


def _get_tag(element: Any) -> str:
    """Return the name of *element* in lower case, without its namespace."""
    return str(element.tag).rpartition("}")[2].lower()


def _get_text(element: Any) -> str:
    """Return the text directly in *element*."""
    return (element.text or "").strip()
