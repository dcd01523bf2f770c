"""Signed tickets."""

from urllib.parse import quote

import pytest

from kiosk.badges.badge import Badge, RefusedPayload
from kiosk.badges.profile import BadgeProfile
from kiosk.badges.reading import read_badge

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


def test_a_signed_ticket_in_a_note_is_stored_as_its_seed() -> None:
    """The rest of the badge is stored as it is."""
    badge = read(f"MECARD:N:Ana;NOTE:my ticket ({SIGNED});;")

    assert isinstance(badge, Badge)
    assert dict(badge.answers) == {"note": "my ticket (CTJqJOl1H)"}
    assert badge.stored_payload == b"MECARD:N:Ana;NOTE:my ticket (CTJqJOl1H);;"


@pytest.mark.parametrize("address", ["/check-in/{}", "/#{}", "/#/tickets/{}?lang=en"])
def test_a_link_with_a_signed_ticket_in_its_address_is_refused(address: str) -> None:
    """A link is an ID as a whole, and this one would open the door."""
    reading = read(f"https://tickets.example{address}".format(quote(SIGNED)))

    assert isinstance(reading, RefusedPayload)
    assert SIGNED not in repr(reading)
