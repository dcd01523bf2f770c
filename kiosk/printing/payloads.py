"""What a badge that we print carries: ASCII, or UTF-8 as every reader takes it."""

from collections.abc import Callable, Mapping

from data.contact import Contact
from data.vcards import escape_value

MakePayload = Callable[[str, Contact], str]


def _make_vcard_payload(badge_id: str, contact: Contact) -> str:
    """A vCard 3.0 (RFC 2426), as most phones read it; the id goes along in a line that they pass over."""
    lines = [
        ("N", f"{escape_value(contact.last_name)};{escape_value(contact.first_name)};;;"),
        ("FN", escape_value(contact.display_name or contact.email or badge_id)),
        ("ORG", escape_value(contact.company)),
        ("TITLE", escape_value(contact.job_title)),
        ("EMAIL", escape_value(contact.email)),
        ("TEL", escape_value(contact.phone)),
        ("URL", escape_value(contact.website)),
        ("X-BADGE-ID", escape_value(badge_id)),
    ]
    body = "".join(f"{name}:{value}\r\n" for name, value in lines if value)
    return f"BEGIN:VCARD\r\nVERSION:3.0\r\n{body}END:VCARD\r\n"


def _make_id_payload(badge_id: str, contact: Contact) -> str:
    """The id alone: whoever reads it needs the attendee list."""
    return badge_id


def _make_delimited_payload(badge_id: str, contact: Contact) -> str:
    """`id^first^last^e-mail^company`, as `[badges]` in kiosk.toml can be told to read it."""
    first, last = contact.first_name, contact.last_name
    if not first and not last:  # put together again, they are the name as it was, wherever it is divided
        first, _, last = contact.name.rpartition(" ") if " " in contact.name else (contact.name, "", "")
    return "^".join(field.replace("^", " ") for field in (badge_id, first, last, contact.email, contact.company))


PAYLOAD_KINDS: Mapping[str, MakePayload] = {
    "vcard": _make_vcard_payload,
    "id": _make_id_payload,
    "delimited": _make_delimited_payload,
}
"""What can be printed, by the name that the command line has for it."""
