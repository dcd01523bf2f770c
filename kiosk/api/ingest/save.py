"""Saves posted contacts: new people in bulk, everybody else one by one."""

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
from data.person_matching import get_phone_suffix, normalize_name, people_differ
from data.store import Store, savepoint
from data.uuid7 import new_uuid7
from kiosk.api.ingest.correction import apply_correction, derive_contribution
from kiosk.api.ingest.parse import ContactParser, SecretPosted, hash_content
from kiosk.api.wire.problems import ApiProblem
from kiosk.api.wire.requests import ContactFields, NewContact
from kiosk.badges.profile import BadgeProfile
from kiosk.config.tables import EventSettings

log = logging.getLogger(__name__)

# The fields of a lead beside those of its contact, under the same names as in a request.
_OTHER_FIELDS = ("badge_id", "rating", "note", "tags", "answers")

PostedContact: TypeAlias = tuple[NewContact, Device]
"""A posted contact, and the device that posted it."""


@dataclass(frozen=True, slots=True)
class SavedContact:
    """The result of a posted contact."""

    lead_id: str
    client_id: str
    status: str
    """`created`, `merged` with an existing lead, `updated`, or `unchanged`."""
    not_taken: tuple[str, ...] = ()
    """Fields that keep what others said."""

    @property
    def is_first(self) -> bool:
        """Whether this client id was posted for the first time."""
        return self.status in ("created", "merged")


class ContactSaver:
    """Saves posted contacts of one event; all methods run inside `write_transaction`."""

    def __init__(self, event: EventSettings, profile: BadgeProfile, clock: Clock) -> None:
        self.event = event
        self.clock = clock
        self.parser = ContactParser(event, profile, clock)

    def save_many(self, db: Store, posts: Sequence[PostedContact]) -> list[SavedContact | Exception]:
        """Save all *posts* and return the result of each; a bad one does not fail the others."""
        results = self.save_new_people(db, posts)
        return [result or self.save_isolated(db, post) for result, post in zip(results, posts, strict=True)]

    def save_new_people(self, db: Store, posts: Sequence[PostedContact]) -> list[SavedContact | Exception | None]:
        """Save those of *posts* that are about new people, and return their results; None for the others."""
        results: dict[int, SavedContact | Exception] = {}
        try:
            with savepoint(db, "new_people"):
                results = self._save_new_people(db, posts)
        except sqlite3.OperationalError:
            raise  # a full disk is not the fault of one post
        except Exception:
            log.exception("contacts could not be saved together; they are saved one by one")
        return [results.get(place) for place in range(len(posts))]

    def _save_new_people(self, db: Store, posts: Sequence[PostedContact]) -> dict[int, SavedContact | Exception]:
        """Save those of *posts* that are about new people, all or none, and return their results by index."""
        results: dict[int, SavedContact | Exception] = {}
        arrivals = self._build_new_arrivals(db, posts, results)
        saved_leads = arrive_together(db, list(arrivals.values()), self.clock)
        now, rows = self.clock.wall_time(), []
        for (place, arrival), saved in zip(arrivals.items(), saved_leads, strict=True):
            if saved is None:
                continue
            contact, device = posts[place]
            result = results[place] = SavedContact(saved.lead.id, contact.client_id or saved.lead.id, "created")
            # Without a badge the payload is the post itself, so its hash is that of the post.
            digest = bytes.fromhex(arrival.scan.payload_hash)
            rows.append((result.client_id, device.id, result.lead_id, digest, now))
        if rows:
            client_ids.record_first_posts(db, rows)
        return results

    def _build_new_arrivals(
        self, db: Store, posts: Sequence[PostedContact], problems: dict[int, SavedContact | Exception]
    ) -> dict[int, Arrival]:
        """Build the arrivals of posts that may be about new people, by index; invalid posts are added to *problems*."""
        known = client_ids.find_known_client_ids(db, [contact.client_id for contact, _ in posts if contact.client_id])
        arrivals: dict[int, Arrival] = {}
        for place, (contact, device) in enumerate(posts):
            key = (contact.client_id or "", device.id)
            # A badge may belong to a known person, and parsing it takes long, so badges are saved one by one.
            if contact.payload is not None or contact.badge_id or key in known:
                continue
            try:
                arrivals[place] = self.parser.build_arrival(contact, None, device)
            except ApiProblem as problem:
                problems[place] = problem
                continue
            if contact.client_id:
                known.add(key)
        return arrivals

    def save_isolated(self, db: Store, post: PostedContact) -> SavedContact | Exception:
        """Save one post and return its result; if it fails, nothing of it stays but the hash of a secret payload."""
        contact, device = post
        try:
            with savepoint(db, "post"):
                return self.save_contact(db, contact, device)
        except sqlite3.OperationalError:
            raise  # a full disk is not the fault of one post
        except SecretPosted as error:
            record_refused_scan(db, self.parser.build_refused_scan(contact, device))
            return error
        except Exception as error:
            return error

    def save_contact(self, db: Store, contact: NewContact, device: Device) -> SavedContact:
        """
        Save *contact*, posted by *device*; where the client id was posted before, update that lead.

        Raises:
            ApiProblem: it cannot be saved.
        """
        client_id, digest = contact.client_id or new_uuid7(self.clock.wall_time()), hash_content(contact)
        last_post = client_ids.find_last_post(db, client_id, device.id)
        if last_post and last_post[1] == digest:
            # A client that missed the response posts again, and must not undo what people changed meanwhile.
            return SavedContact(last_post[0], client_id, "unchanged")
        if last_post:
            saved, contribution = self._update_posted(db, last_post[0], client_id, contact, device)
        else:
            saved, contribution = self._save_scan(db, client_id, contact, device)
        client_ids.record_post(db, client_id, saved.lead_id, self.clock.wall_time(), device.id, digest, contribution)
        return saved

    def _save_scan(
        self, db: Store, client_id: str, contact: NewContact, device: Device
    ) -> tuple[SavedContact, Contribution]:
        """
        Save a first post; return its result, and what it added to the lead.

        Raises:
            ApiProblem: it cannot be saved.
        """
        arrival = self.parser.build_arrival(contact, self.parser.parse_badge(contact), device)
        with _report_too_large():
            check_lead_size(arrival.lead)
        saved = arrive_in_transaction(db, arrival, self.clock)
        result = SavedContact(saved.lead.id, client_id, "created" if saved.is_new else "merged")
        return result, derive_contribution(saved.previous, saved.lead, _collect_changes(contact))

    def _update_posted(
        self, db: Store, lead_id: str, client_id: str, contact: NewContact, device: Device
    ) -> tuple[SavedContact, Contribution]:
        """
        Update a lead with what its device posts now, without changing what others said.

        Raises:
            ApiProblem: the post is about somebody else, or the lead would be too large.
        """
        badge, before = self.parser.parse_badge(contact), leads.get_lead(db, lead_id)
        lead, arrival = before, None
        if _has_identity(contact):
            arrival = self.parser.build_arrival(contact, badge, device)
            posted = attendees.complete_lead(db, arrival.lead)
            if _are_different_people(before, posted) or (badge is not None and _has_other_badge(before, posted)):
                raise ApiProblem(
                    409,
                    "client_id: another person was posted with it. Give each person a client_id of their own, or "
                    "change the lead with PATCH.",
                    field="client_id",
                )
            if badge is not None:
                lead = leads.merge_leads(before, attendees.complete_lead(db, self.parser.build_badge_lead(badge)))
        earlier = client_ids.list_contributions(db, lead_id, device.id, client_id, _parse_stored_post)
        is_shared = client_ids.has_other_contributors(db, lead_id, device.id)
        correction = apply_correction(lead, _collect_changes(contact), earlier, is_shared=is_shared)
        self._write_correction(db, before, correction.lead, device)
        if badge is not None and arrival is not None:
            add_scan(db, correction.lead, arrival)
        if correction.not_taken:
            now = self.clock.wall_time()
            history.record_changes(db, lead_id, history.NOT_TAKEN, correction.not_taken, device.name, now)
        status = "unchanged" if correction.lead == before else "updated"
        return SavedContact(lead_id, client_id, status, tuple(correction.not_taken)), correction.contribution

    def _write_correction(self, db: Store, before: Lead, lead: Lead, device: Device) -> None:
        """
        Write a lead that *device* has corrected.

        Raises:
            ApiProblem: it would be too large.
        """
        with _report_too_large():
            check_lead_size(lead, before)
        if lead != before:
            leads.write_revision(db, before, lead, history.CORRECTION, device.name, self.clock.wall_time())

    def update_lead(self, db: Store, lead_id: str, fields: ContactFields, operator: str) -> None:
        """
        Change the fields of a lead that *fields* has.

        Raises:
            ApiProblem: it would be too large.
        """
        before = leads.get_lead(db, lead_id)
        with _report_too_large():
            after = leads.edit_lead_in_transaction(db, lead_id, _collect_changes(fields), operator, self.clock)
            check_lead_size(after, before)


