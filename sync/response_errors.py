"""Classifies the responses that mean the same error in every CRM."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from data.language import _, ngettext
from sync.crm_messages import (
    clean_message,
    end_sentence,
    extract_message,
    extract_page_text,
)
from sync.errors import (
    BatchRefused,
    ConfigurationFault,
    CrmDown,
    NotAuthorised,
    Offline,
    OutcomeUnknown,
    QuotaExceeded,
    SyncError,
    Throttled,
)
from sync.http_client import CrmResponse
from sync.retry_after import parse_retry_after
from sync.web_pages import classify_error_page, classify_page, classify_redirect

_MAX_ID_CHARS = 200

# The largest number that can be an id; a larger one is a mistake or an attack.
_MAX_NUMERIC_ID = 10**40

# What programs write in place of an id for a record that was not created.
_NOT_AN_ID = re.compile(
    r"0+|-\d+|\{?0{8}-(?:0{4}-){3}0{12}\}?|undefined|null|none|nil|nan|false|true|\[object object\]", re.IGNORECASE
)

_DAILY_LIMIT_WORDS = ("today", "daily", "per day")  # not shown: the CRM's words
"""Words by which a refusal for too many calls is about the whole day."""

# Statuses with which a message counts even if it comes as a page.
_PAGE_TEXT_STATUSES = (400, 402, 406, 409, 411, 412, 415, 417, 422)

BUSY_PATTERN = re.compile(
    r"\b(queue|buffer|storage|mailbox) (is |was )?(currently |already )?full\b"
    r"|\btoo many (requests|calls|connections)\b|\brate limit|\btemporar(il)?y (un|not )available\b"
    r"|\b(please )?(try|retry) (it )?again (later|in \d|in a|after)\b"
    r"|\b(server|service|system|database|crm) (is|are) (too |currently |temporarily )*(busy|overloaded|unavailable)\b"
    r"|\bservice unavailable\b|\bunder maintenance\b|\bmaintenance mode\b|\bdeadlock\b|\block(ed)? (wait )?time-?out\b"
    r"|\b(migration|upgrade|backup|restore) (is )?in progress\b",
    re.IGNORECASE,
)
"""Words of a refusal that is temporary, whatever its status: neither the lead nor the configuration is at fault."""

# Besides 429, some are in no standard: Shopify's 430, Twitter's 420 ("enhance your calm").
_RATE_LIMIT_STATUSES = (420, 429, 430)

# A key that is rejected or has expired; 440 is IIS, 498 is ArcGIS.
_AUTHENTICATION_STATUSES = (401, 440, 498)

# Timeouts of proxies and load balancers between us and the CRM: the CRM may have the leads.
_TIMEOUT_STATUSES = (408, 460, 499)


def parse_success(response: CrmResponse, read_message: Callable[[Any], Any] = lambda document: "") -> Any:
    """
    Return the JSON of a response that says yes; *read_message* finds the message in the JSON of one that says no.

    Raises:
        SyncError: it says no, or nothing that a CRM would say.
    """
    if not 200 <= response.status < 300:
        raise classify_error_response(response, read_message)
    return parse_json_body(response)


def parse_json_body(response: CrmResponse) -> Any:
    """
    Return the JSON of a response.

    Raises:
        LoginPage: it is a web page that may come from a captive portal.
        ConfigurationFault: it is a web page of the CRM.
        CrmDown: it is the page of a CRM that is down for maintenance.
        OutcomeUnknown: it is incomplete, or it is not JSON.
    """
    if response.is_html:
        raise classify_page(response)
    try:
        return response.json()
    except ValueError as error:
        raise _classify_non_json(response) from error


def classify_error_response(
    response: CrmResponse, read_message: Callable[[Any], Any] = lambda document: ""
) -> SyncError:
    """Return the error that a response with a status other than 2xx stands for."""
    status = response.status
    if 300 <= status < 400:
        return classify_redirect(response)
    if page_error := classify_error_page(response):
        return page_error
    message = extract_message(response, read_message)
    if not message and status in _PAGE_TEXT_STATUSES:
        message = _extract_page_message(response)
    wait = parse_retry_after(response.headers.get("retry-after"), response.headers.get("date"))
    # An account that is locked, moved or backed up; less than two seconds has never been enough for that.
    if status in (423, 477, 503) and "retry-after" in response.headers:
        return Throttled(_("The CRM is busy and asked the kiosk to wait."), retry_after=wait and max(wait, 2.0))
    return (
        _classify_temporary(status, message, wait)
        or _classify_needs_person(status, message)
        or _build_batch_refused(status, message)
    )


def _extract_page_message(response: CrmResponse) -> str:
    """Return the beginning of a page's text; empty if the response is not a page."""
    return end_sentence(clean_message(extract_page_text(response)[:200])) if response.is_html else ""


