"""Our own TLS certificate: self-signed, made when it is first needed, and renewed before it expires."""

import logging
import os
import socket
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from data.clock import FIRST_RELEASE_TIME, Clock
from sync.file_lock import hold_lock

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

log = logging.getLogger(__name__)

# How many days lie between the certificate's two dates. Phones refuse more than 825, and both ends count.
_VALID_DAYS = 824

# How long before its making the certificate begins, because a phone's clock may be behind ours.
_BACKDATED_DAYS = 1

# How long before its end the certificate is renewed: longer than an event lasts.
_RENEWAL_DAYS = 30

# Named after the API's old name, because installations have these files.
_CERTIFICATE_NAME, _KEY_NAME, _LOCK_NAME = "intake-cert.pem", "intake-key.pem", "intake-cert.lock"


def ensure_own_certificate(folder: Path, host: str, now: float) -> tuple[Path, Path]:
    """
    Return the files of the certificate and its key in *folder*, created if there are none.

    Raises:
        OSError: they cannot be stored there.
    """
    cert, key = folder / _CERTIFICATE_NAME, folder / _KEY_NAME
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Without the lock, two processes that both make one could leave the key of one and the certificate of the other.
    with hold_lock(folder / _LOCK_NAME, wait=True):
        if not (cert.is_file() and key.is_file()):
            make_certificate(cert, key, host, now)
    return cert, key


def renew_own_certificate(cert_file: Path, key_file: Path, host: str, clock: Clock) -> None:
    """
    Renew the certificate, with the same key, if it is about to expire, or is not valid yet.

    Only for a server that starts: one that runs would go on with the old certificate, and its pairing links would
    contain the fingerprint of the new one. If renewing fails, the old certificate stays.
    """
    # Devices that know the old fingerprint have to be paired again, so a wrong clock must not cause it.
    if not clock.is_synchronized():
        return
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    now = datetime.fromtimestamp(clock.wall_time(), UTC)
    try:
        with hold_lock(cert_file.with_name(_LOCK_NAME), wait=True):
            old = x509.load_pem_x509_certificate(cert_file.read_bytes())
            if old.not_valid_before_utc <= now < old.not_valid_after_utc - timedelta(days=_RENEWAL_DAYS):
                return
            private_key = serialization.load_pem_private_key(key_file.read_bytes(), None)
            if isinstance(private_key, ec.EllipticCurvePrivateKey):
                _write_private_file(cert_file, _sign_certificate(private_key, host, clock.wall_time()))
                log.warning("the kiosk's certificate was about to expire and is renewed: pair the devices again")
    except (OSError, ValueError, TypeError) as error:
        log.warning("the kiosk's certificate cannot be renewed: %s", error)


def make_certificate(cert_file: Path, key_file: Path, host: str, now: float) -> None:
    """Make a key, and a self-signed certificate for this device's names and addresses."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    private_key = ec.generate_private_key(ec.SECP256R1())
    secret = private_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    _write_private_file(key_file, secret)
    _write_private_file(cert_file, _sign_certificate(private_key, host, now))


def _sign_certificate(private_key: "EllipticCurvePrivateKey", host: str, now: float) -> bytes:
    """Return a new certificate for *private_key* in PEM."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "booth-kiosk")])
    # A Pi without a clock may start long ago; a certificate of then would have expired when its clock is set.
    made_at = datetime.fromtimestamp(max(now, FIRST_RELEASE_TIME), UTC)
    begins = made_at - timedelta(days=_BACKDATED_DAYS)
    names: list[x509.GeneralName] = [x509.DNSName(name) for name in (socket.gethostname(), "localhost")]
    names += [x509.IPAddress(address) for address in _list_own_addresses(host)]
    cert = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private_key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=_VALID_DAYS))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        # Phones refuse a server's certificate without it.
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(private_key, hashes.SHA256())
    )
    return cert.public_bytes(serialization.Encoding.PEM)


def _write_private_file(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read, atomically."""
    # Written under another name first, so that a full disk or a power cut leaves no incomplete file behind.
    unfinished = path.with_suffix(".part")
    unfinished.unlink(missing_ok=True)
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(handle)
    unfinished.replace(path)


def _list_own_addresses(host: str) -> list[IPv4Address | IPv6Address]:
    """List the addresses at which other devices reach this one: *host* if it is an address, and our network address."""
    found = {"127.0.0.1", find_network_address()}
    with suppress(ValueError):
        if not ip_address(host).is_unspecified:
            found.add(host)
    return [ip_address(address) for address in sorted(found) if address]


def find_network_address() -> str:
    """Return this device's address in its network; empty if it has none. Nothing is sent for that."""
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        # An address for documentation (RFC 5737). Connecting a UDP socket only makes the kernel choose a route.
        probe.connect(("192.0.2.1", 9))
        return str(probe.getsockname()[0])
    return ""
