"""The TLS certificate: the one that kiosk.toml names, or our own, whose fingerprint is in the pairing link."""

import hashlib
import re
import ssl
from pathlib import Path

from data.clock import Clock
from data.language import _
from kiosk.api.server.own_certificate import ensure_own_certificate, renew_own_certificate
from kiosk.config.load import Settings

# The first certificate in a file. A file may hold a chain, in which the device's own certificate comes first.
_FIRST_CERTIFICATE_PATTERN = re.compile("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)


class CertificateUnusable(Exception):
    """The certificate and key cannot be used for TLS; `str()` says why and what to do."""


def ensure_certificate(settings: Settings, clock: Clock) -> tuple[Path, Path]:
    """
    Return the files of the certificate and its key: those that kiosk.toml names, or our own, created the first time.

    Raises:
        CertificateUnusable: they cannot be made.
    """
    api = settings.api
    if api.cert_file:
        return Path(api.cert_file).expanduser(), Path(api.key_file).expanduser()
    try:
        return ensure_own_certificate(settings.folder, api.host, clock.wall_time())
    except OSError as error:
        raise CertificateUnusable(
            _("The certificate cannot be stored in {folder} ({reason}).").format(
                folder=settings.folder, reason=error.strerror
            )
        ) from error


def create_tls_context(settings: Settings, clock: Clock) -> ssl.SSLContext:
    """
    Create the server's TLS context; renew our own certificate before, if it is about to expire.

    Raises:
        CertificateUnusable: certificate and key do not work, or other users can read the key.
    """
    cert, key = ensure_certificate(settings, clock)
    if not settings.api.cert_file:
        renew_own_certificate(cert, key, settings.api.host, clock)
    try:
        # Whoever can read the key can pretend to be this kiosk.
        if key.stat().st_mode & 0o077:
            raise CertificateUnusable(_("Other users can read {file}. Run: chmod 600 {file}").format(file=key))
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
