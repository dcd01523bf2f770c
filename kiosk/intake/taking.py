"""A posted contact -> a saved lead, and many of them as one."""

import logging
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

import msgspec

from data import history, leads, many, posted, scans
from data.clock import Clock
from data.contact import CONTACT_FIELDS
from data.devices import Device
from data.identities import identities
from data.ids import uuid7
from data.lead import Lead, email_identity
from data.lead_limits import LeadTooLarge, check_size
from data.many import New
from data.posted import Contribution
from data.recognise import recognise
from data.same import digits, people_differ, words
from data.store import Store
from kiosk.badges.profile import BadgeProfile
from kiosk.config.tables import EventSettings
from kiosk.intake.body import ContactFields, NewContact, Problem
from kiosk.intake.correction import contributed, correct
from kiosk.intake.reading import Reading, Secret, content_hash, payload_of

log = logging.getLogger(__name__)

OTHERS = ("badge_id", "rating", "note", "tags", "answers")
"""What a lead has beside the contact's fields, by the same names."""

TAKEN = "somebody else was posted with it; give each person one of their own, or change the lead with PATCH."

Post: TypeAlias = tuple[NewContact, Device]
"""A posted contact, and the device that posted it."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a posted contact."""

    lead_id: str
    client_id: str
    status: str
    """`created`, `merged` with a lead that was there, `updated`, or `unchanged`."""
    not_taken: tuple[str, ...] = ()
    """Fields in which others said something else, which stays."""

    @property
    def is_first(self) -> bool:
        """Whether it had not been posted before."""
        return self.status in ("created", "merged")


