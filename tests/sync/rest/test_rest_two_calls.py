"""Two calls for one lead: a person, then what belongs to it; whatever gets lost, neither is created twice."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from data import outbox
from data.clock import SystemClock
from data.store import Store
from kiosk.config.load import ConfigError
from tests.sync.rest.contacts_api import (
    ContactsApi,
    count_states,
    drain_store,
    edit_lead,
    read_reason,
    read_settings,
    save_lead,
)
from tests.sync.rest.crm_replicas import run_crm
from tests.sync.rest.guide import load_example_settings
from tests.sync.rest.pipedrive import Pipedrive

HEADING = "A person, then a lead: Pipedrive"


@pytest.fixture
def crm() -> Iterator[Pipedrive]:
    """A Pipedrive."""
    made = Pipedrive()
    with run_crm(made):
        yield made


def make_settings(crm: Pipedrive, folder: Path) -> object:
    """Return the settings of docs/rest.md, without the wait for the search."""
    from dataclasses import replace

    settings = load_example_settings(HEADING, crm.url, folder)
    return replace(settings, search=replace(settings.search, wait_seconds=0.0))


@pytest.mark.parametrize("lost", [1, 2])
def test_whichever_response_gets_lost_there_is_one_of_each(
    store: Store, crm: Pipedrive, tmp_path: Path, lost: int
) -> None:
    """Either the person's, or the second record's."""
    save_lead(store)
    crm.answered = 2 - lost
    crm.lose_every = 2

    drain_store(store, make_settings(crm, tmp_path), times=3)

    assert (len(crm.contacts), len(crm.leads)) == (1, 1)
    assert count_states(store) == outbox.OutboxCounts(delivered=1)


def test_a_second_call_that_is_refused_says_so_and_is_made_later(store: Store, crm: Pipedrive, tmp_path: Path) -> None:
    """By then the person exists, and is not created again."""
    lead = save_lead(store)
    refused, create = [1], crm.create_lead

    async def create_lead(request: object) -> object:
        from starlette.responses import JSONResponse

        if refused:
            refused.pop()
            return JSONResponse({"success": False, "error": "No seat left"}, 400)
        return await create(request)  # type: ignore[arg-type]

    crm.create_lead = create_lead  # type: ignore[method-assign, assignment]
    drain_store(store, make_settings(crm, tmp_path))
    before = read_reason(store, lead)
    outbox.retry_lead(store, lead, "bob", SystemClock())
    drain_store(store, make_settings(crm, tmp_path))

    assert (
        before
        == "The CRM has the contact, but not the second record ([crm.rest.then]): The CRM rejected it: No seat left."
    )
    assert (len(crm.contacts), len(crm.leads)) == (1, 1)
    assert count_states(store) == outbox.OutboxCounts(delivered=1)


def test_an_edit_updates_the_person_and_creates_nothing(store: Store, crm: Pipedrive, tmp_path: Path) -> None:
    """The second record stays unchanged if kiosk.toml has no update for it."""
    lead = save_lead(store)
    drain_store(store, make_settings(crm, tmp_path))
    edit_lead(store, lead, name="Ana Lopez")

    drain_store(store, make_settings(crm, tmp_path))

    assert [person["name"] for person in crm.contacts] == ["Ana Lopez"]
    assert [made["title"] for made in crm.leads] == ["Visitor 0, practice"]


WRONG = [
    (
        'url = "{url}/deals"\nbody = {{ p = "{{remote_id}}" }}',
        "the placeholder for the ID from the first call is {first_id} here",
    ),
    (
        'url = "{url}/deals"\nbody = {{ p = "{{first_id}}" }}',
        "[crm.rest.then] search: say how the second record is found",
    ),
    ('url = "{url}/deals"', "[crm.rest.then] body: say what is sent"),
    ('url = "https://other.example.com/deals"\nbody = {{ p = "{{first_id}}" }}', "same host"),
]


@pytest.mark.parametrize(("text", "complaint"), WRONG, ids=[complaint for _, complaint in WRONG])
def test_a_second_call_that_could_be_made_twice_is_refused_at_load(
    api: ContactsApi, tmp_path: Path, text: str, complaint: str
) -> None:
    """The sentence says what to write."""
    with pytest.raises(ConfigError) as caught:
        read_settings(f'url = "{{url}}/contacts"\n[crm.rest.then]\n{text}\n', api, tmp_path)

    assert complaint in str(caught.value)
