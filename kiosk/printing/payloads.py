"""The payloads of the badges we print: ASCII, or UTF-8, which every reader understands."""

from collections.abc import Callable, Mapping

from data.contact import Contact
from data.vcards import escape_value

MakePayload = Callable[[str, Contact], str]


def _make_vcard_payload(badge_id: str, contact: Contact) -> str:
    """Return a vCard 3.0 (RFC 2426), which most phones can read, with the ID in a line that they ignore."""
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
    """Return only the ID: whoever reads it needs the attendee list."""
    return badge_id


def _make_delimited_payload(badge_id: str, contact: Contact) -> str:
    """Return `id^first^last^e-mail^company`, which `[badges]` in kiosk.toml can be set to read."""
    first, last = contact.first_name, contact.last_name
    if not first and not last:  # joined again they give the same name, wherever it was split
        first, _, last = contact.name.rpartition(" ") if " " in contact.name else (contact.name, "", "")
    return "^".join(field.replace("^", " ") for field in (badge_id, first, last, contact.email, contact.company))


PAYLOAD_KINDS: Mapping[str, MakePayload] = {
    "vcard": _make_vcard_payload,
    "id": _make_id_payload,
    "delimited": _make_delimited_payload,
}
"""The kinds of payload, by their names on the command line."""
