"""`kiosk check crm` for a JSON API: what is wrong, what was not checked, and what a person still has to do."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.kiosk.cli.conftest import Kiosk
from tests.sync.rest.contacts_api import KEYED, SEARCHED, ContactsApi, run_api
from tests.sync.scripted_server import ScriptedResponse

CHECKED = 'check_url = "{url}/contacts?booth=nobody"\n' + KEYED


@pytest.fixture
def api() -> Iterator[ContactsApi]:
    """The URL of a JSON API of contacts."""
    with run_api() as made:
        yield made


def configure(kiosk: Kiosk, text: str, api: ContactsApi) -> None:
    """Configure *kiosk* for the CRM at *api*."""
    kiosk.configure(f'[crm]\nconnector = "rest"\n[crm.rest]\n{text.format(url=api.url)}')


def test_what_was_asked_and_what_was_not(kiosk: Kiosk, api: ContactsApi) -> None:
    """Everything that can be checked without a lead is well."""
    configure(kiosk, CHECKED, api)

    said = kiosk("check", "crm")

    assert said.exit_code == 0
    assert said.stdout.splitlines()[1:4] == [
        "  ok           The CRM responds, and accepts the key.",
        "  ok           search.url finds nobody if there is nobody to find.",
        "  not checked  Whether the CRM has the fields of kiosk.toml, and what it requires: only a test lead shows "
        "that (--send).",
    ]


def test_a_check_that_asked_nothing_is_no_success(kiosk: Kiosk, api: ContactsApi) -> None:
    """The report says that nothing was checked; status 1."""
    configure(kiosk, 'url = "{url}/contacts"\n', api)

    said = kiosk("check", "crm")

    assert said.exit_code == 1
    assert api.list_calls() == []
    assert "not checked  Whether the CRM accepts the key: kiosk.toml has no check_url" in said.stdout
    assert "Nothing was checked" in said.stdout


NO_CHECK = CHECKED.replace("contacts?booth=nobody", "nowhere")
NO_SEARCH = CHECKED.replace("contacts?booth={{lead_id}}", "nowhere?b={{lead_id}}")

WRONG: list[tuple[str, str, ScriptedResponse, str]] = [
    (
        "check_url",
        NO_CHECK,
        ScriptedResponse(b""),
        "FIX          check_url: the CRM has nothing there (status 404)",
    ),
    ("search.url", NO_SEARCH, ScriptedResponse(b""), "set not_found = [404]"),
    (
        "search.items",
        CHECKED + 'items = "data.list"\n',
        ScriptedResponse(b""),
        "search finds no list at 'data.list'",
    ),
    (
        "a search that heeds nothing",
        CHECKED,
        ScriptedResponse([{"id": "c1"}, {"id": "c2"}]),
        "search.url has results (2) for a person who does not exist",
    ),
]


@pytest.mark.parametrize(("text", "found", "words"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_what_is_wrong_is_named_by_its_key(
    kiosk: Kiosk, api: ContactsApi, text: str, found: ScriptedResponse, words: str
) -> None:
    """The sentence says what to write instead."""
    if found.body:
        api.override = lambda asked: found if "nobody" not in asked.path and asked.method == "GET" else None
    configure(kiosk, text, api)

    said = kiosk("check", "crm")

    assert said.exit_code == 1
    assert words in said.stdout


def test_a_check_by_another_method_and_a_deletion_by_another(kiosk: Kiosk, api: ContactsApi) -> None:
    """Both requests have a body."""
    text = """
