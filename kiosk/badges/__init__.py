"""Payload -> badge: one format a file, tried in order."""

from kiosk.badges.address import read_address
from kiosk.badges.badge import Badge, Code, Reader, Refused
from kiosk.badges.bare_id import read_bare_id
from kiosk.badges.delimited import read_delimited
from kiosk.badges.event import read_event
from kiosk.badges.forbidden import read_forbidden
from kiosk.badges.json_object import read_json
from kiosk.badges.link import read_link
from kiosk.badges.mecard import read_mecard
from kiosk.badges.profile import BadgeProfile
from kiosk.badges.signed import read_signed
from kiosk.badges.trial import read_test
from kiosk.badges.vcard import read_vcard

READERS: tuple[Reader, ...] = (
    read_test,
    read_forbidden,
    read_event,
    read_vcard,
    read_mecard,
    read_json,
    read_link,
    read_signed,
    read_delimited,
    read_address,
    read_bare_id,
)
"""Tried in order; the first that understands the payload wins."""

LONGEST = 8000
"""Characters that readers look at; no code of one symbol holds as many."""


def read_badge(payload: bytes, text: str, profile: BadgeProfile) -> Badge | Refused:
    """
    The badge in *payload*, whose text is *text*; of the kind `unknown` where no reader understands it.

    Never raises, whatever the payload.
    """
    whole = text[:LONGEST].encode("utf-8", "replace").decode()  # half characters fit into no URL and no database
    code = Code(payload, whole.strip("\ufeff\0 \t\r\n\v\f"), profile)
    for read in READERS:
        reading = read(code)
        if reading is not None:
            return reading
    return Badge("unknown")
