"""What the pairing code says: where the kiosk is, how it is known, and the code that is good once."""

from urllib.parse import urlencode

from kiosk.config.load import Settings
from kiosk.intake.certificate import files, fingerprint, outward


def invitation(settings: Settings, code: str) -> str:
    """
    `booth-kiosk://pair?url=…&code=…&sha256=…`: a device posts the code to `URL/api/v1/pair`, and gets its token.

    `sha256` is the certificate's fingerprint, by which the device knows this kiosk.

    Raises:
        CertificateUnusable: there is no certificate that devices could know it by.
    """
    intake = settings.intake
    host = intake.host if intake.is_local or intake.host not in ("0.0.0.0", "::") else outward() or "127.0.0.1"
    scheme = "https" if intake.uses_tls else "http"
    values = {"url": f"{scheme}://{f'[{host}]' if ':' in host else host}:{intake.port}", "code": code}
    if intake.uses_tls:
        values["sha256"] = fingerprint(files(settings)[0])
    return f"booth-kiosk://pair?{urlencode(values)}"
