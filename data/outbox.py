"""The outbox: what still has to be sent to the CRM, one row per lead; and the verbs that change it."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlite_utils import Database

from data.clock import Clock
from data.language import N_
from data.lead import NEEDS_DETAILS_REASON, Lead, lead_from_row
from data.store import write_transaction

STATES = ("waiting", "needs you", "delivered", "discarded")  # not shown: stored
"""The four states of an outbox row. They are stored; `kiosk.status.wording` has the words that staff read."""
WAITING, NEEDS_YOU, DELIVERED, DISCARDED = STATES

NEEDS_DETAILS = "needs details"  # not shown: stored
"""Cause of a lead that does not say who the person is yet; a person or the attendee list completes it."""

SHARED_RECORD = "one record"  # not shown: stored
"""Cause of a lead that the CRM stores as the record of another lead: a person decides whether the two are one."""

_RESCANNED_REASON = N_("the badge was shown again")

UNRATED_HEAT = 3
"""Heat of a lead that nobody rated: between hot and cold."""

_UPDATE_REVISION = """
    update outbox
       set revision = :revision, heat = :heat,
           state = case state when 'discarded' then 'discarded' else :state end,
           attempts = 0, due = 0, setbacks = 0,
           cause = case state when 'discarded' then cause else :cause end,
           reason = case state when 'discarded' then reason else :reason end,
           shared_id = null, changed_at = :now
     where lead_id = :lead
"""

_DUE_LEAD_COLUMNS = ", ".join(
    ("leads.*", *(f"outbox.{name}" for name in ("attempts", "setbacks", "remote_id", "destination", "accepted_id")))
)

# Names its index: without it, SQLite sorts all waiting leads for each batch.
SELECT_DUE = f"""
    select {_DUE_LEAD_COLUMNS}
      from outbox indexed by outbox_next
      join leads on leads.id = outbox.lead_id
     where outbox.state = 'waiting' and outbox.due <= :now
       and outbox.lead_id not in (select value from json_each(:excluded))
     order by outbox.setbacks, outbox.heat desc, outbox.lead_id desc
     limit :limit
"""

_SETTLE = """
    update outbox
       set delivered_revision = :revision, remote_id = :remote_id, destination = :destination,
           -- A lead that was delivered before was sent again as a canary: that is not another delivery.
           delivered_at = case when state = 'delivered' and delivered_revision = :revision then delivered_at
                               else :now end,
           state = case when state <> 'discarded' and revision <= :revision then 'delivered' else state end,
           cause = case when state <> 'discarded' and revision <= :revision then '' else cause end,
           reason = case when state <> 'discarded' and revision <= :revision then '' else reason end,
           attempts = 0, due = 0, setbacks = 0, changed_at = :now
     where lead_id = :lead
"""

_POSTPONE = """
    update outbox
       set attempts = attempts + :spent, setbacks = setbacks + 1, due = :due, due_boot = :boot,
           cause = :cause, reason = :reason, changed_at = :now
     where lead_id = :lead and state = 'waiting'
"""

_PARK = """
    update outbox
       set state = 'needs you', cause = :cause, reason = :reason, changed_at = :now
     where lead_id = :lead and state = 'waiting' and revision = :revision
"""

DISCARD = """
    update outbox
       set state = 'discarded', cause = '', reason = :reason, changed_at = :now
     where lead_id = :lead and state <> 'discarded'
 returning lead_id
"""

_RESTORE = """
    update outbox
       set state = case when delivered_revision >= revision then 'delivered' else :state end,
           cause = case when delivered_revision >= revision then '' else :cause end,
           reason = case when delivered_revision >= revision then '' else :reason end,
           attempts = 0, due = 0, changed_at = :now
     where lead_id = :lead and state = 'discarded'
 returning lead_id
"""

_PARK_SHARED = """
    update outbox
       set state = 'needs you', cause = 'one record', reason = :reason, shared_id = :remote_id, remote_id = null,
           destination = :destination, changed_at = :now
     where lead_id = :lead and state = 'waiting' and revision = :revision
"""

# Retrying a lead that the CRM stores as another's record accepts that the two are one record there.
_RETRY = """
    update outbox
       set remote_id = case when cause = 'one record' and shared_id is not null then shared_id
                            -- A record that is gone from the CRM cannot be updated there: the lead becomes a new one.
                            when cause = 'gone' then null
                            else remote_id end,
           accepted_id = case when cause = 'one record' and shared_id is not null then shared_id else accepted_id end,
           state = 'waiting', attempts = 0, due = 0, setbacks = 0, cause = '', reason = '', changed_at = :now
     where lead_id = :lead and state in ('waiting', 'needs you') and cause <> 'needs details'
 returning lead_id
