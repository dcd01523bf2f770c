"""
The gate of each destination: our circuit breaker, named the other way round.

A *closed* gate lets nothing through; it closes when the destination is at fault.
"""

from dataclasses import dataclass

from sqlite_utils import Database

from data.clock import Clock

_SELECT_GATE = "select * from gate where destination = ?"

_INSERT_CHANGE = """
    insert into gate_changes (destination, is_open, cause, sentence, at)
    select :destination, :is_open, :cause, :sentence, :since
     where not exists (select 1
                         from gate
                        where destination = :destination and is_open = :is_open and cause = :cause)
"""

_UPSERT_GATE = """
    insert into gate (destination, is_open, cause, sentence, since, next_try, next_try_boot, failures, last_success,
                      credential)
    values (:destination, :is_open, :cause, :sentence, :since, :next_try, :next_try_boot, :failures, :last_success,
            :credential)
    on conflict (destination) do update
       set is_open = excluded.is_open, cause = excluded.cause, sentence = excluded.sentence, since = excluded.since,
           next_try = excluded.next_try, next_try_boot = excluded.next_try_boot, failures = excluded.failures,
           last_success = coalesce(excluded.last_success, gate.last_success), credential = excluded.credential
"""


@dataclass(frozen=True, slots=True)
class Gate:
    """The state of one destination."""

    destination: str
    is_open: bool = True
    cause: str = ""
    """Such as `offline` or `throttled`, see `sync.errors`; empty while it is open."""
    sentence: str = ""
    """Why nothing is being sent, in a salesperson's words."""
    since: float = 0.0
    """When it opened or closed for this cause: seconds since 1970 UTC."""
    next_try: float = 0.0
    """When it is tried next: seconds since the boot `next_try_boot`."""
    next_try_boot: str = ""
    failures: int = 0
    """Failures in a row."""
    last_success: float | None = None
    """When the destination last proved to work: seconds since 1970 UTC; None: never."""
    credential: str = ""
    """Fingerprint of the credential that the destination rejected; empty if that is not why it is closed."""

    def seconds_left(self, clock: Clock) -> float:
        """
        Return how long until it may be tried; 0 if it is open, due, or was closed before the machine was restarted.
        """
        if self.is_open or self.next_try_boot != clock.boot_id:
            return 0.0
        return max(0.0, self.next_try - clock.seconds_since_boot())


def read_gate(db: Database, destination: str) -> Gate:
    """Return the gate of *destination*; an unknown one is open."""
    row = db.execute(_SELECT_GATE, (destination,)).fetchone()
    return Gate(**{**dict(row), "is_open": bool(row["is_open"])}) if row else Gate(destination)


def write_gate(db: Database, gate: Gate) -> None:
    """Store the state of the gate, and its change in the history. Runs inside `write_transaction`."""
    values = {**{name: getattr(gate, name) for name in Gate.__slots__}, "is_open": int(gate.is_open)}
    db.execute(_INSERT_CHANGE, values)
    db.execute(_UPSERT_GATE, values)
