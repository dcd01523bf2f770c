"""The outcome of each lead, from Salesforce's list of results."""

from dataclasses import replace
from typing import Any

import pytest

from sync.connectors.base import Delivered, Rejected, Retry
from sync.errors import ConfigurationFault, OutcomeUnknown
from sync.settings.salesforce import SalesforceSettings
from tests.sync.salesforce.helpers import make_lead, push_leads
from tests.sync.salesforce.scripted_org import OrgResponse, ScriptedOrg, make_failure, make_success


def script_results(org: ScriptedOrg, *results: Any) -> None:
    """Make *org* respond with these results."""
    org.api = lambda asked: OrgResponse(200, list(results))


def test_results_are_matched_by_position(org: ScriptedOrg, settings: SalesforceSettings) -> None:
    """Salesforce promises the order of the request, and does not return our ids."""
    script_results(
        org, make_success(7), make_failure("INVALID_EMAIL_ADDRESS", "bad", "Email"), make_success(9, created=False)
    )

    outcomes = push_leads(settings, [make_lead(1), make_lead(2), make_lead(3)])

    assert outcomes["0190-1"] == Delivered("00Q5e0000000007EAG", 200)
    assert (outcomes["0190-2"]) == Rejected(
        "e-mail: the CRM does not accept this as an e-mail address.", "INVALID_EMAIL_ADDRESS", 200
    )
    assert outcomes["0190-3"] == Delivered("00Q5e0000000009EAG", 200)