"""

_SELECT_SHARING_RECORD = """
    select leads.*
      from outbox
      join leads on leads.id = outbox.lead_id
     where outbox.remote_id = :remote_id and outbox.destination in ('', :destination) and outbox.lead_id <> :lead
       and outbox.state <> 'discarded' and coalesce(outbox.accepted_id, '') <> :remote_id
     order by outbox.delivered_at
"""

_SELECT_SHARING_IDENTITY = """
    select leads.*, outbox.remote_id
      from identities
      join outbox on outbox.lead_id = identities.lead_id
      join leads on leads.id = outbox.lead_id
     where identities.event = :event and identities.identity = :identity and identities.lead_id <> :lead
       and outbox.remote_id is not null and outbox.destination in ('', :destination) and outbox.state <> 'discarded'
     order by outbox.delivered_at
"""

_RESET_SETBACKS = "update outbox set setbacks = 0 where state = 'waiting' and setbacks > 0 and attempts = 0"

_MAKE_ALL_DUE = "update outbox set due = 0 where state = 'waiting' and due > 0"

_ADD_SETBACK = "update outbox set setbacks = setbacks + 1 where lead_id = :lead and state = 'waiting'"

_UNPARK = """
    update outbox
       set state = 'waiting', cause = '', reason = '', setbacks = setbacks + 1, changed_at = :now
     where lead_id = :lead and state = 'needs you' and cause in ('rejected', 'gone')
"""

_SELECT_LAST_DELIVERED = f"""
    select {_DUE_LEAD_COLUMNS}
      from outbox
      join leads on leads.id = outbox.lead_id
     where outbox.state = 'delivered' and outbox.lead_id <> ? and outbox.destination in ('', ?)
       and outbox.delivered_at >= ?
     order by outbox.changed_at desc
     limit 1
"""

_MAKE_OTHER_BOOTS_DUE = "update outbox set due = 0 where state = 'waiting' and due > 0 and due_boot <> ?"

_INSERT_ACTION = "insert into actions (lead_id, verb, reason, operator, at) values (?, ?, ?, ?, ?)"


@dataclass(frozen=True, slots=True)
class DueLead:
    """A lead that is due."""

    lead: Lead
    attempts: int
    """How often it failed through its own fault so far."""
    remote_id: str | None
    setbacks: int = 0
    """How often it was put behind the other leads."""
    destination: str = ""
    """The CRM that `remote_id` belongs to; empty if that was not recorded yet."""
    accepted_id: str | None = None
    """The CRM's record that a person confirmed to be this lead's, although another lead has it too."""


@dataclass(frozen=True, slots=True)
class OutboxCounts:
    """Number of leads in each state."""

    waiting: int = 0
    needs_you: int = 0
    delivered: int = 0
    discarded: int = 0

    @property
    def total(self) -> int:
        """All leads."""
        return self.waiting + self.needs_you + self.delivered + self.discarded


def enqueue_revision(db: Database, lead: Lead, now: float) -> None:
    """Put a lead's new revision into the outbox. Runs inside `write_transaction`."""
    db.execute(_UPDATE_REVISION, _lead_to_values(lead, now))


def _lead_to_values(lead: Lead, now: float) -> dict[str, object]:
    """Return the values of a lead's outbox row, by parameter name."""
    heat = lead.rating or UNRATED_HEAT
    return {"lead": lead.id, "revision": lead.revision, "heat": heat, "now": now, **choose_initial_state(lead)}


def choose_initial_state(lead: Lead) -> Mapping[str, str]:
    """Return state, cause and reason of a lead that was not sent yet: if it needs details, it waits for a person."""
    if lead.needs_details:
        return {"state": NEEDS_YOU, "cause": NEEDS_DETAILS, "reason": NEEDS_DETAILS_REASON}
    return {"state": WAITING, "cause": "", "reason": ""}


def list_due_leads(db: Database, clock: Clock, limit: int, excluded_ids: Iterable[str] = ()) -> list[DueLead]:
    """
    List the leads that are due, at most *limit*, without those in *excluded_ids*.

    The hottest come first, and of those the newest; leads with setbacks come after all others.
    """
    values = {"now": clock.seconds_since_boot(), "limit": limit, "excluded": json.dumps(list(excluded_ids))}
    return [_due_lead_from_row(row) for row in db.execute(SELECT_DUE, values)]


