"""The connector for any JSON API that takes contacts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from sync.answers import at, document_of, refusal
from sync.connectors.base import Delivered, Finding, Outcome, Outgoing, Rejected
from sync.connectors.rest.answers import many, understood
from sync.connectors.rest.call import Caller
from sync.connectors.rest.check import Check
from sync.connectors.rest.contact import Shape, as_number
from sync.connectors.rest.person import Places
from sync.connectors.rest.search import Way
from sync.connectors.rest.step import Step
from sync.errors import BatchRefused
from sync.line import Line
from sync.settings.rest import RestSettings
from sync.settings.rest_answer import AnswerSettings
from sync.template import filled, filled_url, is_unknown, words_in


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
        self.caller = Caller(settings, line or Line(), destination, token or settings.secret.read)
        self.shape = Shape(settings)
        way = Way(settings, settings.answer, Places.of(settings, settings.answer.key))
        self.first = Step(way, self.caller, self.shape)
        self.second = self._second() if settings.then.url else None

    def _second(self) -> Step:
        """The second call for each lead."""
        then, answer = self.settings.then, self.settings.answer
        places = AnswerSettings(
            id=then.id,
            key="",
            status="",
            error=answer.error,
            failure=answer.failure,
            sign_in=answer.sign_in,
            duplicate=(),
        )
        return Step(Way(then, places, Places(then.search.key, "", ())), self.caller, self.shape)

    async def push(self, batch_id: str, leads: Sequence[Outgoing]) -> dict[str, Outcome]:
        """Deliver *leads*, see `Connector.push`."""
        settings, headers = self.settings, {"Idempotency-Key": batch_id}
        if not settings.bulk_url:
            return {leads[0].id: await self._push_one(leads[0], headers)}
        contacts = [self.shape.words(lead, lead.remote_id)["fields"] for lead in leads]
        body = {settings.bulk_key: contacts} if settings.bulk_key else contacts
        answer = await self.caller.send(settings.method, settings.bulk_url, body, headers)
        return many(understood(answer, settings.answer), answer, leads, settings.answer)

    async def _push_one(self, lead: Outgoing, headers: Mapping[str, str]) -> Outcome:
        """Deliver *lead*, in one call or two."""
        end = await self.first.deliver(lead, headers, known=lead.remote_id, may_be_there=lead.tried)
        if self.second is None or not isinstance(end, Delivered):
            return end
        was_there = lead.tried or bool(lead.remote_id)
        try:
            then = await self.second.deliver(
                lead, known=None, may_be_there=was_there, first_id=as_number(end.remote_id)
            )
        except BatchRefused as refusal:
            then = Rejected(str(refusal), refusal.code)
        if isinstance(then, Rejected):
            return replace(then, reason=f"The CRM has the contact, and not what belongs to it: {then.reason}")
        return end if isinstance(then, Delivered) else then

    def credential(self) -> str:
        """The token's fingerprint, see `Connector.credential`."""
        return self.settings.secret.fingerprint()

    async def check(self) -> list[Finding]:
        """What can be known without sending a lead, see `Connector.check`."""
        return await Check(self.settings, self.caller, self.shape).findings()

    async def remove(self, lead: Outgoing, remote_id: str) -> bool:
        """Delete the test lead, where kiosk.toml says how, see `Connector.remove`."""
        settings = self.settings
        if not settings.delete_url:
            return False
        words = self.shape.words(lead, remote_id)
        body = filled(settings.delete_body, words) if settings.delete_body else None
        answer = await self.caller.send(settings.delete_method, filled_url(settings.delete_url, words), body)
        if answer.status in (404, 410):
            return True
        if not 200 <= answer.status < 300:
            raise refusal(answer)
        if answer.body:
            understood(answer, settings.answer) if settings.delete_body else document_of(answer)
        return True

    def not_kept(self, lead: Outgoing) -> list[str]:
        """
        The CRM's names under which *lead*, which was just sent, is not in the answer, though others are.

        Many APIs say yes to fields that they do not know, and drop them.
        """
        words = self.shape.words(lead)
        sent = self.shape.flat(words, is_new=True)
        if self.settings.body and "fields" not in words_in(self.settings.body):
            return []
        above = self.settings.answer.id.rpartition(".")[0]
        shown = {name: at(self.first.answered, f"{above}.{name}" if above else name) for name in sent}
        missing = [name for name, value in shown.items() if is_unknown(value)]
        return missing if len(missing) < len(sent) else []

    async def aclose(self) -> None:
        """Let go of the connection."""
        await self.caller.aclose()
