"""Codes that say what they are, and that are nobody's business."""

import re

from kiosk.badges.badge import RefusedPayload, ScannedCode

_FORBIDDEN_PREFIXES = {
    "hc1:": ("health certificate", "a health certificate"),
    "shc:/": ("health certificate", "a health certificate"),
    "wifi:": ("wifi", "a WiFi password"),
    "otpauth:": ("login secret", "a secret for logging in"),
    "otpauth-migration:": ("login secret", "a secret for logging in"),
}
"""How such a payload begins, in lower case; its kind; and what to call it."""

_FORBIDDEN_START = re.compile(rf"[^/:^|;,\t\n]{{0,20}}?({'|'.join(_FORBIDDEN_PREFIXES)})", re.IGNORECASE)
"""A scanner may type something in front; what stands behind a separator or in a link is a field of a badge."""


def read_forbidden(code: ScannedCode) -> RefusedPayload | None:
    """A refusal where the payload is known to be a secret."""
    found = _FORBIDDEN_START.match(code.text)
    if found is None:
        return None
    kind, name = _FORBIDDEN_PREFIXES[found[1].lower()]
    return RefusedPayload(kind, f"This is {name}, and it was not kept: show the code on the badge.")
