"""JSON objects on badges."""

import pytest

from data.contact import Contact
from kiosk.badges import read_badge
from kiosk.badges.badge import Badge, RefusedPayload
from kiosk.badges.profile import BadgeProfile

SECRET = "5uhbd49wms2fakafn5nzq7pcqpbjun2v"
HASH = "sha256:bbbec6887436b794e795c7cf0bbe8221230f56dd9dbfbba2d63c46516c2fabd8"
SIGNED = (
    "E4BibyTSylQOgeKjuMPiTDxi5HXPuTVsx1qCli3IL0143gj0EZXOB9iQInANxRFJTt4Pf9nXnHdB91Qk/RN0L5AIBABSxw2TKFnSUNUCKAEAPAQA"
)


def read(text: str) -> Badge | RefusedPayload:
    """What the badge *text*, printed as UTF-8, is read as."""
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
def test_a_json_object_says_who_it_is_and_loses_its_secrets(text: str, badge: Badge) -> None:
    """Keys are known however they are spelt; a ticket's secret is dropped from what is kept."""
    assert read(text) == badge


@pytest.mark.parametrize(
    "value", ["NaN", "1e400", "-Infinity", "1.5", "9007199254740993.0", '"visitor"', '"VIP"', '""']
)
def test_what_many_badges_may_say_is_no_id(value: str) -> None:
    """A number that is none, not whole or not exact, and a kind of badge, would make many people one."""
    badge = read(f'{{"badge":{value},"name":"Ana"}}')

    assert badge == Badge("json", Contact("Ana"))


@pytest.mark.parametrize(
    ("value", "badge_id"),
    [("7", "7"), ("7.0", "7"), ('"1.5"', "1.5"), ("752327237937711035001",) * 2, ('"VIP-7"', "VIP-7")],
)
def test_an_id_is_whole_or_has_a_digit(value: str, badge_id: str) -> None:
    """However it is written."""
    assert read(f'{{"badge":{value},"name":"Ana"}}') == Badge("json", Contact("Ana"), badge_id)


def test_an_id_of_letters_is_one_where_the_key_says_so() -> None:
    """`lead`, `badge_id` and their like hold nothing else."""
    assert read('{"lead":"PZDABWTMFJ"}') == Badge("json", badge_id="PZDABWTMFJ")


def test_the_time_of_a_code_that_changes_by_the_minute_is_no_answer() -> None:
    """The same person's next code is the same badge."""
    assert read('{"badge":"17","ts":1767225600,"nonce":"a8"}') == Badge("json", badge_id="17")


def test_lists_inside_lists_end_no_reader() -> None:
    """Whatever the depth: near the most that Python allows, one step more than another was too many."""
    nested = [f'[{{"a": 1}}, {"[" * depth}{"]" * depth}]' for depth in range(90, 1100)]

    found = [read(text) for text in nested]

    assert {badge.kind for badge in found if isinstance(badge, Badge)} == {"json", "unknown"}
    assert len(found) == 1010
