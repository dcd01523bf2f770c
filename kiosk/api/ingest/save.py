"""A posted contact -> a saved lead, and many of them as one."""

import logging
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

import msgspec

from data import attendees, client_ids, history, leads
from data.arrival import Arrival, add_scan, arrive_in_transaction, arrive_together, record_refused_scan
from data.client_ids import Contribution
from data.clock import Clock
from data.contact import CONTACT_FIELDS
from data.devices import Device
from data.lead import Lead, derive_email_identity
from data.lead_limits import LeadTooLarge, check_lead_size
from data.person_matching import normalize_name, people_differ, phone_suffix
from data.store import Store
from data.uuid7 import new_uuid7
from kiosk.api.ingest.correction import apply_correction, derive_contribution
from kiosk.api.ingest.parse import ContactParser, SecretPosted, hash_content
from kiosk.api.wire.problems import ApiProblem
from kiosk.api.wire.requests import ContactFields, NewContact
from kiosk.badges.profile import BadgeProfile
from kiosk.config.tables import EventSettings

log = logging.getLogger(__name__)

_OTHER_FIELDS = ("badge_id", "rating", "note", "tags", "answers")
"""What a lead has beside the contact's fields, by the same names."""

_CLIENT_ID_TAKEN = "somebody else was posted with it; give each person one of their own, or change the lead with PATCH."

PostedContact: TypeAlias = tuple[NewContact, Device]
"""A posted contact, and the device that posted it."""


@dataclass(frozen=True, slots=True)
class SavedContact:
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


class ContactSaver:
    """Saves posted contacts for one event; all its methods run inside `writing`."""

    def __init__(self, event: EventSettings, profile: BadgeProfile, clock: Clock) -> None:
        self.event = event
        self.clock = clock
        self.parser = ContactParser(event, profile, clock)

    def save_many(self, db: Store, posts: Sequence[PostedContact]) -> list[SavedContact | Exception]:
        """
        Save all *posts*, and say of each what came of it; a bad one fails no other.

        Whoever is met for the first time is saved together with the others; the rest one by one, after them.
        """
        answers = self.save_new_people(db, posts)
        return [answer or self.save_isolated(db, post) for answer, post in zip(answers, posts, strict=True)]

    def save_new_people(self, db: Store, posts: Sequence[PostedContact]) -> list[SavedContact | Exception | None]:
        """Save those of *posts* that are of somebody new, and say what came of them; None for the others."""
        answers = self._try_save_new(db, posts)
        return [answers.get(place) for place in range(len(posts))]

    def _try_save_new(self, db: Store, posts: Sequence[PostedContact]) -> dict[int, SavedContact | Exception]:
        """What came of those of *posts* that are new here, by their place; none of them where that cannot be done."""
        db.conn.execute("savepoint together")
        try:
            return self._save_new(db, posts)
        except sqlite3.OperationalError:
            raise  # a full disk is no post's own fault, and may have ended the whole transaction
        except Exception:
            log.exception("leads could not be saved together, and are saved one by one")
            db.conn.execute("rollback to together")
            return {}
        finally:
            if db.conn.in_transaction:
                db.conn.execute("release together")

    def _save_new(self, db: Store, posts: Sequence[PostedContact]) -> dict[int, SavedContact | Exception]:
        """The same; all or nothing."""
        known = client_ids.find_known_client_ids(db, [contact.client_id for contact, _ in posts if contact.client_id])
        answers: dict[int, SavedContact | Exception] = {}
        arrivals: dict[int, Arrival] = {}
        for place, (contact, device) in enumerate(posts):
            name = (contact.client_id or "", device.id)
            # A badge may say who it is already, and reading it takes long: it goes the long way.
            if contact.payload is not None or contact.badge_id or name in known:
                continue
            try:
                arrivals[place] = self.parser.build_arrival(contact, None, device)
            except ApiProblem as error:
                answers[place] = error
                continue
            if contact.client_id:
                known.add(name)
        now, rows = self.clock.wall_time(), []
        saved_leads = arrive_together(db, list(arrivals.values()), self.clock)
        for (place, arrival), saved in zip(arrivals.items(), saved_leads, strict=True):
            if saved is None:
                continue
            contact, device = posts[place]
            answer = answers[place] = SavedContact(saved.lead.id, contact.client_id or saved.lead.id, "created")
            digest = bytes.fromhex(arrival.scan.payload_hash)  # no badge was posted, so it is the hash of all there is
            rows.append((answer.client_id, device.id, answer.lead_id, digest, now))
        if rows:
            client_ids.record_first_posts(db, rows)
        return answers

    def save_isolated(self, db: Store, post: PostedContact) -> SavedContact | Exception:
        """What came of one post, in a savepoint of its own; of what is nobody's business only the hash is kept."""
        contact, device = post
        db.conn.execute("savepoint post")
        try:
            return self.save_contact(db, contact, device)
        except sqlite3.OperationalError:
            raise
        except Exception as error:
            db.conn.execute("rollback to post")
            if isinstance(error, SecretPosted):
                record_refused_scan(db, self.parser.build_refused_scan(contact, device))
            return error
        finally:
            if db.conn.in_transaction:
                db.conn.execute("release post")

    def save_contact(self, db: Store, contact: NewContact, device: Device) -> SavedContact:
        """
        Save *contact*, which *device* posted; one that was posted before is brought up to date.

        Raises:
            Problem: it cannot be a lead.
        """
        client_id, digest = contact.client_id or new_uuid7(self.clock.wall_time()), hash_content(contact)
        before = client_ids.find_last_post(db, client_id, device.id)
        if before and before[1] == digest:  # whoever did not hear the answer undoes nothing that was mended since
            return SavedContact(before[0], client_id, "unchanged")
        if before:
            taken, contribution = self._update_posted(db, before[0], client_id, contact, device)
        else:
            taken, contribution = self._save_scan(db, client_id, contact, device)
        client_ids.record_post(db, client_id, taken.lead_id, self.clock.wall_time(), device.id, digest, contribution)
        return taken

    def _save_scan(
        self, db: Store, client_id: str, contact: NewContact, device: Device
    ) -> tuple[SavedContact, Contribution]:
        """
        Save *contact* as a scan of somebody, who may be a lead already; which that is, and what it added.

        Raises:
            Problem: it cannot be a lead.
        """
        arrival = self.parser.build_arrival(contact, self.parser.parse_badge(contact), device)
        with _report_too_large():
            check_lead_size(arrival.lead)
        saved = arrive_in_transaction(db, arrival, self.clock)
        taken = SavedContact(saved.lead.id, client_id, "created" if saved.is_new else "merged")
        return taken, derive_contribution(saved.previous, saved.lead, collect_changes(contact))

    def _update_posted(
        self, db: Store, lead_id: str, client_id: str, contact: NewContact, device: Device
    ) -> tuple[SavedContact, Contribution]:
        """
        Bring a lead up to date with what its device says of it now, and of what others said change nothing.

        Raises:
            Problem: the device says it of somebody else, or the lead would be too large.
        """
        badge, before = self.parser.parse_badge(contact), leads.get_lead(db, lead_id)
        lead, arrival = before, None
        if _has_identity(contact):
            arrival = self.parser.build_arrival(contact, badge, device)
            posted = attendees.complete_lead(db, arrival.lead)
            if _are_different_people(before, posted) or (badge is not None and _has_other_badge(before, posted)):
                raise ApiProblem(409, f"client_id: {_CLIENT_ID_TAKEN}", field="client_id")
            if badge is not None:
                lead = leads.merge_leads(before, attendees.complete_lead(db, self.parser.build_badge_lead(badge)))
        earlier = client_ids.list_contributions(db, lead_id, device.id, client_id, _parse_stored_post)
        is_shared = client_ids.has_other_contributors(db, lead_id, device.id)
        corrected = apply_correction(lead, collect_changes(contact), earlier, is_shared=is_shared)
        self._write_correction(db, before, corrected.lead, device)
        if badge is not None and arrival is not None:
            add_scan(db, corrected.lead, arrival)
        if corrected.not_taken:
            now = self.clock.wall_time()
            history.record_changes(db, lead_id, history.NOT_TAKEN, corrected.not_taken, device.name, now)
        status = "unchanged" if corrected.lead == before else "updated"
        return SavedContact(lead_id, client_id, status, tuple(corrected.not_taken)), corrected.contribution

    def _write_correction(self, db: Store, before: Lead, lead: Lead, device: Device) -> None:
        """
        Write down a lead that *device* has corrected.

        Raises:
            Problem: it would be too large.
        """
        with _report_too_large():
            check_lead_size(lead, before)
        if lead != before:
            leads.write_revision(db, before, lead, history.CORRECTION, device.name, self.clock.wall_time())

    def update_lead(self, db: Store, lead_id: str, fields: ContactFields, operator: str) -> None:
        """
        Change what *fields* name in a lead.

        Raises:
            Problem: it would be too large.
        """
        before = leads.get_lead(db, lead_id)
        with _report_too_large():
            check_lead_size(
                leads.edit_lead_in_transaction(db, lead_id, collect_changes(fields), operator, self.clock), before
            )


