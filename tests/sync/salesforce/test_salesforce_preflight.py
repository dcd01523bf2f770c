"""The check of an org before the show, and the removal of a test lead."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from sync.connectors.base import CheckResult, Delivered
from sync.connectors.salesforce.connector import SalesforceConnector
from sync.errors import ConfigurationFault
from sync.practice_crm.dialects.salesforce.lead import EXTERNAL_ID_FIELD, describe_object
from sync.settings.salesforce import SalesforceSettings
from tests.sync.salesforce.helpers import make_lead, use_connector
from tests.sync.salesforce.scripted_org import OrgResponse, ScriptedOrg, refuse_call


def run_check(settings: SalesforceSettings) -> list[CheckResult]:
    """Return the results of a check."""
    findings: list[CheckResult] = use_connector(settings, lambda connector: connector.check_setup())
    return findings


def script_description(org: ScriptedOrg, document: Any) -> None:
    """Make *org* describe its object like this."""
    org.api = lambda asked: OrgResponse(200, document, {"Sforce-Limit-Info": "api-usage=18/5000"})


def change_field(which: str, /, **more: Any) -> dict[str, Any]:
    """Return the practice org's description with one field changed."""
    usual = describe_object({})
    return {**usual, "fields": [{**field, **(more if field["name"] == which else {})} for field in usual["fields"]]}


def test_a_ready_org_is_reported_in_three_sentences(org: ScriptedOrg, settings: SalesforceSettings) -> None:
    """The sign-in, the fields, and the calls left; with two calls in all."""
    script_description(org, describe_object({}))

    assert run_check(settings) == [
        CheckResult(True, f"Signed in to {org.url}."),
        CheckResult(True, "Lead has every field of the mapping, and Booth_Lead_Id__c for the lead's ID."),
        CheckResult(True, "18 of 5,000 API calls in 24 hours are used. The kiosk stops at 90% and leaves the rest "
                      "to other programs."),
    ]  # fmt: skip
    assert [(call.method, call.path) for call in org.calls] == [("GET", "/services/data/v66.0/sobjects/Lead/describe")]


BAD: list[tuple[dict[str, Any], Mapping[str, Any], str]] = [
    ({**describe_object({}), "createable": False}, {}, "The user is not allowed to create and edit Lead"),
    (change_field(EXTERNAL_ID_FIELD, name="Other__c"), {},
     "Lead has no field Booth_Lead_Id__c that the user can see: create one"),
    (change_field(EXTERNAL_ID_FIELD, externalId=False), {}, "Booth_Lead_Id__c must be an External ID and Unique"),
    (change_field(EXTERNAL_ID_FIELD, unique=False), {}, "Booth_Lead_Id__c must be an External ID and Unique"),
    (change_field(EXTERNAL_ID_FIELD, length=20), {}, "Booth_Lead_Id__c must hold 36 characters"),
    (change_field(EXTERNAL_ID_FIELD, createable=False), {}, "The user is not allowed to write Booth_Lead_Id__c"),
    (change_field("Title", name="Titel"), {}, "Lead has no field Title, or the user cannot see it: correct job_title"),
    (change_field("Phone", updateable=False), {},
     "The user is not allowed to write Phone: grant the permission in Salesforce, or"),
    (change_field("Country", nillable=False), {},
     "Country is required in Salesforce: a lead without it will need you."),
    (change_field("LeadSource", nillable=False), {}, "LeadSource is required in Salesforce, and nothing is sent to it"),
    (describe_object({}), {"new": {"Show__c": "Expo"}}, "Lead has no field Show__c, or the user cannot see it:"),
    (describe_object({}), {"fields": {"tags": "Tags__c"}}, "Lead has no field Tags__c"),
    (change_field("Rating", restrictedPicklist=True), {"ratings": ("Cold", "Cold", "Warm", "Warm", "Heiß")},
     "Rating has no value 'Heiß': it has Hot, Warm, Cold."),
    (change_field("LeadSource", restrictedPicklist=True), {"new": {"LeadSource": "Expo"}},
     "LeadSource has no value 'Expo'"),
    (change_field("Country", type="picklist", restrictedPicklist=True, picklistValues=[{"value": "Germany"}]), {},
     "The Salesforce field Country only takes Germany: a lead with any other value would be rejected."),
    (describe_object({"Met__c": {"type": "date"}}), {"fields": {"scanned_at": "Met__c"}},
     "The Salesforce field Met__c is a date without a time, and the kiosk's scanned_at is a date with a time"),
    (describe_object({"Firm__c": {"type": "reference"}}), {"fields": {"company": "Firm__c"}},
     "The Salesforce field Firm__c is a link to another record"),
]  # fmt: skip

IDS = [f"{number} {case[-1][:40]}" for number, case in enumerate(BAD)]


