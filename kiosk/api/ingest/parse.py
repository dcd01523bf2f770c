"""Parses a posted contact into an `Arrival`, as `kiosk.scanning.capture` does for scanned badges."""

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
from kiosk.badges.badge import Badge, RefusedPayload
from kiosk.badges.profile import BadgeProfile
from kiosk.badges.reading import read_badge
from kiosk.config.tables import EventSettings

_get_contact_values = attrgetter(*CONTACT_FIELDS)

_EMPTY_CONTACT = Contact()

_encode_contact = msgspec.json.Encoder().encode


class SecretPosted(ApiProblem):
    """The posted payload is secret (a health certificate, a WiFi key): only its hash may be stored."""


class ContactParser:
    """Parses posted contacts for one event."""

    def __init__(self, event: EventSettings, profile: BadgeProfile, clock: Clock) -> None:
        self.event = event
        self.profile = profile
        self.clock = clock

    def _read_badge_id(self, fields: ContactFields) -> Badge | RefusedPayload | None:
        """Parse what was posted as `badge_id` like a payload; None if nothing was."""
        return read_badge(fields.badge_id.encode(), fields.badge_id, self.profile) if fields.badge_id else None

    def normalize_contact(self, contact: NewContact) -> NewContact:
        """Move a whole badge that was posted as `badge_id` to the payload, and remove an entry secret from the id."""
        # Some scanners have a single field, and post whatever they scanned as `badge_id`.
        badge = self._read_badge_id(contact)
        if not isinstance(badge, Badge) or (badge.stored_payload is None and badge.can_be_id):
            return contact
        if contact.payload is None:
            return with_fields(contact, payload=contact.badge_id, badge_id=None)
        return with_fields(contact, badge_id=badge.badge_id or None)

    def clean_changes(self, fields: ContactFields) -> ContactFields:
        """
        Return *fields* with the entry secret removed from the id.

        Raises:
            SecretPosted: the id itself is a secret.
        """
        badge = self._read_badge_id(fields)
        _refuse_secret_id(badge)
        if isinstance(badge, Badge) and badge.stored_payload is not None:
            return with_fields(fields, badge_id=badge.badge_id or None)
        return fields

    def parse_badge(self, contact: NewContact) -> Badge | None:
        """
        Parse the payload; None if there is none.

        Raises:
            SecretPosted: the payload or the id must not be stored.
            ApiProblem: it is the test badge.
        """
        _refuse_secret_id(self._read_badge_id(contact))
        if contact.payload is None:
            return None
        found = read_badge(contact.payload.encode(), contact.payload, self.profile)
        if isinstance(found, RefusedPayload):
            raise SecretPosted(422, f"payload: {found.message}", field="payload")
        if found.kind == "test":
            raise ApiProblem(422, "payload: this is the test badge, which does not make a lead.", field="payload")
        return found

    def build_arrival(self, contact: NewContact, badge: Badge | None, device: Device) -> Arrival:
        """
        Build the arrival of a posted *contact*, which may contain a *badge*.

        Raises:
            ApiProblem: it does not say who the person is.
        """
        posted = Contact(*[value.strip() if value else "" for value in _get_contact_values(contact)])
        badge_id = contact.badge_id or (badge.badge_id if badge else "")
        if badge is None and not badge_id and posted == _EMPTY_CONTACT:
            raise ApiProblem(422, "This does not say who the person is: send a payload, a badge_id or a contact field.")
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
        payload = _encode_payload(contact)
        stored = badge.stored_payload if badge and badge.stored_payload is not None else payload
        scan = self._build_scan(contact, device, payload, stored, kind=lead.kind)
        # Whoever typed a name beside the badge knows better than the payload who it is.
        is_typed = contact.payload is not None and posted != _EMPTY_CONTACT
        return Arrival(scan, lead, is_payload_proof=not is_typed)

    def build_badge_lead(self, badge: Badge) -> Lead:
        """Build a lead from a badge alone."""
        return Lead("", self.event.name, badge.kind, badge.contact, badge.badge_id, badge.answers)

    def build_refused_scan(self, contact: NewContact, device: Device) -> RefusedScan:
        """Build the scan of a payload, or of a `badge_id`, that must not be stored."""
        secret = contact.badge_id if isinstance(self._read_badge_id(contact), RefusedPayload) else None
        payload = secret.encode() if secret else _encode_payload(contact)
        return RefusedScan(self.event.name, self._build_scan(contact, device, payload, None, kind="refused"))

    def _build_scan(
        self, contact: NewContact, device: Device, payload: bytes, stored: bytes | None, kind: str
    ) -> ScanRecord:
        """Build the scan of *payload*, at the device's own time if it sent one."""
        time = ScanTime.given(contact.scanned_at.timestamp() if contact.scanned_at else None, self.clock)
        operator = contact.operator or device.name
        return ScanRecord.of_payload(
            payload, stored, time, kind=kind, source="api", operator=operator, kiosk=device.name
        )


def _refuse_secret_id(badge: Badge | RefusedPayload | None) -> None:
    """
    Refuse what was posted as `badge_id` if it is a secret.

    Raises:
        SecretPosted: it is.
    """
    if isinstance(badge, RefusedPayload):
        raise SecretPosted(422, f"badge_id: {badge.message}", field="badge_id")


def _encode_payload(contact: NewContact) -> bytes:
    """Encode what is stored with the scan: the badge's text, or the posted contact if there was no badge."""
    return _encode_contact(contact) if contact.payload is None else contact.payload.encode()


def hash_content(contact: NewContact) -> bytes:
    """Return the hash by which an identical post is recognised."""
    return hashlib.sha256(_encode_contact(contact)).digest()
