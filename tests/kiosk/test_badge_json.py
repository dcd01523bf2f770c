"""JSON objects on badges."""

import pytest

from data.contact import Contact
from kiosk.badges import read_badge
from kiosk.badges.badge import Badge, Refused
from kiosk.badges.profile import BadgeProfile

SECRET = "5uhbd49wms2fakafn5nzq7pcqpbjun2v"
HASH = "sha256:bbbec6887436b794e795c7cf0bbe8221230f56dd9dbfbba2d63c46516c2fabd8"
SIGNED = (
    "E4BibyTSylQOgeKjuMPiTDxi5HXPuTVsx1qCli3IL0143gj0EZXOB9iQInANxRFJTt4Pf9nXnHdB91Qk/RN0L5AIBABSxw2TKFnSUNUCKAEAPAQA"
)


def read(text: str) -> Badge | Refused:
    """What the badge *text*, printed as UTF-8, is read as."""
    return read_badge(text.encode(), text, BadgeProfile())


JSONS = [
    (
        f'{{"ticket":"{SECRET}","lead":"PZD97WTMFJ"}}',
        Badge("json", badge_id="PZD97WTMFJ", keep=b'{"lead": "PZD97WTMFJ"}'),
    ),
    (f'{{"ticket":"{SECRET}"}}', Badge("json", badge_id=HASH, keep=b"{}")),
    (
        '{"registrant_id":123,"checkin_secret":"0e9a","event_id":"456","server_url":"https://x.org","version":1}',
        Badge(
            "json",
            badge_id="123",
            keep=b'{"registrant_id": 123, "event_id": "456", "server_url": "https://x.org", "version": 1}',
        ),
    ),
    (f'{{"ticket":"{SIGNED}"}}', Badge("json", badge_id="CTJqJOl1H", keep=b"{}")),
    (f'{{"code":"{SECRET}","x":["{SECRET}"]}}', Badge("json", badge_id=HASH, keep=b'{"x": []}')),
    (
        '{"first_name":"Zoë","lastName":"Müller","E-Mail":"z@x.org"}',
        Badge("json", Contact("", "Zoë", "Müller", "z@x.org")),
    ),
    (
        '{"name":"محمد","organization":{"name":"ACME","id":7}}',
        Badge("json", Contact("محمد", company="ACME"), "7"),
    ),
    ('{"name":{"first":"Ana","last":"Lopez"},"emails":[]}', Badge("json", Contact("", "Ana", "Lopez"))),
    (
        '{"person":{"Full Name":"Ana"},"email":["a@x.org","b@x.org"]}',
        Badge("json", Contact("Ana", email="a@x.org")),
    ),
    (
        '{"name":"Ana","diet":"vegan","vip":true,"age":7}',
        Badge("json", Contact("Ana"), answers={"diet": "vegan", "age": "7"}),
    ),
    ('{"name":"Ana\\ud800\\u0000"}', Badge("json", Contact("Ana"))),
    ("{}", Badge("json")),
    ('{"name":"An', Badge("unknown")),
]


@pytest.mark.parametrize(("text", "badge"), JSONS)
def test_a_json_object_says_who_it_is_and_loses_its_secrets(text: str, badge: Badge) -> None:
    """Keys are known however they are spelt; a ticket's secret is dropped from what is kept."""
    assert badge == read(text)
