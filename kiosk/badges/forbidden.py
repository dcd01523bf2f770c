"""Codes that identify themselves as somebody's secret, and must not be stored."""

import re

from data.language import N_, _
from kiosk.badges.badge import RefusedPayload, ScannedCode

_HEALTH_CERTIFICATE = N_("This is a health certificate, so it was not saved. Scan the code on the badge.")
_WIFI_PASSWORD = N_("This is a WiFi password, so it was not saved. Scan the code on the badge.")
_LOGIN_SECRET = N_("This is a secret for signing in, so it was not saved. Scan the code on the badge.")

# The beginning of such a payload in lower case -> its kind, and a sentence for staff.
_FORBIDDEN_PREFIXES = {
    "hc1:": ("health certificate", _HEALTH_CERTIFICATE),
    "shc:/": ("health certificate", _HEALTH_CERTIFICATE),
    "wifi:": ("wifi", _WIFI_PASSWORD),
    "otpauth:": ("login secret", _LOGIN_SECRET),
    "otpauth-migration:": ("login secret", _LOGIN_SECRET),
}

# The beginning of such a payload, after what a scanner may type first. Behind a separator or in a link it is a field of
# a badge instead.
_FORBIDDEN_START = re.compile(rf"[^/:^|;,\t\n]{{0,20}}?({'|'.join(_FORBIDDEN_PREFIXES)})", re.IGNORECASE)


def read_forbidden(code: ScannedCode) -> RefusedPayload | None:
    """Refuse the payload if it identifies itself as a secret."""
    found = _FORBIDDEN_START.match(code.text)
    if found is None:
        return None
    kind, sentence = _FORBIDDEN_PREFIXES[found[1].lower()]
    return RefusedPayload(kind, _(sentence))
