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
    """What the badge *text*, printed as UTF-8, is read as."""
    return read_badge(text.encode(), text, BadgeProfile())


def test_a_signed_ticket_is_known_by_its_seed_and_kept_without_its_signature() -> None:
    """The public test vector of pretix' scheme 1; what is kept reads as the same ticket again."""
    badge = read(SIGNED)

    assert badge == Badge("ticket", badge_id="CTJqJOl1H", stored_payload=UNSIGNED.encode())
    assert read(UNSIGNED) == badge


@pytest.mark.parametrize("text", [SIGNED[1:], SIGNED[:-1], "QA", "AAAAAAAQA", "=" + SIGNED])
def test_what_only_looks_like_a_signed_ticket_is_none(text: str) -> None:
    """The lengths, the version and the seed must all fit."""
    reading = read(text)

    assert reading.kind != "ticket"