@pytest.mark.parametrize(("document", "changes", "sentence"), BAD, ids=IDS)
def test_obstacles_to_delivery_are_named(
    org: ScriptedOrg, settings: SalesforceSettings, document: dict[str, Any], changes: Mapping[str, Any], sentence: str
) -> None:
    """With what to do about it, and without any other complaint."""
    script_description(org, document)

    bad = [finding.sentence for finding in run_check(replace(settings, **changes)) if not finding.is_well]

    assert len([each for each in bad if each.startswith(sentence)]) == 1
    assert {each.endswith(".") for each in bad} == {True}


WELL: list[tuple[dict[str, Any], Mapping[str, Any]]] = [
    (change_field("LeadSource", nillable=False, defaultedOnCreate=True), {}),
    (change_field("LeadSource", nillable=False), {"new": {"LeadSource": "Web"}}),
    (change_field("LeadSource", nillable=False, createable=False), {}),
    (change_field("Rating", restrictedPicklist=True), {}),
    (change_field("Rating", picklistValues=[]), {}),
    (describe_object({"Rating__c": {"type": "double"}}), {"ratings": (), "fields": {"rating": "Rating__c"}}),
]


@pytest.mark.parametrize(
    ("document", "changes"), WELL, ids=["defaulted", "set once", "not ours", "known", "no words", "number"]
)
def test_fields_with_defaults_are_accepted(
    org: ScriptedOrg, settings: SalesforceSettings, document: dict[str, Any], changes: Mapping[str, Any]
) -> None:
    """So are values that a picklist has, or accepts anyway."""
    script_description(org, document)
    fields = {"last_name": "LastName", "company": "Company", **dict(changes.get("fields", {}))}

    findings = run_check(replace(settings, **{**changes, "fields": {**settings.fields, **fields}}))

    assert {finding.is_well for finding in findings} == {True}


@pytest.mark.parametrize("document", [None, [], {}, {"fields": []}, {"fields": [7]}, "ok"], ids=str)
def test_a_missing_description_is_a_configuration_fault(
    org: ScriptedOrg, settings: SalesforceSettings, document: Any
) -> None:
    """It does not count as an object without faults."""
    script_description(org, document)

    with pytest.raises(ConfigurationFault, match="does not describe Lead"):
        run_check(settings)


def test_an_object_that_is_not_there_is_named(org: ScriptedOrg, settings: SalesforceSettings) -> None:
    """Or one that the user cannot see: Salesforce does not distinguish them."""
    org.api = lambda asked: refuse_call(404, "NOT_FOUND", "The requested resource does not exist")

    with pytest.raises(ConfigurationFault, match="the object, its field for the lead's ID, or this version"):
        run_check(settings)


def test_nearly_used_up_calls_are_reported(org: ScriptedOrg, settings: SalesforceSettings) -> None:
    """Before the show is the time to ask for more."""
    org.api = lambda asked: OrgResponse(200, describe_object({}), {"Sforce-Limit-Info": "api-usage=4700/5000"})

    assert [finding.is_well for finding in run_check(settings) if "4,700" in finding.sentence] == [False]


def test_the_test_lead_is_removed(crm: Any, practice: SalesforceSettings) -> None:
    """A record that is already gone counts as removed."""
    ana, before = make_lead(4711), crm.stats()["contacts"]

    async def there_and_back(connector: SalesforceConnector) -> tuple[int, bool, bool]:
        outcome = (await connector.push("batch", [ana]))[ana.id]
        assert isinstance(outcome, Delivered)
        there = crm.stats()["contacts"]
        return (
            there,
            await connector.remove_test_lead(ana, outcome.remote_id),
            await connector.remove_test_lead(ana, outcome.remote_id),
        )

    assert use_connector(practice, there_and_back) == (before + 1, True, True)
    assert crm.stats()["contacts"] == before


def test_a_lead_that_may_not_be_deleted_is_still_there(org: ScriptedOrg, settings: SalesforceSettings) -> None:
    """The sentence quotes Salesforce."""
    org.api = lambda asked: refuse_call(403, "INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights")

    with pytest.raises(ConfigurationFault, match="insufficient access rights"):
        use_connector(settings, lambda connector: connector.remove_test_lead(make_lead(), "00Q5e0000000001EAG"))


def test_only_that_records_address_is_deleted(org: ScriptedOrg, settings: SalesforceSettings) -> None:
    """Whatever the id contains."""
    org.api = lambda asked: OrgResponse(204)

    use_connector(settings, lambda connector: connector.remove_test_lead(make_lead(), "../Account/1?x"))

    assert [call.path for call in org.calls] == ["/services/data/v66.0/sobjects/Lead/..%2FAccount%2F1%3Fx"]
