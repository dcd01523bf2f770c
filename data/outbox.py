"""What is still owed to the CRM, one row a lead; and the verbs that change it."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlite_utils import Database

from data.clock import Clock
from data.lead import Lead, lead_from
from data.store import writing

WAITING, NEEDS_YOU, DELIVERED, DISCARDED = STATES = ("waiting", "needs you", "delivered", "discarded")
"""The four states of an outbox row, and the four words staff read."""

NEEDS_DETAILS = "needs details"
"""The cause of a lead that nobody can be told from yet; it is saved, and a person or the attendee list completes it."""

ONE_RECORD = "one record"
"""The cause of a lead that the CRM keeps as the record of another lead: a person says whether they are one."""

UNRATED = 3
"""How hot a lead is that nobody rated: between those that are hot and those that are known to be cold."""

WHO_IS_IT = "No name or e-mail yet. Add one, or import the attendee list."

OWE = """
    insert into outbox (lead_id, revision, heat, state, cause, reason, changed_at)
    values (:lead, :revision, :heat, :state, :cause, :reason, :now)
"""

OWE_AGAIN = """
    update outbox
       set revision = :revision, heat = :heat,
           state = case state when 'discarded' then 'discarded' else :state end,
           attempts = 0, due = 0, setbacks = 0,
           cause = case state when 'discarded' then cause else :cause end,
           reason = case state when 'discarded' then reason else :reason end,
           shared_id = null, changed_at = :now
     where lead_id = :lead
"""

OWED = "leads.*, outbox.attempts, outbox.setbacks, outbox.remote_id, outbox.destination, outbox.accepted_id"

DUE = f"""
    select {OWED}
      from outbox indexed by outbox_next
      join leads on leads.id = outbox.lead_id
     where outbox.state = 'waiting' and outbox.due <= :now
       and outbox.lead_id not in (select value from json_each(:besides))
     order by outbox.setbacks, outbox.heat desc, outbox.lead_id desc
     limit :limit
"""
"""In the order of that index: without its name SQLite sorts all that wait, for each batch of them."""

SETTLE = """
    update outbox
       set delivered_revision = :revision, remote_id = :remote_id, destination = :destination,
           -- One that is delivered already was sent again to see whether the CRM works.
           delivered_at = case when state = 'delivered' and delivered_revision = :revision then delivered_at
                               else :now end,
           state = case when state <> 'discarded' and revision <= :revision then 'delivered' else state end,
           cause = case when state <> 'discarded' and revision <= :revision then '' else cause end,
           reason = case when state <> 'discarded' and revision <= :revision then '' else reason end,
           attempts = 0, due = 0, setbacks = 0, changed_at = :now
     where lead_id = :lead
"""

POSTPONE = """
    update outbox
       set attempts = attempts + :spent, setbacks = setbacks + 1, due = :due, due_boot = :boot,
           cause = :cause, reason = :reason, changed_at = :now
     where lead_id = :lead and state = 'waiting'
"""

PARK = """
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

RESTORE = """
    update outbox
       set state = case when delivered_revision >= revision then 'delivered' else :state end,
           cause = case when delivered_revision >= revision then '' else :cause end,
           reason = case when delivered_revision >= revision then '' else :reason end,
           attempts = 0, due = 0, changed_at = :now
     where lead_id = :lead and state = 'discarded'
 returning lead_id
"""

PARK_SHARED = """
    update outbox
       set state = 'needs you', cause = 'one record', reason = :reason, shared_id = :remote_id, remote_id = null,
           destination = :destination, changed_at = :now
     where lead_id = :lead and state = 'waiting' and revision = :revision
"""

RETRY = """
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
"""Sending a lead again that the CRM keeps as another's record says that the two are one there."""

