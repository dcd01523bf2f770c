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
from data.identities import derive_identities, payload_identity
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
    """Something that was scanned, posted, imported or handed over, as it was understood; not saved yet."""

    scan: ScanRecord
    lead: Lead
    """What it says of the person, before the attendee list completes it. Its revision and times are ignored; its id is
    that of another kiosk's lead, else empty."""
    identities: Sequence[str] | None = None
    """What identifies the person, strongest first; None: derived from the e-mail, the badge id and the payload."""
    is_payload_proof: bool = True
    """Whether the same payload is the same person; not where somebody typed in beside it who that is."""
    met_at: float | None = None
    """When the person was met (seconds since 1970 UTC), where a list says so: a new lead is sorted there."""
    discard_reason: str | None = None
    """Why people at another kiosk discarded the lead; None where nobody did."""


@dataclass(frozen=True, slots=True)
class RefusedScan:
    """A payload that must not be stored (a health certificate, a WiFi key): only its hash is kept, and no lead."""

    event: str
    scan: ScanRecord


@dataclass(frozen=True, slots=True)
class SavedLead:
    """The result of saving an arrival; by the time a caller holds this after `arrive`, it is on the disk."""

    lead: Lead
    is_new: bool
    """Whether this was the person's first scan at this event."""
    is_restored: bool = False
    """Whether the lead had been discarded, and showing the badge again brought it back."""
    kept_apart_from: Lead | None = None
    """Another lead that has the same e-mail or id but is somebody else; None where there is none."""
    shared_identity: str = ""
    """The identity that both have."""
    previous: Lead | None = None
    """The lead as it was before this scan; None where there was none."""


def arrive(db: Database, arrival: Arrival, clock: Clock) -> SavedLead:
    """
    Save *arrival*: lead, scan and outbox row, in one transaction that is flushed to the disk.

    Where a lead at this event is the same person (`data.deduplicate`) the scan is added to it: its empty fields are
    filled in, notes are kept, the higher rating stays.

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
    Save those of *arrivals* whose identities no lead has, with one statement a table. Runs inside `write_transaction`.

    Returns None for the others, in their places: they may be somebody's second scan, and go through
    `arrive_in_transaction` one by one. Those with an id of another kiosk's are among them.
    """
    now = clock.wall_time()
    found = [_prepare_new_lead(db, arrival, now) for arrival in arrivals]
    taken = _find_known_identities(db, [new for new in found if new])
    saved: list[SavedLead | None] = []
    fresh = []
    for new in found:
        names = {(new.lead.event, identity) for identity in new.identities} if new else set()
        if new is None or not taken.isdisjoint(names):
            saved.append(None)
            continue
        taken |= names
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
    """What identifies the person of *arrival*, strongest first."""
    if arrival.identities is not None:
        return list(arrival.identities)
    return derive_identities(lead.contact, lead.badge_id, arrival.scan.payload_hash)


def _find_match(db: Database, arrival: Arrival, lead: Lead, identities: Sequence[str]) -> LeadMatch:
    """The lead that *arrival* is a scan of, if any."""
    payload_hash = arrival.scan.payload_hash if arrival.is_payload_proof else ""
    match = find_matching_lead(db, lead, identities, payload_hash)
    if not lead.id or match.lead is None:
        return match
    # Two leads that another kiosk kept apart stay apart here, and a lead that was discarded there must not get a
    # lead of ours discarded.
    if arrival.discard_reason is not None or client_ids.find_lead_id(db, match.lead.id) == match.lead.id:
        return LeadMatch(None, match.lead, match.shared_identity)
    return match


def _keep_apart_if_too_large(match: LeadMatch, lead: Lead, identities: Sequence[str]) -> LeadMatch:
    """*match*, unless both leads together would be too large: they stay two then, so that nothing is cut off."""
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
        # An identity that two leads share finds neither; only the payload tells this badge apart next time.
        identities = [*identities, payload_identity(arrival.scan.payload_hash)]
    lead_table.insert_new_leads(db, [NewLead(new, identities, arrival.scan)])
    return SavedLead(new, True, False, match.kept_apart_from, match.shared_identity)


def _add_to_lead(
    db: Database, arrival: Arrival, new: Lead, identities: list[str], known: Lead, clock: Clock
) -> SavedLead:
    """Add the scan of a lead that is there, and what it says that was not known."""
    now, operator = clock.wall_time(), arrival.scan.operator
    lead = leads.merge_leads(known, new)
    if lead != known:
        lead = leads.write_revision(db, known, lead, history.MERGE, operator, now)
    is_restored = outbox.restore_rescanned_lead(db, lead, operator, now)
    lead_table.insert_identities(db, ((lead, identity) for identity in identities))
    lead_table.insert_scan(db, lead.id, lead.event, arrival.scan)
    return SavedLead(lead, False, is_restored, previous=known)


def _prepare_new_lead(db: Database, arrival: Arrival, now: float) -> NewLead | None:
    """The lead of somebody who may be new here; None where `arrive_together` does not save it."""
    if arrival.lead.id or not arrival.is_payload_proof:
        return None
    lead = attendees.complete_lead(db, arrival.lead)
    return NewLead(_complete_new_lead(lead, arrival, now), _list_identities(arrival, lead), arrival.scan)


def _complete_new_lead(lead: Lead, arrival: Arrival, now: float) -> Lead:
    """*lead* with an id, unless it has one, and with its times."""
    lead_id = lead.id or new_uuid7(now if arrival.met_at is None else arrival.met_at)
    return replace(lead, id=lead_id, revision=1, created_at=now, updated_at=now)


def _find_known_identities(db: Database, new_leads: Sequence[NewLead]) -> set[tuple[str, str]]:
    """The identities of *new_leads*, each with its event, that a lead in the database has."""
    wanted: dict[str, list[str]] = {}
    for new in new_leads:
        wanted.setdefault(new.lead.event, []).extend(new.identities)
    return {
        (event, row["identity"])
        for event, identities in wanted.items()
        for row in db.execute(_SELECT_KNOWN_IDENTITIES, {"event": event, "identities": json.dumps(identities)})
    }