@contextmanager
def _report_too_large() -> Iterator[None]:
    """Where a lead would be too large, a problem that says so."""
    try:
        yield
    except LeadTooLarge as error:
        raise ApiProblem(422, f"{error.field}: together that is {error}.", field=error.field) from None


def _has_identity(contact: NewContact) -> bool:
    """Whether a post says more of a person than what somebody noted of them."""
    return bool(contact.payload or contact.badge_id or any(getattr(contact, name) for name in CONTACT_FIELDS))


def _are_different_people(one: Lead, other: Lead) -> bool:
    """Whether these are two people, of whom nothing that tells people apart is the same."""
    return people_differ(one.contact, other.contact) and not _share_identity(one, other)


def _has_other_badge(one: Lead, other: Lead) -> bool:
    """Whether these have badges with two ids, and nothing else says that they are one person."""
    return "" != one.badge_id != other.badge_id != "" and not _share_identity(one, other)


def _share_identity(one: Lead, other: Lead) -> bool:
    """Whether something that tells people apart is the same in both."""
    mine, yours = one.contact, other.contact
    return (
        derive_email_identity(mine.email) == derive_email_identity(yours.email) != ""
        or normalize_name(mine.display_name) == normalize_name(yours.display_name) != ()
        or phone_suffix(mine.phone) == phone_suffix(yours.phone) != ""
        or one.badge_id == other.badge_id != ""
    )


def _parse_stored_post(payload: bytes) -> dict[str, Any]:
    """What a post without a badge said, as it is kept with its scan; nothing where that is a badge's payload."""
    try:
        return collect_changes(msgspec.json.decode(payload, type=NewContact))
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return {}


def collect_changes(fields: ContactFields) -> dict[str, Any]:
    """What *fields* name, as `leads.edit` takes it; `null` leaves as is."""
    found = {name: getattr(fields, name) for name in (*CONTACT_FIELDS, *_OTHER_FIELDS)}
    named = {name: value for name, value in found.items() if value is not None}
    named |= {name: named[name].strip() for name in CONTACT_FIELDS if name in named}
    if "tags" in named:
        named["tags"] = tuple(dict.fromkeys(named["tags"]))
    return named
