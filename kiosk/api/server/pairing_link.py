"""The pairing link, which `kiosk token pair` shows as a QR code."""

from urllib.parse import urlencode

from data.clock import Clock
from kiosk.api.server.certificate import compute_fingerprint, ensure_certificate
from kiosk.api.server.own_certificate import find_network_address
from kiosk.config.load import Settings


def build_pairing_link(settings: Settings, code: str, clock: Clock) -> str:
    """
    Build `booth-kiosk://pair?url=…&code=…&sha256=…`: a device posts the code to `URL/api/v1/pair` and gets its token.

    `sha256` is the certificate's fingerprint, by which the device recognises this kiosk.

    Raises:
        CertificateUnusable: there is no certificate.
    """
    api = settings.api
    is_named = api.is_local or api.host not in ("0.0.0.0", "::")
    host = api.host if is_named else find_network_address() or "127.0.0.1"
    scheme = "https" if api.uses_tls else "http"
    values = {"url": f"{scheme}://{f'[{host}]' if ':' in host else host}:{api.port}", "code": code}
    if api.uses_tls:
        values["sha256"] = compute_fingerprint(ensure_certificate(settings, clock)[0])
    return f"booth-kiosk://pair?{urlencode(values)}"
