"""Codes that say what they are, and that are nobody's business."""

from kiosk.badges.badge import Code, Refused

FORBIDDEN = {
    "hc1:": ("health certificate", "a health certificate"),
    "shc:/": ("health certificate", "a health certificate"),
    "wifi:": ("wifi", "a WiFi password"),
    "otpauth:": ("login secret", "a secret for logging in"),
    "otpauth-migration:": ("login secret", "a secret for logging in"),
}
"""How such a payload begins, in lower case; its kind; and what to call it."""


def read_forbidden(code: Code) -> Refused | None:
    """A refusal where the payload is known to be a secret."""
    start = code.text[:20].lower()
    for prefix, (kind, name) in FORBIDDEN.items():
        if start.startswith(prefix):
            return Refused(kind, f"This is {name}, and it was not kept: show the code on the badge.")
    return None
