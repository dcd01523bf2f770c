"""The record that is sent to Salesforce for a lead."""

from dataclasses import replace
from typing import Any

import pytest

from sync.connectors.base import OutgoingLead
from sync.connectors.salesforce.record import encode_lead
from sync.settings.salesforce import SalesforceSettings

USUAL = SalesforceSettings()


def encode_fields(settings: SalesforceSettings = USUAL, remote_id: str | None = None, **fields: Any) -> dict[str, Any]:
    """Return the record of a lead with *fields*, without what every record has."""
    made = encode_lead(OutgoingLead("0190-ana", 1, fields, remote_id=remote_id), settings)
    assert made.pop("attributes") == {"type": settings.object}
    assert made.pop(settings.external_id_field) == "0190-ana"
    return made


@pytest.mark.parametrize(
    ("fields", "first", "last"),
    [
        ({"first_name": "Ana", "last_name": "Lopez", "name": "Ana Lopez"}, "Ana", "Lopez"),
        ({"name": "Ana Lopez"}, "Ana", "Lopez"),
        ({"name": "Ana María de la Cruz"}, "Ana María de la", "Cruz"),
        ({"first_name": "Ana", "name": "Ana de la Cruz"}, "Ana", "de la Cruz"),
        ({"first_name": "Ana", "name": "Ana"}, None, "Ana"),
        ({"first_name": "Ana Lopez"}, "Ana", "Lopez"),
        ({"name": "王小明"}, None, "王小明"),
        ({"last_name": "Lopez", "name": "Lopez"}, None, "Lopez"),
        ({"email": "ana@initech.com"}, None, "[not provided]"),
        ({"name": "  "}, None, "[not provided]"),
    ],
)
def test_there_is_always_a_last_name(fields: dict[str, Any], first: str | None, last: str) -> None:
    """Salesforce requires one: it is the end of the name, or a placeholder."""
    made = encode_fields(**fields)

    assert (made.get("FirstName"), made["LastName"]) == (first, last)


def test_placeholders_are_sent_for_new_leads_only() -> None:
    """Later it would overwrite what people in Salesforce have written."""
    settings = replace(USUAL, new={"LeadSource": "Trade Show"})

    assert encode_fields(settings) == {
        "LastName": "[not provided]",
        "Company": "[not provided]",
        "LeadSource": "Trade Show",
    }
    assert encode_fields(settings, remote_id="00Q5e00000aaaaaEAG") == {}


@pytest.mark.parametrize("empty", ["", None, [], {}])
def test_empty_values_are_left_out(empty: Any) -> None:
    """They would erase what is there."""
    made = encode_fields(name="Ana Lopez", company="Initech", email=empty, note=empty, phone=empty)

    assert made == {"FirstName": "Ana", "LastName": "Lopez", "Company": "Initech"}


@pytest.mark.parametrize(("rating", "word"), [(1, "Cold"), (2, "Cold"), (3, "Warm"), (4, "Warm"), (5, "Hot")])
def test_a_rating_is_sent_in_the_orgs_words(rating: int, word: str) -> None:
    """Or the number, for a field that accepts one."""
    as_number = replace(USUAL, ratings=(), fields={"rating": "Booth_Rating__c"})

    assert encode_fields(rating=rating)["Rating"] == word
    assert encode_fields(as_number, rating=rating)["Booth_Rating__c"] == rating


def test_lists_and_answers_become_text() -> None:
    """Tags as for a multi-select picklist; answers one per line."""
    settings = replace(USUAL, fields={"tags": "Booth_Tags__c", "answers": "Booth_Answers__c"})

    made = encode_fields(settings, tags=["demo", "pricing"], answers={"Budget": "10k", "When": "soon"})

    assert (made["Booth_Tags__c"], made["Booth_Answers__c"]) == ("demo;pricing", "Budget: 10k\nWhen: soon")


def test_values_that_share_a_field_are_joined_by_lines() -> None:
    """In the order of kiosk.toml, and without empty lines."""
    settings = replace(USUAL, fields={"note": "Description", "tags": "Description", "answers": "Description"})

    made = encode_fields(settings, note="Call her", tags=[], answers={"Budget": "10k"})

    assert made["Description"] == "Call her\nBudget: 10k"


def test_an_id_of_salesforce_s_own_is_never_sent() -> None:
    """Salesforce refuses a record with one."""
    made = encode_fields(remote_id="00Q5e00000aaaaaEAG", name="Ana Lopez")

    assert not {"id", "Id"} & made.keys()
