"""The one switch per destination that closes when the destination is at fault."""

from dataclasses import dataclass

from sqlite_utils import Database

from data.clock import Clock

SELECT_GATE = "select * from gate where destination = ?"

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
    """How a destination stands."""

    destination: str
    is_open: bool = True
    cause: str = ""
    """Such as `offline` or `throttled`, see `sync.errors`; empty while it is open."""
    sentence: str = ""
    """Why nothing is moving, in a salesperson's words."""
    since: float = 0.0
    """When it opened or closed for this cause, seconds since 1970 UTC."""
    next_try: float = 0.0
    """When it is tried next, in seconds since the boot `next_try_boot`."""
    next_try_boot: str = ""
    failures: int = 0
    """In a row."""
    last_success: float | None = None
    """When the destination last proved to work, seconds since 1970 UTC; None is never."""
    credential: str = ""
    """The fingerprint of the credential that the destination refused; empty where that is not why it is closed."""

    def seconds_left(self, clock: Clock) -> float:
        """How long until it may be tried: 0 where it is open, due, or was closed before the machine started anew."""
        if self.is_open or self.next_try_boot != clock.boot_id:
            return 0.0
        return max(0.0, self.next_try - clock.seconds_since_boot())


def read_gate(db: Database, destination: str) -> Gate:
    """The gate of *destination*; one that was never heard of is open."""
    row = db.execute(SELECT_GATE, (destination,)).fetchone()
    return Gate(**{**dict(row), "is_open": bool(row["is_open"])}) if row else Gate(destination)


def write_gate(db: Database, gate: Gate) -> None:
    """Keep how the destination stands, and that it stood otherwise before. Runs inside `writing`."""
    values = {**{name: getattr(gate, name) for name in Gate.__slots__}, "is_open": int(gate.is_open)}
    db.execute(_INSERT_CHANGE, values)
    db.execute(_UPSERT_GATE, values)