IN_ONE_RECORD = """
    select leads.*
      from outbox
      join leads on leads.id = outbox.lead_id
     where outbox.remote_id = :remote_id and outbox.destination in ('', :destination) and outbox.lead_id <> :lead
       and outbox.state <> 'discarded' and coalesce(outbox.accepted_id, '') <> :remote_id
     order by outbox.delivered_at
"""

AT_ONE_ADDRESS = """
    select leads.*, outbox.remote_id
      from identities
      join outbox on outbox.lead_id = identities.lead_id
      join leads on leads.id = outbox.lead_id
     where identities.event = :event and identities.identity = :identity and identities.lead_id <> :lead
       and outbox.remote_id is not null and outbox.destination in ('', :destination) and outbox.state <> 'discarded'
     order by outbox.delivered_at
"""

FORGET_SETBACKS = "update outbox set setbacks = 0 where state = 'waiting' and setbacks > 0 and attempts = 0"

HURRY = "update outbox set due = 0 where state = 'waiting' and due > 0"

STEP_BACK = "update outbox set setbacks = setbacks + 1 where lead_id = :lead and state = 'waiting'"

UNPARK = """
    update outbox
       set state = 'waiting', cause = '', reason = '', setbacks = setbacks + 1, changed_at = :now
     where lead_id = :lead and state = 'needs you' and cause in ('rejected', 'gone')
"""

ANOTHER = f"""
    select {OWED}
      from outbox
      join leads on leads.id = outbox.lead_id
     where outbox.state = 'delivered' and outbox.lead_id <> ? and outbox.destination in ('', ?)
       and outbox.delivered_at >= ?
     order by outbox.changed_at desc
     limit 1
"""

FROM_ANOTHER_BOOT = "update outbox set due = 0 where state = 'waiting' and due > 0 and due_boot <> ?"

RECORD = "insert into actions (lead_id, verb, reason, operator, at) values (?, ?, ?, ?, ?)"


@dataclass(frozen=True, slots=True)
class Owed:
    """A lead that is to be delivered now."""

    lead: Lead
    attempts: int
    """How many of its own failures it has behind it."""
    remote_id: str | None
    setbacks: int = 0
    """How often others were let go before it."""
    destination: str = ""
    """Whose id `remote_id` is; empty where that was not yet written down."""
    accepted_id: str | None = None
    """The CRM's record that a person said is this lead's, although another lead has it too."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many leads there are in each state."""

    waiting: int = 0
    needs_you: int = 0
    delivered: int = 0
    discarded: int = 0

    @property
    def leads(self) -> int:
        """All of them."""
        return self.waiting + self.needs_you + self.delivered + self.discarded


def owe(db: Database, lead: Lead, now: float) -> None:
    """Owe a new lead to the CRM. Runs inside `writing`."""
    db.execute(OWE, wanted(lead, now))


def owe_again(db: Database, lead: Lead, now: float) -> None:
    """Owe a lead's new revision to the CRM. Runs inside `writing`."""
    db.execute(OWE_AGAIN, wanted(lead, now))


def wanted(lead: Lead, now: float) -> dict[str, object]:
    """What the outbox keeps of a lead that is owed."""
    heat = lead.rating or UNRATED
    return {"lead": lead.id, "revision": lead.revision, "heat": heat, "now": now, **where_it_stands(lead)}


def where_it_stands(lead: Lead) -> Mapping[str, str]:
    """The state of a lead that was not sent yet: one that says nothing of the person waits for one."""
    if lead.needs_details:
        return {"state": NEEDS_YOU, "cause": NEEDS_DETAILS, "reason": WHO_IS_IT}
    return {"state": WAITING, "cause": "", "reason": ""}


def due(db: Database, clock: Clock, limit: int, besides: Iterable[str] = ()) -> list[Owed]:
    """
    The leads that are to be delivered now, at most *limit*, *besides* those with these ids.

    The hottest come first, and of those the newest; but who had to step back lets all others go before.
    """
    values = {"now": clock.mono(), "limit": limit, "besides": json.dumps(list(besides))}
    return [owed_from(row) for row in db.execute(DUE, values)]


