"""What Salesforce's answers mean for the call as a whole."""

import re
from typing import Any, NamedTuple

from sync.crm_messages import clean_message
from sync.errors import BatchRefused, ConfigurationFault, CrmDown, NotAuthorised, QuotaExceeded, SyncError, Throttled
from sync.http_client import CrmResponse
from sync.response_errors import classify_error_response, parse_json_body

_SESSION_EXPIRED_CODE = "INVALID_SESSION_ID"

BUSY_WAIT_SECONDS = 10.0
"""To wait where too much went on in the org at once: no answer names a time."""

SETUP_CODES = {
    "API_CURRENTLY_DISABLED": "the org's API is switched off",
    "API_DISABLED_FOR_ORG": "the org, or its user for the kiosk, has no API",
    "FUNCTIONALITY_NOT_ENABLED": "something is not switched on in the org",
    "INSUFFICIENT_ACCESS": "the user may not do that: give the permission in Salesforce",
    "INSUFFICIENT_ACCESS_OR_READONLY": "the user may not do that: give the permission in Salesforce",
    "INVALID_FIELD": "the mapping names a field that is not there, or that the user may not see",
    "INVALID_FIELD_FOR_INSERT_UPDATE": "the mapping names a field that the user may not write",
    "INVALID_TYPE": "the object is not there, or the user may not see it",
    "INVALID_TYPE_FOR_OPERATION": "the object is not one that can be written",
    "NOT_FOUND": "the object, its field for our id, or this version of the API is not there",
    "STORAGE_LIMIT_EXCEEDED": "the org's storage is full",
    "UNSUPPORTED_API_VERSION": "this version of the API is not there",
}
"""What the codes mean with which the next lead would fail alike."""

TRANSIENT_CODES = (
    "SERVER_UNAVAILABLE",
    "UNKNOWN_EXCEPTION",
    "QUERY_TIMEOUT",
    "REQUEST_RUNNING_TOO_LONG",
    "UNABLE_TO_LOCK_ROW",
)
"""Codes of what passes."""


_BATCH_LIMIT_PATTERN = re.compile(
    r"Too many (SOQL|SOSL|DML|query|queueable|future|callouts|email|records|script)|Apex (CPU time|heap size)"
    r"|\bCPU time limit|LimitException|UNABLE_TO_LOCK_ROW|lock request time ?out|MAXIMUM_SIZE_OF",
    re.IGNORECASE,
)
"""What is said of limits that all records of one call share with what the org itself does for each of them."""


class SalesforceError(NamedTuple):
    """One entry of a list of errors."""

    code: str
    message: str
    fields: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """Salesforce's words, as the end of a sentence."""
        words = self.message or self.code
        return words if words.endswith((".", "!", "?", "…")) else f"{words}."


def parse_errors(document: Any) -> list[SalesforceError]:
    """The errors that a whole answer or one record's result lists; what is none is left out."""
    entries = document if isinstance(document, list) else [document]
    return [error for error in map(_parse_error, entries) if error is not None]


def _parse_error(entry: Any) -> SalesforceError | None:
    """An entry of a list of errors; None where it is none."""
    if not isinstance(entry, dict):
        return None
    code = entry.get("errorCode") or entry.get("statusCode")
    if not isinstance(code, str) or not code:
        return None
    fields = entry.get("fields")
    named = tuple(str(name) for name in fields) if isinstance(fields, list) else ()
    return SalesforceError(clean_message(code), clean_message(entry.get("message")), named)


def read_errors(answer: CrmResponse) -> list[SalesforceError]:
    """The errors that a refused call's *answer* lists; none where it is no JSON."""
    try:
        return parse_errors(answer.json())
    except ValueError:
        return []


def is_session_expired(answer: CrmResponse) -> bool:
    """Whether the session is not taken any longer; with any other 401 of an API, a new one may help too."""
    if answer.status == 401:
        return not answer.is_html
    return answer.status >= 400 and any(error.code == _SESSION_EXPIRED_CODE for error in read_errors(answer))


def is_batch_limit(error: SalesforceError) -> bool:
    """Whether there was too much in one call, or two records of it locked each other out."""
    return bool(_BATCH_LIMIT_PATTERN.search(f"{error.code} {error.message}"))


def is_record_lock(error: SalesforceError) -> bool:
    """Whether somebody else was writing the record, or one that it belongs to, at the same moment."""
    return "UNABLE_TO_LOCK_ROW" in f"{error.code} {error.message}"


def has_org_moved(answer: CrmResponse) -> bool:
    """Whether a host answers as one does from which the org has moved: with a redirect, or a page for people."""
    is_elsewhere = 300 <= answer.status < 400 and bool(answer.headers.get("location"))
    return is_elsewhere or (answer.is_html and (answer.status < 400 or answer.status in (404, 410)))


def parse_answer(answer: CrmResponse) -> Any:
    """
    The JSON of an answer that says yes.

    Raises:
        SyncError: it says no, or nothing that Salesforce would say.
    """
    if 200 <= answer.status < 300:
        return parse_json_body(answer)
    raise classify_refusal(answer)


def classify_refusal(answer: CrmResponse) -> SyncError:
    """What a refused call means: the first error's code decides, for a 403 can be anything."""
    errors = read_errors(answer)
    if answer.status == 300 and not answer.is_html and not answer.headers.get("location"):
        return BatchRefused("The CRM has several leads with this one's id: merge them there.", code="300")
    if not errors:
        return classify_error_response(answer)
    code, said = errors[0].code, errors[0].sentence
    if code == "REQUEST_LIMIT_EXCEEDED":
        if "concurrent" in said.lower():
            return Throttled("The CRM has too much to do at once, and asked us to wait.", retry_after=BUSY_WAIT_SECONDS)
        return QuotaExceeded("The CRM's calls of the last 24 hours are used up. Leads go on as calls come free.")
    if code == _SESSION_EXPIRED_CODE:
        return NotAuthorised(f"The CRM does not accept our sign-in: {said}")
    if code in SETUP_CODES:
        return make_configuration_fault(errors[0])
    if code == "EXCEEDED_ID_LIMIT":
        return BatchRefused(f"The CRM takes fewer leads at once: {said}", code=code, is_too_big=True)
    if is_batch_limit(errors[0]) and code not in TRANSIENT_CODES:
        return BatchRefused(f"The CRM cannot do so much at once: {said}", code="limit", is_too_big=True)
    if code in TRANSIENT_CODES or answer.status >= 500:
        general = classify_error_response(answer)
        return general if isinstance(general, Throttled) else CrmDown(f"The CRM is having trouble: {said}")
    if 400 <= answer.status < 500 and answer.status not in (401, 403, 404, 405, 408, 410, 429):
        return BatchRefused(f"The CRM refuses it: {said}", code=code, is_too_big=answer.status == 413)
    return classify_error_response(answer, lambda document: said)


def make_configuration_fault(error: SalesforceError) -> ConfigurationFault:
    """What *error*, with a code of `SET_UP`, is for whoever set it up."""
    return ConfigurationFault(f"CRM set-up: {SETUP_CODES[error.code]}. Salesforce says: {error.sentence}")