@contextmanager
def _report_too_large() -> Iterator[None]:
    """
    Translate the error of a lead that is too large.

    Raises:
        ApiProblem: it is.
    """
    try:
        yield
    except LeadTooLarge as error:
        raise ApiProblem(422, f"{error.field}: together that is {error}.", field=error.field) from None


def _has_identity(contact: NewContact) -> bool:
    """Return whether a post says who the person is, and not only a rating or a note about them."""
    return bool(contact.payload or contact.badge_id or any(getattr(contact, name) for name in CONTACT_FIELDS))


def _are_different_people(one: Lead, other: Lead) -> bool:
    """Return whether the two leads name different people, and share nothing that identifies a person."""
    return people_differ(one.contact, other.contact) and not _share_identity(one, other)


def _has_other_badge(one: Lead, other: Lead) -> bool:
    """Return whether the two leads have different badge ids, and share nothing else that identifies a person."""
    return "" != one.badge_id != other.badge_id != "" and not _share_identity(one, other)


def _share_identity(one: Lead, other: Lead) -> bool:
    """Return whether e-mail, name, phone or badge id of the two leads are the same."""
    first, second = one.contact, other.contact
    return (
        derive_email_identity(first.email) == derive_email_identity(second.email) != ""
        or normalize_name(first.display_name) == normalize_name(second.display_name) != ()
        or get_phone_suffix(first.phone) == get_phone_suffix(second.phone) != ""
        or one.badge_id == other.badge_id != ""
    )


def _parse_stored_post(payload: bytes) -> dict[str, Any]:
    """Parse a post that was stored with its scan; empty if that is a badge's payload."""
    try:
        return _collect_changes(msgspec.json.decode(payload, type=NewContact))
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return {}


def _collect_changes(fields: ContactFields) -> dict[str, Any]:
    """Collect the fields that are not null, as `leads.edit_lead` takes them."""
    values = {name: getattr(fields, name) for name in (*CONTACT_FIELDS, *_OTHER_FIELDS)}
    changes = {name: value for name, value in values.items() if value is not None}
    changes |= {name: changes[name].strip() for name in CONTACT_FIELDS if name in changes}
    if "tags" in changes:
        changes["tags"] = tuple(dict.fromkeys(changes["tags"]))
    return changes
