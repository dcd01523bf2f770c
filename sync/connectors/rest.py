"""Any JSON API that takes contacts, described in kiosk.toml; the practice CRM is reached through it alone."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sync.connectors.base import Delivered, Outcome, Outgoing, Rejected, Retry
from sync.errors import (
    BatchRefused,
    CrmDown,
    LoginPage,
    NotAuthorised,
    Offline,
    SetUpFault,
    SyncError,
    Throttled,
    Unsure,
)
from sync.http import PORTAL, Answer, Http
from sync.retry_after import seconds_to_wait
from sync.settings import AnswerSettings, RestSettings, origin

LONGEST_MESSAGE = 300
"""Characters of a CRM's own words that are kept."""

LONGEST_ID = 200
"""Characters of an id."""

SHORTEST_TOKEN = 8
"""Characters; what is shorter stands in any text by chance."""


class RestConnector:
    """One call a batch, or a lead; answers are matched by our id, never by position."""

    def __init__(self, settings: RestSettings, token: str, destination: str = "rest") -> None:
        self.settings = settings
        self.destination = destination
        self.batch_size = settings.bulk_size if settings.bulk_url else 1
        self.secret = token.encode() if len(token) >= SHORTEST_TOKEN else b""
        secret = {settings.token_header: settings.token_prefix + token} if token else {}
        self.http = Http(settings.url, {"Accept": "application/json", **settings.headers, **secret})

    async def push(self, batch_id: str, leads: Sequence[Outgoing]) -> dict[str, Outcome]:
        """Deliver *leads*, see `Connector.push`."""
        settings = self.settings
        headers = {"Idempotency-Key": batch_id}
        if not settings.bulk_url:
            answer = await self.http.send(settings.method, settings.url, self.body(leads[0]), headers)
            return {leads[0].id: one(self.understood(answer), answer.status, leads[0], settings.answer)}
        contacts = [self.body(lead) for lead in leads]
        body = {settings.bulk_key: contacts} if settings.bulk_key else contacts
        answer = await self.http.send(settings.method, settings.bulk_url, body, headers)
        return many(self.understood(answer), answer.status, settings.answer)

    async def aclose(self) -> None:
        """Let go of the connection."""
        await self.http.aclose()

    def body(self, lead: Outgoing) -> dict[str, Any]:
        """*lead* by the CRM's names; what is not known is left out, so that it erases nothing there."""
        fields = {theirs: lead.fields.get(ours) for ours, theirs in self.settings.fields.items()}
        return {self.settings.id_field: lead.id} | {
            name: value for name, value in fields.items() if value not in (None, "", [], {})
        }

    def understood(self, answer: Answer) -> Any:
        """
        The JSON of an answer that says yes.

        Raises:
            SyncError: it says no, or nothing that a CRM would say.
        """
        if self.secret and self.secret in answer.body:  # some CRMs quote the key that they refuse
            answer = replace(answer, body=answer.body.replace(self.secret, b"***"))
        if not 200 <= answer.status < 300:
            raise self.refusal(answer)
        if answer.is_html:
            raise LoginPage(PORTAL)
        try:
            return answer.json()
        except ValueError as error:
            raise Unsure("The CRM's answer is not complete.") from error

    def refusal(self, answer: Answer) -> SyncError:
        """What an answer with another status than 2xx means."""
        status = answer.status
        wait = seconds_to_wait(answer.headers.get("retry-after"), answer.headers.get("date"))
        if 300 <= status < 400:
            return self.redirected(answer)
        if status == 511:
            return LoginPage(PORTAL)
        if status == 429:
            return Throttled("The CRM asked us to wait.", retry_after=wait)
        if status == 503 and wait is not None:
            return Throttled("The CRM is busy and asked us to wait.", retry_after=wait)
        if status >= 500:
            return CrmDown(f"The CRM is in trouble (it answers {status}).")
        if status == 401:
            return NotAuthorised("The CRM does not accept our key: renew the token.")
        if status == 403:
            return SetUpFault(f"The CRM does not allow this key to add contacts: {self.words(answer)}")
        if status == 407:
            return Offline("The proxy of this network wants a sign-in.")
        if status in (404, 405, 410):
            return SetUpFault(f"There is no such address at the CRM (it answers {status}): correct kiosk.toml.")
        if status == 408:
            return Unsure("The CRM did not get all of it in time.")
        return BatchRefused(f"The CRM refuses it: {self.words(answer)}", code=str(status), too_big=status == 413)

    def redirected(self, answer: Answer) -> SyncError:
        """Never followed: a portal would be handed the visitors' data."""
        target = answer.headers.get("location", "")
        try:
            same = (target.startswith("/") and not target.startswith("//")) or origin(target) == self.http.origin
        except ValueError:
            same = False
        if same and answer.status in (301, 308):
            return SetUpFault("The CRM's address has moved: correct the url in kiosk.toml.")
        return LoginPage(PORTAL)

    def words(self, answer: Answer) -> str:
        """The CRM's own words for what was wrong."""
        try:
            document = answer.json()
        except ValueError:
            return f"it answers {answer.status}."
        found = at(document, self.settings.answer.error) or next(
            (at(document, name) for name in ("detail", "message", "title") if at(document, name)), ""
        )
        return message(found) or f"it answers {answer.status}."


def one(document: Any, status: int, lead: Outgoing, places: AnswerSettings) -> Outcome:
    """How *lead* ended, which went alone: delivered if the CRM gives it an id, and names no other lead."""
    if places.key and str(at(document, places.key)) != lead.id:
        raise Unsure("The CRM's answer does not name the lead that was sent.")
    remote_id = at(document, places.id)
    if not is_id(remote_id):
        raise Unsure("The CRM's answer does not say under which id it has the lead.")
    return Delivered(str(remote_id), status)


def many(document: Any, status: int, places: AnswerSettings) -> dict[str, Outcome]:
    """How each lead ended that the answer names."""
    items = at(document, places.items) if places.items else document
    if not isinstance(items, list):
        raise Unsure("The CRM's answer does not say how each lead ended.")
    named = [(at(item, places.key), item) for item in items]
    return {str(key): item_outcome(item, status, places) for key, item in named if is_id(key)}


def item_outcome(item: Any, status: int, places: AnswerSettings) -> Outcome:
    """How one item of a bulk answer ended."""
    remote_id, word = at(item, places.id), str(at(item, places.status)) if places.status else ""
    error = message(at(item, places.error))
    if (word in places.taken if places.status else not error) and is_id(remote_id):
        return Delivered(str(remote_id), status)
    if word.startswith("5") or not error:
        return Retry(f"The CRM had trouble with this lead: {error or word or 'it does not say why'}", status)
    return Rejected(f"The CRM refuses it: {error}", word, status)


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
