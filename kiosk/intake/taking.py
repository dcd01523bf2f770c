"""A posted contact -> a saved lead: what the camera's capture is for badges, this is for other devices."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, TypeAlias

import msgspec

from data import attendees, leads, many, posted, scans
from data.clock import Clock
from data.contact import CONTACT_FIELDS, Contact
from data.ids import uuid7
from data.lead import Lead, Sighting
from data.many import New
from data.recognise import recognise
from data.store import Store
from kiosk.badges import read_badge
from kiosk.badges.badge import Badge, Refused
from kiosk.badges.identity import identities
from kiosk.badges.profile import BadgeProfile
from kiosk.intake.body import ContactFields, NewContact, Problem
from kiosk.settings import EventSettings

OTHERS = ("badge_id", "rating", "note", "tags", "answers")
"""What a lead has beside the contact's fields, by the same names."""


FIELDS = attrgetter(*CONTACT_FIELDS)

NOBODY = Contact()

encode = msgspec.json.Encoder().encode

Post: TypeAlias = tuple[NewContact, str]
"""A posted contact, and the name of the device that posted it."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a posted contact."""

    lead_id: str
    client_id: str
    status: str
    """`created`, `merged` with a lead that was there, `updated`, or `unchanged`."""

    @property
    def is_first(self) -> bool:
        """Whether it had not been posted before."""
        return self.status in ("created", "merged")


