"""What a CRM's answer means, as far as all CRMs agree."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urljoin

from sync.broken import PORTAL
from sync.errors import (
    BatchRefused,
    CrmDown,
    LoginPage,
    NotAuthorised,
    Offline,
    Quota,
    SetUpFault,
    SyncError,
    Throttled,
    Unsure,
)
from sync.http import Answer
from sync.retry_after import seconds_to_wait
from sync.settings.urls import origin

LONGEST_MESSAGE = 300
"""Characters of a CRM's own words that are kept."""

LONGEST_ID = 200
"""Characters of an id."""

DAILY = ("today", "daily", "per day")
"""What a refusal for too many calls says that is about the whole day."""

MESSAGES = ("detail", "message", "title", "error")
"""Where CRMs say what was wrong."""


def understood(answer: Answer, words: Callable[[Any], str] = lambda document: "") -> Any:
    """
    The JSON of an answer that says yes; *words* finds what is said in one that says no.

    Raises:
        SyncError: it says no, or nothing that a CRM would say.
    """
    if not 200 <= answer.status < 300:
        raise refusal(answer, words)
    return document_of(answer)


def document_of(answer: Answer) -> Any:
    """
    The JSON of an answer.

    Raises:
        LoginPage: it is a page for people.
        Unsure: it is not complete.
    """
    if answer.is_html:
        raise LoginPage(PORTAL)
    try:
        return answer.json()
    except ValueError as error:
        raise Unsure("The CRM's answer is not complete.") from error


def refusal(answer: Answer, words: Callable[[Any], str] = lambda document: "") -> SyncError:
    """What an answer with another status than 2xx means."""
    status, said = answer.status, said_in(answer, words)
    wait = seconds_to_wait(answer.headers.get("retry-after"), answer.headers.get("date"))
    if 300 <= status < 400:
        return redirected(answer)
    if status == 511 or answer.is_portal:
        return LoginPage(PORTAL)
    if status == 429 and any(word in said.casefold() for word in DAILY):
        return Quota("Today's CRM limit is used up. Leads go on as calls come free.", retry_after=wait)
    if status == 429:
        return Throttled("The CRM asked us to wait.", retry_after=wait)
    if status in (423, 477, 503) and wait is not None:
        return Throttled("The CRM is busy and asked us to wait.", retry_after=max(wait, 2.0))
    if status >= 500 or status in (423, 477):
        return CrmDown(f"The CRM is having trouble (it answers {status}).")
    if status == 401:
        return NotAuthorised("The CRM does not accept our key: renew it where kiosk.toml says, and leads go on.")
    if status == 403:
        return SetUpFault(f"CRM set-up: this key may not do that. {said}")
    if status == 407:
        return Offline("The proxy of this network wants a sign-in.")
    if status in (404, 405, 410):
        return SetUpFault(f"CRM set-up: there is no such address at the CRM (it answers {status}): correct kiosk.toml.")
    if status == 408:
        return Unsure("The CRM did not get all of it in time.")
    return BatchRefused(f"The CRM refuses it: {said}", code=str(status), too_big=status == 413)


def redirected(answer: Answer) -> SyncError:
    """Never followed: a portal would be handed the visitors' data."""
    target = answer.headers.get("location", "")
    try:
        same = origin(urljoin(answer.url, target)) == origin(answer.url)
    except ValueError:
        same = False
    if same and answer.status in (301, 308):
        return SetUpFault("CRM set-up: the CRM's address has moved: correct the url in kiosk.toml.")
    return LoginPage(PORTAL)


def said_in(answer: Answer, words: Callable[[Any], str]) -> str:
    """The CRM's own words for what was wrong."""
    try:
        document = answer.json()
    except ValueError:
        return f"it answers {answer.status}."
    found = words(document) or next((at(document, name) for name in MESSAGES if at(document, name)), "")
    return ended(message(found)) or f"it answers {answer.status}."


def ended(words: str) -> str:
    """*words* as the end of a sentence; none where there are none."""
    return words if not words or words.endswith((".", "!", "?", "…")) else f"{words}."


def is_id(value: Any) -> bool:
    """Whether *value* can be an id: a printable text that is not empty and not endless, or a number."""
    if isinstance(value, str):
        return 0 < len(value) <= LONGEST_ID and value.isprintable()
    return isinstance(value, int) and not isinstance(value, bool)


def at(document: Any, path: str) -> Any:
    """What is at *path* in *document*, steps divided by dots; None where nothing is."""
    for step in path.split(".") if path else ():
        if isinstance(document, Mapping):
            document = document.get(step)
        elif isinstance(document, list) and step.isdecimal() and int(step) < len(document):
            document = document[int(step)]
        else:
            return None
    return document


def message(found: Any) -> str:
    """A CRM's words on one line, printable, and cut to a length that a person reads."""
    if isinstance(found, Mapping):
        fields = ", ".join(f"{key}: {value}" for key, value in found.items())
        found = found.get("message") or found.get("detail") or fields
    printable = "".join(char if char.isprintable() else " " for char in str(found or ""))
    text = " ".join(printable.split())
    return text if len(text) <= LONGEST_MESSAGE else text[: LONGEST_MESSAGE - 1] + "…"
