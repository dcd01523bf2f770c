"""What it means when HubSpot refuses a whole call."""

from collections.abc import Mapping
from typing import Any

from sync.connectors.hubspot.results import NO_LABELS, as_call_fault, parse_error
from sync.crm_messages import clean_message, end_sentence, get_by_path
from sync.errors import ConfigurationFault, QuotaExceeded, SyncError, Throttled
from sync.http_client import CrmResponse
from sync.response_errors import classify_error_response
from sync.retry_after import parse_retry_after

_WAIT_SECONDS_BY_POLICY = {"TEN_SECONDLY_ROLLING": 10.0, "SECONDLY": 1.0}
"""Seconds until there is room again, by the policy that says no: HubSpot does not tell them."""

QUOTA_USED_UP_SENTENCE = "Today's HubSpot calls are used up; sending goes on by itself when the account's day is over."

WRITE_SCOPE = "crm.objects.contacts.write"


def classify_refusal(answer: CrmResponse, names: Mapping[str, str] = NO_LABELS) -> SyncError:
    """The member of our family for an answer that is no success; *names* are our fields by HubSpot's properties."""
    try:
        document = answer.json()
    except ValueError:
        document = None
    if answer.status == 429:
        return classify_throttling(answer, document)
    if answer.status == 403 and not answer.is_html:
        return classify_forbidden(document)
    if answer.status in (400, 409) and isinstance(document, dict):
        return as_call_fault(parse_error(document), names)
    return classify_error_response(answer)


def classify_forbidden(document: Any) -> ConfigurationFault:
    """Why HubSpot lets the key do nothing: a scope that it lacks, or else in HubSpot's own words."""
    scopes, said = _find_missing_scopes(document), clean_message(get_by_path(document, "message"))
    is_scope = (
        bool(scopes) or not said or get_by_path(document, "category") == "MISSING_SCOPES" or "scope" in said.casefold()
    )
    if is_scope:
        named = ", ".join(scopes) or WRITE_SCOPE
        return ConfigurationFault(f"CRM set-up: HubSpot's key lacks the scope {named}: add it to the key in HubSpot.")
    return ConfigurationFault(f"CRM set-up: HubSpot does not let this key in. It says: {end_sentence(said)}")


def classify_throttling(answer: CrmResponse, document: Any) -> SyncError:
    """How long to wait after one call too many."""
    said = str(get_by_path(document, "message") or "").upper()
    policy = str(get_by_path(document, "policyName") or "")
    if policy == "DAILY" or (not policy and "DAILY" in said):
        return QuotaExceeded(QUOTA_USED_UP_SENTENCE)
    known = policy or next((name for name in _WAIT_SECONDS_BY_POLICY if name in said), "TEN_SECONDLY_ROLLING")
    wait = parse_retry_after(answer.headers.get("retry-after"), answer.headers.get("date"))
    return Throttled("HubSpot asked us to wait.", retry_after=wait or _WAIT_SECONDS_BY_POLICY.get(known, 10.0))


def _find_missing_scopes(document: Any) -> list[str]:
    """The scopes that a 403 names."""
    errors = get_by_path(document, "errors")
    contexts = [get_by_path(document, "context"), *(get_by_path(error, "context") for error in errors or [])]
    names = ("requiredGranularScopes", "missingScopes", "requiredScopes")
    found = [scope for context in contexts for name in names for scope in get_by_path(context, name) or []]
    return list(dict.fromkeys(scope for scope in found if isinstance(scope, str) and scope.isprintable()))