url = "{url}/contacts"
check_url = "{url}/rpc"
check_method = "POST"
check_body = {{ method = "whoami" }}
delete_url = "{url}/rpc"
delete_method = "POST"
delete_body = {{ method = "delete", params = [["{{remote_id}}"]] }}
[crm.rest.answer]
key = ""
"""
    api.override = lambda asked: ScriptedResponse({"result": True}) if asked.path == "/rpc" else None
    configure(kiosk, text, api)

    said = kiosk("check", "crm", "--send")

    assert said.exit_code == 0, said.stdout
    assert api.asked[0].json() == {"method": "whoami"}
    assert api.asked[-1].json() == {"method": "delete", "params": [["c1"]]}
    assert "The test lead was removed." in said.stdout


def test_a_test_lead_that_stays_is_a_task(kiosk: Kiosk, api: ContactsApi) -> None:
    """That is not a success, because somebody has to delete the lead."""
    configure(kiosk, CHECKED, api)

    said = kiosk("check", "crm", "--send")

    assert said.exit_code == 1
    task = "This CRM's test lead is not removed automatically. Delete it: c1 (Test Lead, booth-kiosk-test-"
    assert f"TO DO        {task}" in said.stdout


def test_a_test_lead_is_not_sent_while_something_is_wrong(kiosk: Kiosk, api: ContactsApi) -> None:
    """The report says so, because `--send` asked for it."""
    configure(kiosk, CHECKED, api)
    api.override = lambda asked: ScriptedResponse({"detail": "no"}, 401)

    said = kiosk("check", "crm", "--send")

    assert said.exit_code == 1
    assert "  not checked  The test lead was not sent: fix the above first, then run this again.\n" in said.stdout


def test_a_test_lead_that_may_be_there_is_said_and_is_not_made_twice(kiosk: Kiosk, api: ContactsApi) -> None:
    """The response got lost; the next check finds the same test lead."""
    configure(kiosk, CHECKED.replace("id_field", 'delete_url = "{url}/contacts/{{remote_id}}"\nid_field'), api)
    lost: list[Any] = [1]

    def twist(asked: Any) -> ScriptedResponse | None:
        if asked.method == "POST" and lost:
            lost.pop()
            api.answer_normally(asked)
            return ScriptedResponse(b"{", 201, {"Content-Type": "application/json"})
        return None

    api.override = twist

    first = kiosk("check", "crm", "--send")
    between = len(api.records)
    second = kiosk("check", "crm", "--send")

    assert (first.exit_code, second.exit_code) == (1, 0)
    assert "The CRM may have the test lead" in first.stdout
    assert (between, len(api.records)) == (1, 0)


def test_fields_that_the_crm_drops_are_found(kiosk: Kiosk, api: ContactsApi) -> None:
    """The CRM accepts unknown names, as most APIs do; reading the test lead shows what is missing."""
    configure(kiosk, CHECKED.replace("id_field", 'delete_url = "{url}/contacts/{{remote_id}}"\nid_field'), api)

    def twist(asked: Any) -> ScriptedResponse | None:
        if asked.method != "POST":
            return None
        said = api.answer_normally(asked)
        del said.body["company"], said.body["note"]
        return said

    api.override = twist

    said = kiosk("check", "crm", "--send")

    assert said.exit_code == 1
    assert "FIX          The CRM did not keep these fields: company, note. Correct them" in said.stdout
    assert "The test lead was removed." in said.stdout


def test_the_findings_as_json_say_what_was_asked(kiosk: Kiosk, api: ContactsApi) -> None:
    """Scripts learn what was checked and what was not."""
    configure(kiosk, SEARCHED, api)

    found = kiosk.json("check", "crm")

    assert [finding["was_asked"] for finding in found] == [False, True, False]
    assert {finding["is_task"] for finding in found} == {False}


def test_a_rejected_test_lead_is_called_that(kiosk: Kiosk, api: ContactsApi) -> None:
    """Before the reason, whose "it" would be nothing without it."""
    configure(kiosk, CHECKED, api)
    api.override = lambda asked: ScriptedResponse({"error": "no such owner"}, 422) if asked.method == "POST" else None

    said = kiosk("check", "crm", "--send")

    assert said.exit_code == 1
    assert "FIX          The test lead was not accepted. The CRM rejected it: no such owner." in said.stdout
    assert "only a test lead shows that" not in said.stdout
