"""What a CRM's answer means, as far as all CRMs agree."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from sync.crm_messages import MAX_MESSAGE_CHARS as MAX_MESSAGE_CHARS
from sync.crm_messages import MESSAGE_KEYS as MESSAGE_KEYS
from sync.crm_messages import clean_message as clean_message
from sync.crm_messages import end_sentence as end_sentence
from sync.crm_messages import extract_message as extract_message
from sync.crm_messages import extract_page_text
from sync.crm_messages import get_by_path as get_by_path
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
"""Characters of an id."""

_MAX_NUMERIC_ID = 10**40
"""A number above it is not an id, but a mistake or an attack."""

_NOT_AN_ID = re.compile(
    r"0+|-\d+|\{?0{8}-(?:0{4}-){3}0{12}\}?|undefined|null|none|nil|nan|false|true|\[object object\]", re.IGNORECASE
)
"""What programs write where an id would be of a record that was not made."""

DAILY_LIMIT_WORDS = ("today", "daily", "per day")
"""What a refusal for too many calls says that is about the whole day."""

_PAGE_TEXT_STATUSES = (400, 402, 406, 409, 411, 412, 415, 417, 422)
"""Statuses with which what is said matters, also where a page says it."""

BUSY_PATTERN = re.compile(
    r"\b(queue|buffer|storage|mailbox) (is |was )?(currently |already )?full\b"
    r"|\btoo many (requests|calls|connections)\b|\brate limit|\btemporar(il)?y (un|not )available\b"
    r"|\b(please )?(try|retry) (it )?again (later|in \d|in a|after)\b"
    r"|\b(server|service|system|database|crm) (is|are) (too |currently |temporarily )*(busy|overloaded|unavailable)\b"
    r"|\bservice unavailable\b|\bunder maintenance\b|\bmaintenance mode\b|\bdeadlock\b|\block(ed)? (wait )?time-?out\b"
    r"|\b(migration|upgrade|backup|restore) (is )?in progress\b",
    re.IGNORECASE,
)
"""What a refusal says that is about this moment, whatever its status: not about the lead, and not about the set-up."""


_RATE_LIMIT_STATUSES = (420, 429, 430)
"""Statuses for too many calls; those beside 429 are in no standard (Shopify's 430, "enhance your calm")."""

_AUTHENTICATION_STATUSES = (401, 440, 498)
"""Statuses for a key that is not accepted, or not any longer; IIS says 440, ArcGIS 498."""

_TIMEOUT_STATUSES = (408, 460, 499)
"""Statuses of those in between that waited for one side or the other: the CRM may have the leads."""


def parse_success(answer: CrmResponse, read_message: Callable[[Any], Any] = lambda document: "") -> Any:
    """
    The JSON of an answer that says yes; *read_message* finds what is said in one that says no.

    Raises:
        SyncError: it says no, or nothing that a CRM would say.
    """
    if not 200 <= answer.status < 300:
        raise classify_error_response(answer, read_message)
    return parse_json_body(answer)


def parse_json_body(answer: CrmResponse) -> Any:
    """
    The JSON of an answer.

    Raises:
        LoginPage: it is a page for people, and a WiFi's login page may have given it.
        SetUpFault: it is a page of the CRM's own.
        CrmDown: it is the page of a CRM that is down.
        Unsure: it is not complete; or it is whole, and not JSON.
    """
    if answer.is_html:
        raise classify_page(answer)
    try:
        return answer.json()
    except ValueError as error:
        raise _classify_non_json(answer) from error


def classify_error_response(answer: CrmResponse, read_message: Callable[[Any], Any] = lambda document: "") -> SyncError:
    """What an answer with another status than 2xx means."""
    status = answer.status
    if 300 <= status < 400:
        return classify_redirect(answer)
    if page := classify_error_page(answer):
        return page
    said = extract_message(answer, read_message) or (
        _extract_page_message(answer) if status in _PAGE_TEXT_STATUSES else ""
    )
    wait = parse_retry_after(answer.headers.get("retry-after"), answer.headers.get("date"))
    if status in (423, 477, 503) and "retry-after" in answer.headers:
        return Throttled("The CRM is busy and asked us to wait.", retry_after=wait and max(wait, 2.0))
    return (
        _classify_temporary(status, said, wait)
        or _classify_needs_person(status, said)
        or _build_batch_refused(status, said)
    )


def _extract_page_message(answer: CrmResponse) -> str:
    """What a page says that refuses something; empty where it is not a page."""
    return end_sentence(clean_message(extract_page_text(answer)[:200])) if answer.is_html else ""


def _classify_temporary(status: int, said: str, wait: float | None) -> SyncError | None:
    """What a status means that passes by itself; None for another."""
    if status == 429 and any(word in said.casefold() for word in DAILY_LIMIT_WORDS):
        return QuotaExceeded("Today's CRM limit is used up. Leads go on as calls come free.", retry_after=wait)
    if status in _RATE_LIMIT_STATUSES or (status == 403 and "rate limit" in said.casefold()):
        return Throttled("The CRM asked us to wait.", retry_after=wait)
    if status >= 500 or status in (423, 425, 477):
        return CrmDown(f"The CRM is having trouble (it answers {status}{f': {said[:-1]}' if said else ''}).")
    if status not in (401, 403, 404, 405, 407, 410, 413) and BUSY_PATTERN.search(said):
        return CrmDown(f"The CRM cannot take leads at the moment: {said}")
    if status in _TIMEOUT_STATUSES:
        return OutcomeUnknown("The CRM did not get all of it in time.")
    return None


def _classify_needs_person(status: int, said: str) -> SyncError | None:
    """What a status means that waits for a person; None for another."""
    if status in _AUTHENTICATION_STATUSES:
        return NotAuthorised(
            f"The CRM does not accept our key: renew it where kiosk.toml says, and leads go on.{_quote_message(said)}"
        )
    if status == 403:
        return ConfigurationFault(
            f"CRM set-up: this key may not do that{_quote_message(said) or ' (the CRM answers 403).'}"
        )
    if status == 407:
        return Offline("The proxy of this network wants a sign-in.")
    if status in (404, 405, 410):
        there = f"CRM set-up: there is no such address at the CRM (it answers {status})"
        return ConfigurationFault(f"{there}: correct kiosk.toml.{_quote_message(said)}")
    return None


def _build_batch_refused(status: int, said: str) -> BatchRefused:
    """What any other status means: the CRM understood, and says no."""
    return BatchRefused(
        f"The CRM refuses it: {said or f'it answers {status}.'}", code=str(status), is_too_big=status == 413
    )


def _quote_message(said: str) -> str:
    """The CRM's words as a sentence of their own."""
    return f" The CRM says: {said}" if said else ""


def _classify_non_json(answer: CrmResponse) -> SyncError:
    """What an answer means that says yes, and is neither JSON nor a page."""
    text = clean_message(answer.text.strip())
    is_cut = text.startswith(("{", "[", '"')) or "json" in answer.headers.get("content-type", "").lower()
    if is_cut and answer.status != 204:
        return OutcomeUnknown("The CRM's answer is not complete.")
    if not text:
        return OutcomeUnknown(
            f"The CRM answers {answer.status} without a body, so nothing proves that it has the lead: "
            "have it give back the record.",
            lacks_proof=True,
        )
    return OutcomeUnknown(
        f"The CRM answers with a text in place of data, which proves nothing: {end_sentence(clean_message(text[:100]))}",
        lacks_proof=True,
    )


def describe_keys(document: Any) -> str:
    """What *document* does hold, for whoever has to name it in kiosk.toml."""
    if isinstance(document, Mapping):
        names = [clean_message(name)[:40] for name in document][:12]
        return f"the answer has: {', '.join(names)}" if names else "the answer is empty"
    if isinstance(document, list):
        return f"the answer is a list of {len(document)}" + (
            f"; in its first {describe_keys(document[0])}" if document else ""
        )
    return f"the answer is {clean_message(document)[:40]!r}"


def is_record_id(value: Any) -> bool:
    """Whether *value* can be an id: a printable text that is not blank and not endless, or a number of that kind."""
    if isinstance(value, str):
        is_text = 0 < len(value) <= _MAX_ID_CHARS and value.isprintable() and not value.isspace()
        return is_text and not _NOT_AN_ID.fullmatch(value.strip())
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < _MAX_NUMERIC_ID
