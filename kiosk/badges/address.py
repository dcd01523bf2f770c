"""An e-mail address or a telephone number alone."""

import re
from urllib.parse import unquote

from data.contact import Contact
from kiosk.badges.badge import Badge, Code
from kiosk.badges.text import clean, is_email

NAMED = re.compile(r"\"?([^<>\"]{0,200})\"?\s{0,5}<([^<>\s]{1,260})>")

PHONE = re.compile(r"tel:(\+?[\d\s().-]{4,40})", re.IGNORECASE)

LONGEST = 600


def read_address(code: Code) -> Badge | None:
    """`ana@x.org`, `Ana Lopez <ana@x.org>`, `mailto:ana@x.org?…` or `tel:+34…`."""
    if len(code.text) > LONGEST:
        return None
    if phone := PHONE.fullmatch(code.text):
        return Badge("phone", Contact(phone=clean(phone[1])))
    text = code.text
    if text[:7].lower() == "mailto:":
        text = unquote(text[7:].partition("?")[0]).strip()
    named = NAMED.fullmatch(text)
    name, address = (named[1], named[2]) if named else ("", text)
    return Badge("email", Contact(name=clean(name), email=clean(address))) if is_email(address) else None
