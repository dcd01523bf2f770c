"""The rest connector with APIs like those of EspoCRM, Tryton and BottleCRM, configured by kiosk.toml alone."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from data import leads, outbox
from data.clock import SystemClock
from data.store import Store
from kiosk.config.load import load_settings
from sync.connectors.rest.connector import RestConnector
from sync.drain import Drain
from sync.drain_summary import DrainSummary
from sync.settings.rest import RestSettings
from tests.sync.rest.crm_replicas import KEY, BottleCrm, CrmReplica, EspoCrm, PlainTextCrm, TrytonCrm, run_crm

Save = Callable[..., list[str]]

ESPO = """
url = "{url}/api/v1/Lead"
update_url = "{url}/api/v1/Lead/{{remote_id}}"
delete_url = "{url}/api/v1/Lead/{{remote_id}}"
check_url = "{url}/api/v1/Lead"
token_env = "BOOTH_KEY"
token_header = "X-Api-Key"
token_prefix = ""
id_field = "boothLeadId"
constants = {{ source = "Trade show" }}
[crm.rest.fields]
first_name = "firstName"
last_name = "lastName"
email = "emailAddress"
note = "description"
[crm.rest.answer]
key = "boothLeadId"
email = "emailAddress"
[crm.rest.search]
url = "{url}/api/v1/Lead?where[0][type]=equals&where[0][attribute]=boothLeadId&where[0][value]={{lead_id}}"
items = "list"
key = "boothLeadId"
"""

TRYTON = """
url = "{url}/db/"
body = {{ id = 1, method = "model.party.party.create", params = [["{{fields}}"], {{}}] }}
update_body = {{ id = 1, method = "model.party.party.write", params = [["{{remote_id}}"], "{{fields}}", {{}}] }}
token_env = "BOOTH_KEY"
token_prefix = "bearer "
id_field = "code"
[crm.rest.fields]
name = "name"
[crm.rest.answer]
id = "result.0"
key = ""
failure = "error"
error = "error.1.0"
[crm.rest.search]
url = "{url}/db/"
method = "POST"
items = "result"
key = "code"
[crm.rest.search.body]
id = 1
method = "model.party.party.search_read"
params = [[["code", "=", "{{lead_id}}"]], 0, 1, [], ["code"], {{}}]
"""

BOTTLE = """
url = "{url}/api/public/leads/booth/"
token_env = "BOOTH_KEY"
id_field = "external_id"
[crm.rest.fields]
email = "email"
name = "title"
note = "description"
phone = "phone"
[crm.rest.answer]
id = "lead"
key = ""
error = "errors"
status = "result"
not_accepted = ["duplicate", "merged"]
"""


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the key in the environment."""
    monkeypatch.setenv("BOOTH_KEY", KEY)


@pytest.fixture
def espo() -> Iterator[CrmReplica]:
    """An EspoCRM."""
    with run_crm(EspoCrm()) as crm:
        yield crm


@pytest.fixture
def tryton() -> Iterator[CrmReplica]:
    """A Tryton."""
    with run_crm(TrytonCrm()) as crm:
        yield crm


@pytest.fixture
def bottle() -> Iterator[CrmReplica]:
    """A BottleCRM."""
    with run_crm(BottleCrm()) as crm:
        yield crm


def make_settings(folder: Path, described: str, crm: CrmReplica) -> RestSettings:
    """Return the settings for *crm*."""
    path = folder / "kiosk.toml"
    path.write_text(f'[crm]\nconnector = "rest"\n[crm.rest]\n{described.format(url=crm.url)}')
    return load_settings(path).crm.rest


def run_drain(store: Store, described: str, crm: CrmReplica, folder: Path, times: int = 1) -> DrainSummary:
    """Deliver, as if somebody pressed *sync now* as many *times*."""

    async def run() -> DrainSummary:
        connector = RestConnector(make_settings(folder, described, crm))
        try:
            for _ in range(times):
                summary = await Drain(store, connector, SystemClock()).run(now=True)
            return summary
        finally:
            await connector.aclose()

    return asyncio.run(run())


def read_reason(store: Store, lead_id: str) -> str:
    """Return the reason of a lead's state."""
    return str(store.execute("select reason from outbox where lead_id = ?", (lead_id,)).fetchone()[0])


def rename_lead(store: Store, lead_id: str, first: str, last: str, **more: Any) -> None:
    """Rename a lead."""
    changes = {"name": "", "first_name": first, "last_name": last, **more}
    leads.edit_lead(store, lead_id, changes, "bob", SystemClock())


def test_espo_keeps_a_lead_and_its_edit_in_one_record(
    store: Store, save_leads: Save, espo: CrmReplica, tmp_path: Path
) -> None:
    """A new lead is sent by POST, and a known one by PUT to its address."""
    (ana,) = save_leads(store, "ana@initech.com")
    rename_lead(store, ana, "Ana", "López")
    run_drain(store, ESPO, espo, tmp_path)

    rename_lead(store, ana, "Ana", "López", note="Call her")
    run_drain(store, ESPO, espo, tmp_path)

    assert espo.calls == ["POST /api/v1/Lead", "PUT /api/v1/Lead/1"]
    [contact] = espo.contacts
    assert (contact["description"], contact["source"], contact["boothLeadId"]) == ("Call her", "Trade show", ana)


