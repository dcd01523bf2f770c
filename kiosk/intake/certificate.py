"""A certificate of the kiosk's own, for devices that know it by its fingerprint: the pairing code carries that."""

import ipaddress
import os
import socket
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

DAYS = 825
"""That it is good for: phones refuse certificates that are good for longer."""


def own_certificate(folder: Path, host: str) -> tuple[Path, Path]:
    """
    The certificate and the key that are kept in *folder*, made where there are none.

    Raises:
        OSError: they cannot be kept there.
    """
    cert, key = folder / "intake-cert.pem", folder / "intake-key.pem"
    if not (cert.is_file() and key.is_file()):
        make(cert, key, host)
    return cert, key


def make(cert_file: Path, key_file: Path, host: str) -> None:
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
    names += [x509.IPAddress(address) for address in addresses(host)]
    cert = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(max(datetime.now(UTC), begins) + timedelta(days=DAYS))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    write(key_file, secret)
    write(cert_file, cert.public_bytes(serialization.Encoding.PEM))


def write(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)


def addresses(host: str) -> list[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    """The addresses by which other devices reach this one: *host*, where it is one, and what the kernel would use."""
    found = {"127.0.0.1", outward()}
    with suppress(ValueError):
        if not ipaddress.ip_address(host).is_unspecified:
            found.add(host)
    return [ipaddress.ip_address(address) for address in sorted(found) if address]


def outward() -> str:
    """This device's address in its network; empty where it has none. Nothing is sent to find it out."""
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))
        return str(probe.getsockname()[0])
    return ""


def fingerprint(cert_file: Path) -> str:
    """SHA-256 of the certificate, in hex: what tells a device that it speaks to this kiosk."""
    import hashlib
    import ssl

    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(cert_file.read_text(encoding="ascii"))).hexdigest()
