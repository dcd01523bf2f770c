"""What a response about one record means for its lead only: a deleted record, another's, a conflict."""

from pathlib import Path
from typing import Any

import pytest

from data import outbox
from data.clock import SystemClock
from data.store import Store
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
from tests.sync.scripted_server import ScriptedResponse

WITHOUT_UPDATES = """
url = "{url}/contacts"
id_field = "booth"
[crm.rest.answer]
key = ""
"""


@pytest.mark.parametrize("status", [404, 410, 403])
def test_a_refused_update_does_not_delay_other_leads(
    store: Store, api: ContactsApi, tmp_path: Path, status: int
) -> None:
    """That lead needs a person, with the CRM's words; all others are sent."""
    ana, bob = save_lead(store, 1), save_lead(store, 2)
    settings = read_settings(KEYED, api, tmp_path)
    drain_store(store, settings)
    (gone,) = [known["id"] for known in api.records.values() if known["booth"] == ana]
    api.override = lambda asked: (
        ScriptedResponse({"message": "not for you"}, status)
        if asked.method == "PATCH" and asked.path.endswith(gone)
        else None
    )
    for lead in (ana, bob):
        edit_lead(store, lead, rating=5)
    for number in range(3, 6):
        save_lead(store, number)

    summary = drain_store(store, settings)

    assert summary.gate.is_open
    assert count_states(store) == outbox.OutboxCounts(delivered=4, needs_you=1)
    assert "not for you" in read_reason(store, ana)
    assert len(api.records) == 5


def test_a_deleted_record_is_created_again_on_retry(store: Store, api: ContactsApi, tmp_path: Path) -> None:
    """Not automatically: whoever deleted it may have meant to."""
    ana = save_lead(store, 1)
    settings = read_settings(KEYED, api, tmp_path)
    drain_store(store, settings)
    api.records.clear()
    edit_lead(store, ana, rating=5)

    drain_store(store, settings, times=2)
    before = (count_states(store), dict(api.records))
    outbox.retry_lead(store, ana, "bob", SystemClock())
    drain_store(store, settings)

    assert before == (outbox.OutboxCounts(needs_you=1), {})
    assert count_states(store) == outbox.OutboxCounts(delivered=1)
    assert [known["rating"] for known in api.records.values()] == [5]


def test_a_merged_record_is_updated_under_its_new_id(store: Store, api: ContactsApi, tmp_path: Path) -> None:
    """Two records were merged: our id is in the other one, and the search finds it."""
    ana = save_lead(store, 1)
    settings = read_settings(KEYED, api, tmp_path)
    drain_store(store, settings)
    (old,) = api.records
    api.records = {"m9": {**api.records[old], "id": "m9"}}
    edit_lead(store, ana, rating=5)

    drain_store(store, settings)

    assert count_states(store) == outbox.OutboxCounts(delivered=1)
    assert api.records["m9"]["rating"] == 5


def test_a_wrong_update_url_is_a_configuration_fault(store: Store, api: ContactsApi, tmp_path: Path) -> None:
    """Three missing records in a row mean a wrong URL; nothing is created twice when the URL is corrected."""
    saved = [save_lead(store, number) for number in range(4)]
    settings = read_settings(KEYED, api, tmp_path)
    drain_store(store, settings)
    for lead in saved:
        edit_lead(store, lead, rating=5)

    summary = drain_store(store, read_settings(KEYED.replace("contacts/{{", "contact/{{"), api, tmp_path))
    drain_store(store, settings)

    assert summary.gate.cause == "set-up"
    assert count_states(store) == outbox.OutboxCounts(delivered=4)
    assert len(api.records) == 4


def test_a_wrong_url_is_named_by_its_key(store: Store, api: ContactsApi, tmp_path: Path) -> None:
    """The sentence quotes the CRM."""
    save_lead(store)
    api.override = lambda asked: ScriptedResponse({"message": "not registered", "hint": "Activate the workflow."}, 404)

    summary = drain_store(store, read_settings(KEYED, api, tmp_path))

    assert "(status 404): correct url below crm.rest in kiosk.toml." in summary.gate.sentence
    assert "Activate the workflow." in summary.gate.sentence


def make_conflict(name: str, **more: Any) -> ScriptedResponse:
    """Make a conflict that shows a record."""
    return ScriptedResponse({"id": "c1", "name": name, "email": "info@example.com", **more}, 409)


def test_two_people_with_one_e_mail_are_two(store: Store, api: ContactsApi, tmp_path: Path) -> None:
    """The second needs a person, who reads the name of the first; nothing is overwritten."""
    ana = save_lead(store, 1, name="Ana Lopez", email="info@example.com")
    settings = read_settings(SEARCHED, api, tmp_path)
    drain_store(store, settings)
    bob = save_lead(store, 2, name="Bob Stone", email="info@example.com")
    api.override = lambda asked: make_conflict("Ana Lopez") if asked.method == "POST" else None

    drain_store(store, settings)
    edit_lead(store, ana, rating=2)
    drain_store(store, settings)

    assert count_states(store) == outbox.OutboxCounts(delivered=1, needs_you=1)
    assert "would keep Ana Lopez and Bob Stone as one record (c1)" in read_reason(store, bob)
    assert [known["name"] for known in api.records.values()] == ["Ana Lopez"]


