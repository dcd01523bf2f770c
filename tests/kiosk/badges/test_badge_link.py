"""Links on badges."""

import pytest

from data.contact import Contact
from kiosk.badges.badge import Badge, RefusedPayload
from kiosk.badges.profile import BadgeProfile
from kiosk.badges.reading import read_badge

SECRET = "5uhbd49wms2fakafn5nzq7pcqpbjun2v"
HASH = "sha256:bbbec6887436b794e795c7cf0bbe8221230f56dd9dbfbba2d63c46516c2fabd8"


def read(text: str) -> Badge | RefusedPayload:
    """Read the badge *text*, encoded as UTF-8."""
    return read_badge(text.encode(), text, BadgeProfile())


LINKEDIN = "https://www.linkedin.com/in/ana-lopez-1"

LINKS = [
    ("https://pg.eu/t/at/0f6b61aa/", Badge("link", badge_id="0f6b61aa")),
    (
        "https://lu.ma/check-in/evt-6SAYBD09zCBjNNg?pk=g-r3DlcAelLjxttUG",
        Badge("link", badge_id="g-r3DlcAelLjxttUG"),
    ),
    ("https://es.linkedin.com/in/ana-lopez-1/?utm=qr", Badge("link", Contact(website=LINKEDIN), LINKEDIN)),
    ("linkedin.com/in/ana-lopez-1", Badge("link", Contact(website=LINKEDIN), LINKEDIN)),
    (  # the-events-calendar/event-tickets; the list has the ticket's id
        "https://x.org/?event_qr_code=1&ticket_id=9001&event_id=77&path=wp-json",
        Badge("link", badge_id="9001"),
    ),
    (
        "https://x.org/?ticket_id=9001&event_id=77&security_code=f3c2a1b0d9",
        Badge("link", badge_id="9001", stored_payload=b"https://x.org/?ticket_id=9001&event_id=77"),
    ),
    ("https://x.org/check-in?attendee_id=a-17&lang=de", Badge("link", badge_id="a-17")),
    ("https://x.org/shop?id=5&code=SALE20", Badge("link", badge_id="https://x.org/shop?id=5&code=SALE20")),
    ("HTTP://X.ORG/b/17", Badge("link", badge_id="HTTP://X.ORG/b/17")),
    (
        f"https://x.org/c?ticket={SECRET}&lang=de",
        Badge("link", badge_id=HASH, stored_payload=b"https://x.org/c?lang=de"),
    ),
    ("https://x.org/#BEGIN:VCARD%0AFN:Ana%0AEND:VCARD", Badge("vcard", Contact("Ana"))),
    ("https://x.org/v?c=BEGIN%3AVCARD%0D%0AFN%3AZo%C3%AB%0D%0AEND%3AVCARD", Badge("vcard", Contact("Zoë"))),
    ("https://[half/b", Badge("unknown", unread=("https://[half/b",))),
]


@pytest.mark.parametrize(("text", "badge"), LINKS)
def test_a_link_is_an_id_or_a_profile(text: str, badge: Badge) -> None:
    """A known site's link is read by the site's rules; any other link is an ID as a whole."""
    assert read(text) == badge
