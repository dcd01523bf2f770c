"""Calls that Salesforce refuses: the code decides, because one status means many things."""

import pytest

from sync.errors import (
    BatchRefused,
    ConfigurationFault,
    CrmDown,
    LoginPage,
    NotAuthorised,
    OutcomeUnknown,
    QuotaExceeded,
    SyncError,
    Throttled,
)
from sync.settings.salesforce import SalesforceSettings
from tests.sync.salesforce.helpers import make_lead, push_leads
from tests.sync.salesforce.scripted_org import SESSION, OrgResponse, ScriptedOrg, refuse_call

CALLS = [
    (
        refuse_call(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
        QuotaExceeded,
        "in 24 hours is used up",
    ),
    (refuse_call(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded."), Throttled, "to wait"),
    (refuse_call(503, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests Limit exceeded."), Throttled, "to wait"),
    (refuse_call(403, "API_DISABLED_FOR_ORG", "API is not enabled"), ConfigurationFault, "API is not enabled"),
    (refuse_call(403, "INSUFFICIENT_ACCESS", "insufficient access rights"), ConfigurationFault, "grant it"),
    (refuse_call(400, "INVALID_FIELD", "No such column 'Badge__c'"), ConfigurationFault, "Badge__c"),
    (
        refuse_call(404, "NOT_FOUND", "Provided external ID field does not exist"),
        ConfigurationFault,
        "external ID field",
    ),
    (refuse_call(403, "SOMETHING_NEW", "Not you"), ConfigurationFault, "Not you"),
    (refuse_call(400, "JSON_PARSER_ERROR", "Unexpected character"), BatchRefused, "Unexpected character"),
    (refuse_call(400, "EXCEEDED_ID_LIMIT", "record limit reached"), BatchRefused, "fewer leads"),
    (refuse_call(500, "UNKNOWN_EXCEPTION", "An unexpected error"), CrmDown, "An unexpected error"),
    (refuse_call(500, "SOMETHING_NEW", ""), CrmDown, "SOMETHING_NEW"),
    (refuse_call(503, "SERVER_UNAVAILABLE", "We are down for maintenance"), CrmDown, "maintenance"),
    (refuse_call(400, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access"), CrmDown, "exclusive access"),
    (OrgResponse(300, ["/services/data/v66.0/sobjects/Lead/00Q1"]), BatchRefused, "merge them there"),
    (OrgResponse(300, b"", {"Location": "http://wifi.example.net"}), LoginPage, "sign-in"),
    (OrgResponse(302, b"", {"Location": "http://wifi.example.net"}), LoginPage, "sign-in"),
    (OrgResponse(200, b"<html>Welcome to Expo WiFi", {"Content-Type": "text/html"}), LoginPage, "sign-in"),
    (OrgResponse(401, b"<html>401", {"Content-Type": "text/html"}), NotAuthorised, "Replace it"),
    (OrgResponse(502, b"<html>Bad gateway", {"Content-Type": "text/html"}), CrmDown, "502"),
    (OrgResponse(413, b""), BatchRefused, "413"),
    (OrgResponse(429, b"", {"Retry-After": "7"}), Throttled, "to wait"),
    (OrgResponse(403, b"null"), ConfigurationFault, "403"),
    (OrgResponse(403, [7, {"errorCode": 7}, {"message": "no"}]), ConfigurationFault, "CRM setup"),
    (OrgResponse(0), OutcomeUnknown, "connection"),
]


@pytest.mark.parametrize(("said", "fault", "part"), CALLS, ids=lambda value: str(value)[:70])
def test_a_refused_call_is_the_right_kind_of_fault(
    org: ScriptedOrg, settings: SalesforceSettings, said: OrgResponse, fault: type[SyncError], part: str
) -> None:
    """In a sentence with Salesforce's own words; there is no second sign-in."""
    org.api = lambda asked: said

    with pytest.raises(SyncError) as caught:
        push_leads(settings, [make_lead(1), make_lead(2)])

    assert type(caught.value) is fault
    assert part in str(caught.value)
    assert str(caught.value).endswith(".")
    assert len(org.sign_ins) == 1


def test_an_expired_session_is_recognised_by_its_code(org: ScriptedOrg, settings: SalesforceSettings) -> None:
    """Not every such response has the status 401."""
    org.api = lambda asked: refuse_call(403, "INVALID_SESSION_ID", "Session expired or invalid")

    with pytest.raises(NotAuthorised):
        push_leads(settings, [make_lead()])

    assert len(org.sign_ins) == 2


def test_too_much_at_once_waits_for_ten_seconds(org: ScriptedOrg, settings: SalesforceSettings) -> None:
    """Salesforce names no time, and the limit frees up soon."""
    org.api = lambda asked: refuse_call(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded.")

    with pytest.raises(Throttled) as caught:
        push_leads(settings, [make_lead()])

    assert caught.value.retry_after == 10.0


def test_maintenance_that_names_a_time_is_waited_for(org: ScriptedOrg, settings: SalesforceSettings) -> None:
    """As with any CRM."""
    org.api = lambda asked: refuse_call(503, "SERVER_UNAVAILABLE", "Later", **{"Retry-After": "120"})

    with pytest.raises(Throttled) as caught:
        push_leads(settings, [make_lead()])

    assert caught.value.retry_after == 120.0


@pytest.mark.parametrize(("code", "too_big"), [("EXCEEDED_ID_LIMIT", True), ("JSON_PARSER_ERROR", False)])
def test_a_batch_that_is_too_big_is_distinguished_from_a_bad_one(
    org: ScriptedOrg, settings: SalesforceSettings, code: str, too_big: bool
) -> None:
    """By the code, which tells the drain one kind from another."""
    org.api = lambda asked: refuse_call(400, code)

    with pytest.raises(BatchRefused) as caught:
        push_leads(settings, [make_lead(1), make_lead(2)])

    assert (caught.value.code, caught.value.is_too_big) == (code, too_big)


def test_a_quoted_session_is_hidden(org: ScriptedOrg, settings: SalesforceSettings) -> None:
    """A session is worth as much as the secret."""
    org.api = lambda asked: refuse_call(400, "OAUTH", f"bad header {asked.headers['authorization']}")

    with pytest.raises(BatchRefused) as caught:
        push_leads(settings, [make_lead()])

    assert "bad header" in str(caught.value)
    assert SESSION not in str(caught.value)