LASTING = [
    (make_failure("REQUIRED_FIELD_MISSING", "Required fields are missing: [Company]", "Company"),
     "The CRM requires company, which this lead does not have."),
    (make_failure("REQUIRED_FIELD_MISSING", "Required fields are missing: [Budget__c]", "Budget__c"),
     "The CRM requires Budget__c, which this lead does not have."),
    (make_failure("REQUIRED_FIELD_MISSING"), "The CRM requires a field, which this lead does not have."),
    (make_failure("STRING_TOO_LONG", "Title: data value too large: abc (max length=128)", "Title"),
     "job title: too long for the CRM; the limit is 128 characters."),
    (make_failure("STRING_TOO_LONG", "too large", "Title"), "job title: too long for the CRM."),
    (make_failure("DUPLICATES_DETECTED", "Use one of these records?"),
     "The CRM has another lead like Ana Lopez, and its rules allow only one: check there, then edit or discard "
     "this one."),
    (make_failure("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead"),
     "A salesperson has already converted this lead: add what is new in the CRM by hand."),
    (make_failure("DUPLICATE_EXTERNAL_ID"), "The CRM has several leads with this lead's ID: merge them there."),
    (make_failure("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Leads need a budget"),
     "A rule of the CRM rejected it: Leads need a budget."),
    (make_failure("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "bad value for restricted picklist field: Hot", "Rating"),
     "The CRM rejected the rating: bad value for restricted picklist field: Hot."),
    (make_failure("SOMETHING_NEW", ""), "The CRM rejected it: SOMETHING_NEW."),
    (make_failure("DUPLICATE_VALUE", "duplicate value found: Badge__c duplicates value on record with id: 00Q"),
     "The CRM rejected it: duplicate value found: Badge__c duplicates value on record with id: 00Q."),
]  # fmt: skip


@pytest.mark.parametrize(("result", "reason"), LASTING, ids=lambda value: str(value)[:60])
def test_refusals_are_explained_in_plain_words(
    org: ScriptedOrg, settings: SalesforceSettings, result: dict[str, Any], reason: str
) -> None:
    """With the field's name on the screen; that lead needs a person, and the other does not."""
    script_results(org, result, make_success(2))

    outcomes = push_leads(settings, [make_lead(1), make_lead(2)])

    code = result["errors"][0]["statusCode"]
    assert outcomes["0190-1"] == Rejected(reason, code, 200)
    assert isinstance(outcomes["0190-2"], Delivered)


PASSING = [
    make_failure("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record"),
    make_failure("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "LeadTrigger: UNABLE_TO_LOCK_ROW, unable to obtain access"),
    make_failure("DUPLICATE_VALUE", "duplicate value found: Booth_Lead_Id__c duplicates value on record with id: 00Q"),
    make_failure("SERVER_UNAVAILABLE", "too busy"),
    make_failure("ALL_OR_NONE_OPERATION_ROLLED_BACK", "rolled back"),
]


@pytest.mark.parametrize("result", PASSING, ids=lambda value: str(value["errors"][0]["statusCode"]))
def test_temporary_errors_are_retried(org: ScriptedOrg, settings: SalesforceSettings, result: dict[str, Any]) -> None:
    """A lock, also one inside a trigger, and our own id at the same moment in two calls."""
    script_results(org, make_success(1), result)

    outcomes = push_leads(settings, [make_lead(1), make_lead(2)])

    assert isinstance(outcomes["0190-2"], Retry)
    assert outcomes["0190-2"].reason.startswith("The CRM had trouble with this lead: ")


NOT_PROVEN = [
    {"id": "00Q5e0000000002EAG", "success": "true"},
    {"id": "00Q5e0000000002EAG"},
    {"id": None, "success": True},
    {"id": "", "success": True},
    {"id": "../../Account/1", "success": True},
    {"id": 7, "success": True},
    {"id": "000000000000000AAA", "success": True},
    {"success": False, "errors": []},
    {"success": False},
    {"success": False, "errors": "no"},
    {"success": False, "errors": [7]},
    {"id": "00Q5e0000000002EAG", "success": True, "Booth_Lead_Id__c": "0190-7"},
    None,
    "ok",
    [],
]


@pytest.mark.parametrize("result", NOT_PROVEN, ids=str)
def test_a_result_that_proves_nothing_is_no_outcome(
    org: ScriptedOrg, settings: SalesforceSettings, result: Any
) -> None:
    """That lead is sent again with the same id. The other one is delivered."""
    script_results(org, make_success(1), result)

    assert push_leads(settings, [make_lead(1), make_lead(2)]) == {"0190-1": Delivered("00Q5e0000000001EAG", 200)}


NO_RESULTS = [
    [],
    [make_success(1)],
    [make_success(1), make_success(2), make_success(3)],
    {"records": []},
    None,
    "ok",
    [make_success(1), make_success(1)],
]


@pytest.mark.parametrize(
    "document", NO_RESULTS, ids=["none", "too few", "too many", "no list", "null", "words", "one for two"]
)
def test_results_that_cannot_be_this_call_s_are_unsure(
    org: ScriptedOrg, settings: SalesforceSettings, document: Any
) -> None:
    """Too few, too many, none, or one record for two leads: then positions mean nothing."""
    org.api = lambda asked: OrgResponse(200, document)

    with pytest.raises(OutcomeUnknown):
        push_leads(settings, [make_lead(1), make_lead(2)])


def test_a_truncated_response_is_an_unknown_outcome(org: ScriptedOrg, settings: SalesforceSettings) -> None:
    """It was cut off on the way; the org may have the leads."""
    org.api = lambda asked: OrgResponse(200, b'[{"id": "00Q5e0000000001EAG", "succ')

    with pytest.raises(OutcomeUnknown):
        push_leads(settings, [make_lead(1)])


def test_a_refusal_of_every_lead_is_a_configuration_fault(org: ScriptedOrg, settings: SalesforceSettings) -> None:
    """For a missing field no lead's attempts are spent."""
    wrong = make_failure("INVALID_FIELD", "No such column 'Rating' on sobject of type Lead", "Rating")
    script_results(org, wrong, wrong)

    with pytest.raises(ConfigurationFault) as caught:
        push_leads(settings, [make_lead(1), make_lead(2)])

    assert "No such column 'Rating' on sobject of type Lead." in str(caught.value)


def test_if_only_some_leads_are_refused_the_others_count(org: ScriptedOrg, settings: SalesforceSettings) -> None:
    """They are delivered; a lead with the field needs a person."""
    script_results(
        org, make_success(1), make_failure("INVALID_FIELD", "No such column 'Rating' on sobject of type Lead", "Rating")
    )

    outcomes = push_leads(settings, [make_lead(1), make_lead(2)])

    assert list(map(type, outcomes.values())) == [Delivered, Rejected]


@pytest.mark.parametrize(("allow", "header"), [(True, "allowSave=true"), (False, None)])
def test_a_warning_of_duplicates_is_passed_over_on_request(
    org: ScriptedOrg, settings: SalesforceSettings, allow: bool, header: str | None
) -> None:
    """By Salesforce's header, with every call."""
    push_leads(replace(settings, allow_duplicates=allow), [make_lead()])

    assert [call.headers.get("sforce-duplicate-rule-header") for call in org.calls] == [header]


def test_the_call_is_a_collection_s_upsert(org: ScriptedOrg, settings: SalesforceSettings) -> None:
    """By the external id field, and a bad lead fails no other."""
    push_leads(replace(settings, object="Visitor__c", external_id_field="Key__c", api_version="60.0"), [make_lead(1)])

    (call,) = org.calls
    assert (call.method, call.path) == ("PATCH", "/services/data/v60.0/composite/sobjects/Visitor__c/Key__c")
    assert b'"allOrNone":false' in call.body
    assert [record["Key__c"] for record in call.records] == ["0190-1"]


def test_the_crm_s_words_are_kept_to_one_line(org: ScriptedOrg, settings: SalesforceSettings) -> None:
    """No control sequence, no page of text."""
    script_results(org, make_failure("FIELD_CUSTOM_VALIDATION_EXCEPTION", "\x1b[2J\nno\r" + "x" * 5000))

    (outcome,) = push_leads(settings, [make_lead(1)]).values()

    assert isinstance(outcome, Rejected)
    assert outcome.reason.isprintable()
    assert len(outcome.reason) < 400
