"""
The one way in: every badge, post, imported row and held scan becomes a saved lead here.

The camera, the USB scanner, the API, the import and the hand-over of scans from an earlier run only build an `Arrival`.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlite_utils import Database

from data import attendees, client_ids, history, import_ledger, lead_table, leads, outbox
from data.clock import Clock
from data.deduplicate import LeadMatch, find_matching_lead
from data.identities import derive_identities, derive_payload_identity
from data.lead import Lead, ScanRecord
from data.lead_limits import LeadTooLarge, check_lead_size
from data.lead_table import NewLead
from data.store import write_transaction
from data.uuid7 import new_uuid7

_SELECT_KNOWN_IDENTITIES = """
    select identity from identities
     where event = :event and identity in (select value from json_each(:identities))
"""


@dataclass(frozen=True, slots=True)
class Arrival:
    """Something that was scanned, posted, imported or handed over. It was parsed, but is not saved yet."""

    scan: ScanRecord
    lead: Lead
    """What it says about the person, before the attendee list completes it. Its revision and times are ignored; its id
    is empty, or that of another kiosk's lead."""
    identities: Sequence[str] | None = None
    """What identifies the person, strongest first; None: derived from the e-mail, the badge id and the payload."""
    is_payload_proof: bool = True
    """Whether the same payload means the same person. False if somebody typed in, beside it, who the person is."""
    met_at: float | None = None
    """When the person was met (seconds since 1970 UTC), if a list says so: a new lead is sorted by that time."""
    discard_reason: str | None = None
    """Why people at another kiosk discarded the lead; None if nobody did."""


@dataclass(frozen=True, slots=True)
class RefusedScan:
    """A payload that must not be stored (a health certificate, a WiFi key): only its hash is kept, and no lead."""

    event: str
    scan: ScanRecord


@dataclass(frozen=True, slots=True)
class SavedLead:
    """The result of saving an arrival. When `arrive` returns it, the lead is on the disk."""

    lead: Lead
    is_new: bool
    """Whether this was the person's first scan at this event."""
    is_restored: bool = False
    """Whether the lead had been discarded, and scanning the badge again restored it."""
    kept_apart_from: Lead | None = None
    """Another lead that has the same e-mail or id but is somebody else; None if there is none."""
    shared_identity: str = ""
    """The identity that both have."""
    previous: Lead | None = None
    """The lead as it was before this scan; None if it is new."""


def arrive(db: Database, arrival: Arrival, clock: Clock) -> SavedLead:
    """
    Save *arrival*: lead, scan and outbox row, in one transaction that is flushed to the disk.

    If a lead at this event is the same person (`data.deduplicate`), the scan is added to it: its empty fields are
    filled in, its notes are kept, and the higher rating wins.

    Raises:
        StoreError: nothing was saved.
    """
    with write_transaction(db):
        return arrive_in_transaction(db, arrival, clock)


def arrive_in_transaction(db: Database, arrival: Arrival, clock: Clock) -> SavedLead:
    """Save *arrival* as `arrive` does, as part of a larger transaction. Runs inside `write_transaction`."""
    lead = attendees.complete_lead(db, arrival.lead)
    identities = _list_identities(arrival, lead)
    match = _keep_apart_if_too_large(_find_match(db, arrival, lead, identities), lead, identities)
    if match.lead is None:
        saved = _insert_lead(db, arrival, lead, identities, match, clock)
    else:
        saved = _add_to_lead(db, arrival, lead, identities, match.lead, clock)
    now = clock.wall_time()
    if lead.id:
        client_ids.record_post(db, lead.id, saved.lead.id, now)
    if arrival.discard_reason is not None:
        operator = arrival.scan.operator
        import_ledger.discard_imported_lead(db, saved.lead.id, arrival.discard_reason, operator, now)
    return saved


def arrive_together(db: Database, arrivals: Sequence[Arrival], clock: Clock) -> list[SavedLead | None]:
    """
    Save those of *arrivals* whose identities no lead has, with one statement per table. Runs inside
    `write_transaction`.

    Returns None in the place of each other arrival, which may be somebody's second scan: the caller has to pass it to
    `arrive_in_transaction`. Leads of another kiosk are always among these.
    """
    now = clock.wall_time()
    found = [_prepare_new_lead(db, arrival, now) for arrival in arrivals]
    taken = _find_known_identities(db, [new for new in found if new])
    saved: list[SavedLead | None] = []
    fresh = []
    for new in found:
        identities = {(new.lead.event, identity) for identity in new.identities} if new else set()
        if new is None or not taken.isdisjoint(identities):
            saved.append(None)
            continue
        taken |= identities
        fresh.append(new)
        saved.append(SavedLead(new.lead, is_new=True))
    if fresh:
        lead_table.insert_new_leads(db, fresh)
    return saved


def record_refused_scan(db: Database, refused: RefusedScan) -> None:
    """Record that something was scanned which must not be stored. Runs inside `write_transaction`."""
    lead_table.insert_scan(db, None, refused.event, replace(refused.scan, payload=None))


