"""What the pairing code says: where the kiosk is, how it is known, and the code that is good once."""

from urllib.parse import urlencode

from kiosk.api.server.certificate import compute_fingerprint, ensure_certificate, find_network_address
from kiosk.config.load import Settings


def build_pairing_link(settings: Settings, code: str) -> str:
    """
    `booth-kiosk://pair?url=…&code=…&sha256=…`: a device posts the code to `URL/api/v1/pair`, and gets its token.

    `sha256` is the certificate's fingerprint, by which the device knows this kiosk.

    Raises:
        CertificateUnusable: there is no certificate that devices could know it by.
    """
    intake = settings.api
    host = (
        intake.host
        if intake.is_local or intake.host not in ("0.0.0.0", "::")
        else find_network_address() or "127.0.0.1"
    )
    scheme = "https" if intake.uses_tls else "http"
    values = {"url": f"{scheme}://{f'[{host}]' if ':' in host else host}:{intake.port}", "code": code}
    if intake.uses_tls:
        values["sha256"] = compute_fingerprint(ensure_certificate(settings)[0])
    return f"booth-kiosk://pair?{urlencode(values)}"