def owed_from(row: sqlite3.Row) -> Owed:
    """What is owed, in a row of `OWED`."""
    lead = lead_from(row)
    return Owed(lead, row["attempts"], row["remote_id"], row["setbacks"], row["destination"], row["accepted_id"])


def next_due(db: Database) -> float | None:
    """When the next waiting lead is due, in seconds since boot; None when none waits."""
    found: float | None = db.execute(
        "select min(due) from outbox indexed by outbox_next where state = 'waiting'"
    ).fetchone()[0]
    return found


def after_a_restart(db: Database, clock: Clock) -> None:
    """Make due what was postponed before the machine started anew: times since another boot mean nothing now."""
    with writing(db):
        db.execute(FROM_ANOTHER_BOOT, (clock.boot,))


def hurry(db: Database) -> None:
    """Make every waiting lead due at once: a person asked for it."""
    with writing(db):
        db.execute(HURRY)


def another(db: Database, lead_id: str, destination: str = "", since: float = 0.0) -> list[Owed]:
    """The lead that *destination* got last, other than *lead_id*; none where it got none *since* that time."""
    return [owed_from(row) for row in db.execute(ANOTHER, (lead_id, destination, since))]


def forget_setbacks(db: Database) -> None:
    """Give the leads that were let go last during an outage their places back. Runs inside `writing`."""
    db.execute(FORGET_SETBACKS)


def step_back(db: Database, lead_id: str) -> None:
    """Let others go before this lead next time, without making it wait. Runs inside `writing`."""
    db.execute(STEP_BACK, {"lead": lead_id})


def unpark(db: Database, lead_id: str, clock: Clock) -> None:
    """Take back that a lead was handed to a person: the refusal was not its fault. Runs inside `writing`."""
    db.execute(UNPARK, {"lead": lead_id, "now": clock.wall()})


def settle(db: Database, lead_id: str, revision: int, remote_id: str, now: float, destination: str = "") -> None:
    """Note that *destination* has *revision* of a lead; a newer one goes as it stands. Runs inside `writing`."""
    values = {"lead": lead_id, "revision": revision, "remote_id": remote_id, "destination": destination, "now": now}
    db.execute(SETTLE, values)


def postpone(db: Database, lead_id: str, clock: Clock, *, seconds: float, cause: str, reason: str, spent: bool) -> None:
    """Try a lead again in *seconds*; *spent* says whether that was an attempt of its own. Runs inside `writing`."""
    values = {"lead": lead_id, "due": clock.mono() + seconds, "boot": clock.boot, "spent": spent}
    db.execute(POSTPONE, {**values, "cause": cause, "reason": reason, "now": clock.wall()})


def park(db: Database, lead_id: str, revision: int, cause: str, reason: str, now: float) -> None:
    """Hand a lead to a person, unless it was edited since *revision* was sent. Runs inside `writing`."""
    db.execute(PARK, {"lead": lead_id, "revision": revision, "cause": cause, "reason": reason, "now": now})


def park_shared(db: Database, lead: Lead, remote_id: str, destination: str, reason: str, now: float) -> None:
    """Hand a lead to a person that *destination* keeps as another lead's record. Runs inside `writing`."""
    values = {"lead": lead.id, "revision": lead.revision, "remote_id": remote_id, "destination": destination}
    db.execute(PARK_SHARED, {**values, "reason": reason, "now": now})


def in_one_record(db: Database, lead_id: str, destination: str, remote_id: str) -> list[Lead]:
    """The other leads that *destination* knows by *remote_id*, unless a person said that they are that record."""
    values = {"lead": lead_id, "destination": destination, "remote_id": remote_id}
    return [lead_from(row) for row in db.execute(IN_ONE_RECORD, values)]


