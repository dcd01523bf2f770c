"""The errors that a refused HubSpot call means."""

from typing import Any

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
from tests.sync.hubspot.conftest import ScriptedHubSpot
from tests.sync.hubspot.responses import make_error, make_property_error, push_two_leads


def make_throttled_body(message: str = "You have reached your limit.", **more: str) -> dict[str, str]:
    """Make the body of a 429."""
    return {"status": "error", "message": message, **more}


PAGE = b"<html><head><title>502 Bad Gateway</title></head></html>"
SCOPES = {"requiredGranularScopes": ["crm.objects.contacts.write", "crm.schemas.contacts.write"]}
NO_SCOPE = {"category": "MISSING_SCOPES", "message": "no", "errors": [{"message": "no", "context": SCOPES}]}
TWICE = {"category": "VALIDATION_ERROR", "message": "Duplicate IDs found in batch input: [a]. IDs must be unique"}
NO_PROPERTY = make_error("", "VALIDATION_ERROR", "", make_property_error("Property x", "PROPERTY_DOESNT_EXIST", "x"))
NOT_UNIQUE = {"category": "VALIDATION_ERROR", "message": "Unable to perform update/upsert by non-unique 0-1 property x"}
HTML = {"Content-Type": "text/html"}

REFUSALS: list[tuple[str, int, Any, dict[str, str], type[SyncError], str]] = [
    ("401", 401, {"category": "INVALID_AUTHENTICATION", "message": "no"}, {}, NotAuthorised, "rejected the key"),
    ("403 that names scopes", 403, NO_SCOPE, {}, ConfigurationFault,
     "crm.objects.contacts.write, crm.schemas.contacts.write"),
    ("403 that names none", 403, {}, {}, ConfigurationFault, "lacks the scope crm.objects.contacts.write"),
    ("404", 404, {"category": "OBJECT_NOT_FOUND"}, {}, ConfigurationFault, "no such address"),
    ("400 twice", 400, TWICE, {}, BatchRefused, "Duplicate IDs"),
    ("400 not unique", 400, NOT_UNIQUE, {}, ConfigurationFault, "kiosk check crm"),
    ("400 property", 400, NO_PROPERTY,
     {}, ConfigurationFault, "Property x"),
    ("400 without a word", 400, b"", {}, BatchRefused, "400"),
    ("400 while it moves, posthog#64985", 400,
     {"category": "VALIDATION_ERROR", "message": "Migration in progress and the portal is not available for access."},
     {}, CrmDown, "Migration in progress"),
    ("409", 409, {"category": "CONFLICT", "message": "Contact already exists."}, {}, BatchRefused, "already exists"),
    ("413", 413, b"", {}, BatchRefused, "413"),
    ("423", 423, {}, {}, CrmDown, "423"),
    ("477", 477, {}, {"Retry-After": "7200"}, Throttled, "wait"),
    ("429 daily", 429, make_throttled_body(policyName="DAILY"), {}, QuotaExceeded, "used up"),
    ("429 daily, newer", 429, make_throttled_body("You have reached your daily limit."), {}, QuotaExceeded, "used up"),
    ("429", 429, make_throttled_body(), {}, Throttled, "wait"),
    ("500", 500, {"category": "INTERNAL_ERROR", "message": "oops"}, {}, CrmDown, "500"),
    ("502 page", 502, PAGE, HTML, CrmDown, "502"),
    ("524", 524, PAGE, HTML, CrmDown, "524"),
    ("200 page", 200, PAGE, HTML, LoginPage, "sign-in"),
    ("200 and half a body", 200, b'{"status": "COMPLE', {}, OutcomeUnknown, "incomplete"),
    ("200 and nothing of HubSpot's", 200, {"ok": True}, {}, OutcomeUnknown, "has not confirmed"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("status", "document", "headers", "kind", "words"),
    [case[1:] for case in REFUSALS],
    ids=[case[0] for case in REFUSALS],
)
def test_each_refusal_of_a_whole_call_is_the_right_kind(
    hubspot: ScriptedHubSpot, status: int, document: Any, headers: dict[str, str], kind: type[SyncError], words: str
) -> None:
    """With a sentence that says what to do, or HubSpot's own words; the call is made only once."""
    with pytest.raises(SyncError) as caught:
        push_two_leads(hubspot, status, document, headers)

    assert type(caught.value) is kind
    assert words in str(caught.value)
    assert len(hubspot.asked) == 1


WAITS = [
    (429, make_throttled_body(policyName="TEN_SECONDLY_ROLLING"), {}, 10.0),
    (429, make_throttled_body(policyName="SECONDLY"), {}, 1.0),
    (429, make_throttled_body("You have reached your ten_secondly_rolling limit.", category="RATE_LIMITS"), {}, 10.0),
    (429, make_throttled_body("You have reached your secondly limit."), {}, 1.0),
    (429, make_throttled_body(policyName="SOMETHING_NEW"), {}, 10.0),
    (429, make_throttled_body(policyName="TEN_SECONDLY_ROLLING"), {"Retry-After": "17"}, 17.0),
    (429, b"busy", {}, 10.0),
    (477, {}, {"Retry-After": "86400"}, None),
    (477, {}, {"Retry-After": "1200"}, 1200.0),
    (423, {}, {"Retry-After": "1"}, 2.0),
]


@pytest.mark.parametrize(("status", "document", "headers", "seconds"), WAITS)
def test_the_policy_decides_how_long_to_wait(
    hubspot: ScriptedHubSpot, status: int, document: Any, headers: dict[str, str], seconds: float | None
) -> None:
    """HubSpot names seconds only while an account is moved; then they count."""
    with pytest.raises(Throttled) as caught:
        push_two_leads(hubspot, status, document, headers)

    assert caught.value.retry_after == seconds
