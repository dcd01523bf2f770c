"""A call that Salesforce refuses as a whole: the code decides, for one status means many things."""

import pytest

from sync.errors import (
    BatchRefused,
    CrmDown,
    LoginPage,
    NotAuthorised,
    Quota,
    SetUpFault,
    SyncError,
    Throttled,
    Unsure,
)
from sync.settings.salesforce import SalesforceSettings
from tests.sync.salesforce.org import SESSION, Org, Said, whole_call
from tests.sync.salesforce.used import lead, push

CALLS = [
    (whole_call(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."), Quota, "last 24 hours"),
    (whole_call(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded."), Throttled, "to wait"),
    (whole_call(503, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests Limit exceeded."), Throttled, "to wait"),
    (whole_call(403, "API_DISABLED_FOR_ORG", "API is not enabled"), SetUpFault, "API is not enabled"),
    (whole_call(403, "INSUFFICIENT_ACCESS", "insufficient access rights"), SetUpFault, "give the permission"),
    (whole_call(400, "INVALID_FIELD", "No such column 'Badge__c'"), SetUpFault, "Badge__c"),
    (whole_call(404, "NOT_FOUND", "Provided external ID field does not exist"), SetUpFault, "external ID field"),
    (whole_call(403, "SOMETHING_NEW", "Not you"), SetUpFault, "Not you"),
    (whole_call(400, "JSON_PARSER_ERROR", "Unexpected character"), BatchRefused, "Unexpected character"),
    (whole_call(400, "EXCEEDED_ID_LIMIT", "record limit reached"), BatchRefused, "fewer leads"),
    (whole_call(500, "UNKNOWN_EXCEPTION", "An unexpected error"), CrmDown, "An unexpected error"),
    (whole_call(500, "SOMETHING_NEW", ""), CrmDown, "SOMETHING_NEW"),
    (whole_call(503, "SERVER_UNAVAILABLE", "We are down for maintenance"), CrmDown, "maintenance"),
    (whole_call(400, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access"), CrmDown, "exclusive access"),
    (Said(300, ["/services/data/v66.0/sobjects/Lead/00Q1"]), BatchRefused, "merge them there"),
    (Said(300, b"", {"Location": "http://wifi.example.net"}), LoginPage, "sign-in"),
    (Said(302, b"", {"Location": "http://wifi.example.net"}), LoginPage, "sign-in"),
    (Said(200, b"<html>Welcome to Expo WiFi", {"Content-Type": "text/html"}), LoginPage, "sign-in"),
    (Said(401, b"<html>401", {"Content-Type": "text/html"}), NotAuthorised, "renew"),
    (Said(502, b"<html>Bad gateway", {"Content-Type": "text/html"}), CrmDown, "502"),
    (Said(413, b""), BatchRefused, "413"),
    (Said(429, b"", {"Retry-After": "7"}), Throttled, "to wait"),
    (Said(403, b"null"), SetUpFault, "403"),
    (Said(403, [7, {"errorCode": 7}, {"message": "no"}]), SetUpFault, "CRM set-up"),
    (Said(0), Unsure, "connection"),
]


@pytest.mark.parametrize(("said", "fault", "part"), CALLS, ids=lambda value: str(value)[:70])
def test_a_refused_call_is_the_right_kind_of_fault(
    org: Org, settings: SalesforceSettings, said: Said, fault: type[SyncError], part: str
) -> None:
    """In a sentence with Salesforce's own words; nobody is signed in a second time for it."""
    org.api = lambda asked: said

    with pytest.raises(SyncError) as caught:
        push(settings, [lead(1), lead(2)])

    assert fault is type(caught.value)
    assert part in str(caught.value)
    assert str(caught.value).endswith(".")
    assert 1 == len(org.sign_ins)


def test_a_lapsed_session_is_told_by_its_code_too(org: Org, settings: SalesforceSettings) -> None:
    """Not every answer to one has the status 401."""
    org.api = lambda asked: whole_call(403, "INVALID_SESSION_ID", "Session expired or invalid")

    with pytest.raises(NotAuthorised):
        push(settings, [lead()])

    assert 2 == len(org.sign_ins)


def test_too_much_at_once_waits_for_ten_seconds(org: Org, settings: SalesforceSettings) -> None:
    """Salesforce names no time, and it passes soon."""
    org.api = lambda asked: whole_call(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded.")

    with pytest.raises(Throttled) as caught:
        push(settings, [lead()])

    assert 10.0 == caught.value.retry_after


def test_maintenance_that_names_a_time_is_waited_for(org: Org, settings: SalesforceSettings) -> None:
    """As any CRM's."""
    org.api = lambda asked: whole_call(503, "SERVER_UNAVAILABLE", "Later", **{"Retry-After": "120"})

    with pytest.raises(Throttled) as caught:
        push(settings, [lead()])

    assert 120.0 == caught.value.retry_after


@pytest.mark.parametrize(("code", "too_big"), [("EXCEEDED_ID_LIMIT", True), ("JSON_PARSER_ERROR", False)])
def test_a_batch_that_is_too_big_is_told_from_one_that_is_bad(
    org: Org, settings: SalesforceSettings, code: str, too_big: bool
) -> None:
    """With the code, by which the drain tells one kind from another."""
    org.api = lambda asked: whole_call(400, code)

    with pytest.raises(BatchRefused) as caught:
        push(settings, [lead(1), lead(2)])

    assert (code, too_big) == (caught.value.code, caught.value.too_big)


def test_the_session_is_not_told_where_the_crm_quotes_it(org: Org, settings: SalesforceSettings) -> None:
    """It is worth as much as the secret."""
    org.api = lambda asked: whole_call(400, "OAUTH", f"bad header {asked.headers['authorization']}")

    with pytest.raises(BatchRefused) as caught:
        push(settings, [lead()])

    assert "bad header" in str(caught.value)
    assert SESSION not in str(caught.value)