def add_scan(db: Database, lead: Lead, arrival: Arrival) -> None:
    """
    Add the scan of *arrival*, and the identities that it gives *lead*, and nothing else. Runs inside
    `write_transaction`.

    A device that corrects what it posted is not a visitor who came back: a discarded lead stays discarded.
    """
    identities = derive_identities(lead.contact, lead.badge_id, arrival.scan.payload_hash)
    lead_table.insert_identities(db, ((lead, identity) for identity in identities))
    lead_table.insert_scan(db, lead.id, lead.event, arrival.scan)


def _list_identities(arrival: Arrival, lead: Lead) -> list[str]:
    """List what identifies the person of *arrival*, strongest first."""
    if arrival.identities is not None:
        return list(arrival.identities)
    return derive_identities(lead.contact, lead.badge_id, arrival.scan.payload_hash)


def _find_match(db: Database, arrival: Arrival, lead: Lead, identities: Sequence[str]) -> LeadMatch:
    """Find the lead of the person in *arrival*, if there is one."""
    payload_hash = arrival.scan.payload_hash if arrival.is_payload_proof else ""
    match = find_matching_lead(db, lead, identities, payload_hash)
    if not lead.id or match.lead is None:
        return match
    # Two leads that another kiosk kept apart stay apart here. And if a lead was discarded there, one that we have of
    # the same person must not be discarded with it.
    if arrival.discard_reason is not None or client_ids.find_lead_id(db, match.lead.id) == match.lead.id:
        return LeadMatch(None, match.lead, match.shared_identity)
    return match


def _keep_apart_if_too_large(match: LeadMatch, lead: Lead, identities: Sequence[str]) -> LeadMatch:
    """Return *match*; but if the merged lead would be too large, keep both apart, so that nothing is cut off."""
    if match.lead is None:
        return match
    try:
        check_lead_size(leads.merge_leads(match.lead, lead), match.lead)
    except LeadTooLarge:
        return LeadMatch(None, match.lead, next(iter(identities), ""))
    return match


def _insert_lead(
    db: Database, arrival: Arrival, lead: Lead, identities: list[str], match: LeadMatch, clock: Clock
) -> SavedLead:
    """Save *lead* as a new one."""
    now = clock.wall_time()
    new = _complete_new_lead(lead, arrival, now)
    if match.kept_apart_from:
        # Next time the shared identity cannot tell which of the two leads is meant; this badge's payload can.
        identities = [*identities, derive_payload_identity(arrival.scan.payload_hash)]
    lead_table.insert_new_leads(db, [NewLead(new, identities, arrival.scan)])
    return SavedLead(new, is_new=True, kept_apart_from=match.kept_apart_from, shared_identity=match.shared_identity)


def _add_to_lead(
    db: Database, arrival: Arrival, new: Lead, identities: list[str], known: Lead, clock: Clock
) -> SavedLead:
    """Add a scan to the lead *known*, with everything in *new* that was not known yet."""
    now, operator = clock.wall_time(), arrival.scan.operator
    lead = leads.merge_leads(known, new)
    if lead != known:
        lead = leads.write_revision(db, known, lead, history.MERGE, operator, now)
    is_restored = outbox.restore_rescanned_lead(db, lead, operator, now)
    lead_table.insert_identities(db, ((lead, identity) for identity in identities))
    lead_table.insert_scan(db, lead.id, lead.event, arrival.scan)
    return SavedLead(lead, is_new=False, is_restored=is_restored, previous=known)


def _prepare_new_lead(db: Database, arrival: Arrival, now: float) -> NewLead | None:
    """Build the lead of somebody who may be new; None if it has to go through `arrive_in_transaction`."""
    if arrival.lead.id or not arrival.is_payload_proof:
        return None
    lead = attendees.complete_lead(db, arrival.lead)
    return NewLead(_complete_new_lead(lead, arrival, now), _list_identities(arrival, lead), arrival.scan)


def _complete_new_lead(lead: Lead, arrival: Arrival, now: float) -> Lead:
    """Return *lead* with an id, unless it has one, and with its revision and times."""
    lead_id = lead.id or new_uuid7(now if arrival.met_at is None else arrival.met_at)
    # Not `replace`, which took a tenth of the time of saving many leads together.
    return Lead(
        id=lead_id,
        event=lead.event,
        kind=lead.kind,
        contact=lead.contact,
        badge_id=lead.badge_id,
        answers=lead.answers,
        rating=lead.rating,
        note=lead.note,
        tags=lead.tags,
        revision=1,
        created_at=now,
        updated_at=now,
    )


def _find_known_identities(db: Database, new_leads: Sequence[NewLead]) -> set[tuple[str, str]]:
    """Find the identities of *new_leads* that a lead in the database has already, each with its event."""
    wanted: dict[str, list[str]] = {}
    for new in new_leads:
        wanted.setdefault(new.lead.event, []).extend(new.identities)
    return {
        (event, row["identity"])
        for event, identities in wanted.items()
        for row in db.execute(_SELECT_KNOWN_IDENTITIES, {"event": event, "identities": json.dumps(identities)})
    }
