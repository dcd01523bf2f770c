"""Two calls for one lead: a person, then what belongs to it; whatever gets lost between them, neither is made twice."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from data import outbox
from data.clock import SystemClock
from data.store import Store
from kiosk.config.load import ConfigError
from tests.sync.rest.api import Api, counts, described, drain, edit, meet, reason
from tests.sync.rest.crms import running
from tests.sync.rest.guide import settings_of
from tests.sync.rest.pipedrive import Pipedrive

HEADING = "A person, then a lead: Pipedrive"


@pytest.fixture
def crm() -> Iterator[Pipedrive]:
    """A Pipedrive."""
    made = Pipedrive()
    with running(made):
        yield made


def settled(crm: Pipedrive, folder: Path) -> object:
    """What docs/rest.md says, without its wait for the search."""
    from dataclasses import replace

    settings = settings_of(HEADING, crm.url, folder)
    return replace(settings, search=replace(settings.search, wait_seconds=0.0))


@pytest.mark.parametrize("lost", [1, 2])
def test_whichever_answer_gets_lost_there_is_one_of_each(
    store: Store, crm: Pipedrive, tmp_path: Path, lost: int
) -> None:
    """The person's, or the second record's."""
    meet(store)
    crm.answered = 2 - lost
    crm.lose_every = 2

    drain(store, settled(crm, tmp_path), times=3)

    assert (len(crm.contacts), len(crm.leads)) == (1, 1)
    assert counts(store) == outbox.Counts(delivered=1)


def test_a_second_call_that_is_refused_says_so_and_is_made_later(store: Store, crm: Pipedrive, tmp_path: Path) -> None:
    """The person is there by then, and stays one."""
    lead = meet(store)
    refused, create = [1], crm.create_lead

    async def create_lead(request: object) -> object:
        from starlette.responses import JSONResponse

        if refused:
            refused.pop()
            return JSONResponse({"success": False, "error": "No seat left"}, 400)
        return await create(request)  # type: ignore[arg-type]

    crm.create_lead = create_lead  # type: ignore[method-assign, assignment]
    drain(store, settled(crm, tmp_path))
    before = reason(store, lead)
    outbox.retry(store, lead, "bob", SystemClock())
    drain(store, settled(crm, tmp_path))

    assert before == "The CRM has the contact, and not what belongs to it: The CRM refuses it: No seat left."
    assert (len(crm.contacts), len(crm.leads)) == (1, 1)
    assert counts(store) == outbox.Counts(delivered=1)


def test_an_edit_changes_the_person_and_makes_nothing_new(store: Store, crm: Pipedrive, tmp_path: Path) -> None:
    """The second record stays as it was made, where kiosk.toml has no update for it."""
    lead = meet(store)
    drain(store, settled(crm, tmp_path))
    edit(store, lead, name="Ana Lopez")

    drain(store, settled(crm, tmp_path))

    assert [person["name"] for person in crm.contacts] == ["Ana Lopez"]
    assert [made["title"] for made in crm.leads] == ["Visitor 0, practice"]


WRONG = [
    ('url = "{url}/deals"\nbody = {{ p = "{{remote_id}}" }}', "the first call's id is {first_id} here"),
    ('url = "{url}/deals"\nbody = {{ p = "{{first_id}}" }}', "rest.then.search: say how the second record is found"),
    ('url = "{url}/deals"', "rest.then.body: say what is sent"),
    ('url = "https://other.example.com/deals"\nbody = {{ p = "{{first_id}}" }}', "same host"),
]


@pytest.mark.parametrize(("text", "complaint"), WRONG, ids=[complaint for _, complaint in WRONG])
def test_a_second_call_that_could_be_made_twice_is_refused_at_load(
    api: Api, tmp_path: Path, text: str, complaint: str
) -> None:
    """With what to write."""
    with pytest.raises(ConfigError) as caught:
        described(f'url = "{{url}}/contacts"\n[crm.rest.then]\n{text}\n', api, tmp_path)

    assert complaint in str(caught.value)
