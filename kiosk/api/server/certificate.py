"""How other devices know this one: by a certificate that is given, or by one of its own, which pairing tells them."""

import hashlib
import os
import re
import socket
import ssl
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

from kiosk.config.load import Settings
from sync.file_lock import hold_lock

_CERTIFICATE_DAYS = 825
"""That a certificate of our own is good for from the day on which it is made."""

_FIRST_CERTIFICATE_PATTERN = re.compile("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)
"""A file may hold a chain; the device's own certificate stands first."""


class CertificateUnusable(Exception):
    """TLS cannot be spoken with the certificate and key that there are; `str()` says why, and what to do."""


def ensure_certificate(settings: Settings) -> tuple[Path, Path]:
    """
    The certificate and the key of this kiosk: those that kiosk.toml names, or its own, made where there are none.

    Raises:
        CertificateUnusable: they cannot be made.
    """
    intake = settings.api
    if intake.cert_file:
        return Path(intake.cert_file).expanduser(), Path(intake.key_file).expanduser()
    try:
        return _ensure_own_certificate(settings.folder, intake.host)
    except OSError as error:
        raise CertificateUnusable(f"No certificate can be kept in {settings.folder} ({error.strerror}).") from error


def create_tls_context(settings: Settings) -> ssl.SSLContext:
    """
    What speaks TLS for this kiosk.

    Raises:
        CertificateUnusable: it cannot, or others can read the key.
    """
    cert, key = ensure_certificate(settings)
    try:
        if key.stat().st_mode & 0o077:
            raise CertificateUnusable(f"intake.key_file: others can read {key}; run: chmod 600 {key}")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(
            cert, key, password=lambda: ""
        )  # else OpenSSL asks at a terminal, which may be nobody's
    except ssl.SSLError as error:
        raise CertificateUnusable(
            f"{cert} and {key} are no certificate with its key, or the key has a password ({error.reason or error})."
        ) from error
    except OSError as error:
        raise CertificateUnusable(f"{error.filename or cert} cannot be read ({error.strerror}).") from error
    return context


def _ensure_own_certificate(folder: Path, host: str) -> tuple[Path, Path]:
    """
    The certificate and the key that are kept in *folder*, made where there are none.

    Raises:
        OSError: they cannot be kept there.
    """
    cert, key = folder / "intake-cert.pem", folder / "intake-key.pem"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with hold_lock(folder / "intake-cert.lock", wait=True):  # two that make one would each keep half of theirs
        if not (cert.is_file() and key.is_file()):
            make_certificate(cert, key, host)
    return cert, key


def make_certificate(cert_file: Path, key_file: Path, host: str) -> None:
    """Make a certificate that signs itself, for this device's names and addresses."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "booth-kiosk")])
    # A Pi may start without a clock: a certificate that begins today would not be good yet tomorrow.
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
    write_private_file(key_file, secret)
    write_private_file(cert_file, cert.public_bytes(serialization.Encoding.PEM))


def write_private_file(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read, all of it or nothing."""
    unfinished = path.with_suffix(".part")
    unfinished.unlink(missing_ok=True)
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(handle)
    unfinished.replace(path)


def _list_own_addresses(host: str) -> list[IPv4Address | IPv6Address]:
    """The addresses by which other devices reach this one: *host*, where it is one, and what the kernel would use."""
    found = {"127.0.0.1", find_network_address()}
    with suppress(ValueError):
        if not ip_address(host).is_unspecified:
            found.add(host)
    return [ip_address(address) for address in sorted(found) if address]


def find_network_address() -> str:
    """This device's address in its network; empty where it has none. Nothing is sent to find it out."""
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))
        return str(probe.getsockname()[0])
    return ""


def compute_fingerprint(cert_file: Path) -> str:
    """
    SHA-256 of the certificate, in hex: what tells a device that it speaks to this kiosk.

    Raises:
        CertificateUnusable: it cannot be read.
    """
    try:
        pem = _FIRST_CERTIFICATE_PATTERN.search(cert_file.read_text(encoding="ascii"))
        return hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem[0] if pem else "")).hexdigest()
    except (OSError, ValueError) as error:
        raise CertificateUnusable(f"{cert_file} holds no certificate that can be read ({error}).") from error