def _due_lead_from_row(row: sqlite3.Row) -> DueLead:
    """Convert a row with the columns `_DUE_LEAD_COLUMNS`."""
    lead = lead_from_row(row)
    return DueLead(lead, row["attempts"], row["remote_id"], row["setbacks"], row["destination"], row["accepted_id"])


def find_next_due(db: Database) -> float | None:
    """Return when the next waiting lead is due, in seconds since boot; None if none waits."""
    found: float | None = db.execute(
        "select min(due) from outbox indexed by outbox_next where state = 'waiting'"
    ).fetchone()[0]
    return found


def reset_after_reboot(db: Database, clock: Clock) -> None:
    """
    Make leads due that were postponed before the machine was restarted: their times count from another boot.
    """
    with write_transaction(db):
        db.execute(_MAKE_OTHER_BOOTS_DUE, (clock.boot_id,))


def make_all_due(db: Database) -> None:
    """Make every waiting lead due at once: a person asked for it."""
    with write_transaction(db):
        db.execute(_MAKE_ALL_DUE)


def find_last_delivered(db: Database, lead_id: str, destination: str = "", since: float = 0.0) -> DueLead | None:
    """Find the lead that was last delivered to *destination*, from *since* on and other than *lead_id*; or None."""
    row = db.execute(_SELECT_LAST_DELIVERED, (lead_id, destination, since)).fetchone()
    return None if row is None else _due_lead_from_row(row)


def reset_setbacks(db: Database) -> None:
    """Undo the setbacks from an outage, so that leads get their places back. Runs inside `write_transaction`."""
    db.execute(_RESET_SETBACKS)


def add_setback(db: Database, lead_id: str) -> None:
    """Send other leads before this one next time, without making it wait. Runs inside `write_transaction`."""
    db.execute(_ADD_SETBACK, {"lead": lead_id})


def unpark_lead(db: Database, lead_id: str, clock: Clock) -> None:
    """Make a parked lead wait again, because its refusal was not its fault. Runs inside `write_transaction`."""
    db.execute(_UNPARK, {"lead": lead_id, "now": clock.wall_time()})


def settle_lead(db: Database, lead_id: str, revision: int, remote_id: str, now: float, destination: str = "") -> None:
    """
    Record that *destination* has *revision* of a lead; a newer one is still sent. Runs inside `write_transaction`.
    """
    values = {"lead": lead_id, "revision": revision, "remote_id": remote_id, "destination": destination, "now": now}
    db.execute(_SETTLE, values)


def postpone_lead(
    db: Database, lead_id: str, clock: Clock, *, seconds: float, cause: str, reason: str, is_attempt: bool
) -> None:
    """
    Retry a lead in *seconds*; *is_attempt* says whether it failed through its own fault. Runs inside
    `write_transaction`.
    """
    values = {"lead": lead_id, "due": clock.seconds_since_boot() + seconds, "boot": clock.boot_id, "spent": is_attempt}
    db.execute(_POSTPONE, {**values, "cause": cause, "reason": reason, "now": clock.wall_time()})


def park_lead(db: Database, lead_id: str, revision: int, cause: str, reason: str, now: float) -> None:
    """Park a lead, unless it was edited since *revision* was sent. Runs inside `write_transaction`."""
    db.execute(_PARK, {"lead": lead_id, "revision": revision, "cause": cause, "reason": reason, "now": now})


def park_shared_record(db: Database, lead: Lead, remote_id: str, destination: str, reason: str, now: float) -> None:
    """Park a lead, because *destination* stores it as another lead's record. Runs inside `write_transaction`."""
    values = {"lead": lead.id, "revision": lead.revision, "remote_id": remote_id, "destination": destination}
    db.execute(_PARK_SHARED, {**values, "reason": reason, "now": now})


def find_leads_sharing_record(db: Database, lead_id: str, destination: str, remote_id: str) -> list[Lead]:
    """
    List the other leads that *destination* stores as *remote_id*, unless a person accepted that they are that record.
    """
    values = {"lead": lead_id, "destination": destination, "remote_id": remote_id}
    return [lead_from_row(row) for row in db.execute(_SELECT_SHARING_RECORD, values)]


def find_leads_sharing_identity(db: Database, lead: Lead, identity: str, destination: str) -> list[tuple[Lead, str]]:
    """List the other leads with the same *identity* that *destination* has, each with its id there."""
    values = {"event": lead.event, "identity": identity, "lead": lead.id, "destination": destination}
    return [(lead_from_row(row), row["remote_id"]) for row in db.execute(_SELECT_SHARING_IDENTITY, values)]


