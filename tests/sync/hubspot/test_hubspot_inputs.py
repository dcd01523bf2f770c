"""What HubSpot is sent: the contact's key, the trace id, and each value as text."""

from typing import Any

import pytest

from sync.connectors.base import NotSent, Rejected
from sync.connectors.hubspot import HubSpotConnector
from tests.sync.hubspot.conftest import TOKEN, ScriptedHubSpot, make_lead, push_batches
from tests.sync.hubspot.factories import ID_PROPERTY, make_settings


def make_connector(hubspot: ScriptedHubSpot, **changes: Any) -> HubSpotConnector:
    """Make a connector for *hubspot*."""
    return HubSpotConnector(make_settings(hubspot, **changes), read_token=lambda: TOKEN)


def accept_inputs(body: dict[str, Any]) -> tuple[int, Any, dict[str, str]]:
    """Accept every input, and respond in another order."""
    results = [
        {"id": f"9{at}", "new": True, "properties": {}, "objectWriteTraceId": item["objectWriteTraceId"]}
        for at, item in enumerate(body["inputs"])
    ]
    return 200, {"status": "COMPLETE", "results": results[::-1]}, {}


def get_sent_inputs(hubspot: ScriptedHubSpot) -> list[dict[str, Any]]:
    """Return the inputs of the last call."""
    inputs: list[dict[str, Any]] = hubspot.asked[-1].body["inputs"]
    return inputs


PATHS = [
    ("2026-09", "/crm/objects/2026-09/contacts/batch/upsert"),
    ("2026-03", "/crm/objects/2026-03/contacts/batch/upsert"),
    ("v3", "/crm/v3/objects/contacts/batch/upsert"),
]


@pytest.mark.parametrize(("version", "path"), PATHS)
def test_each_version_has_its_path(hubspot: ScriptedHubSpot, version: str, path: str) -> None:
    """The key goes in a header, and nowhere else."""
    hubspot.respond = accept_inputs

    push_batches(make_connector(hubspot, version=version), [make_lead()])

    asked = hubspot.asked[0]
    assert (asked.method, asked.path) == ("POST", path)
    assert asked.headers["Authorization"] == f"Bearer {TOKEN}"
    assert TOKEN not in asked.path + str(asked.body)


def test_a_lead_is_identified_and_traced_by_its_own_id(hubspot: ScriptedHubSpot) -> None:
    """So its result is found in any order."""
    hubspot.respond = accept_inputs
    leads = [make_lead(), make_lead(), make_lead()]

    (outcomes,) = push_batches(make_connector(hubspot), leads)

    assert [(item.id, ID_PROPERTY, item.id) for item in leads] == [
        (item["id"], item["idProperty"], item["objectWriteTraceId"]) for item in get_sent_inputs(hubspot)
    ]
    assert [getattr(outcomes[item.id], "remote_id", None) for item in leads] == ["90", "91", "92"]


def test_every_value_is_text_under_hubspots_name(hubspot: ScriptedHubSpot) -> None:
    """Several values are separated by semicolons; empty and unmapped fields are left out."""
    hubspot.respond = accept_inputs
    fields = {
        "email": "email", "job_title": "jobtitle", "rating": "booth_rating", "tags": "booth_tags", "phone": "phone",
        "answers": "booth_answers", "scanned_at": "booth_scanned_at", "company": "company",
    }  # fmt: skip
    ana = make_lead(
        " Ana@Initech.com ", job_title="CTO", rating=4, tags=["demo", "pricing"], phone="", company=None,
        answers={"Budget": "10k", "Team": 12}, note="private", scanned_at="2026-11-24T09:30:00+00:00",
    )  # fmt: skip

    push_batches(make_connector(hubspot, fields=fields), [ana])

    assert get_sent_inputs(hubspot)[0]["properties"] == {
        "email": "Ana@Initech.com",
        "jobtitle": "CTO",
        "booth_rating": "4",
        "booth_tags": "demo;pricing",
        "booth_answers": "Budget: 10k; Team: 12",
        "booth_scanned_at": "2026-11-24T09:30:00+00:00",
    }


def test_an_undivided_name_is_the_last_name(hubspot: ScriptedHubSpot) -> None:
    """Badges often have only a full name; a divided one is sent unchanged."""
    hubspot.respond = accept_inputs
    whole = make_lead(first_name="", last_name=None, name="Ana María López")
    divided = make_lead(name="Ana Lopez")

    push_batches(make_connector(hubspot), [whole, divided])

    names = [(item["properties"].get("firstname"), item["properties"]["lastname"]) for item in get_sent_inputs(hubspot)]
    assert names == [(None, "Ana María López"), ("Ana", "Lopez")]


@pytest.mark.parametrize("id_property", [ID_PROPERTY, "email"])
def test_nobody_is_in_one_call_twice(hubspot: ScriptedHubSpot, id_property: str) -> None:
    """HubSpot would refuse the call: the second lead goes with the next one, also with another spelling."""
    hubspot.respond = accept_inputs
    first, other, again = make_lead("ana@initech.com"), make_lead("bob@initech.com"), make_lead(" ANA@initech.com ")

    (outcomes,) = push_batches(make_connector(hubspot, id_property=id_property), [first, other, again])

    assert [item["objectWriteTraceId"] for item in get_sent_inputs(hubspot)] == [first.id, other.id]
    assert outcomes[again.id] == NotSent()


def test_leads_without_an_e_mail_are_not_the_same_person(hubspot: ScriptedHubSpot) -> None:
    """They have different ids."""
    hubspot.respond = accept_inputs
    leads = [make_lead("-"), make_lead("-")]
    bare = [type(item)(item.id, 1, {"last_name": "Lopez"}) for item in leads]

    (outcomes,) = push_batches(make_connector(hubspot), bare)

    assert 2 == len(get_sent_inputs(hubspot)) == len(outcomes)


def test_without_an_e_mail_a_lead_needs_a_person_if_e_mails_identify_people(hubspot: ScriptedHubSpot) -> None:
    """It is not sent; the others are, by their e-mail, with all known values."""
    hubspot.respond = accept_inputs
    ana, bare = make_lead("ana@initech.com"), make_lead(" ")

    (outcomes,) = push_batches(make_connector(hubspot, id_property="email"), [bare, ana])

    rejected = outcomes[bare.id]
    assert isinstance(rejected, Rejected)
    assert "e-mail" in rejected.reason
    assert [(item["id"], item["idProperty"], item["objectWriteTraceId"]) for item in get_sent_inputs(hubspot)] == [
        ("ana@initech.com", "email", ana.id)
    ]
    assert get_sent_inputs(hubspot)[0]["properties"] == {
        "firstname": "Ana",
        "lastname": "Lopez",
        "email": "ana@initech.com",
    }


def test_a_batch_with_nothing_to_send_makes_no_call(hubspot: ScriptedHubSpot) -> None:
    """HubSpot refuses empty calls."""
    (outcomes,) = push_batches(make_connector(hubspot, id_property="email"), [make_lead(" ")])

    assert (hubspot.asked, len(outcomes)) == ([], 1)
