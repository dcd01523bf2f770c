"""What a badge that we print carries: ASCII, or UTF-8 as every reader takes it."""

from collections.abc import Callable, Mapping

from data.contact import Contact
from data.vcards import escaped

Make = Callable[[str, Contact], str]


def as_vcard(badge_id: str, contact: Contact) -> str:
    """A vCard 3.0 (RFC 2426), as most phones read it; the id goes along in a line that they pass over."""
    lines = [
        ("N", f"{escaped(contact.last_name)};{escaped(contact.first_name)};;;"),
        ("FN", escaped(contact.display_name or contact.email or badge_id)),
        ("ORG", escaped(contact.company)),
        ("TITLE", escaped(contact.job_title)),
        ("EMAIL", escaped(contact.email)),
        ("TEL", escaped(contact.phone)),
        ("URL", escaped(contact.website)),
        ("X-BADGE-ID", escaped(badge_id)),
    ]
    body = "".join(f"{name}:{value}\r\n" for name, value in lines if value)
    return f"BEGIN:VCARD\r\nVERSION:3.0\r\n{body}END:VCARD\r\n"


def as_id(badge_id: str, contact: Contact) -> str:
    """The id alone: whoever reads it needs the attendee list."""
    return badge_id


def as_delimited(badge_id: str, contact: Contact) -> str:
    """`id^first^last^e-mail^company`, as `[badges]` in kiosk.toml can be told to read it."""
    first, last = contact.first_name, contact.last_name
    if not first and not last:  # put together again, they are the name as it was, wherever it is divided
        first, _, last = contact.name.rpartition(" ") if " " in contact.name else (contact.name, "", "")
    return "^".join(field.replace("^", " ") for field in (badge_id, first, last, contact.email, contact.company))


KINDS: Mapping[str, Make] = {"vcard": as_vcard, "id": as_id, "delimited": as_delimited}
"""What can be printed, by the name that the command line has for it."""
