"""Why Salesforce refuses a sign-in, and what a person can do about it."""

from data.language import N_, _
from sync.crm_messages import clean_message, get_by_path
from sync.errors import BatchRefused, ConfigurationFault, CrmDown, NotAuthorised, SyncError, Throttled
from sync.http_client import CrmResponse
from sync.response_errors import classify_error_response

# Parts of Salesforce's messages, and what a person can do.
_ADVICE_BY_PHRASE = {
    "invalid client credentials": N_(  # not shown: Salesforce's words
        "correct the consumer secret."
    ),
    "client identifier invalid": N_(  # not shown: Salesforce's words
        "correct client_id."
    ),
    "no client credentials user enabled": N_(  # not shown: Salesforce's words
        "name a user to run as, in the app's client credentials flow."
    ),
    "request not supported on this domain": N_(  # not shown: Salesforce's words
        "set login_url to the org's own https://….my.salesforce.com."
    ),
    "audience is invalid": N_(  # not shown: Salesforce's words
        "set audience to what the org expects: its login_url, or https://login.salesforce.com."
    ),
    "hasn't approved this consumer": N_(  # not shown: Salesforce's words
        "allow the user in the app's policies."
    ),
    "invalid assertion": N_(  # not shown: Salesforce's words
        "check that the app has the certificate of private_key_file, and that username is right."
    ),
    "app_not_found": N_("correct client_id, or set audience to the org's own login_url."),
    "inactive user": N_(  # not shown: Salesforce's words
        "ask an administrator to activate the user again."
    ),
    "ip restricted": N_(  # not shown: Salesforce's words
        "allow this network in the app's policies."
    ),
    "grant type not supported": N_(  # not shown: Salesforce's words
        "switch on this sign-in in the app's OAuth settings."
    ),
}

# OAuth errors that mean a temporary problem of the org's.
_TRANSIENT_ERRORS = ("unknown_error", "server_error", "temporarily_unavailable")

# Words about a sign-in that only came at the wrong moment, whatever the error is called.
_TRANSIENT_PHRASES = (
    "already being processed",  # not shown: Salesforce's words
    "retry your request",  # not shown: Salesforce's words
    "try again",  # not shown: Salesforce's words
    "temporarily",
    "in progress",  # not shown: Salesforce's words
)

# Time to wait after too many sign-ins: one user has 3,600 in an hour.
_SIGN_IN_COOLDOWN_SECONDS = 60.0


def classify_sign_in_refusal(response: CrmResponse) -> SyncError:
    """Return the error for *response*, which contains no session."""
    try:
        document = response.json()
    except ValueError:
        document = None
    error, description = get_by_path(document, "error"), get_by_path(document, "error_description")
    if not isinstance(error, str) or not error:
        fault = classify_error_response(response)
        if not isinstance(fault, BatchRefused):
            return fault
        return ConfigurationFault(
            _("CRM setup: login_url is not the address of a Salesforce sign-in: {reason}").format(reason=fault)
        )
    message = clean_message(description) or error
    text = f"{error} {message}".lower()
    is_transient = error in _TRANSIENT_ERRORS or any(phrase in text for phrase in _TRANSIENT_PHRASES)
    if response.status >= 500 or is_transient:
        return CrmDown(_("The CRM's sign-in is having trouble ({message}).").format(message=message))
    if response.status == 429 or "rate exceeded" in text:  # not shown: Salesforce's words
        return Throttled(_("The CRM asked the kiosk to wait before signing in."), retry_after=_SIGN_IN_COOLDOWN_SECONDS)
    advice = next(
        (advice for part, advice in _ADVICE_BY_PHRASE.items() if part in text), N_("ask the org's administrator.")
    )
    return NotAuthorised(
        _("The CRM rejects the sign-in ({message}): {advice}").format(message=message, advice=_(advice))
    )