@pytest.mark.parametrize("checks", [True, False])
def test_espo_has_one_record_after_a_lost_answer(
    store: Store, save_leads: Save, espo: EspoCrm, tmp_path: Path, checks: bool
) -> None:
    """With its duplicate check on or off: a lead that may be there is searched before it is sent again."""
    espo.checks_duplicates = checks
    (ana,) = save_leads(store, "ana@initech.com")
    rename_lead(store, ana, "Ana", "López")
    espo.lose_next = True

    run_drain(store, ESPO, espo, tmp_path, times=2)

    assert len(espo.contacts) == 1
    assert outbox.count_leads(store) == outbox.OutboxCounts(delivered=1)


def test_espo_s_duplicate_of_the_same_person_is_delivered(
    store: Store, save_leads: Save, espo: CrmReplica, tmp_path: Path
) -> None:
    """Somebody entered her before: she is recognised by her e-mail."""
    espo.add_contact({"firstName": "Ana", "lastName": "López", "emailAddress": "Ana@Initech.com"})
    (ana,) = save_leads(store, "ana@initech.com")
    rename_lead(store, ana, "Ana", "López")

    run_drain(store, ESPO, espo, tmp_path)

    assert (len(espo.contacts), outbox.count_leads(store)) == (1, outbox.OutboxCounts(delivered=1))


def test_espo_s_duplicate_that_is_another_person_is_never_dropped(
    store: Store, save_leads: Save, espo: CrmReplica, tmp_path: Path
) -> None:
    """After a 409 for somebody of the same name the lead needs a person, and says why."""
    espo.add_contact({"firstName": "John", "lastName": "Smith", "emailAddress": "other@example.com"})
    (john,) = save_leads(store, "john@initech.com")
    rename_lead(store, john, "John", "Smith")

    run_drain(store, ESPO, espo, tmp_path)

    assert outbox.count_leads(store) == outbox.OutboxCounts(needs_you=1)
    assert "The CRM has another John Smith" in read_reason(store, john)


def test_espo_s_own_words_reach_staff(store: Store, save_leads: Save, espo: CrmReplica, tmp_path: Path) -> None:
    """They name the missing field."""
    (ana,) = save_leads(store, "ana@initech.com")

    run_drain(store, ESPO, espo, tmp_path)

    assert "field: lastName" in read_reason(store, ana)


