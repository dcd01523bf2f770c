"""Why Salesforce refuses a sign-in, and what to do about it."""

from sync.answers import at, message, refusal
from sync.errors import BatchRefused, CrmDown, NotAuthorised, SetUpFault, SyncError, Throttled
from sync.http import Answer

WHAT_TO_DO = {
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

PASSING = ("unknown_error", "server_error", "temporarily_unavailable")
"""Errors of the sign-in that are the org's trouble."""

PASSING_WORDS = ("already being processed", "retry your request", "try again", "temporarily", "in progress")
"""What is said of a sign-in that only came at the wrong moment, whatever the error is called."""

RATE_SECONDS = 60.0
"""To wait where there were too many sign-ins: one user has 3,600 in an hour."""


def refused(answer: Answer) -> SyncError:
    """What *answer*, which brought no session, means."""
    try:
        document = answer.json()
    except ValueError:
        document = None
    error, words = at(document, "error"), at(document, "error_description")
    if not isinstance(error, str) or not error:
        fault = refusal(answer)
        return (
            SetUpFault(f"CRM set-up: login_url is no sign-in of Salesforce's: {fault}")
            if isinstance(fault, BatchRefused)
            else fault
        )
    said = message(words) or error
    known = f"{error} {said}".lower()
    is_passing = error in PASSING or any(words in known for words in PASSING_WORDS)
    if answer.status >= 500 or is_passing:
        return CrmDown(f"The CRM's sign-in is having trouble ({said}).")
    if answer.status == 429 or "rate exceeded" in known:
        return Throttled("The CRM asked us to wait with signing in.", retry_after=RATE_SECONDS)
    advice = next((advice for part, advice in WHAT_TO_DO.items() if part in known), "a person must look.")
    return NotAuthorised(f"The CRM refuses the sign-in ({said}): {advice}")
