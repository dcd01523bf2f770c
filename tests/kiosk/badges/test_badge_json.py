"""JSON objects on badges."""

import pytest

from data.contact import Contact
from kiosk.badges.badge import Badge, RefusedPayload
from kiosk.badges.profile import BadgeProfile
from kiosk.badges.reading import read_badge

SECRET = "5uhbd49wms2fakafn5nzq7pcqpbjun2v"
HASH = "sha256:bbbec6887436b794e795c7cf0bbe8221230f56dd9dbfbba2d63c46516c2fabd8"
SIGNED = (
    "E4BibyTSylQOgeKjuMPiTDxi5HXPuTVsx1qCli3IL0143gj0EZXOB9iQInANxRFJTt4Pf9nXnHdB91Qk/RN0L5AIBABSxw2TKFnSUNUCKAEAPAQA"
)


def read(text: str) -> Badge | RefusedPayload:
    """Read the badge *text*, encoded as UTF-8."""
    return read_badge(text.encode(), text, BadgeProfile())


JSONS = [
    (
        f'{{"ticket":"{SECRET}","lead":"PZD97WTMFJ"}}',
        Badge("json", badge_id="PZD97WTMFJ", stored_payload=b'{"lead": "PZD97WTMFJ"}'),
    ),
    (f'{{"ticket":"{SECRET}"}}', Badge("json", badge_id=HASH, stored_payload=b"{}")),
    (
        '{"registrant_id":123,"checkin_secret":"0e9a","event_id":"456","server_url":"https://x.org","version":1}',
        Badge(
            "json",
            badge_id="123",
            stored_payload=b'{"registrant_id": 123, "event_id": "456", "server_url": "https://x.org", "version": 1}',
        ),
    ),
    (f'{{"ticket":"{SIGNED}"}}', Badge("json", badge_id="CTJqJOl1H", stored_payload=b"{}")),
    (f'{{"code":"{SECRET}","x":["{SECRET}"]}}', Badge("json", badge_id=HASH, stored_payload=b'{"x": []}')),
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
        Badge("json", Contact("Ana", email="a@x.org"), answers={"other email": "b@x.org"}),
    ),
    (
        '{"name":"Ana","diet":"vegan","vip":true,"age":7}',
        Badge("json", Contact("Ana"), answers={"diet": "vegan", "age": "7"}),
    ),
    ('{"name":"Ana\\ud800\\u0000"}', Badge("json", Contact("Ana"))),
    ("{}", Badge("json")),
    ('{"name":"An', Badge("unknown", unread=('{"name":"An',))),
]


@pytest.mark.parametrize(("text", "badge"), JSONS)
def test_a_json_object_is_read_without_its_secrets(text: str, badge: Badge) -> None:
    """Keys are recognised in any spelling; a ticket's secret is not stored."""
    assert read(text) == badge


@pytest.mark.parametrize(
    "value", ["NaN", "1e400", "-Infinity", "1.5", "9007199254740993.0", '"visitor"', '"VIP"', '""']
)
def test_a_value_of_many_badges_is_not_an_id(value: str) -> None:
    """A number that is not whole or not exact, or a kind of badge, would merge many people into one lead."""
    badge = read(f'{{"badge":{value},"name":"Ana"}}')

    assert badge == Badge("json", Contact("Ana"))


@pytest.mark.parametrize(
    ("value", "badge_id"),
    [("7", "7"), ("7.0", "7"), ('"1.5"', "1.5"), ("752327237937711035001",) * 2, ('"VIP-7"', "VIP-7")],
)
def test_an_id_is_a_whole_number_or_contains_a_digit(value: str, badge_id: str) -> None:
    """However it is written."""
    assert read(f'{{"badge":{value},"name":"Ana"}}') == Badge("json", Contact("Ana"), badge_id)


def test_the_key_can_make_letters_an_id() -> None:
    """`lead`, `badge_id` and similar keys hold nothing else."""
    assert read('{"lead":"PZDABWTMFJ"}') == Badge("json", badge_id="PZDABWTMFJ")


def test_a_timestamp_in_a_code_is_ignored() -> None:
    """Codes that change every minute are still the same badge."""
    assert read('{"badge":"17","ts":1767225600,"nonce":"a8"}') == Badge("json", badge_id="17")


def test_deep_nesting_does_not_raise() -> None:
    """At any depth: near Python's recursion limit, one extra call was once too many."""
    nested = [f'[{{"a": 1}}, {"[" * depth}{"]" * depth}]' for depth in range(90, 1100)]

    found = [read(text) for text in nested]

    assert {badge.kind for badge in found if isinstance(badge, Badge)} == {"json", "unknown"}
    assert len(found) == 1010