def at_one_address(db: Database, lead: Lead, identity: str, destination: str) -> list[tuple[Lead, str]]:
    """The other leads with the same *identity* that *destination* has, each with its id there."""
    values = {"event": lead.event, "identity": identity, "lead": lead.id, "destination": destination}
    return [(lead_from(row), row["remote_id"]) for row in db.execute(AT_ONE_ADDRESS, values)]


def discard(db: Database, lead_id: str, reason: str, operator: str, clock: Clock) -> bool:
    """Keep a lead from the CRM because a person says so; whether that changed anything. It can be restored."""
    with writing(db):
        return discard_inside(db, lead_id, reason, operator, clock)


def restore(db: Database, lead_id: str, operator: str, clock: Clock) -> bool:
    """Undo a discard; whether that changed anything."""
    with writing(db):
        return restore_inside(db, lead_id, operator, clock)


def retry(db: Database, lead_id: str, operator: str, clock: Clock) -> bool:
    """Make a lead due at once, with all its attempts; whether there was anything to send: a name, to begin with."""
    with writing(db):
        return retry_inside(db, lead_id, operator, clock)


def discard_inside(db: Database, lead_id: str, reason: str, operator: str, clock: Clock) -> bool:
    """The same as `discard`. Runs inside `writing`."""
    return by_hand(db, DISCARD, "discard", lead_id, reason, operator, clock)


def restore_inside(db: Database, lead_id: str, operator: str, clock: Clock) -> bool:
    """The same as `restore`. Runs inside `writing`."""
    return by_hand(db, RESTORE, "restore", lead_id, "", operator, clock)


def retry_inside(db: Database, lead_id: str, operator: str, clock: Clock) -> bool:
    """The same as `retry`. Runs inside `writing`."""
    return by_hand(db, RETRY, "retry", lead_id, "", operator, clock)


def retry_without_deciding(db: Database, lead_id: str, operator: str, clock: Clock) -> bool:
    """
    The same as `retry_inside`, but for a lead that the CRM keeps as another's record.

    Whoever has everything sent again has not looked at each. Runs inside `writing`.
    """
    row = db.execute("select cause from outbox where lead_id = ?", (lead_id,)).fetchone()
    return row is not None and row["cause"] != ONE_RECORD and retry_inside(db, lead_id, operator, clock)


def by_hand(db: Database, statement: str, verb: str, lead_id: str, reason: str, operator: str, clock: Clock) -> bool:
    """Run one of the verbs that people have, and write down who used it. Runs inside `writing`."""
    now = clock.wall()
    row = db.execute("select * from leads where id = ?", (lead_id,)).fetchone()
    if row is None:
        return False
    stands = where_it_stands(lead_from(row)) if statement is RESTORE else {"reason": reason}
    done = db.execute(statement, {"lead": lead_id, "now": now, **stands}).fetchone() is not None
    if done:
        record(db, lead_id, verb, reason, operator, now)
    return done


def restore_scanned(db: Database, lead: Lead, operator: str, now: float) -> bool:
    """Bring back a discarded lead whose badge is shown again. Runs inside `writing`."""
    found = db.execute(RESTORE, {"lead": lead.id, "now": now, **where_it_stands(lead)}).fetchone() is not None
    if found:
        record(db, lead.id, "restore", "the badge was shown again", operator, now)
    return found


def record(db: Database, lead_id: str, verb: str, reason: str, operator: str, now: float) -> None:
    """Write down what a person did with a lead. Runs inside `writing`."""
    db.execute(RECORD, (lead_id, verb, reason, operator, now))


def counts(db: Database, event: str | None = None) -> Counts:
    """How many leads there are in each state, of one event or of all."""
    where = "join leads on leads.id = outbox.lead_id where leads.event = ?" if event else ""
    rows = db.execute(f"select state, count(*) from outbox {where} group by state", (event,) if event else ())
    found = dict(map(tuple, rows))
    return Counts(*(found.get(state, 0) for state in STATES))
