"""Salesforce's errors, and what they mean for a call as a whole."""

import re
from typing import Any, NamedTuple

from data.language import N_, _
from sync.crm_messages import clean_message
from sync.errors import BatchRefused, ConfigurationFault, CrmDown, NotAuthorised, QuotaExceeded, SyncError, Throttled
from sync.http_client import CrmResponse
from sync.response_errors import classify_error_response, parse_json_body

_SESSION_EXPIRED_CODE = "INVALID_SESSION_ID"

# Time to wait when the org has too many calls in progress: Salesforce names no time.
_BUSY_WAIT_SECONDS = 10.0

# Codes with which every lead would be refused, and what they mean.
SETUP_CODES = {
    "API_CURRENTLY_DISABLED": N_("the org's API is switched off"),
    "API_DISABLED_FOR_ORG": N_("API access is not enabled for the org, or for the kiosk's user"),
    "FUNCTIONALITY_NOT_ENABLED": N_("a feature that the kiosk needs is not enabled in the org"),
    "INSUFFICIENT_ACCESS": N_("the kiosk's user lacks a permission: grant it in Salesforce"),
    "INSUFFICIENT_ACCESS_OR_READONLY": N_("the kiosk's user lacks a permission: grant it in Salesforce"),
    "INVALID_FIELD": N_("the mapping names a field that does not exist, or that the user cannot see"),
    "INVALID_FIELD_FOR_INSERT_UPDATE": N_("the mapping names a field that the user is not allowed to write"),
    "INVALID_TYPE": N_("the object does not exist, or the user cannot see it"),
    "INVALID_TYPE_FOR_OPERATION": N_("the object is not one that can be written"),
    "NOT_FOUND": N_("the object, its field for the lead's ID, or this version of the API was not found"),
    "STORAGE_LIMIT_EXCEEDED": N_("the org's storage is full"),
    "UNSUPPORTED_API_VERSION": N_("this version of the API was not found"),
}

# Codes of problems that pass.
TRANSIENT_CODES = (
    "SERVER_UNAVAILABLE",
    "UNKNOWN_EXCEPTION",
    "QUERY_TIMEOUT",
    "REQUEST_RUNNING_TOO_LONG",
    "UNABLE_TO_LOCK_ROW",
)

TOO_MUCH_SENTENCE = N_("The CRM cannot process that much at once: {message}")

BATCH_LIMIT_CODE = "batch limit"  # not shown: a code
"""Code of a refusal because the records of one call together exceeded a limit of the org."""

# Words about limits that all records of one call share with what the org itself does for each of them, such as
# triggers: a smaller call may succeed.
_BATCH_LIMIT_PATTERN = re.compile(
    r"Too many (SOQL|SOSL|DML|query|queueable|future|callouts|email|records|script)|Apex (CPU time|heap size)"
    r"|\bCPU time limit|LimitException|UNABLE_TO_LOCK_ROW|lock request time ?out|MAXIMUM_SIZE_OF",
    re.IGNORECASE,
)


class ErrorEntry(NamedTuple):
    """One entry of Salesforce's list of errors."""

    code: str
    message: str
    fields: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """Salesforce's words, ending with punctuation."""
        message = self.message or self.code
        return message if message.endswith((".", "!", "?", "…")) else f"{message}."


def parse_errors(document: Any) -> list[ErrorEntry]:
    """Parse the errors in *document*, a whole response or one record's result; skip what is not an error."""
    entries = document if isinstance(document, list) else [document]
    return [error for error in map(_parse_error, entries) if error is not None]


def _parse_error(entry: Any) -> ErrorEntry | None:
    """Parse one entry of a list of errors; return None if it is something else."""
    if not isinstance(entry, dict):
        return None
    code = entry.get("errorCode") or entry.get("statusCode")
    if not isinstance(code, str) or not code:
        return None
    fields = entry.get("fields")
    named = tuple(str(name) for name in fields) if isinstance(fields, list) else ()
    return ErrorEntry(clean_message(code), clean_message(entry.get("message")), named)


