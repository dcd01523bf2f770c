"""What it means when HubSpot refuses a whole call."""

from collections.abc import Mapping
from typing import Any

from sync.answers import at, ended, message, refusal
from sync.connectors.hubspot.results import NO_NAMES, complaint, whole
from sync.errors import Quota, SetUpFault, SyncError, Throttled
from sync.http import Answer
from sync.retry_after import seconds_to_wait

WAITS = {"TEN_SECONDLY_ROLLING": 10.0, "SECONDLY": 1.0}
"""Seconds until there is room again, by the policy that says no: HubSpot does not tell them."""

USED_UP = "Today's HubSpot calls are used up; sending goes on by itself when the account's day is over."

WRITE_SCOPE = "crm.objects.contacts.write"


def refused(answer: Answer, names: Mapping[str, str] = NO_NAMES) -> SyncError:
    """The member of our family for an answer that is no success; *names* are our fields by HubSpot's properties."""
    try:
        document = answer.json()
    except ValueError:
        document = None
    if answer.status == 429:
        return throttled(answer, document)
    if answer.status == 403 and not answer.is_html:
        return forbidden(document)
    if answer.status in (400, 409) and isinstance(document, dict):
        return whole(complaint(document), names)
    return refusal(answer)


def forbidden(document: Any) -> SetUpFault:
    """Why HubSpot lets the key do nothing: a scope that it lacks, or else in HubSpot's own words."""
    scopes, said = missing_scopes(document), message(at(document, "message"))
    is_scope = bool(scopes) or not said or at(document, "category") == "MISSING_SCOPES" or "scope" in said.casefold()
    if is_scope:
        named = ", ".join(scopes) or WRITE_SCOPE
        return SetUpFault(f"CRM set-up: HubSpot's key lacks the scope {named}: add it to the key in HubSpot.")
    return SetUpFault(f"CRM set-up: HubSpot does not let this key in. It says: {ended(said)}")


def throttled(answer: Answer, document: Any) -> SyncError:
    """How long to wait after one call too many."""
    said = str(at(document, "message") or "").upper()
    policy = str(at(document, "policyName") or "")
    if policy == "DAILY" or (not policy and "DAILY" in said):
        return Quota(USED_UP)
    known = policy or next((name for name in WAITS if name in said), "TEN_SECONDLY_ROLLING")
    wait = seconds_to_wait(answer.headers.get("retry-after"), answer.headers.get("date"))
    return Throttled("HubSpot asked us to wait.", retry_after=wait or WAITS.get(known, 10.0))


def missing_scopes(document: Any) -> list[str]:
    """The scopes that a 403 names."""
    errors = at(document, "errors")
    contexts = [at(document, "context"), *(at(error, "context") for error in errors or [])]
    names = ("requiredGranularScopes", "missingScopes", "requiredScopes")
    found = [scope for context in contexts for name in names for scope in at(context, name) or []]
    return list(dict.fromkeys(scope for scope in found if isinstance(scope, str) and scope.isprintable()))