class Taking:
    """Saves posted contacts for one event; all its methods run inside `writing`, in the writer's thread."""

    def __init__(self, event: EventSettings, profile: BadgeProfile, clock: Clock) -> None:
        self.event = event
        self.profile = profile
        self.clock = clock

    def take_many(self, db: Store, posts: Sequence[Post]) -> list[Taken | Exception]:
        """
        Save all *posts*, and say of each what came of it; a bad one fails no other.

        Whoever is met for the first time is saved together with the others; the rest one by one, after them.
        """
        known = posted.find_many(db, [contact.client_id for contact, _ in posts if contact.client_id])
        answers: dict[int, Taken | Exception] = {}
        new = self.perhaps_new(db, posts, set(known), answers)
        met = many.known_identities(db, self.event.name, [name for found in new.values() for name in found.identities])
        fresh = {place: found for place, found in new.items() if not met.intersection(found.identities)}
        if fresh:
            many.insert_new(db, list(fresh.values()))
            made = {
                place: Taken(found.lead.id, posts[place][0].client_id or found.lead.id, "created")
                for place, found in fresh.items()
            }
            now = self.clock.wall()
            posted.note_many(db, [(taken.client_id, taken.lead_id, now) for taken in made.values()])
            answers |= made
        return [answers.get(place) or self.alone(db, *post) for place, post in enumerate(posts)]

    def perhaps_new(
        self, db: Store, posts: Sequence[Post], ids: set[str], answers: dict[int, Taken | Exception]
    ) -> dict[int, New]:
        """
        Those of *posts* whose client's id is not one of *ids*, and who are nobody else of them; by their place.

        What is wrong with others goes into *answers*. Badges are not among them: they may say who it is already.
        """
        new: dict[int, New] = {}
        seen: set[str] = set()
        for place, (contact, device) in enumerate(posts):
            if contact.payload is not None or contact.badge_id or contact.client_id in ids:
                continue
            try:
                found = self.new(db, contact, device)
            except Problem as error:
                answers[place] = error
                continue
            if seen.isdisjoint(found.identities):
                new[place] = found
                seen.update(found.identities)
                ids.add(contact.client_id or "")
        return new

    def new(self, db: Store, contact: NewContact, device: str) -> New:
        """
        The lead of somebody who may be new here.

        Raises:
            Problem: it cannot be a lead.
        """
        now = self.clock.wall()
        lead, payload = self.lead(db, contact, None, uuid7(now), now), self.payload(contact)
        names = identities(lead.contact, lead.badge_id, payload)
        return New(lead, names, self.sighting(contact, None, device, payload))

    def alone(self, db: Store, contact: NewContact, device: str) -> Taken | Exception:
        """What came of one post, in a savepoint of its own; of what is nobody's business only the hash is kept."""
        db.conn.execute("savepoint post")
        try:
            return self.take(db, contact, device)
        except Exception as error:
            db.conn.execute("rollback to post")
            if isinstance(error, Problem) and error.field == "payload":
                self.keep_refused(db, contact, device)
            return error
        finally:
            db.conn.execute("release post")

    def take(self, db: Store, contact: NewContact, device: str) -> Taken:
        """
        Save *contact*, which *device* posted; one that was posted before is brought up to date.

        Raises:
            Problem: it cannot be a lead.
        """
        client_id = contact.client_id or uuid7(self.clock.wall())
        if known := posted.find(db, client_id):
            return Taken(known, client_id, self.update(db, known, contact, device))
        reading = self.read(db, contact, device)
        lead = self.lead(db, contact, reading)
        payload = self.payload(contact)
        names = identities(lead.contact, lead.badge_id, payload)
        # The same payload is the same person only where nobody typed in beside it who that is.
        is_typed = contact.payload is not None and any(getattr(contact, name) for name in CONTACT_FIELDS)
        found = recognise(db, lead, names, payload_hash="") if is_typed else None
        sighting = self.sighting(contact, reading, device, payload)
        saved = leads.save_inside(db, lead, names, sighting, self.clock, found)
        posted.note(db, client_id, saved.lead.id, self.clock.wall())
        return Taken(saved.lead.id, client_id, "created" if saved.created else "merged")

    def update(self, db: Store, lead_id: str, fields: ContactFields, device: str) -> str:
        """Change what *fields* name in a lead; whether that changed anything, in a word."""
        before = leads.get(db, lead_id).revision
        after = leads.edit_inside(db, lead_id, changes(fields), device, self.clock).revision
        return "updated" if after != before else "unchanged"

    def read(self, db: Store, contact: NewContact, device: str) -> Badge | None:
        """
        The badge that was posted, if one was.

        Raises:
            Problem: it is nobody's business; only its hash is kept.
        """
        if contact.payload is None:
            return None
        reading = read_badge(contact.payload.encode("utf-8", "replace"), contact.payload, self.profile)
        if isinstance(reading, Refused):
            raise Problem(422, f"payload: {reading.sentence}", field="payload")
        return reading

    def lead(self, db: Store, contact: NewContact, reading: Badge | None, lead_id: str = "", now: float = 0.0) -> Lead:
        """
        The lead that *contact* is, with what its badge and the attendee list add.

        Raises:
            Problem: nothing says who it is.
        """
        said = Contact(*(value or "" for value in FIELDS(contact)))
        badge_id = contact.badge_id or (reading.badge_id if reading else "")
        if reading is not None:
            said = said.filled_from(reading.contact)
        if badge_id:
            said = attendees.completed(db, self.event.name, badge_id, said)
        if reading is None and not badge_id and said == NOBODY:
            raise Problem(422, "Nothing here says who it is: send a payload, a badge_id or a contact's field.")
        return Lead(
            id=lead_id,
            event=self.event.name,
            kind=reading.kind if reading else "posted",
            contact=said,
            badge_id=badge_id,
            answers={**(reading.answers if reading else {}), **(contact.answers or {})},
            rating=contact.rating,
            note=contact.note or "",
            tags=tuple(dict.fromkeys(contact.tags or ())),
            created_at=now,
            updated_at=now,
        )

    def payload(self, contact: NewContact) -> bytes:
        """What is kept with the scan: the badge's text, or what was posted."""
        if contact.payload is not None:
            return contact.payload.encode("utf-8", "replace")
        return encode(contact)

    def sighting(self, contact: NewContact, reading: Badge | None, device: str, payload: bytes) -> Sighting:
        """The scan to keep, at the client's own time."""
        kept = payload if reading is None or reading.keep is None else reading.keep
        at = contact.scanned_at.timestamp() if contact.scanned_at else None
        return Sighting(
            payload=kept,
            payload_hash=hashlib.sha256(payload).hexdigest(),
            kind=reading.kind if reading else "posted",
            symbology="",
            source="api",
            operator=contact.operator or device,
            kiosk=device,
            # A time of another device's is told by its own clock alone, whatever is learned of ours.
            wall_at=at if at is not None else self.clock.wall(),
            boot_id="" if at is not None else self.clock.boot,
            monotonic=0.0 if at is not None else self.clock.mono(),
        )

    def keep_refused(self, db: Store, contact: NewContact, device: str) -> None:
        """Note that something was posted that is nobody's business: of it, only the hash."""
        payload = self.payload(contact)
        digest = hashlib.sha256(payload).hexdigest()
        wall, mono = self.clock.wall(), self.clock.mono()
        sighting = Sighting(None, digest, "refused", "", "api", device, device, wall, self.clock.boot, mono)
        scans.record(db, None, self.event.name, sighting)


def changes(fields: ContactFields) -> dict[str, Any]:
    """What *fields* name, as `leads.edit` takes it; `null` leaves as is."""
    found = {name: getattr(fields, name) for name in (*CONTACT_FIELDS, *OTHERS)}
    named = {name: value for name, value in found.items() if value is not None}
    if "tags" in named:
        named["tags"] = tuple(dict.fromkeys(named["tags"]))
    return named
