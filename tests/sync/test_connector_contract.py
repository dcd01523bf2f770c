"""
What every connector does, one suite for all.

A connector takes part once `CONNECTORS` (`tests/support/connectors.py`) has a function that makes it for the practice
CRM, which speaks its CRM's dialect. What was delivered is read from the practice CRM's own records, where a contact has
our id as `client_id`, and its `name`, `company` and `email` under these names, whatever the dialect.
"""

import asyncio
import socket
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from sync.connectors.base import Connector, Delivered, NotSent, Outcome, OutgoingLead, Rejected
from sync.connectors.practice import build_practice_settings
from sync.connectors.rest.connector import RestConnector
from sync.errors import (
    BatchRefused,
    ConfigurationFault,
    CrmDown,
    LoginPage,
    NotAuthorised,
    Offline,
    OutcomeUnknown,
    SyncError,
    Throttled,
)
from tests.support.connectors import CONNECTORS, Make, get_remote_id, practice


@pytest.fixture(params=CONNECTORS, ids=lambda make: make.__name__)
def make(request: pytest.FixtureRequest) -> Make:
    """How the connector is made."""
    made: Make = request.param
    return made


def make_lead(email: str = "", **fields: Any) -> OutgoingLead:
    """A lead that was never sent, of somebody whom no CRM knows yet: some know people by their e-mail."""
    lead_id = str(uuid4())
    known = {"first_name": "Ana", "last_name": "Lopez", "name": "Ana Lopez", "company": "Initech"}
    email = email or f"ana.{lead_id}@initech.com"
    return OutgoingLead(lead_id, 1, {**known, "email": email, "rating": 4, "tags": ["demo"], **fields})


def deliver_pushes(make: Make, crm: Any, *pushes: Sequence[OutgoingLead]) -> list[dict[str, Outcome]]:
    """The outcomes of *pushes*, each in calls as large as the connector takes; a lead refused alone is rejected."""

    async def run() -> list[dict[str, Outcome]]:
        connector = make(crm)
        try:
            return [await push_until_sent(connector, leads) for leads in pushes]
        finally:
            await connector.aclose()

    return asyncio.run(run())


async def push_until_sent(connector: Connector, leads: Sequence[OutgoingLead]) -> dict[str, Outcome]:
    """One push after another until all *leads* are sent; what is left out of one goes with the next."""
    outcomes: dict[str, Outcome] = {}
    left = list(leads)
    while left:
        batch, left = left[: connector.batch_size], left[connector.batch_size :]
        try:
            ends = await connector.push(str(uuid4()), batch)
        except BatchRefused as refusal:
            assert len(batch) == 1, "a batch with good leads in it was refused whole"
            ends = {batch[0].id: Rejected(str(refusal), refusal.code)}
        left_out = [item for item in batch if isinstance(ends.get(item.id), NotSent)]
        assert len(left_out) < len(batch), "nothing was brought to an end"
        left = left_out + left
        outcomes |= {lead_id: end for lead_id, end in ends.items() if not isinstance(end, NotSent)}
    return outcomes


def test_delivered_is_proven_by_the_crm_s_own_id(crm: Any, make: Make) -> None:
    """The remote id of the outcome is the one under which the CRM has the lead, with its fields."""
    leads = [make_lead(), make_lead(company="¡Llámame! 電話")]

    (outcomes,) = deliver_pushes(make, crm, leads)

    assert {item.id for item in leads} == outcomes.keys()
    for item in leads:
        outcome, kept = outcomes[item.id], crm.contact(item.id)
        assert isinstance(outcome, Delivered)
        assert get_remote_id(make, kept) == outcome.remote_id
        assert item.fields["email"] == kept["email"]
        assert item.fields["company"] == kept["company"]


def test_a_full_batch_is_delivered(crm: Any, make: Make) -> None:
    """As many leads as the connector says it takes."""
    size = make(crm).batch_size
    leads = [make_lead() for _ in range(size)]

    (outcomes,) = deliver_pushes(make, crm, leads)

    assert {type(outcomes[item.id]) for item in leads} == {Delivered}


def test_the_same_leads_twice_make_no_second_record(crm: Any, make: Make) -> None:
    """They come back under the same ids."""
    leads, before = [make_lead(), make_lead(), make_lead()], crm.stats()["contacts"]

    first, again = deliver_pushes(make, crm, leads, leads)

    ids = [[getattr(outcomes[item.id], "remote_id", None) for item in leads] for outcomes in (first, again)]
    assert ids[0] == ids[1]
    assert 3 == len(set(ids[0])) == crm.stats()["contacts"] - before


def test_a_lost_answer_makes_no_second_record_either(crm: Any, make: Make) -> None:
    """The connector is unsure, and asking again settles it."""
    ana, before = make_lead(), crm.stats()["contacts"]
    crm.set_faults(lost_answers=1)
    with pytest.raises(OutcomeUnknown):
        deliver_pushes(make, crm, [ana])
    crm.set_faults(lost_answers=0)

    (outcomes,) = deliver_pushes(make, crm, [ana])

    assert get_remote_id(make, crm.contact(ana.id)) == getattr(outcomes[ana.id], "remote_id", None)
    assert crm.stats()["contacts"] - before == 1


