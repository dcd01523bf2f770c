"""xCard (RFC 6351), and Jabber's vCard (XEP-0054): a vCard as XML."""

import re
from collections.abc import Iterator
from typing import Any

from kiosk.badges.badge import Badge, Code
from kiosk.badges.vcard.card import badge_of
from kiosk.badges.vcard.jcard import escaped
from kiosk.badges.vcard.lines import Property

_START = re.compile(r"<(?:\?xml|vcards?\b|[\w-]{1,20}:vcards?\b)", re.IGNORECASE)

_DECLARATION = re.compile(r"<\?xml[^>]{0,200}\?>", re.IGNORECASE)

_UNSAFE = re.compile(r"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
"""What lets a short document grow without end, or read files; a card has no use for it."""

_STRUCTURES = {
    "N": ("surname family", "given", "additional middle", "prefix", "suffix"),
    "ADR": ("pobox", "ext extadd", "street", "locality", "region", "code pcode", "country ctry"),
    "ORG": ("orgname", "orgunit"),
}
"""The parts of structured values in the order in which vCard has them, as RFC 6351 and XEP-0054 call them."""

MAX_PROPERTIES = 200


def read_xcard(code: Code) -> Badge | None:
    """The first card of an XML document; None where there is none, or where it is not safe to read."""
    if not _START.match(code.text) or "vcard" not in code.text.lower() or _UNSAFE.search(code.text):
        return None
    from xml.etree import ElementTree  # only here: few badges are XML

    try:
        document = ElementTree.fromstring(_DECLARATION.sub("", code.text, count=1))
    except (ElementTree.ParseError, ValueError):
        return None
    card = next((element for element in document.iter() if _tag(element) == "vcard"), None)
    if card is None:
        return None
    found = [property_of(element) for element in _members(card)][:MAX_PROPERTIES]
    return badge_of(found, code)


def _members(card: Any) -> Iterator[Any]:
    """The properties of *card*, also those in a group."""
    for element in card:
        if _tag(element) == "group":
            yield from element
        else:
            yield element


def property_of(element: Any) -> Property:
    """One element as a property."""
    name = _tag(element).upper()
    parts = _STRUCTURES.get(name)
    children = [child for child in element if _tag(child) != "parameters"]
    if parts and any(_tag(child) in " ".join(parts).split() for child in children):
        value = ";".join(",".join(_texts(children, names)) for names in parts)
    elif name == "ORG":
        value = ";".join(escaped(_text(child)) for child in children) or escaped(_text(element))
    else:
        kept = [child for child in children if _text(child)]
        value = escaped(_text(kept[-1])) if kept else escaped(_text(element))
    return Property(name, tuple(_params_of(element)), value.rstrip(";"))


def _params_of(element: Any) -> Iterator[str]:
    """The parameters; Jabber's types are empty elements."""
    for child in element:
        if _tag(child) == "parameters":
            yield from (f"{_tag(one).upper()}={_text(inner).upper()}" for one in child for inner in one)
        elif not _text(child) and not len(child):
            yield _tag(child).upper()


def _texts(children: list[Any], names: str) -> list[str]:
    """The texts of the *children* called by one of *names*."""
    return [escaped(_text(child)) for child in children if _tag(child) in names.split() and _text(child)]


def _tag(element: Any) -> str:
    """The name of *element* in lower case, without its namespace."""
    return str(element.tag).rpartition("}")[2].lower()


def _text(element: Any) -> str:
    """The text of *element* itself."""
    return (element.text or "").strip()
