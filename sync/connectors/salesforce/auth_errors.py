"""Why Salesforce refuses a sign-in, and what to do about it."""

from sync.crm_messages import clean_message, get_by_path
from sync.errors import BatchRefused, ConfigurationFault, CrmDown, NotAuthorised, SyncError, Throttled
from sync.http_client import CrmResponse
from sync.response_errors import classify_error_response

_ADVICE_BY_PHRASE = {
    "invalid client credentials": "correct the consumer secret.",
    "client identifier invalid": "correct client_id.",
    "no client credentials user enabled": "name a user to run as, in the app's client credentials flow.",
    "request not supported on this domain": "make login_url the org's own https://….my.salesforce.com.",
    "audience is invalid": "make audience what the org expects: its login_url, or https://login.salesforce.com.",
    "hasn't approved this consumer": "allow the user in the app's policies.",
    "invalid assertion": "see that the app has the certificate of private_key_file, and that username is right.",
    "app_not_found": "correct client_id, or make audience the org's own login_url.",
    "inactive user": "have the user made active again.",
    "ip restricted": "allow this network in the app's policies.",
    "grant type not supported": "switch on this sign-in in the app's OAuth settings.",
}
"""Parts of Salesforce's words, and what a person can do."""

_TRANSIENT_ERRORS = ("unknown_error", "server_error", "temporarily_unavailable")
"""Errors of the sign-in that are the org's trouble."""

_TRANSIENT_PHRASES = ("already being processed", "retry your request", "try again", "temporarily", "in progress")
"""What is said of a sign-in that only came at the wrong moment, whatever the error is called."""

_SIGN_IN_COOLDOWN_SECONDS = 60.0
"""To wait where there were too many sign-ins: one user has 3,600 in an hour."""


def classify_sign_in_refusal(answer: CrmResponse) -> SyncError:
    """What *answer*, which brought no session, means."""
    try:
        document = answer.json()
    except ValueError:
        document = None
    error, words = get_by_path(document, "error"), get_by_path(document, "error_description")
    if not isinstance(error, str) or not error:
        fault = classify_error_response(answer)
        return (
            ConfigurationFault(f"CRM set-up: login_url is no sign-in of Salesforce's: {fault}")
            if isinstance(fault, BatchRefused)
            else fault
        )
    said = clean_message(words) or error
    known = f"{error} {said}".lower()
    is_passing = error in _TRANSIENT_ERRORS or any(words in known for words in _TRANSIENT_PHRASES)
    if answer.status >= 500 or is_passing:
        return CrmDown(f"The CRM's sign-in is having trouble ({said}).")
    if answer.status == 429 or "rate exceeded" in known:
        return Throttled("The CRM asked us to wait with signing in.", retry_after=_SIGN_IN_COOLDOWN_SECONDS)
    advice = next((advice for part, advice in _ADVICE_BY_PHRASE.items() if part in known), "a person must look.")
    return NotAuthorised(f"The CRM refuses the sign-in ({said}): {advice}")
