"""The TLS certificate: the one in kiosk.toml, or a self-signed one whose fingerprint is in the pairing link."""

import hashlib
import os
import re
import socket
import ssl
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

from data.language import _
from kiosk.config.load import Settings
from sync.file_lock import hold_lock

# For how many days our own certificate is valid. Phones refuse more than 825.
_CERTIFICATE_DAYS = 825

# The first certificate in a file. A file may hold a chain, in which the device's own certificate comes first.
_FIRST_CERTIFICATE_PATTERN = re.compile("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)


class CertificateUnusable(Exception):
    """The certificate and key cannot be used for TLS; `str()` says why and what to do."""


def ensure_certificate(settings: Settings) -> tuple[Path, Path]:
    """
    Return the certificate's and the key's file: those named in kiosk.toml, or our own, made the first time.

    Raises:
        CertificateUnusable: they cannot be made.
    """
    api = settings.api
    if api.cert_file:
        return Path(api.cert_file).expanduser(), Path(api.key_file).expanduser()
    try:
        return _ensure_own_certificate(settings.folder, api.host)
    except OSError as error:
        raise CertificateUnusable(
            _("The certificate cannot be stored in {folder} ({reason}).").format(
                folder=settings.folder, reason=error.strerror
            )
        ) from error


def create_tls_context(settings: Settings) -> ssl.SSLContext:
    """
    Create the server's TLS context.

    Raises:
        CertificateUnusable: certificate and key do not work, or other users can read the key.
    """
    cert, key = ensure_certificate(settings)
    try:
        # Whoever can read the key can pretend to be this kiosk.
        if key.stat().st_mode & 0o077:
            raise CertificateUnusable(
                _("api.key_file: other users can read {file}. Run: chmod 600 {file}").format(file=key)
            )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        # With an empty password, or OpenSSL would ask for one at the terminal, where nobody may be.
        context.load_cert_chain(cert, key, password=lambda: "")
    except ssl.SSLError as error:
        raise CertificateUnusable(
            _("{cert} and {key} are not a certificate and its key, or the key has a password ({reason}).").format(
                cert=cert, key=key, reason=error.reason or error
            )
        ) from error
    except OSError as error:
        raise CertificateUnusable(
            _("{file} cannot be read ({reason}).").format(file=error.filename or cert, reason=error.strerror)
        ) from error
    return context


def _ensure_own_certificate(folder: Path, host: str) -> tuple[Path, Path]:
    """
    Return the certificate's and the key's file in *folder*, created if there are none.

    Raises:
        OSError: they cannot be stored there.
    """
    cert, key = folder / "intake-cert.pem", folder / "intake-key.pem"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Without the lock, two processes that both make one could leave the key of one and the certificate of the other.
    with hold_lock(folder / "intake-cert.lock", wait=True):
        if not (cert.is_file() and key.is_file()):
            make_certificate(cert, key, host)
    return cert, key


def make_certificate(cert_file: Path, key_file: Path, host: str) -> None:
    """Make a self-signed certificate for this device's names and addresses."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "booth-kiosk")])
    # Not from today: a Pi without a clock may start in the past, where the certificate would not be valid yet.
    begins = datetime(2024, 1, 1, tzinfo=UTC)
    names: list[x509.GeneralName] = [x509.DNSName(name) for name in (socket.gethostname(), "localhost")]
    names += [x509.IPAddress(address) for address in _list_own_addresses(host)]
    cert = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(max(datetime.now(UTC), begins) + timedelta(days=_CERTIFICATE_DAYS))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    _write_private_file(key_file, secret)
    _write_private_file(cert_file, cert.public_bytes(serialization.Encoding.PEM))


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


def compute_fingerprint(cert_file: Path) -> str:
    """
    Return the certificate's SHA-256 in hex, by which a device recognises this kiosk.

    Raises:
        CertificateUnusable: it cannot be read.
    """
    try:
        pem = _FIRST_CERTIFICATE_PATTERN.search(cert_file.read_text(encoding="ascii"))
        return hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem[0] if pem else "")).hexdigest()
    except (OSError, ValueError) as error:
        raise CertificateUnusable(
            _("{file} does not contain a readable certificate ({reason}).").format(file=cert_file, reason=error)
        ) from error