class Taking:
    """Saves posted contacts for one event; all its methods run inside `writing`."""

    def __init__(self, event: EventSettings, profile: BadgeProfile, clock: Clock) -> None:
        self.event = event
        self.clock = clock
        self.reading = Reading(event, profile, clock)

    def take_many(self, db: Store, posts: Sequence[Post]) -> list[Taken | Exception]:
        """
        Save all *posts*, and say of each what came of it; a bad one fails no other.

        Whoever is met for the first time is saved together with the others; the rest one by one, after them.
        """
        answers = self.take_new(db, posts)
        return [answer or self.alone(db, post) for answer, post in zip(answers, posts, strict=True)]

    def take_new(self, db: Store, posts: Sequence[Post]) -> list[Taken | Exception | None]:
        """Save those of *posts* that are of somebody new, and say what came of them; None for the others."""
        answers = self.together(db, posts)
        return [answers.get(place) for place in range(len(posts))]

    def together(self, db: Store, posts: Sequence[Post]) -> dict[int, Taken | Exception]:
        """What came of those of *posts* that are new here, by their place; none of them where that cannot be done."""
        db.conn.execute("savepoint together")
        try:
            return self.save_new(db, posts)
        except sqlite3.OperationalError:
            raise  # a full disk is no post's own fault, and may have ended the whole transaction
        except Exception:
            log.exception("leads could not be saved together, and are saved one by one")
            db.conn.execute("rollback to together")
            return {}
        finally:
            if db.conn.in_transaction:
                db.conn.execute("release together")

    def save_new(self, db: Store, posts: Sequence[Post]) -> dict[int, Taken | Exception]:
        """The same; all or nothing."""
        known = posted.find_many(db, [contact.client_id for contact, _ in posts if contact.client_id])
        answers: dict[int, Taken | Exception] = {}
        new = self.perhaps_new(db, posts, known, answers)
        met = many.known_identities(db, self.event.name, [name for found in new.values() for name in found.identities])
        fresh = {place: found for place, found in new.items() if not met.intersection(found.identities)}
        if fresh:
            many.insert_new(db, list(fresh.values()))
            now, rows = self.clock.wall(), []
            for place, found in fresh.items():
                contact, device = posts[place]
                taken = answers[place] = Taken(found.lead.id, contact.client_id or found.lead.id, "created")
                digest = bytes.fromhex(found.sighting.payload_hash)  # where no badge was posted it is of all there is
                rows.append((taken.client_id, device.id, taken.lead_id, digest, now))
            posted.note_many(db, rows)
        return answers

    def perhaps_new(
        self, db: Store, posts: Sequence[Post], known: set[tuple[str, str]], answers: dict[int, Taken | Exception]
    ) -> dict[int, New]:
        """
        Those of *posts* whose client's id is not *known*, and who are nobody else of them; by their place.

        What is wrong with others goes into *answers*. Badges are not among them: they may say who it is already.
        """
        new: dict[int, New] = {}
        seen: set[str] = set()
        for place, (contact, device) in enumerate(posts):
            name = (contact.client_id or "", device.id)
            if contact.payload is not None or contact.badge_id or name in known:
                continue
            try:
                found = self.new(db, contact, device)
            except Problem as error:
                answers[place] = error
                continue
            if seen.isdisjoint(found.identities):
                new[place] = found
                seen.update(found.identities)
            if contact.client_id:
                known.add(name)
        return new

    def new(self, db: Store, contact: NewContact, device: Device) -> New:
        """
        The lead of somebody who may be new here.

        Raises:
            Problem: it cannot be a lead.
        """
        now = self.clock.wall()
        lead = self.reading.lead(db, contact, None, uuid7(now), now)
        payload = payload_of(contact)
        names = identities(lead.contact, lead.badge_id, payload)
        return New(lead, names, self.reading.sighting(contact, None, device, payload))

    def alone(self, db: Store, post: Post) -> Taken | Exception:
        """What came of one post, in a savepoint of its own; of what is nobody's business only the hash is kept."""
        contact, device = post
        db.conn.execute("savepoint post")
        try:
            return self.take(db, contact, device)
        except sqlite3.OperationalError:
            raise
        except Exception as error:
            db.conn.execute("rollback to post")
            if isinstance(error, Secret):
                scans.record(db, None, self.event.name, self.reading.refused(contact, device))
            return error
        finally:
            if db.conn.in_transaction:
                db.conn.execute("release post")

    def take(self, db: Store, contact: NewContact, device: Device) -> Taken:
        """
        Save *contact*, which *device* posted; one that was posted before is brought up to date.

        Raises:
            Problem: it cannot be a lead.
        """
        client_id, digest = contact.client_id or uuid7(self.clock.wall()), content_hash(contact)
        before = posted.last(db, client_id, device.id)
        if before and before[1] == digest:  # whoever did not hear the answer undoes nothing that was mended since
            return Taken(before[0], client_id, "unchanged")
        if before:
            taken, contribution = self.again(db, before[0], client_id, contact, device)
        else:
            taken, contribution = self.scan(db, client_id, contact, device)
        posted.note(db, client_id, taken.lead_id, self.clock.wall(), device.id, digest, contribution)
        return taken

    def scan(self, db: Store, client_id: str, contact: NewContact, device: Device) -> tuple[Taken, Contribution]:
        """
        Save *contact* as a scan of somebody, who may be a lead already; which that is, and what it added.

        Raises:
            Problem: it cannot be a lead.
        """
        badge = self.reading.badge(contact)
        lead = self.reading.lead(db, contact, badge)
        with sized():
            check_size(lead)
        payload = payload_of(contact)
        names = identities(lead.contact, lead.badge_id, payload)
        # The same payload is the same person only where nobody typed in beside it who that is.
        is_typed = contact.payload is not None and any(getattr(contact, name) for name in CONTACT_FIELDS)
        found = recognise(db, lead, names, payload_hash="") if is_typed else None
        sighting = self.reading.sighting(contact, badge, device, payload)
        saved = leads.save_inside(db, lead, names, sighting, self.clock, found)
        taken = Taken(saved.lead.id, client_id, "created" if saved.created else "merged")
        return taken, contributed(saved.before, saved.lead, changes(contact))

    def again(
        self, db: Store, lead_id: str, client_id: str, contact: NewContact, device: Device
    ) -> tuple[Taken, Contribution]:
        """
        Bring a lead up to date with what its device says of it now, and of what others said change nothing.

        Raises:
            Problem: the device says it of somebody else, or the lead would be too large.
        """
        badge, before = self.reading.badge(contact), leads.get(db, lead_id)
        lead = before
        if says_who(contact):
            said = self.reading.lead(db, contact, badge)
            if are_two(before, said) or (badge is not None and is_other_badge(before, said)):
                raise Problem(409, f"client_id: {TAKEN}", field="client_id")
            if badge is not None:
                lead = leads.merge(before, self.reading.of_badge(db, badge))
        earlier = posted.contributions(db, lead_id, device.id, client_id, said_in)
        is_shared = posted.has_others(db, lead_id, device.id)
        corrected = correct(lead, changes(contact), earlier, is_shared=is_shared)
        self.write(db, before, corrected.lead, device)
        if badge is not None:
            payload = payload_of(contact)
            names = identities(corrected.lead.contact, corrected.lead.badge_id, payload)
            leads.scan_again(db, corrected.lead, names, self.reading.sighting(contact, badge, device, payload))
        if corrected.not_taken:
            now = self.clock.wall()
            history.record(db, lead_id, history.NOT_TAKEN, corrected.not_taken, device.name, now)
        status = "unchanged" if corrected.lead == before else "updated"
        return Taken(lead_id, client_id, status, tuple(corrected.not_taken)), corrected.contribution

    def write(self, db: Store, before: Lead, lead: Lead, device: Device) -> None:
        """
        Write down a lead that *device* has corrected.

        Raises:
            Problem: it would be too large.
        """
        with sized():
            check_size(lead, before)
        if lead != before:
            leads.changed(db, before, lead, history.CORRECTION, device.name, self.clock.wall())

    def update(self, db: Store, lead_id: str, fields: ContactFields, operator: str) -> None:
        """
        Change what *fields* name in a lead.

        Raises:
            Problem: it would be too large.
        """
        before = leads.get(db, lead_id)
        with sized():
            check_size(leads.edit_inside(db, lead_id, changes(fields), operator, self.clock), before)


