"""An account that identifies people by e-mail: still one contact per lead."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from sync.connectors.base import Delivered, OutgoingLead, Rejected
from sync.connectors.hubspot import HubSpotConnector
from tests.sync.hubspot.conftest import TOKEN, ScriptedHubSpot, make_lead, push_batches
from tests.sync.hubspot.factories import make_connector, make_settings
from tests.sync.hubspot.responses import ANA, BOB, make_batch_response, make_error, make_result


def make_delivered(crm: Any, ana: OutgoingLead) -> OutgoingLead:
    """Return *ana* as the next push gets her after a delivery."""
    (outcomes,) = push_batches(make_connector(crm, id_property="email"), [ana])
    outcome = outcomes[ana.id]
    assert isinstance(outcome, Delivered)
    return replace(ana, remote_id=outcome.remote_id, revision=2)


def change_fields(ana: OutgoingLead, **fields: Any) -> OutgoingLead:
    """Return *ana* with *changes* from the booth."""
    return replace(ana, fields={**ana.fields, **fields})


def with_email(crm: Any, *emails: str) -> list[str]:
    """Return the ids of the contacts with these e-mails."""
    return [contact["id"] for contact in crm.contacts() if contact.get("email") in emails]


def test_a_corrected_e_mail_stays_the_same_contact(crm: Any) -> None:
    """By then it is identified by HubSpot's own id."""
    wrong, right = f"{uuid4()}@initech.con", f"{uuid4()}@initech.com"
    ana = make_delivered(crm, make_lead(wrong))

    (outcomes,) = push_batches(make_connector(crm, id_property="email"), [change_fields(ana, email=right)])

    assert Delivered(str(ana.remote_id), 200) == outcomes[ana.id]
    assert with_email(crm, wrong, right) == [ana.remote_id]


def test_known_and_new_people_can_share_a_push(crm: Any) -> None:
    """Each lead has an outcome."""
    ana, bob = make_delivered(crm, make_lead()), make_lead()

    (outcomes,) = push_batches(make_connector(crm, id_property="email"), [bob, change_fields(ana, company="Initech")])

    assert ({ana.id, bob.id}, Delivered(str(ana.remote_id), 200)) == (outcomes.keys(), outcomes[ana.id])
    assert len({getattr(outcome, "remote_id", None) for outcome in outcomes.values()}) == 2


def test_a_contact_that_was_deleted_is_created_again(crm: Any) -> None:
    """The other leads are not delayed; without an e-mail, this one needs a person."""
    ana, bob, eve = (make_delivered(crm, make_lead()) for _ in range(3))
    for gone in (ana, eve):
        crm.call("DELETE", f"/crm/objects/2026-09/contacts/{gone.remote_id}")

    (outcomes,) = push_batches(make_connector(crm, id_property="email"), [ana, bob, change_fields(eve, email="")])

    assert Delivered(str(bob.remote_id), 207) == outcomes[bob.id]
    assert with_email(crm, str(ana.fields["email"])) == [getattr(outcomes[ana.id], "remote_id", None)]
    assert getattr(outcomes[eve.id], "code", None) == "NO_EMAIL"


def test_the_e_mail_of_another_contact_needs_a_person(crm: Any) -> None:
    """Only a person may say that the two are one."""
    ana, bob = make_delivered(crm, make_lead()), make_delivered(crm, make_lead())

    (outcomes,) = push_batches(
        make_connector(crm, id_property="email"), [change_fields(ana, email=bob.fields["email"])]
    )

    assert isinstance(outcomes[ana.id], Rejected)
    assert "already exists" in getattr(outcomes[ana.id], "reason", "")
    assert with_email(crm, str(bob.fields["email"])) == [bob.remote_id]


GONE = make_error("", "OBJECT_NOT_FOUND", "Could not get some CONTACT objects", ids=[""])


@pytest.mark.parametrize(
    ("status", "document"),
    [
        (207, make_batch_response(make_result("7", BOB.id), errors=[GONE])),
        (404, {"category": "OBJECT_NOT_FOUND", "message": "no"}),
    ],
    ids=["207", "404"],
)
def test_contacts_that_are_gone_need_not_be_named(hubspot: ScriptedHubSpot, status: int, document: Any) -> None:
    """HubSpot may report only that some are; leads without a result are sent again by their e-mail."""

    def say(body: Any) -> tuple[int, Any, dict[str, str]]:
        if "idProperty" not in body["inputs"][0]:
            return status, document, {}
        traces = [item["objectWriteTraceId"] for item in body["inputs"]]
        return 200, make_batch_response(*(make_result(f"new-{trace}", trace) for trace in traces)), {}

    hubspot.respond = say
    leads = [replace(ANA, remote_id="6"), replace(BOB, remote_id="7")]

    (outcomes,) = push_batches(
        HubSpotConnector(make_settings(hubspot, id_property="email"), read_token=lambda: TOKEN), leads
    )

    assert [asked.path[-13:] for asked in hubspot.asked] == ["/batch/update", "/batch/upsert"]
    assert getattr(outcomes[ANA.id], "remote_id", None) == f"new-{ANA.id}"
    assert {type(outcome) for outcome in outcomes.values()} == {Delivered}
    assert len(outcomes) == 2
