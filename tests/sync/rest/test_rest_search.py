"""Lost responses at a CRM that must be searched: nobody is there twice, and no empty search is trusted."""

import json
from pathlib import Path

import pytest

from data import outbox
from data.store import Store
from kiosk.config.load import ConfigError
from tests.sync.rest.contacts_api import (
    KEYED,
    SEARCHED,
    ContactsApi,
    count_states,
    drain_store,
    edit_lead,
    read_reason,
    read_settings,
    save_lead,
)
from tests.sync.scripted_server import ReceivedRequest, ScriptedResponse

OR_NAME = SEARCHED + 'or_url = "{url}/contacts?name={{name}}"\n'

UNIQUE = KEYED.replace("[crm.rest.search]", 'there_already = ["must be unique"]\n[crm.rest.search]')

UPDATE = """
[crm.rest.update_body]
first = "{{first_name}}"
phone = "{{phone}}"
rating = "{{rating}}"
emails = [{{ value = "{{email}}" }}]
"""


def lose_first(api: ContactsApi) -> None:
    """The API saves the first POST, and its response is cut off."""
    left = [1]

    def twist(asked: ReceivedRequest) -> ScriptedResponse | None:
        if asked.method == "POST" and left:
            left.pop()
            said = json.dumps(api.answer_normally(asked).body).encode()
            return ScriptedResponse(said[: len(said) // 2], 201, {"Content-Type": "application/json"})
        return None

    api.override = twist


def test_a_search_for_an_empty_value_is_not_made(store: Store, api: ContactsApi, tmp_path: Path) -> None:
    """A lead without an e-mail may be there: a person checks, and it is not duplicated."""
    lead = save_lead(store, email="")
    lose_first(api)

    drain_store(store, read_settings(SEARCHED, api, tmp_path), times=3)

    assert len(api.records) == 1
    assert count_states(store) == outbox.OutboxCounts(needs_you=1)
    assert "add or correct the e-mail" in read_reason(store, lead)
    assert not [call for call in api.list_calls() if call.startswith("GET") and "nobody-" not in call]


def test_the_second_search_is_used_if_kiosk_toml_has_one(store: Store, api: ContactsApi, tmp_path: Path) -> None:
    """A record with all the values that would be sent is the lead."""
    save_lead(store, email="", company="Initech")
    lose_first(api)

    drain_store(store, read_settings(OR_NAME, api, tmp_path), times=2)

    assert len(api.records) == 1
    assert count_states(store) == outbox.OutboxCounts(delivered=1)


def test_a_namesake_is_not_taken_for_the_lead(store: Store, api: ContactsApi, tmp_path: Path) -> None:
    """That cannot be decided, so a person checks; nothing is overwritten."""
    api.records["c1"] = {"id": "c1", "name": "Visitor 0", "company": "Another"}
    lead = save_lead(store, email="", company="Initech")
    api.override = lambda asked: ScriptedResponse(b"{", 201) if asked.method == "POST" else None

    drain_store(store, read_settings(OR_NAME, api, tmp_path), times=2)

    assert count_states(store) == outbox.OutboxCounts(needs_you=1)
    assert "check whether that is this lead" in read_reason(store, lead)
    assert api.records == {"c1": {"id": "c1", "name": "Visitor 0", "company": "Another"}}


def test_a_new_lead_without_an_e_mail_goes_without_a_search(store: Store, api: ContactsApi, tmp_path: Path) -> None:
    """It cannot be there yet."""
    save_lead(store, email="")

    drain_store(store, read_settings(SEARCHED + 'when = "always"\n', api, tmp_path))

    assert count_states(store) == outbox.OutboxCounts(delivered=1)
    assert api.list_calls() == ["POST /contacts"]


@pytest.mark.parametrize(
    ("name", "asked"), [("Ana Lopez", True), ("Kim O'Brien", False), ("x' or name ne '", False), ("a\\", False)]
)
def test_a_quote_in_a_name_stays_out_of_the_query(
    store: Store, api: ContactsApi, tmp_path: Path, name: str, asked: bool
) -> None:
    """A value with quotes cannot break out of them: such a lead is searched by a safe value."""
    save_lead(store, name=name)
    text = SEARCHED.replace("email={{email}}", "$filter=name eq '{{name}}'") + 'when = "always"\n'

    drain_store(store, read_settings(text + 'or_url = "{url}/contacts?booth={{lead_id}}"\n', api, tmp_path))

    assert count_states(store) == outbox.OutboxCounts(delivered=1)
    assert any("filter" in call for call in api.list_calls()) == asked


@pytest.mark.parametrize("email", ["ana+expo@example.com", "ana&x=1@example.com", "ana#1@example.com"])
def test_an_e_mail_stays_one_value_of_a_search(store: Store, api: ContactsApi, tmp_path: Path, email: str) -> None:
    """chatwoot#15280, node-mautic#15: an unescaped plus is a space, and finds nobody."""
    save_lead(store, email=email)
    lose_first(api)

    drain_store(store, read_settings(SEARCHED, api, tmp_path), times=2)

    assert len(api.records) == 1
    assert count_states(store) == outbox.OutboxCounts(delivered=1)


def test_a_404_can_mean_nothing_found(store: Store, api: ContactsApi, tmp_path: Path) -> None:
    """Otherwise it is a wrong address: taken for "nobody found", it would duplicate every lead."""
    save_lead(store)
    text = SEARCHED + 'when = "always"\n'
    api.override = lambda asked: (
        ScriptedResponse({"message": "Contact not found"}, 404) if asked.method == "GET" else None
    )

    wrong = drain_store(store, read_settings(text, api, tmp_path))
    drain_store(store, read_settings(text + "not_found = [404]\n", api, tmp_path))

    assert "correct search.url below crm.rest" in wrong.gate.sentence
    assert count_states(store) == outbox.OutboxCounts(delivered=1)


@pytest.mark.parametrize(
    ("said", "items", "words"),
    [
        ({"total": 0, "list": []}, "", "search finds no list, and nothing at 'id'. The response has: total, list"),
        ({"total": 0, "list": []}, "items", "search finds no list at 'items'. The response has: total, list"),
    ],
)
def test_a_wrongly_described_search_is_not_trusted(
    store: Store, api: ContactsApi, tmp_path: Path, said: object, items: str, words: str
) -> None:
    """It would find nobody, and each lead with a lost response would be duplicated."""
    save_lead(store)
    api.override = lambda asked: ScriptedResponse(said) if asked.method == "GET" else None

    summary = drain_store(store, read_settings(f'{SEARCHED}when = "always"\nitems = "{items}"\n', api, tmp_path))

    assert summary.gate.cause == "set-up"
    assert words in summary.gate.sentence
    assert api.records == {}


@pytest.mark.parametrize("said", [[], {"list": None}, {"list": []}, {}], ids=str)
def test_an_empty_result_means_nothing_found(store: Store, api: ContactsApi, tmp_path: Path, said: object) -> None:
    """In every form of an empty result."""
    save_lead(store)
    api.override = lambda asked: ScriptedResponse(said) if asked.method == "GET" else None
    items = "list" if isinstance(said, dict) and said else ""

    drain_store(store, read_settings(f'{SEARCHED}when = "always"\nitems = "{items}"\n', api, tmp_path))

    assert count_states(store) == outbox.OutboxCounts(delivered=1)


def test_a_lagging_search_is_waited_for(store: Store, api: ContactsApi, tmp_path: Path) -> None:
    """The record is found once the CRM has indexed it."""
    save_lead(store)
    lose_first(api)

    drain_store(store, read_settings(SEARCHED + "wait_seconds = 0.3\n", api, tmp_path), times=2)

    assert len(api.records) == 1
    assert count_states(store) == outbox.OutboxCounts(delivered=1)


def test_an_already_exists_refusal_leads_to_the_record(store: Store, api: ContactsApi, tmp_path: Path) -> None:
    """With a unique code, after a lost response, no person is needed."""
    lead = save_lead(store)
    settings = read_settings(UNIQUE, api, tmp_path)
    api.records["c1"] = {"id": "c1", "booth": lead, "name": "typed before"}
    api.override = lambda asked: (
        ScriptedResponse({"message": "The code must be unique."}, 400) if asked.method == "POST" else None
    )

    drain_store(store, settings)

    assert count_states(store) == outbox.OutboxCounts(delivered=1)
    assert api.records["c1"]["name"] == "Visitor 0"


def test_an_already_exists_refusal_without_a_record_is_a_refusal(
    store: Store, api: ContactsApi, tmp_path: Path
) -> None:
    """The reason quotes the CRM."""
    lead = save_lead(store)
    api.override = lambda asked: (
        ScriptedResponse({"message": "The code must be unique."}, 400) if asked.method == "POST" else None
    )

    drain_store(store, read_settings(UNIQUE, api, tmp_path))

    assert read_reason(store, lead) == "The CRM rejected it: The code must be unique."


def test_a_url_with_an_unknown_word_is_not_called(store: Store, api: ContactsApi, tmp_path: Path) -> None:
    """`/contacts/` without an e-mail would be the list of all."""
    lead = save_lead(store, email="")
    text = 'url = "{url}/contacts/{{email}}"\nmethod = "PUT"\n'

    drain_store(store, read_settings(text, api, tmp_path))

    assert api.list_calls() == []
    assert read_reason(store, lead) == "The CRM's address for it needs the e-mail: add or correct it."


def test_an_update_has_neither_our_id_nor_initial_values(store: Store, api: ContactsApi, tmp_path: Path) -> None:
    """It has only the fields that may be changed afterwards."""
    lead = save_lead(store)
    text = 'new = {{ status = "New" }}\nupdate_fields = {{ name = "name", note = "note" }}\n' + KEYED
    settings = read_settings(text, api, tmp_path)
    drain_store(store, settings)
    edit_lead(store, lead, note="Call her", email="other@example.com")

    drain_store(store, settings)

    assert api.asked[0].json()["status"] == "New"
    assert api.asked[-1].json() == {"name": "Visitor 0", "note": "Call her"}


def test_empty_values_in_a_template_erase_nothing(store: Store, api: ContactsApi, tmp_path: Path) -> None:
    """An edited name leaves the telephone number that somebody entered there."""
    lead = save_lead(store, name="", first_name="Ana", last_name="Lopez")
    settings = read_settings(KEYED + UPDATE, api, tmp_path)
    drain_store(store, settings)
    api.records["c1"] |= {"phone": "+1 415 555 0100", "rating": 4}
    edit_lead(store, lead, first_name="Anabel", email="")

    drain_store(store, settings)

    assert api.asked[-1].json() == {"first": "Anabel"}
    assert (api.records["c1"]["phone"], api.records["c1"]["rating"]) == ("+1 415 555 0100", 4)


def test_a_search_that_may_be_empty_is_refused_at_load(api: ContactsApi, tmp_path: Path) -> None:
    """The sentence says what to write."""
    with pytest.raises(ConfigError, match="an or_url for such leads, or write if_empty"):
        read_settings(SEARCHED.replace('if_empty = "needs you"\n', ""), api, tmp_path)
    with pytest.raises(ConfigError, match=r"\{name\} is empty for some leads"):
        read_settings(OR_NAME.replace('if_empty = "needs you"\n', ""), api, tmp_path)