@contextmanager
def sized() -> Iterator[None]:
    """Where a lead would be too large, a problem that says so."""
    try:
        yield
    except LeadTooLarge as error:
        raise Problem(422, f"{error.field}: together that is {error}.", field=error.field) from None


def says_who(contact: NewContact) -> bool:
    """Whether a post says more of a person than what somebody noted of them."""
    return bool(contact.payload or contact.badge_id or any(getattr(contact, name) for name in CONTACT_FIELDS))


def are_two(one: Lead, other: Lead) -> bool:
    """Whether these are two people, of whom nothing that tells people apart is the same."""
    return people_differ(one.contact, other.contact) and not share_something(one, other)


def is_other_badge(one: Lead, other: Lead) -> bool:
    """Whether these have badges with two ids, and nothing else says that they are one person."""
    return "" != one.badge_id != other.badge_id != "" and not share_something(one, other)


def share_something(one: Lead, other: Lead) -> bool:
    """Whether something that tells people apart is the same in both."""
    mine, yours = one.contact, other.contact
    return (
        email_identity(mine.email) == email_identity(yours.email) != ""
        or words(mine.display_name) == words(yours.display_name) != ()
        or digits(mine.phone) == digits(yours.phone) != ""
        or one.badge_id == other.badge_id != ""
    )


def said_in(payload: bytes) -> dict[str, Any]:
    """What a post without a badge said, as it is kept with its scan; nothing where that is a badge's payload."""
    try:
        return changes(msgspec.json.decode(payload, type=NewContact))
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return {}


def changes(fields: ContactFields) -> dict[str, Any]:
    """What *fields* name, as `leads.edit` takes it; `null` leaves as is."""
    found = {name: getattr(fields, name) for name in (*CONTACT_FIELDS, *OTHERS)}
    named = {name: value for name, value in found.items() if value is not None}
    named |= {name: named[name].strip() for name in CONTACT_FIELDS if name in named}
    if "tags" in named:
        named["tags"] = tuple(dict.fromkeys(named["tags"]))
    return named