def test_a_page_with_401_is_a_refused_sign_in(
    store: Store, save_leads: Save, espo: CrmReplica, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """EspoCRM and Tryton respond in HTML."""
    monkeypatch.setenv("BOOTH_KEY", "a wrong key")
    save_leads(store, "ana@initech.com")

    assert run_drain(store, ESPO, espo, tmp_path).gate.cause == "not authorised"


def test_the_test_lead_is_removed(espo: CrmReplica, tmp_path: Path) -> None:
    """In the way that kiosk.toml describes."""
    espo.add_contact({"lastName": "Test"})

    async def remove() -> bool:
        connector = RestConnector(make_settings(tmp_path, ESPO, espo))
        try:
            from kiosk.cli.check import build_test_lead

            return await connector.remove_test_lead(build_test_lead(), "1")
        finally:
            await connector.aclose()

    assert asyncio.run(remove())
    assert espo.contacts == []


def test_tryton_accepts_a_remote_call(store: Store, save_leads: Save, tryton: CrmReplica, tmp_path: Path) -> None:
    """The body is the template's, with the contact in it."""
    (ana,) = save_leads(store, "ana@initech.com")

    run_drain(store, TRYTON, tryton, tmp_path)

    assert tryton.contacts == [{"code": ana, "name": "Ana Lopez", "id": "1"}]
    assert outbox.count_leads(store) == outbox.OutboxCounts(delivered=1)


def test_tryton_has_one_record_after_a_lost_answer(
    store: Store, save_leads: Save, tryton: CrmReplica, tmp_path: Path
) -> None:
    """It is found by our id, at the same address."""
    save_leads(store, "ana@initech.com", "bob@initech.com")
    tryton.lose_next = True

    run_drain(store, TRYTON, tryton, tmp_path, times=2)

    assert len(tryton.contacts) == 2
    assert outbox.count_leads(store) == outbox.OutboxCounts(delivered=2)


def test_an_edit_updates_the_record_in_tryton(
    store: Store, save_leads: Save, tryton: CrmReplica, tmp_path: Path
) -> None:
    """With another body at the same address; the response only says that it is done."""
    (ana,) = save_leads(store, "ana@initech.com")
    run_drain(store, TRYTON, tryton, tmp_path)
    rename_lead(store, ana, "Ana", "López")

    run_drain(store, TRYTON, tryton, tmp_path)

    assert tryton.contacts == [{"code": ana, "name": "Ana López", "id": "1"}]
    assert outbox.count_leads(store) == outbox.OutboxCounts(delivered=1)


def test_tryton_s_error_in_a_200_is_a_refusal(
    store: Store, save_leads: Save, tryton: CrmReplica, tmp_path: Path
) -> None:
    """It never counts as delivered; the others are sent."""
    ana, _ = save_leads(store, "ana@initech.com", "bob@initech.com")
    rename_lead(store, ana, "", "")

    run_drain(store, TRYTON, tryton, tmp_path)

    assert outbox.count_leads(store) == outbox.OutboxCounts(needs_you=1, delivered=1)
    assert "The field Name is required." in read_reason(store, ana)


def test_a_lead_that_bottle_ignores_is_not_delivered(
    store: Store, save_leads: Save, bottle: CrmReplica, tmp_path: Path
) -> None:
    """By our id it recognises a lead: after a lost response that is this very lead, and an edit it ignores."""
    (ana,) = save_leads(store, "ana@initech.com")
    bottle.lose_next = True
    run_drain(store, BOTTLE, bottle, tmp_path, times=2)
    after_a_lost_answer = outbox.count_leads(store)
    leads.edit_lead(store, ana, {"note": "Call her"}, "bob", SystemClock())

    run_drain(store, BOTTLE, bottle, tmp_path)

    assert after_a_lost_answer == outbox.OutboxCounts(delivered=1)
    assert outbox.count_leads(store) == outbox.OutboxCounts(needs_you=1)
    assert "did not accept what was sent (it says 'duplicate')" in read_reason(store, ana)
    assert len(bottle.contacts) == 1


def test_two_leads_that_bottle_merges_are_seen_by_a_person(
    store: Store, save_leads: Save, bottle: CrmReplica, tmp_path: Path
) -> None:
    """A shared telephone number does not prove that they are one person."""
    ana, bob = save_leads(store, "ana@initech.com", "bob@initech.com")
    for lead in (ana, bob):
        leads.edit_lead(store, lead, {"phone": "+1 415 555 0100"}, "bob", SystemClock())

    run_drain(store, BOTTLE, bottle, tmp_path)

    assert outbox.count_leads(store) == outbox.OutboxCounts(delivered=1, needs_you=1)


def test_bottle_s_errors_by_field_reach_staff(
    store: Store, save_leads: Save, bottle: CrmReplica, tmp_path: Path
) -> None:
    """The reason quotes the CRM."""
    (ana,) = save_leads(store, "ana")

    run_drain(store, BOTTLE, bottle, tmp_path)

    assert "email: Enter a valid email address." in read_reason(store, ana)


def test_plain_text_ok_proves_nothing(store: Store, save_leads: Save, tmp_path: Path) -> None:
    """A 200 that names no lead is no delivery."""
    save_leads(store, "ana@initech.com")

    with run_crm(PlainTextCrm()) as crm:
        summary = run_drain(store, 'url = "{url}/x"', crm, tmp_path)

    assert (summary.delivered, outbox.count_leads(store)) == (0, outbox.OutboxCounts(waiting=1))


WRONG = [
    ('url = "https://crm.example.com/{{nobody}}"', "[crm.rest] url: there is no placeholder {nobody}"),
    ('url = "https://crm.example.com/x"\nbody = {{ a = ["{{b}}"] }}', "[crm.rest] body: there is no placeholder {b}"),
    ('url = "https://crm.example.com/x"\nupdate_url = "https://other.example.com/y"', "same host"),
    ('url = "https://crm.example.com/x"\nid_field = ""', "[crm.rest] id_field: without the lead's ID"),
    ('url = "https://crm.example.com/x"\nfields = {{ email = "client_id" }}', "'client_id' is used twice"),
    (
        'url = "https://crm.example.com/x"\nfields = {{ email = "a", name = "a.b" }}',
        "'a.b' is used twice, or is within",
    ),
    ('url = "https://crm.example.com/x"\nconstants = {{ email = "x" }}', "'email' is used twice"),
    ('url = "https://crm.example.com/x"\nheaders = {{ Authorization = "Bearer x" }}', "looks like a secret"),
    (
        'url = "https://crm.example.com/x"\nsearch = {{ url = "https://crm.example.com/y" }}',
        "update_url or update_body must say",
    ),
    ('bulk_url = "https://crm.example.com/x"\nupdate_url = "https://crm.example.com/y"', "cannot be combined with"),
    ("", "[crm.rest] url: the address is missing"),
]


@pytest.mark.parametrize(("described", "complaint"), WRONG, ids=[complaint for _, complaint in WRONG])
def test_a_description_that_cannot_work_is_named(tmp_path: Path, described: str, complaint: str) -> None:
    """When kiosk.toml is loaded, with the key."""
    from kiosk.config.load import ConfigError

    with pytest.raises(ConfigError) as caught:
        make_settings(tmp_path, described, PlainTextCrm())

    assert complaint in str(caught.value)
