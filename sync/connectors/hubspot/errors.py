"""The errors that a refused HubSpot call means."""

from collections.abc import Mapping
from typing import Any

from data.language import N_, _
from sync.connectors.hubspot.results import NO_LABELS, parse_error, to_call_fault
from sync.crm_messages import clean_message, end_sentence, get_by_path
from sync.errors import ConfigurationFault, QuotaExceeded, SyncError, Throttled
from sync.http_client import CrmResponse
from sync.response_errors import classify_error_response
from sync.retry_after import parse_retry_after

# HubSpot does not say how long to wait; these are the windows of its limits, by the policy that it names.
_WAIT_SECONDS_BY_POLICY = {"TEN_SECONDLY_ROLLING": 10.0, "SECONDLY": 1.0}

QUOTA_USED_UP_SENTENCE = N_(
    "Today's HubSpot calls are used up. Sending resumes automatically when the account's day is over."
)

WRITE_SCOPE = "crm.objects.contacts.write"


def classify_refusal(response: CrmResponse, labels: Mapping[str, str] = NO_LABELS) -> SyncError:
    """Return the error for an unsuccessful response; *labels* are our field names by HubSpot's properties."""
    try:
        document = response.json()
    except ValueError:
        document = None
    if response.status == 429:
        return _classify_throttling(response, document)
    if response.status == 403 and not response.is_html:
        return _classify_forbidden(document)
    if response.status in (400, 409) and isinstance(document, dict):
        return to_call_fault(parse_error(document), labels)
    return classify_error_response(response)


def _classify_forbidden(document: Any) -> ConfigurationFault:
    """Return the error for a 403: the scopes that the key lacks, or else HubSpot's own words."""
    scopes, message = _find_missing_scopes(document), clean_message(get_by_path(document, "message"))
    is_scope = (
        bool(scopes)
        or not message
        or get_by_path(document, "category") == "MISSING_SCOPES"
        or "scope" in message.casefold()
    )
    if is_scope:
        named = ", ".join(scopes) or WRITE_SCOPE
        return ConfigurationFault(
            _("CRM setup: HubSpot's key lacks the scope {scopes}: add it to the key in HubSpot.").format(scopes=named)
        )
    return ConfigurationFault(
        _("CRM setup: HubSpot does not accept this key. It says: {message}").format(message=end_sentence(message))
    )


def _classify_throttling(response: CrmResponse, document: Any) -> SyncError:
    """Return the error for a 429, with the time to wait."""
    message = str(get_by_path(document, "message") or "").upper()
    policy = str(get_by_path(document, "policyName") or "")
    # The policy is missing in some responses; then only the message tells the day's limit from the rate limit.
    if policy == "DAILY" or (not policy and "DAILY" in message):
        return QuotaExceeded(_(QUOTA_USED_UP_SENTENCE))
    known = policy or next((name for name in _WAIT_SECONDS_BY_POLICY if name in message), "TEN_SECONDLY_ROLLING")
    wait = parse_retry_after(response.headers.get("retry-after"), response.headers.get("date"))
    return Throttled(
        _("HubSpot asked the kiosk to wait."), retry_after=wait or _WAIT_SECONDS_BY_POLICY.get(known, 10.0)
    )


def _find_missing_scopes(document: Any) -> list[str]:
    """Return the scopes that a 403 names."""
    errors = get_by_path(document, "errors")
    contexts = [get_by_path(document, "context"), *(get_by_path(error, "context") for error in errors or [])]
    names = ("requiredGranularScopes", "missingScopes", "requiredScopes")
    found = [scope for context in contexts for name in names for scope in get_by_path(context, name) or []]
    return list(dict.fromkeys(scope for scope in found if isinstance(scope, str) and scope.isprintable()))
