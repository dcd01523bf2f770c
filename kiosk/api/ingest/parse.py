"""A posted contact -> the lead that it is: what the camera's capture is for badges, this is for other devices."""

import hashlib
from operator import attrgetter

import msgspec
from msgspec.structs import replace as with_fields

from data.arrival import Arrival, RefusedScan
from data.clock import Clock
from data.contact import CONTACT_FIELDS, Contact
from data.devices import Device
from data.lead import Lead, ScanRecord, ScanTime
from kiosk.api.wire.problems import ApiProblem
from kiosk.api.wire.requests import ContactFields, NewContact
from kiosk.badges import read_badge
from kiosk.badges.badge import Badge, RefusedPayload
from kiosk.badges.profile import BadgeProfile
from kiosk.config.tables import EventSettings

_get_contact_values = attrgetter(*CONTACT_FIELDS)

_EMPTY_CONTACT = Contact()

_SELF_CONTAINED_KINDS = ("vcard", "mecard", "json")
"""Badges that no id looks like: who posts one as `badge_id` has posted what its reader read."""

encode_contact = msgspec.json.Encoder().encode


class SecretPosted(ApiProblem):
    """What was posted is nobody's business: only its hash may be kept."""


class ContactParser:
    """Reads posted contacts for one event."""

    def __init__(self, event: EventSettings, profile: BadgeProfile, clock: Clock) -> None:
        self.event = event
        self.profile = profile
        self.clock = clock

    def _read_badge_id(self, fields: ContactFields) -> Badge | RefusedPayload | None:
        """What was posted as `badge_id`, read as a code: some readers post there whatever they have read."""
        return read_badge(fields.badge_id.encode(), fields.badge_id, self.profile) if fields.badge_id else None

    def normalize_contact(self, contact: NewContact) -> NewContact:
        """*contact*, with a badge that was posted as `badge_id` as its payload, and with no entry secret as an id."""
        code = self._read_badge_id(contact)
        if not isinstance(code, Badge) or (code.stored_payload is None and code.kind not in _SELF_CONTAINED_KINDS):
            return contact
        if contact.payload is None:
            return with_fields(contact, payload=contact.badge_id, badge_id=None)
        return with_fields(contact, badge_id=code.badge_id or None)

    def clean_changes(self, fields: ContactFields) -> ContactFields:
        """
        *fields* for a lead that is there, with no entry secret in the id.

        Raises:
            Secret: the id is nobody's business.
        """
        code = self._read_badge_id(fields)
        if isinstance(code, RefusedPayload):
            raise SecretPosted(422, f"badge_id: {code.message}", field="badge_id")
        return (
            with_fields(fields, badge_id=code.badge_id or None) if code and code.stored_payload is not None else fields
        )

    def parse_badge(self, contact: NewContact) -> Badge | None:
        """
        The badge that was posted, if one was.

        Raises:
            Secret: it, or what was posted as an id, is nobody's business.
            Problem: it is the test badge.
        """
        self.clean_changes(contact)
        if contact.payload is None:
            return None
        found = read_badge(contact.payload.encode(), contact.payload, self.profile)
        if isinstance(found, RefusedPayload):
            raise SecretPosted(422, f"payload: {found.message}", field="payload")
        if found.kind == "test":
            raise ApiProblem(422, "payload: the test badge was read; no lead comes of it.", field="payload")
        return found

    def build_arrival(self, contact: NewContact, badge: Badge | None, device: Device) -> Arrival:
        """
        *contact* and the *badge* in it, as they are saved.

        Raises:
            ApiProblem: nothing in it says who the person is.
        """
        posted = Contact(*[value.strip() if value else "" for value in _get_contact_values(contact)])
        badge_id = contact.badge_id or (badge.badge_id if badge else "")
        if badge is None and not badge_id and posted == _EMPTY_CONTACT:
            raise ApiProblem(422, "Nothing here says who it is: send a payload, a badge_id or a contact's field.")
        lead = Lead(
            id="",
            event=self.event.name,
            kind=badge.kind if badge else "posted",
            contact=posted.fill_missing_from(badge.contact) if badge else posted,
            badge_id=badge_id,
            answers={**(badge.answers if badge else {}), **(contact.answers or {})},
            rating=contact.rating,
            note=contact.note or "",
            tags=tuple(dict.fromkeys(contact.tags or ())),
        )
        payload = encode_payload(contact)
        stored = badge.stored_payload if badge and badge.stored_payload is not None else payload
        scan = self._build_scan(contact, device, payload, stored, kind=lead.kind)
        # Somebody who typed in a name beside the badge knows better than the payload who it is.
        is_typed = contact.payload is not None and posted != _EMPTY_CONTACT
        return Arrival(scan, lead, is_payload_proof=not is_typed)

    def build_badge_lead(self, badge: Badge) -> Lead:
        """What a badge alone says."""
        return Lead("", self.event.name, badge.kind, badge.contact, badge.badge_id, badge.answers)

    def build_refused_scan(self, contact: NewContact, device: Device) -> RefusedScan:
        """The scan of a payload, or of a `badge_id`, that must not be stored."""
        secret = contact.badge_id if isinstance(self._read_badge_id(contact), RefusedPayload) else None
        payload = secret.encode() if secret else encode_payload(contact)
        return RefusedScan(self.event.name, self._build_scan(contact, device, payload, None, kind="refused"))

    def _build_scan(
        self, contact: NewContact, device: Device, payload: bytes, stored: bytes | None, kind: str
    ) -> ScanRecord:
        """The scan of *payload*, at the device's own time if it gave one."""
        time = ScanTime.given(contact.scanned_at.timestamp() if contact.scanned_at else None, self.clock)
        operator = contact.operator or device.name
        return ScanRecord.of_payload(
            payload, stored, time, kind=kind, source="api", operator=operator, kiosk=device.name
        )


def encode_payload(contact: NewContact) -> bytes:
    """What is kept with the scan: the badge's text, or what was posted."""
    return encode_contact(contact) if contact.payload is None else contact.payload.encode()


def hash_content(contact: NewContact) -> bytes:
    """By which the very same post is known again."""
    return hashlib.sha256(encode_contact(contact)).digest()
