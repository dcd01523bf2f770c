"""A posted contact -> the lead that it is: what the camera's capture is for badges, this is for other devices."""

import hashlib
from dataclasses import replace
from operator import attrgetter

import msgspec
from msgspec.structs import replace as with_fields

from data import attendees
from data.clock import Clock
from data.contact import CONTACT_FIELDS, Contact
from data.devices import Device
from data.lead import Lead, Sighting
from data.store import Store
from kiosk.badges import read_badge
from kiosk.badges.badge import Badge, Refused
from kiosk.badges.profile import BadgeProfile
from kiosk.config.tables import EventSettings
from kiosk.intake.body import ContactFields, NewContact, Problem

FIELDS = attrgetter(*CONTACT_FIELDS)

NOBODY = Contact()

WHOLE = ("vcard", "mecard", "json")
"""Badges that no id looks like: who posts one as `badge_id` has posted what its reader read."""

encode = msgspec.json.Encoder().encode


class Secret(Problem):
    """What was posted is nobody's business: only its hash may be kept."""


class Reading:
    """Reads posted contacts for one event."""

    def __init__(self, event: EventSettings, profile: BadgeProfile, clock: Clock) -> None:
        self.event = event
        self.profile = profile
        self.clock = clock

    def code(self, fields: ContactFields) -> Badge | Refused | None:
        """What was posted as `badge_id`, read as a code: some readers post there whatever they have read."""
        return read_badge(fields.badge_id.encode(), fields.badge_id, self.profile) if fields.badge_id else None

    def sorted_out(self, contact: NewContact) -> NewContact:
        """*contact*, with a badge that was posted as `badge_id` as its payload, and with no entry secret as an id."""
        code = self.code(contact)
        if not isinstance(code, Badge) or (code.keep is None and code.kind not in WHOLE):
            return contact
        if contact.payload is None:
            return with_fields(contact, payload=contact.badge_id, badge_id=None)
        return with_fields(contact, badge_id=code.badge_id or None)

    def corrected(self, fields: ContactFields) -> ContactFields:
        """
        *fields* for a lead that is there, with no entry secret in the id.

        Raises:
            Secret: the id is nobody's business.
        """
        code = self.code(fields)
        if isinstance(code, Refused):
            raise Secret(422, f"badge_id: {code.sentence}", field="badge_id")
        return with_fields(fields, badge_id=code.badge_id or None) if code and code.keep is not None else fields

    def badge(self, contact: NewContact) -> Badge | None:
        """
        The badge that was posted, if one was.

        Raises:
            Secret: it, or what was posted as an id, is nobody's business.
            Problem: it is the test badge.
        """
        self.corrected(contact)
        if contact.payload is None:
            return None
        found = read_badge(contact.payload.encode(), contact.payload, self.profile)
        if isinstance(found, Refused):
            raise Secret(422, f"payload: {found.sentence}", field="payload")
        if found.kind == "test":
            raise Problem(422, "payload: the test badge was read; no lead comes of it.", field="payload")
        return found

    def lead(self, db: Store, contact: NewContact, badge: Badge | None, lead_id: str = "", now: float = 0.0) -> Lead:
        """
        The lead that *contact* is, with what its *badge* and the attendee list add.

        Raises:
            Problem: nothing says who it is.
        """
        said = Contact(*[value.strip() if value else "" for value in FIELDS(contact)])
        badge_id = contact.badge_id or (badge.badge_id if badge else "")
        if badge is not None:
            said = said.filled_from(badge.contact)
        if badge_id:
            said = attendees.completed(db, self.event.name, badge_id, said)
        if badge is None and not badge_id and said == NOBODY:
            raise Problem(422, "Nothing here says who it is: send a payload, a badge_id or a contact's field.")
        return Lead(
            id=lead_id,
            event=self.event.name,
            kind=badge.kind if badge else "posted",
            contact=said,
            badge_id=badge_id,
            answers={**(badge.answers if badge else {}), **(contact.answers or {})},
            rating=contact.rating,
            note=contact.note or "",
            tags=tuple(dict.fromkeys(contact.tags or ())),
            created_at=now,
            updated_at=now,
        )

    def of_badge(self, db: Store, badge: Badge) -> Lead:
        """What a badge alone says, with what the attendee list knows of its id."""
        contact = attendees.completed(db, self.event.name, badge.badge_id, badge.contact)
        return Lead("", self.event.name, badge.kind, contact, badge.badge_id, badge.answers)

    def sighting(self, contact: NewContact, badge: Badge | None, device: Device, payload: bytes) -> Sighting:
        """The scan to keep, of *payload*, at the client's own time."""
        at = contact.scanned_at.timestamp() if contact.scanned_at else None
        return Sighting(
            payload=payload if badge is None or badge.keep is None else badge.keep,
            payload_hash=hashlib.sha256(payload).hexdigest(),
            kind=badge.kind if badge else "posted",
            symbology="",
            source="api",
            operator=contact.operator or device.name,
            kiosk=device.name,
            # A time of another device's is told by its own clock alone, whatever is learned of ours.
            wall_at=at if at is not None else self.clock.wall(),
            boot_id="" if at is not None else self.clock.boot,
            monotonic=0.0 if at is not None else self.clock.mono(),
        )

    def refused(self, contact: NewContact, device: Device) -> Sighting:
        """That something was scanned which is nobody's business: of it, only the hash."""
        secret = contact.badge_id if isinstance(self.code(contact), Refused) else None
        payload = secret.encode() if secret else payload_of(contact)
        return replace(self.sighting(contact, None, device, payload), payload=None, kind="refused")


def payload_of(contact: NewContact) -> bytes:
    """What is kept with the scan: the badge's text, or what was posted."""
    return encode(contact) if contact.payload is None else contact.payload.encode()


def content_hash(contact: NewContact) -> bytes:
    """By which the very same post is known again."""
    return hashlib.sha256(encode(contact)).digest()
