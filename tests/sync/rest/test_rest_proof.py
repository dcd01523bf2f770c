"""Successes that prove nothing: the configuration is at fault, the sentence helps, and the CRM is not flooded."""

from dataclasses import replace
from pathlib import Path

import pytest

from data import outbox
from data.store import Store
from tests.sync.rest.bottle_rest import BottleRest
from tests.sync.rest.contacts_api import (
    KEYED,
    ContactsApi,
    count_states,
    drain_store,
    edit_lead,
    read_reason,
    read_settings,
    save_lead,
)
from tests.sync.rest.crm_replicas import run_crm as serving
from tests.sync.rest.guide import load_example_settings
from tests.sync.scripted_server import ReceivedRequest, ScriptedResponse

PLAIN = 'url = "{url}/contacts"\n[crm.rest.answer]\n'
NO_KEY = PLAIN + 'key = ""\n'

UNPROVEN: list[tuple[str, str, ScriptedResponse, str]] = [
    ("Make", PLAIN, ScriptedResponse(b"Accepted"), "Accepted"),
    (
        "Zapier",
        PLAIN,
        ScriptedResponse({"attempt": "1", "id": "a", "status": "success"}),
        "The response has: attempt, id, status",
    ),
    (
        "another place",
        NO_KEY,
        ScriptedResponse({"result": "ok", "lead": {"uid": 7}}),
        "The response has: result, lead.uid",
    ),
    ("202 without an id", NO_KEY, ScriptedResponse({"queued": True}, 202), "The response has: queued"),
    ("204", NO_KEY, ScriptedResponse(b"", 204, {"OData-EntityId": "x"}), "and no data"),
    ("an empty object", NO_KEY, ScriptedResponse({}), "The response is empty"),
]


@pytest.mark.parametrize(("text", "said", "words"), [case[1:] for case in UNPROVEN], ids=[case[0] for case in UNPROVEN])
def test_two_successes_without_an_id_are_a_configuration_fault(
    store: Store, api: ContactsApi, tmp_path: Path, text: str, said: ScriptedResponse, words: str
) -> None:
    """After two posts; the sentence lists what the response contains."""
    for number in range(5):
        save_lead(store, number)
    api.override = lambda asked: said

    summary = drain_store(store, read_settings(text, api, tmp_path))

    assert summary.gate.cause == "set-up"
    assert words in summary.gate.sentence
    assert len(api.asked) == 2
    assert count_states(store) == outbox.OutboxCounts(waiting=5)


def test_a_single_missing_id_is_forgiven(store: Store, api: ContactsApi, tmp_path: Path) -> None:
    """Once, if the next response has the id."""
    save_lead(store)
    slips = [ScriptedResponse({"status": "ok"}, 201)]
    api.override = lambda asked: slips.pop() if asked.method == "POST" and slips else None

    drain_store(store, read_settings(NO_KEY, api, tmp_path))

    assert count_states(store) == outbox.OutboxCounts(delivered=1)


def test_a_wrong_id_path_makes_two_records_at_most(store: Store, api: ContactsApi, tmp_path: Path) -> None:
    """At a CRM that creates one with each post; each *sync now* adds one more."""
    for number in range(5):
        save_lead(store, number)
    settings = read_settings(NO_KEY + 'id = "data.id"\n', api, tmp_path)

    drain_store(store, settings)
    first = len(api.records)
    drain_store(store, settings)

    assert (first, len(api.records)) == (2, 3)


def test_an_id_in_a_header_counts(store: Store, api: ContactsApi, tmp_path: Path) -> None:
    """It is the end of the record's address."""
    save_lead(store)
    headers = {"Location": "https://crm.example.com/api/leads(00aa-11bb)"}
    api.override = lambda asked: ScriptedResponse(b"", 201, headers)

    drain_store(store, read_settings(NO_KEY + 'id = ""\nid_header = "Location"\n', api, tmp_path))

    assert store.execute("select remote_id from outbox").fetchone()[0] == "00aa-11bb"


def test_without_an_id_the_search_proves_delivery(store: Store, tmp_path: Path) -> None:
    """The saved record is found, with an e-mail and without one."""
    save_lead(store, 1)
    save_lead(store, 2, email="")
    crm = BottleRest()
    crm.says_id = False
    with serving(crm):
        settings = load_example_settings("BottleCRM", crm.url, tmp_path)
        drain_store(store, replace(settings, answer=replace(settings.answer, id="")))

    assert count_states(store) == outbox.OutboxCounts(delivered=2)
    found = store.execute("select remote_id from outbox order by remote_id")
    assert [row[0] for row in found] == ["1", "2"]
    assert len(crm.contacts) == 2


def test_an_ignored_lead_is_not_delivered(store: Store, api: ContactsApi, tmp_path: Path) -> None:
    """Neither an edit that the CRM calls a duplicate, nor a lead that it merged into another record."""
    text = (
        'url = "{url}/contacts"\n[crm.rest.answer]\nkey = ""\nstatus = "result"\nnot_taken = ["duplicate", "merged"]\n'
    )
    settings = read_settings(text, api, tmp_path)
    ana = save_lead(store, 1)
    drain_store(store, settings)
    bob = save_lead(store, 2)
    edit_lead(store, ana, note="Call her")

    def twist(asked: ReceivedRequest) -> ScriptedResponse:
        return ScriptedResponse({"id": "c1", "result": "merged" if b"Visitor 2" in asked.body else "duplicate"})

    api.override = twist
    drain_store(store, settings)

    assert count_states(store) == outbox.OutboxCounts(needs_you=2)
    assert "it says 'duplicate'" in read_reason(store, ana)
    assert "it says 'merged'" in read_reason(store, bob)


def test_too_many_calls_with_the_status_200_closes_the_gate(store: Store, api: ContactsApi, tmp_path: Path) -> None:
    """No lead's attempts are spent on it."""
    save_lead(store)
    api.override = lambda asked: ScriptedResponse({"success": False, "error": "Rate limit exceeded"})

    summary = drain_store(store, read_settings(KEYED, api, tmp_path))

    assert summary.gate.cause == "throttled"
    assert count_states(store) == outbox.OutboxCounts(waiting=1)
