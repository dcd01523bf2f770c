"""An e-mail address or a phone number, alone or in a link that writes to it or calls it."""

import re
from urllib.parse import parse_qsl, unquote

from data.contact import Contact
from kiosk.badges.badge import Badge, ScannedCode
from kiosk.badges.phone import extract_phone
from kiosk.badges.text import clean_text, is_email

_NAMED_ADDRESS = re.compile(r"\"?([^<>\"]{0,200})\"?\s{0,5}<([^<>\s]{1,260})>")

_BETWEEN = re.compile(r"\s*[,;\s]\s*")

_PHONE = re.compile(
    r"(?:(?:tel|callto|facetime):(?://)?|(?P<message>sms|smsto|mms|mmsto):(?://)?)"
    r"(?P<number>\+?[\d\s().-]{3,40})(?P<params>;[^:?]{0,60})?(?:[:?](?P<rest>.*))?",
    re.IGNORECASE | re.DOTALL,
)

_WHATSAPP = re.compile(
    r"(?:https?://(?:www\.)?(?:wa\.me/\+?|api\.whatsapp\.com/send/?\?phone=\+?)|whatsapp://send/?\?phone=\+?)(\d{6,15})"
    r"(?:[/?&](.*))?",
    re.IGNORECASE | re.DOTALL,
)

# A longer payload is not a contact link.
_MAX_CHARACTERS = 1200


def read_contact_link(code: ScannedCode) -> Badge | None:
    """Read `mailto:ana@x.org?…`, `tel:+34…`, `SMSTO:+34…:…`, `https://wa.me/34…` and similar links."""
    if len(code.text) > _MAX_CHARACTERS:
        return None
    return _read_phone(code.text) or _read_email_link(code.text)


def read_address(code: ScannedCode) -> Badge | None:
    """Read `ana@x.org` or `Ana Lopez <ana@x.org>`."""
    return _make_badge([code.text], {}) if len(code.text) <= _MAX_CHARACTERS else None


def _read_phone(text: str) -> Badge | None:
    """Read a link that calls or messages a phone number."""
    if chat := _WHATSAPP.fullmatch(text):
        return Badge("phone", Contact(phone=f"+{chat[1]}"), answers=_extract_message(chat[2] or ""))
    found = _PHONE.fullmatch(text)
    if found is None or not re.search(r"\d{3}|\d\D\d\D\d", found["number"]):
        return None
    number = extract_phone(f"tel:{found['number']}{found['params'] or ''}")
    return Badge("phone", Contact(phone=clean_text(number)), answers=_extract_message(found["rest"] or ""))


def _read_email_link(text: str) -> Badge | None:
    """Read a link that writes an e-mail; the first of several addresses is the visitor's."""
    if text[:7].lower() == "mailto:":
        return _read_mailto(text[7:])
    if text[:5].lower() == "smtp:":
        address, _, subject = text[5:].partition(":")
        return _make_badge([address], {"subject": clean_text(subject)} if clean_text(subject) else {})
    return None


def _read_mailto(text: str) -> Badge | None:
    """Read a `mailto:` link (RFC 6068), with the address before its query or in it."""
    path, _, query = text.partition("?")
    fields = parse_qsl(query, max_num_fields=50) if query.count("&") < 50 else []
    to = [unquote(path), *(value for name, value in fields if name.lower() == "to")]
    copies = [value for name, value in fields if name.lower() in ("cc", "bcc")]
    answers = {
        name.lower(): clean_text(value)
        for name, value in fields
        if name.lower() in ("subject", "body") and clean_text(value)
    }
    addresses = [part for value in to for part in _split_addresses(value)]
    others = [part for value in copies for part in _split_addresses(value)]
    return _make_badge([*addresses, *others], answers)


def _split_addresses(value: str) -> list[str]:
    """Split *value* into addresses, including the names before them."""
    if _NAMED_ADDRESS.fullmatch(value.strip()):
        return [value.strip()]
    return [part for part in _BETWEEN.split(value) if part]


def _make_badge(texts: list[str], answers: dict[str, str]) -> Badge | None:
    """Make a badge of the first address in *texts*; None if one of them is not an address."""
    addresses = []
    for text in texts:
        named = _NAMED_ADDRESS.fullmatch(text.strip())
        name, address = (named[1], named[2]) if named else ("", text.strip())
        if not is_email(address):
            return None
        addresses.append((clean_text(name), clean_text(address)))
    if not addresses:
        return None
    others = ", ".join(address for _, address in addresses[1:])
    answers = {**answers, "other e-mail": others} if others else answers
    return Badge("email", Contact(name=addresses[0][0], email=addresses[0][1]), answers=answers)


def _extract_message(rest: str) -> dict[str, str]:
    """Return the prepared message of the link: `body=Hi`, `text=Hi`, or all of *rest*."""
    fields = dict(parse_qsl(rest, max_num_fields=50)) if "=" in rest and rest.count("&") < 50 else {}
    text = clean_text(fields.get("body") or fields.get("text") or ("" if fields else unquote(rest)))
    return {"message": text} if text else {}
