"""Payload -> badge: one format a file, tried in order."""

import re

from kiosk.badges.address import read_address, read_contact_link
from kiosk.badges.badge import Badge, Code, Reader, Refused
from kiosk.badges.bare_id import read_bare_id
from kiosk.badges.delimited import read_delimited
from kiosk.badges.event import read_event
from kiosk.badges.forbidden import read_forbidden
from kiosk.badges.header_row import read_header_row
from kiosk.badges.json_object import read_json
from kiosk.badges.keyboard import read_typed_digits
from kiosk.badges.labels import read_labels
from kiosk.badges.link import read_link
from kiosk.badges.mecard import read_mecard
from kiosk.badges.profile import BadgeProfile
from kiosk.badges.signed import read_signed
from kiosk.badges.text import unread_lines
from kiosk.badges.trial import read_test
from kiosk.badges.vcard import read_vcard
from kiosk.badges.xcard import read_xcard

READERS: tuple[Reader, ...] = (
    read_test,
    read_forbidden,
    read_event,
    read_vcard,
    read_mecard,
    read_json,
    read_xcard,
    read_contact_link,
    read_link,
    read_signed,
    read_header_row,
    read_labels,
    read_delimited,
    read_address,
    read_bare_id,
    read_typed_digits,
)
"""Tried in order; the first that understands the payload wins."""

LONGEST = 8000
"""Characters that readers look at; no code of one symbol holds as many."""

_PICTURE = re.compile(r"(?:\r\n|\r|\n)?[ \t]{0,2}[A-Za-z0-9+/]{50,}={0,2}")
"""A line of a picture in Base64, by which a card out of an address book may be as long as a book."""


AROUND = "\ufeff\x7f" + "".join(map(chr, range(33)))
"""White space, controls and marks that scanners and printers put around a payload."""

AIM = re.compile(r"\][A-Za-z][0-9A-Za-z]")
"""What a scanner may type in front: the kind of code, as AIM names it, such as `]Q1`."""


def read_badge(payload: bytes, text: str, profile: BadgeProfile) -> Badge | Refused:
    """
    The badge in *payload*, whose text is *text*; of the kind `unknown` where no reader understands it.

    Never raises, whatever the payload.
    """
    whole = text if len(text) <= LONGEST else _PICTURE.sub("", text)
    whole = whole[:LONGEST].encode("utf-8", "replace").decode()  # half characters fit into no URL and no database
    bare = whole.strip(AROUND)
    if AIM.match(bare):
        bare = bare[3:].strip(AROUND)
    code = Code(payload, bare, profile)
    for read in READERS:
        reading = read(code)
        if reading is not None:
            return reading
    return Badge("unknown", unread=unread_lines(bare))
