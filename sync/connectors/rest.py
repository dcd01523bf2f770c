"""Any JSON API that takes contacts, described in kiosk.toml; the practice CRM is reached through it alone."""

from collections.abc import Callable, Sequence
from typing import Any

from sync.answers import at, is_id, message, understood
from sync.connectors.base import Delivered, Finding, Outcome, Outgoing, Rejected, Retry
from sync.errors import Unsure
from sync.http import Answer, Http
from sync.line import Line
from sync.pace import Rate
from sync.settings.rest import AnswerSettings, RestSettings


class RestConnector:
    """One call a batch, or a lead; answers are matched by our id, never by position."""

    def __init__(
        self,
        settings: RestSettings,
        line: Line | None = None,
        *,
        destination: str = "rest",
        token: Callable[[], str] | None = None,
    ) -> None:
        """*token* gives the credential, in place of what *settings* say; it may raise ValueError."""
        self.settings = settings
        self.destination = destination
        self.batch_size = settings.bulk_size if settings.bulk_url else 1
        self.at_once = settings.at_once
        self.may_repeat = True
        self.token = token or settings.token.read
        line = line or Line()
        self.http = Http(
            settings.url,
            {"Accept": "application/json", **settings.headers},
            secret=self.secret,
            line=line,
            pace=line.pace(destination, Rate(settings.max_calls, settings.per_seconds)),
        )

    def secret(self) -> dict[str, str]:
        """The header with the token, where there is one."""
        token = self.token()
        return {self.settings.token_header: self.settings.token_prefix + token} if token else {}

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

    def understood(self, answer: Answer) -> Any:
        """
        The JSON of an answer that says yes.

        Raises:
            SyncError: it says no, or nothing that a CRM would say.
        """
        return understood(answer, lambda document: at(document, self.settings.answer.error))

    def credential(self) -> str:
        """The token's fingerprint, see `Connector.credential`."""
        return self.settings.token.fingerprint()

    async def check(self) -> list[Finding]:
        """What can be known without sending a lead, see `Connector.check`."""
        return []

    async def remove(self, lead: Outgoing, remote_id: str) -> bool:
        """Nothing here says how contacts are taken away."""
        return False

    async def aclose(self) -> None:
        """Let go of the connection."""
        await self.http.aclose()

    def body(self, lead: Outgoing) -> dict[str, Any]:
        """*lead* by the CRM's names; what is not known is left out, so that it erases nothing there."""
        fields = {theirs: lead.fields.get(ours) for ours, theirs in self.settings.fields.items()}
        return {self.settings.id_field: lead.id} | {
            name: value for name, value in fields.items() if value not in (None, "", [], {})
        }


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