def _classify_temporary(status: int, message: str, wait: float | None) -> SyncError | None:
    """Return the error for a status that is only temporary; None for any other."""
    if status == 429 and any(word in message.casefold() for word in _DAILY_LIMIT_WORDS):
        return QuotaExceeded(
            _("Today's CRM limit is used up. Sending resumes when calls become available."), retry_after=wait
        )
    is_rate_limit = status == 403 and "rate limit" in message.casefold()  # not shown: the CRM's words
    if status in _RATE_LIMIT_STATUSES or is_rate_limit:
        return Throttled(_("The CRM asked the kiosk to wait."), retry_after=wait)
    if status >= 500 or status in (423, 425, 477):
        return CrmDown(_add_message(_("The CRM is having trouble (error {status}).").format(status=status), message))
    if status not in (401, 403, 404, 405, 407, 410, 413) and BUSY_PATTERN.search(message):
        return CrmDown(_("The CRM cannot accept leads at the moment: {message}").format(message=message))
    if status in _TIMEOUT_STATUSES:
        return OutcomeUnknown(_("The CRM timed out before it had received everything."))
    return None


def _classify_needs_person(status: int, message: str) -> SyncError | None:
    """Return the error for a status that waits for a person; None for any other."""
    if status in _AUTHENTICATION_STATUSES:
        return NotAuthorised(
            _add_message(
                _(
                    "The CRM rejected the key. Replace it (kiosk.toml says where it is); "
                    "sending then resumes automatically."
                ),
                message,
            ),
            about_lead=_add_message(_("it rejects the key for it (error {status}).").format(status=status), message),
        )
    if status == 403:
        return ConfigurationFault(
            _add_message(_("CRM setup: this key lacks a permission (error 403)."), message),
            about_lead=_add_message(_("the key lacks a permission for it (error 403)."), message),
        )
    if status == 407:
        return Offline(_("The proxy of this network requires a sign-in."))
    if status in (404, 405, 410):
        sentence = _("CRM setup: there is no such address at the CRM (error {status}): correct kiosk.toml.")
        return ConfigurationFault(
            _add_message(sentence.format(status=status), message),
            about_lead=_add_message(_("it is not there (error {status}).").format(status=status), message),
        )
    return None


def _build_batch_refused(status: int, message: str) -> BatchRefused:
    """Return the error for all other statuses: the CRM understood, and says no."""
    if not message:
        message = _("error {status}.").format(status=status)
    sentence = _("The CRM rejected it: {message}").format(message=message)
    return BatchRefused(sentence, code=str(status), is_too_big=status == 413)


def _add_message(sentence: str, message: str) -> str:
    """Return *sentence* followed by the CRM's own *message*, if there is one."""
    if not message:
        return sentence
    return f"{sentence} {_('The CRM says: {message}').format(message=message)}"


def _classify_non_json(response: CrmResponse) -> SyncError:
    """Return the error for a response that says yes, and is neither JSON nor a page."""
    text = clean_message(response.text.strip())
    content_type = response.headers.get("content-type", "").lower()
    is_cut_off = text.startswith(("{", "[", '"')) or "json" in content_type
    if is_cut_off and response.status != 204:
        return OutcomeUnknown(_("The CRM's response is incomplete."))
    if not text:
        sentence = _(
            "The CRM responds with {status} and no data, so nothing proves that it has the lead: have it return the "
            "record."
        )
        return OutcomeUnknown(sentence.format(status=response.status), lacks_proof=True)
    sentence = _("The CRM responds with text instead of data, so nothing proves that it has the lead: {text}")
    return OutcomeUnknown(sentence.format(text=end_sentence(clean_message(text[:100]))), lacks_proof=True)


def describe_keys(document: Any) -> str:
    """Describe what *document* holds, for the person who has to name it in kiosk.toml; a part of a longer sentence."""
    if isinstance(document, Mapping):
        if not document:
            return _("the response is empty")
        names = ", ".join(clean_message(name)[:40] for name in list(document)[:12])
        return _("the response has: {names}").format(names=names)
    if isinstance(document, list):
        count = len(document)
        if not document:
            return _("the response is an empty list")
        first = describe_keys(document[0])
        return ngettext(
            "the response is a list of {count} item; in the first, {keys}",
            "the response is a list of {count} items; in the first, {keys}",
            count,
        ).format(count=count, keys=first)
    return _("the response is {value}").format(value=repr(clean_message(document)[:40]))


def is_record_id(value: Any) -> bool:
    """Return whether *value* can be an id: a printable string of limited length, not blank, or such a number."""
    if isinstance(value, str):
        is_text = 0 < len(value) <= _MAX_ID_CHARS and value.isprintable() and not value.isspace()
        return is_text and not _NOT_AN_ID.fullmatch(value.strip())
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < _MAX_NUMERIC_ID
