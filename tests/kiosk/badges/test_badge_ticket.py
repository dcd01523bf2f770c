"""Signed tickets."""

import pytest

from kiosk.badges import read_badge
from kiosk.badges.badge import Badge, RefusedPayload
from kiosk.badges.profile import BadgeProfile

SIGNED = (
    "E4BibyTSylQOgeKjuMPiTDxi5HXPuTVsx1qCli3IL0143gj0EZXOB9iQInANxRFJTt4Pf9nXnHdB91Qk/RN0L5AIBABSxw2TKFnSUNUCKAEAPAQA"
)
UNSIGNED = "A" * 84 + "A4AIBABSxw2TKFnSUNUCKAEAPAQA"


def read(text: str) -> Badge | RefusedPayload:
    """Read the badge *text*, encoded as UTF-8."""
    return read_badge(text.encode(), text, BadgeProfile())


def test_a_signed_ticket_is_stored_without_its_signature() -> None:
    """The public test vector of pretix scheme 1. Reading the stored payload gives the same ticket."""
    badge = read(SIGNED)

    assert badge == Badge("ticket", badge_id="CTJqJOl1H", stored_payload=UNSIGNED.encode())
    assert read(UNSIGNED) == badge


@pytest.mark.parametrize("text", [SIGNED[1:], SIGNED[:-1], "QA", "AAAAAAAQA", "=" + SIGNED])
def test_a_lookalike_is_not_a_signed_ticket(text: str) -> None:
    """The lengths, the version and the seed must all fit."""
    reading = read(text)

    assert reading.kind != "ticket"