def discard_lead(db: Database, lead_id: str, reason: str, operator: str, clock: Clock) -> bool:
    """Keep a lead out of the CRM, because a person said so; return whether anything changed. It can be restored."""
    with write_transaction(db):
        return discard_in_transaction(db, lead_id, reason, operator, clock)


def restore_lead(db: Database, lead_id: str, operator: str, clock: Clock) -> bool:
    """Undo a discard; return whether anything changed."""
    with write_transaction(db):
        return restore_in_transaction(db, lead_id, operator, clock)


def retry_lead(db: Database, lead_id: str, operator: str, clock: Clock) -> bool:
    """
    Make a lead due at once and its attempts start over; return whether anything changed.

    Nothing does if the lead is delivered or discarded, or needs details: such a lead can only be completed.
    """
    with write_transaction(db):
        return retry_in_transaction(db, lead_id, operator, clock)


def discard_in_transaction(db: Database, lead_id: str, reason: str, operator: str, clock: Clock) -> bool:
    """Discard a lead as `discard_lead` does. Runs inside `write_transaction`."""
    return _apply_staff_action(db, DISCARD, "discard", lead_id, reason, operator, clock)


def restore_in_transaction(db: Database, lead_id: str, operator: str, clock: Clock) -> bool:
    """Restore a lead as `restore_lead` does. Runs inside `write_transaction`."""
    return _apply_staff_action(db, _RESTORE, "restore", lead_id, "", operator, clock)


def retry_in_transaction(db: Database, lead_id: str, operator: str, clock: Clock) -> bool:
    """Retry a lead as `retry_lead` does. Runs inside `write_transaction`."""
    return _apply_staff_action(db, _RETRY, "retry", lead_id, "", operator, clock)


def retry_unless_shared_record(db: Database, lead_id: str, operator: str, clock: Clock) -> bool:
    """
    Retry a lead, unless the CRM stores it as another's record. Runs inside `write_transaction`.

    For retrying all leads at once: whoever does that has not looked at each of them.
    """
    row = db.execute("select cause from outbox where lead_id = ?", (lead_id,)).fetchone()
    return row is not None and row["cause"] != SHARED_RECORD and retry_in_transaction(db, lead_id, operator, clock)


def _apply_staff_action(
    db: Database, statement: str, verb: str, lead_id: str, reason: str, operator: str, clock: Clock
) -> bool:
    """Run *statement* and record who asked for it; return whether it did anything. Runs inside `write_transaction`."""
    now = clock.wall_time()
    row = db.execute("select * from leads where id = ?", (lead_id,)).fetchone()
    if row is None:
        return False
    initial = choose_initial_state(lead_from_row(row)) if statement is _RESTORE else {"reason": reason}
    done = db.execute(statement, {"lead": lead_id, "now": now, **initial}).fetchone() is not None
    if done:
        record_action(db, lead_id, verb, reason, operator, now)
    return done


def restore_rescanned_lead(db: Database, lead: Lead, operator: str, now: float) -> bool:
    """
    Restore a lead whose badge was scanned again, if it was discarded; return whether it was. Runs inside
    `write_transaction`.
    """
    found = db.execute(_RESTORE, {"lead": lead.id, "now": now, **choose_initial_state(lead)}).fetchone() is not None
    if found:
        record_action(db, lead.id, "restore", _RESCANNED_REASON, operator, now)
    return found


def record_action(db: Database, lead_id: str, verb: str, reason: str, operator: str, now: float) -> None:
    """Record what a person did to a lead. Runs inside `write_transaction`."""
    db.execute(_INSERT_ACTION, (lead_id, verb, reason, operator, now))


def is_delivered(db: Database, lead_id: str) -> bool:
    """Return whether the CRM has confirmed the newest revision of a lead."""
    row = db.execute("select state from outbox where lead_id = ?", (lead_id,)).fetchone()
    return row is not None and row["state"] == DELIVERED


def count_leads(db: Database, event: str | None = None) -> OutboxCounts:
    """Count the leads in each state, of one event or of all."""
    where = "join leads on leads.id = outbox.lead_id where leads.event = ?" if event else ""
    rows = db.execute(f"select state, count(*) from outbox {where} group by state", (event,) if event else ())
    found = dict(map(tuple, rows))
    return OutboxCounts(*(found.get(state, 0) for state in STATES))
