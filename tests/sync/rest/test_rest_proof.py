"""Answers that say yes and prove nothing: the set-up is at fault, it says what to write, and nothing floods the CRM."""

from dataclasses import replace
from pathlib import Path

import pytest

from data import outbox
from data.store import Store
from tests.sync.rest.api import KEYED, Api, counts, described, drain, edit, meet, reason
from tests.sync.rest.bottle_rest import BottleRest
from tests.sync.rest.crms import running as serving
from tests.sync.rest.guide import settings_of
from tests.sync.told import Asked, Say

PLAIN = 'url = "{url}/contacts"\n[crm.rest.answer]\n'
NO_KEY = PLAIN + 'key = ""\n'

UNPROVEN: list[tuple[str, str, Say, str]] = [
    ("Make", PLAIN, Say(b"Accepted"), "Accepted"),
    ("Zapier", PLAIN, Say({"attempt": "1", "id": "a", "status": "success"}), "The answer has: attempt, id, status"),
    ("another place", NO_KEY, Say({"result": "ok", "lead": {"uid": 7}}), "The answer has: result, lead.uid"),
    ("202 without an id", NO_KEY, Say({"queued": True}, 202), "The answer has: queued"),
    ("204", NO_KEY, Say(b"", 204, {"OData-EntityId": "x"}), "without a body"),
    ("an empty object", NO_KEY, Say({}), "The answer has nothing in it"),
]


@pytest.mark.parametrize(("text", "said", "words"), [case[1:] for case in UNPROVEN], ids=[case[0] for case in UNPROVEN])
def test_a_yes_without_an_id_twice_is_the_set_up_s_fault(
    store: Store, api: Api, tmp_path: Path, text: str, said: Say, words: str
) -> None:
    """After two posts and no more; the sentence says what the answer has."""
    for number in range(5):
        meet(store, number)
    api.twist = lambda asked: said

    summary = drain(store, described(text, api, tmp_path))

    assert summary.gate.cause == "set-up"
    assert words in summary.gate.sentence
    assert len(api.asked) == 2
    assert counts(store) == outbox.Counts(waiting=5)


def test_a_slip_is_forgiven(store: Store, api: Api, tmp_path: Path) -> None:
    """Once, and the next answer has the id."""
    meet(store)
    slips = [Say({"status": "ok"}, 201)]
    api.twist = lambda asked: slips.pop() if asked.method == "POST" and slips else None

    drain(store, described(NO_KEY, api, tmp_path))

    assert counts(store) == outbox.Counts(delivered=1)


def test_a_wrong_place_of_the_id_makes_two_records_at_most(store: Store, api: Api, tmp_path: Path) -> None:
    """At a CRM that makes one at each post; one more for each *sync now* that a person presses."""
    for number in range(5):
        meet(store, number)
    settings = described(NO_KEY + 'id = "data.id"\n', api, tmp_path)

    drain(store, settings)
    first = len(api.records)
    drain(store, settings)

    assert (first, len(api.records)) == (2, 3)


def test_an_id_in_a_header_is_one(store: Store, api: Api, tmp_path: Path) -> None:
    """The end of the address of what was made."""
    meet(store)
    headers = {"Location": "https://crm.example.com/api/leads(00aa-11bb)"}
    api.twist = lambda asked: Say(b"", 201, headers)

    drain(store, described(NO_KEY + 'id = ""\nid_header = "Location"\n', api, tmp_path))

    assert store.execute("select remote_id from outbox").fetchone()[0] == "00aa-11bb"


def test_an_api_that_gives_no_id_is_proven_by_its_search(store: Store, tmp_path: Path) -> None:
    """What it took is found, with an e-mail and without one."""
    meet(store, 1)
    meet(store, 2, email="")
    crm = BottleRest()
    crm.says_id = False
    with serving(crm):
        settings = settings_of("BottleCRM", crm.url, tmp_path)
        drain(store, replace(settings, answer=replace(settings.answer, id="")))

    assert counts(store) == outbox.Counts(delivered=2)
    found = store.execute("select remote_id from outbox order by remote_id")
    assert [row[0] for row in found] == ["1", "2"]
    assert len(crm.contacts) == 2


def test_what_was_not_taken_is_not_delivered(store: Store, api: Api, tmp_path: Path) -> None:
    """An edit that the CRM answers with "duplicate" did not arrive; nor did a lead that it put to another's record."""
    text = (
        'url = "{url}/contacts"\n[crm.rest.answer]\nkey = ""\nstatus = "result"\nnot_taken = ["duplicate", "merged"]\n'
    )
    settings = described(text, api, tmp_path)
    ana = meet(store, 1)
    drain(store, settings)
    bob = meet(store, 2)
    edit(store, ana, note="Call her")

    def twist(asked: Asked) -> Say:
        return Say({"id": "c1", "result": "merged" if b"Visitor 2" in asked.body else "duplicate"})

    api.twist = twist
    drain(store, settings)

    assert counts(store) == outbox.Counts(needs_you=2)
    assert "it says 'duplicate'" in reason(store, ana)
    assert "it says 'merged'" in reason(store, bob)


def test_too_many_calls_with_the_status_200_closes_the_gate(store: Store, api: Api, tmp_path: Path) -> None:
    """No lead is charged for it."""
    meet(store)
    api.twist = lambda asked: Say({"success": False, "error": "Rate limit exceeded"})

    summary = drain(store, described(KEYED, api, tmp_path))

    assert summary.gate.cause == "throttled"
    assert counts(store) == outbox.Counts(waiting=1)
