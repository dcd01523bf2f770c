"""The devices that may talk to this kiosk: phones, tablets, badge readers, other kiosks."""

import hashlib
import secrets
from dataclasses import dataclass

from sqlite_utils import Database

from data.clock import Clock
from data.store import write_transaction

ROLES = ("post", "read", "manage")
"""
What a device may do, each role including those before: post leads; read leads and figures; manage leads and devices.
"""

PAIRING_SECONDS = 300.0
"""How long a pairing code can be redeemed."""

_INSERT_DEVICE = "insert into devices (id, name, role, secret_hash, made_at) values (?, ?, ?, ?, ?)"

_INSERT_PAIRING = "insert into pairings (code_hash, name, role, boot, until) values (?, ?, ?, ?, ?)"

_REDEEM_PAIRING = """
    update pairings
       set used_at = :now
     where code_hash = :hash and used_at is null and boot = :boot and until >= :mono
 returning name, role
"""

_SELECT_OPEN_PAIRING = "select 1 from pairings where code_hash = ? and used_at is null and boot = ? and until >= ?"

_DELETE_STALE_PAIRINGS = "delete from pairings where used_at is not null or boot <> :boot or until < :mono"

_UPDATE_LAST_SEEN = """
    update devices
       set seen_at = :now
     where id = :id and (seen_at is null or seen_at < :now - 5 or seen_at > :now)
"""


@dataclass(frozen=True, slots=True)
class Device:
    """One device and its role."""

    id: str
    name: str
    role: str
    secret_hash: bytes
    made_at: float
    """Seconds since 1970 UTC."""
    revoked_at: float | None
    """None while its token is valid."""
    seen_at: float | None
    """When it was last heard from; None if it never was."""

    def has_role(self, role: str) -> bool:
        """Return whether the device may do what *role* allows."""
        return ROLES.index(self.role) >= ROLES.index(role)


def add_device(db: Database, name: str, role: str, clock: Clock) -> str:
    """
    Register a device called *name* with *role*; return its token, which is stored nowhere.

    Raises:
        StoreError: nothing was written.
    """
    with write_transaction(db):
        return _add_device_in_transaction(db, name, role, clock)


def _add_device_in_transaction(db: Database, name: str, role: str, clock: Clock) -> str:
    """Register a device as `add_device` does. Runs inside `write_transaction`."""
    device_id, secret = secrets.token_hex(4), secrets.token_urlsafe(24)
    db.execute(_INSERT_DEVICE, (device_id, name, role, _hash_secret(secret), clock.wall_time()))
    return f"bk_{device_id}_{secret}"


def list_devices(db: Database) -> list[Device]:
    """List all devices that ever had a token, the newest last."""
    return [Device(**dict(row)) for row in db.execute("select * from devices order by made_at, id")]


def revoke_device(db: Database, name: str, clock: Clock) -> int:
    """Revoke the tokens of the devices with this id or name; return how many those were."""
    with write_transaction(db):
        sql = "update devices set revoked_at = ? where (id = ? or name = ?) and revoked_at is null returning id"
        return len(db.execute(sql, (clock.wall_time(), name, name)).fetchall())


def find_by_token(db: Database, token: str) -> Device | None:
    """Return the device whose token this is, unless it was revoked."""
    prefix, _, rest = token.partition("_")
    device_id, _, secret = rest.partition("_")
    if prefix != "bk":
        return None
    row = db.execute("select * from devices where id = ? and revoked_at is null", (device_id,)).fetchone()
    # Compared in constant time, so that the time of the response says nothing about the secret.
    known = row["secret_hash"] if row else b"\0" * 32
    return Device(**dict(row)) if secrets.compare_digest(known, _hash_secret(secret)) and row else None


def record_last_seen(db: Database, device_ids: set[str], now: float) -> None:
    """Record that these devices were just heard from. Runs inside `write_transaction`."""
    for device_id in device_ids:
        db.execute(_UPDATE_LAST_SEEN, {"id": device_id, "now": now})


def offer_pairing(db: Database, name: str, role: str, clock: Clock) -> str:
    """
    Create a code with which one device can fetch a token, once and within `PAIRING_SECONDS`.

    Raises:
        StoreError: nothing was written.
    """
    code = secrets.token_urlsafe(12)
    with write_transaction(db):
        db.execute(_DELETE_STALE_PAIRINGS, {"boot": clock.boot_id, "mono": clock.seconds_since_boot()})
        db.execute(
            _INSERT_PAIRING,
            (_hash_secret(code), name, role, clock.boot_id, clock.seconds_since_boot() + PAIRING_SECONDS),
        )
    return code


def is_pairing_open(db: Database, code: str, clock: Clock) -> bool:
    """Return whether *code* can still be redeemed."""
    return (
        db.execute(_SELECT_OPEN_PAIRING, (_hash_secret(code), clock.boot_id, clock.seconds_since_boot())).fetchone()
        is not None
    )


def redeem_pairing_code(db: Database, code: str, name: str, clock: Clock) -> str | None:
    """
    Return a token for *code*; None if the code is unknown, used or expired. *name* is what the device calls itself.

    Runs inside `write_transaction`; if that fails, the code can still be redeemed.
    """
    values = {
        "hash": _hash_secret(code),
        "boot": clock.boot_id,
        "mono": clock.seconds_since_boot(),
        "now": clock.wall_time(),
    }
    row = db.execute(_REDEEM_PAIRING, values).fetchone()
    return _add_device_in_transaction(db, row["name"] or name, row["role"], clock) if row else None


def _hash_secret(secret: str) -> bytes:
    """Return SHA-256 of *secret*: enough for secrets that are random and long."""
    return hashlib.sha256(secret.encode()).digest()