def test_an_empty_field_erases_nothing(crm: Any, make: Make) -> None:
    """What is not known is not sent."""
    ana = make_lead(job_title="", phone=None)

    deliver_pushes(make, crm, [ana])

    assert [name for name, value in crm.contact(ana.id).items() if value in ("", None)] == []


@pytest.mark.parametrize("place", [0, 1, 4])
def test_a_bad_lead_is_rejected_and_the_others_are_delivered(crm: Any, make: Make, place: int) -> None:
    """With the CRM's words, wherever in the batch it is: answers are matched by id."""
    leads = [make_lead() for _ in range(4)]
    bad = make_lead("not an address")
    leads.insert(place, bad)

    (outcomes,) = deliver_pushes(make, crm, leads)

    rejected = outcomes.pop(bad.id)
    assert isinstance(rejected, Rejected)
    assert "e-mail" in rejected.reason
    assert {item.id for item in leads if item is not bad} == outcomes.keys()
    for lead_id, outcome in outcomes.items():
        assert Delivered(get_remote_id(make, crm.contact(lead_id))) == replace(outcome, status=None)


FAULTS: list[tuple[dict[str, Any], type[SyncError]]] = [
    ({"down": True}, CrmDown),
    ({"fail": "all"}, CrmDown),
    ({"login_page": True}, LoginPage),
    ({"redirect": True}, LoginPage),
    ({"unauthorised": True}, NotAuthorised),
    ({"forbidden": True}, ConfigurationFault),
    ({"rate_limit": 0}, Throttled),
    ({"lost_answers": 1}, OutcomeUnknown),
]


@pytest.mark.parametrize(("fault", "error"), FAULTS, ids=[next(iter(fault)) for fault, _ in FAULTS])
def test_each_fault_is_the_right_kind_of_error(
    crm: Any, make: Make, fault: dict[str, Any], error: type[SyncError]
) -> None:
    """With a sentence for booth staff that does not tell the token; and all is well when it is over."""
    usual = crm.set_faults()
    crm.set_faults(**fault)
    ana = make_lead()

    with pytest.raises(SyncError) as caught:
        deliver_pushes(make, crm, [ana])
    crm.set_faults(**usual)
    (outcomes,) = deliver_pushes(make, crm, [ana])

    assert type(caught.value) is error
    assert str(caught.value).endswith(".")
    assert crm.token not in str(caught.value)
    assert isinstance(outcomes[ana.id], Delivered)


def test_throttled_tells_how_long_to_wait(crm: Any, make: Make) -> None:
    """As the CRM said."""
    crm.set_faults(rate_limit=0)

    with pytest.raises(Throttled) as caught:
        deliver_pushes(make, crm, [make_lead()])

    assert caught.value.retry_after is not None
    assert 1 <= caught.value.retry_after <= 11


def test_a_crm_that_is_not_there_is_offline(practice_crm: Any, make: Make) -> None:
    """Nothing was sent; and the same connector delivers when it is back, also after it was used before."""
    ana = make_lead()
    port = int(practice_crm.url.rsplit(":")[-1])

    async def run() -> Outcome:
        connector = make(practice_crm)
        try:
            await push_until_sent(connector, [make_lead()])
            practice_crm.stop()
            with pytest.raises(Offline):
                await connector.push("batch-1", [ana])
            practice_crm.start(port=port)
            return (await push_until_sent(connector, [ana]))[ana.id]
        finally:
            await connector.aclose()

    assert isinstance(asyncio.run(run()), Delivered)


def test_a_practice_crm_that_moved_is_found(practice_crm: Any) -> None:
    """Its port is its own choice at every start."""
    ana = make_lead()

    async def run() -> Outcome:
        connector = practice(practice_crm)
        try:
            await push_until_sent(connector, [make_lead()])
            port = int(practice_crm.url.rsplit(":")[-1])
            practice_crm.stop()
            with socket.create_server(("127.0.0.1", port)):
                practice_crm.start(port=port)
            return (await push_until_sent(connector, [ana]))[ana.id]
        finally:
            await connector.aclose()

    assert isinstance(asyncio.run(run()), Delivered)


def test_fields_go_by_the_crm_s_names(crm: Any) -> None:
    """The table of kiosk.toml says which; what is not in it stays here."""
    settings = replace(build_practice_settings(crm.url), fields={"email": "email", "job_title": "role"})
    ana = make_lead(job_title="CTO", note="private")

    deliver_pushes(lambda crm: RestConnector(settings, read_token=lambda: crm.token), crm, [ana])

    kept = crm.contact(ana.id)
    assert ("CTO", ana.fields["email"]) == (kept["role"], kept["email"])
    assert not {"note", "name", "job_title"} & kept.keys()