def test_a_search_that_finds_another_name_updates_nobody(store: Store, api: ContactsApi, tmp_path: Path) -> None:
    """Two people have one address, and the response about the second got lost."""
    api.records["c1"] = {"id": "c1", "name": "Ana Lopez", "email": "info@example.com"}
    bob = save_lead(store, 2, name="Bob Stone", email="info@example.com")
    text = SEARCHED + 'when = "always"\n'

    drain_store(store, read_settings(text, api, tmp_path))

    assert count_states(store) == outbox.OutboxCounts(needs_you=1)
    assert "Ana Lopez" in read_reason(store, bob)
    assert api.records["c1"]["name"] == "Ana Lopez"


@pytest.mark.parametrize("name", ["ana lópez", "Lopez, Ana", "Dr. Ana Lopez", "A. Lopez"])
def test_a_different_spelling_is_the_same_person(store: Store, api: ContactsApi, tmp_path: Path, name: str) -> None:
    """It is recognised by e-mail and name; the notes from the booth are written to that record."""
    api.records["c1"] = {"id": "c1", "name": name, "email": "ana@example.com"}
    save_lead(store, 1, name="Ana Lopez", email="ana@example.com")
    api.override = lambda asked: ScriptedResponse(api.records["c1"], 409) if asked.method == "POST" else None

    drain_store(store, read_settings(SEARCHED, api, tmp_path))

    assert count_states(store) == outbox.OutboxCounts(delivered=1)
    assert len(api.records) == 1


def test_a_conflict_without_a_record_is_tried_once_more(store: Store, api: ContactsApi, tmp_path: Path) -> None:
    """Two people wrote at the same moment."""
    save_lead(store)
    conflicts = [ScriptedResponse({"message": "version conflict"}, 409)]
    api.override = lambda asked: conflicts.pop() if asked.method == "POST" and conflicts else None

    drain_store(store, read_settings(WITHOUT_UPDATES, api, tmp_path))

    assert count_states(store) == outbox.OutboxCounts(delivered=1)
    assert len(api.records) == 1


def test_a_lasting_conflict_quotes_the_crm(store: Store, api: ContactsApi, tmp_path: Path) -> None:
    """It does not claim that there is another person with that name."""
    ana = save_lead(store)
    api.override = lambda asked: ScriptedResponse({"message": "It was deleted and may not come again"}, 409)

    drain_store(store, read_settings(WITHOUT_UPDATES, api, tmp_path))

    assert read_reason(store, ana) == "The CRM rejected it: It was deleted and may not come again."
    assert len(api.asked) == 2


def test_an_edit_that_the_crm_ignores_is_not_delivered(store: Store, api: ContactsApi, tmp_path: Path) -> None:
    """It shows its values, which are not those that were sent."""
    ana = save_lead(store)
    settings = read_settings(WITHOUT_UPDATES, api, tmp_path)
    drain_store(store, settings)
    (kept,) = api.records.values()
    api.override = lambda asked: ScriptedResponse(kept, 409)
    edit_lead(store, ana, note="Call her")

    drain_store(store, settings)

    assert count_states(store) == outbox.OutboxCounts(needs_you=1)
    assert "did not accept what was noted here" in read_reason(store, ana)


def test_a_lead_that_is_too_long_says_what_to_do(store: Store, api: ContactsApi, tmp_path: Path) -> None:
    """After a 413 for a single lead."""
    lead = save_lead(store)
    api.override = lambda asked: ScriptedResponse(b"", 413)

    drain_store(store, read_settings(KEYED, api, tmp_path))

    assert "shorten its note" in read_reason(store, lead)


def test_a_person_says_that_two_are_one(store: Store, api: ContactsApi, tmp_path: Path) -> None:
    """After a retry, the CRM's record is this lead's, too."""
    api.records["c1"] = {"id": "c1", "name": "A. Lopez-Stone", "email": "info@example.com"}
    bob = save_lead(store, 2, name="Bob Stone", email="info@example.com")
    settings = read_settings(SEARCHED + 'when = "always"\n', api, tmp_path)
    drain_store(store, settings)

    outbox.retry_lead(store, bob, "bob", SystemClock())
    drain_store(store, settings)

    assert count_states(store) == outbox.OutboxCounts(delivered=1)
    assert [known["name"] for known in api.records.values()] == ["Bob Stone"]


REFUSALS: list[tuple[str, ScriptedResponse, str]] = [
    ("text", ScriptedResponse(b"phone: must start with +", 400), "phone: must start with +."),
    ("header", ScriptedResponse(b"", 400, {"X-Status-Reason": "lastName is required"}), "lastName is required."),
    ("success", ScriptedResponse({"success": False, "error": "Last name is mandatory"}), "Last name is mandatory."),
    ("ok", ScriptedResponse({"ok": False, "message": "No such list"}), "No such list."),
    ("error true", ScriptedResponse({"error": True, "message": "Invalid stage"}), "Invalid stage."),
    ("graphql", ScriptedResponse({"errors": [{"message": "Field x"}], "data": {"createPerson": None}}), "Field x."),
]


@pytest.mark.parametrize(("said", "words"), [case[1:] for case in REFUSALS], ids=[case[0] for case in REFUSALS])
def test_the_crms_words_reach_the_person(
    store: Store, api: ContactsApi, tmp_path: Path, said: ScriptedResponse, words: str
) -> None:
    """From JSON, text or a header, whatever the status is; the next lead is sent."""
    ana = save_lead(store, 1, name="Ana")
    save_lead(store, 2)
    api.override = lambda asked: said if b'"Ana"' in asked.body else None

    drain_store(store, read_settings(KEYED, api, tmp_path))

    assert read_reason(store, ana) == f"The CRM rejected it: {words}"
    assert count_states(store) == outbox.OutboxCounts(delivered=1, needs_you=1)