def read_errors(response: CrmResponse) -> list[ErrorEntry]:
    """Return the errors in *response*; none if it is not JSON."""
    try:
        return parse_errors(response.json())
    except ValueError:
        return []


def is_session_expired(response: CrmResponse) -> bool:
    """Return whether the session is no longer accepted. After any 401 of the API, a new session may help."""
    if response.status == 401:
        # A page with 401 is a proxy's or a portal's, not the org's.
        return not response.is_html
    return response.status >= 400 and any(error.code == _SESSION_EXPIRED_CODE for error in read_errors(response))


def is_batch_limit(error: ErrorEntry) -> bool:
    """Return whether one call held too much, or two of its records locked each other."""
    return bool(_BATCH_LIMIT_PATTERN.search(f"{error.code} {error.message}"))


def is_record_lock(error: ErrorEntry) -> bool:
    """Return whether somebody else was writing the record, or a related one, at the same moment."""
    return "UNABLE_TO_LOCK_ROW" in f"{error.code} {error.message}"


def has_org_moved(response: CrmResponse) -> bool:
    """Return whether *response* looks as if the org has moved to another host: a redirect, or a web page."""
    is_elsewhere = 300 <= response.status < 400 and bool(response.headers.get("location"))
    return is_elsewhere or (response.is_html and (response.status < 400 or response.status in (404, 410)))


def parse_response(response: CrmResponse) -> Any:
    """
    Return the JSON of a successful response.

    Raises:
        SyncError: it is an error, or not a response of Salesforce's.
    """
    if 200 <= response.status < 300:
        return parse_json_body(response)
    raise classify_refusal(response)


def classify_refusal(response: CrmResponse) -> SyncError:
    """Return the error for a refused call. The first error's code decides, because a 403 can be anything."""
    errors = read_errors(response)
    # 300 is Salesforce's status for an external id that several records have.
    if response.status == 300 and not response.is_html and not response.headers.get("location"):
        return BatchRefused(_("The CRM has several leads with this lead's ID: merge them there."), code="300")
    if not errors:
        return classify_error_response(response)
    code, message = errors[0].code, errors[0].sentence
    if code == "REQUEST_LIMIT_EXCEEDED":
        # One code for two limits: calls in progress, which frees up in seconds, and calls in 24 hours.
        if "concurrent" in message.lower():
            return Throttled(_("The CRM is too busy, and asked the kiosk to wait."), retry_after=_BUSY_WAIT_SECONDS)
        return QuotaExceeded(
            _("The CRM's limit of calls in 24 hours is used up. Sending resumes as calls become available.")
        )
    if code == _SESSION_EXPIRED_CODE:
        return NotAuthorised(
            _(
                "The CRM does not accept the sign-in: {message} Check the app and its user in Salesforce; sending then "
                "resumes automatically."
            ).format(message=message)
        )
    if code in SETUP_CODES:
        return make_configuration_fault(errors[0])
    if code == "EXCEEDED_ID_LIMIT":
        return BatchRefused(
            _("The CRM accepts fewer leads at once: {message}").format(message=message), code=code, is_too_big=True
        )
    if is_batch_limit(errors[0]) and code not in TRANSIENT_CODES:
        return BatchRefused(_(TOO_MUCH_SENTENCE).format(message=message), code=BATCH_LIMIT_CODE, is_too_big=True)
    if code in TRANSIENT_CODES or response.status >= 500:
        general = classify_error_response(response)
        return (
            general
            if isinstance(general, Throttled)
            else CrmDown(_("The CRM is having trouble: {message}").format(message=message))
        )
    if 400 <= response.status < 500 and response.status not in (401, 403, 404, 405, 408, 410, 429):
        return BatchRefused(
            _("The CRM rejected it: {message}").format(message=message), code=code, is_too_big=response.status == 413
        )
    return classify_error_response(response, lambda document: message)


def make_configuration_fault(error: ErrorEntry) -> ConfigurationFault:
    """Return the fault for *error*, whose code is in `SETUP_CODES`."""
    meaning = _(SETUP_CODES[error.code])
    return ConfigurationFault(
        _("CRM setup: {meaning}. Salesforce says: {message}").format(meaning=meaning, message=error.sentence)
    )
