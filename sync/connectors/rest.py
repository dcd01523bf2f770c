"""Any JSON API that takes contacts, described in kiosk.toml; the practice CRM is reached through it alone."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sync.answers import at, document_of, is_id, refusal
from sync.connectors.base import Finding, Outcome, Outgoing
from sync.connectors.rest_answers import duplicate, found_in, many, one, same_person, understood
from sync.errors import Unsure
from sync.http import Http
from sync.line import Line
from sync.pace import Rate
from sync.settings.rest import RestSettings
from sync.template import filled, filled_url


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
            settings.base,
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
            return {leads[0].id: await self.push_one(leads[0], headers)}
        contacts = [self.contact(lead) for lead in leads]
        body = {settings.bulk_key: contacts} if settings.bulk_key else contacts
        answer = await self.http.send(settings.method, settings.bulk_url, body, headers)
        return many(understood(answer, settings.answer), answer.status, settings.answer)

    async def push_one(self, lead: Outgoing, headers: Mapping[str, str]) -> Outcome:
        """Deliver *lead*: to where it is, when the CRM has it already."""
        settings = self.settings
        remote_id = lead.remote_id or await self.search(lead)
        known = remote_id if settings.updates else None
        method, url, body = settings.method, settings.url, settings.body
        if known:
            url, body = settings.update_url or url, settings.update_body or body
            method = settings.update_method if settings.update_url else method
        values = {**lead.fields, "lead_id": lead.id, "remote_id": number(remote_id), "fields": self.contact(lead)}
        answer = await self.http.send(
            method, filled_url(url, values), filled(body, values) if body else values["fields"], headers
        )
        if answer.status in settings.answer.duplicate:
            return duplicate(answer, lead, settings.answer)
        return one(understood(answer, settings.answer), answer.status, lead, settings.answer, known)

    async def search(self, lead: Outgoing) -> str | None:
        """
        The CRM's id of *lead*, where it has to be searched and is found: sending it anew would make a second record.

        Raises:
            SyncError: the CRM could not be asked.
        """
        search = self.settings.search
        if not search.url or (search.when == "sent before" and not lead.tried):
            return None
        values = {**lead.fields, "lead_id": lead.id}
        body = filled(search.body, values) if search.method == "POST" else None
        answer = await self.http.send(search.method, filled_url(search.url, values), body)
        contacts = found_in(understood(answer, self.settings.answer), search.items)
        contact = same_person(contacts, lead, search.key, self.settings.answer.email)
        if contact is None:
            return None
        if not is_id(remote_id := at(contact, search.id)):
            raise Unsure("The CRM found the lead, and does not say under which id it has it.")
        return str(remote_id)

    def credential(self) -> str:
        """The token's fingerprint, see `Connector.credential`."""
        return self.settings.token.fingerprint()

    async def check(self) -> list[Finding]:
        """Whether the key is accepted, where kiosk.toml names what can be asked, see `Connector.check`."""
        if not self.settings.check_url:
            return [Finding(True, "Nothing can be asked without sending a lead: kiosk.toml has no check_url.", False)]
        answer = await self.http.send("GET", self.settings.check_url)
        understood(answer, self.settings.answer)
        return [Finding(True, "The CRM answers, and accepts our key.")]

    async def remove(self, lead: Outgoing, remote_id: str) -> bool:
        """Delete the test lead, where kiosk.toml says how, see `Connector.remove`."""
        if not self.settings.delete_url:
            return False
        values = {**lead.fields, "lead_id": lead.id, "remote_id": remote_id}
        answer = await self.http.send("DELETE", filled_url(self.settings.delete_url, values))
        if not 200 <= answer.status < 300:
            raise refusal(answer)
        if answer.body:
            document_of(answer)
        return True

    async def aclose(self) -> None:
        """Let go of the connection."""
        await self.http.aclose()

    def contact(self, lead: Outgoing) -> dict[str, Any]:
        """*lead* by the CRM's names; what is not known is left out, so that it erases nothing there."""
        settings = self.settings
        fields = {theirs: lead.fields.get(ours) for ours, theirs in settings.fields.items()}
        known = {name: value for name, value in fields.items() if value not in (None, "", [], {})}
        ours = {settings.id_field: lead.id} if settings.id_field else {}
        return nested({**ours, **settings.constants, **known})


def number(remote_id: str | None) -> str | int | None:
    """*remote_id* as a number where it is one: some APIs tell `17` from `"17"`."""
    return int(remote_id) if remote_id and remote_id.isdecimal() and str(int(remote_id)) == remote_id else remote_id


def nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    """*flat* as JSON, where the steps of a name are divided by dots: `properties.email` lies within `properties`."""
    document: dict[str, Any] = {}
    for path, value in flat.items():
        *steps, name = path.split(".")
        place = document
        for step in steps:
            place = place.setdefault(step, {})
        place[name] = value
    return document
