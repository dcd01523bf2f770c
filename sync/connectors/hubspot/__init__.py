"""HubSpot: batch upserts of contacts, known by a unique property of our own or by their e-mail."""

from collections.abc import Callable, Mapping, Sequence

from sync.answers import understood
from sync.connectors.base import Finding, Outcome, Outgoing, Rejected
from sync.connectors.hubspot.contacts import contacts_with_emails, shared_with
from sync.connectors.hubspot.inputs import NO_EMAIL, Input, by_email, inputs
from sync.connectors.hubspot.refusals import USED_UP, refused
from sync.connectors.hubspot.results import Ends, conflict, ends, tells_of_conflict
from sync.connectors.hubspot.results import refused as refused_lead
from sync.connectors.hubspot.set_up import SetUp
from sync.errors import BatchRefused, Quota, SetUpFault
from sync.http import Answer, Http
from sync.line import Line
from sync.pace import Rate
from sync.settings.hubspot import HubSpotSettings

FEW = 2
"""So many leads are found out about by halving in no more calls than by looking their e-mails up."""

LIMITS = "x-hubspot-ratelimit-"


class HubSpotConnector:
    """Up to a hundred contacts a call."""

    destination = "hubspot"
    batch_size = 100
    may_repeat = True

    def __init__(
        self, settings: HubSpotSettings, line: Line | None = None, *, token: Callable[[], str] | None = None
    ) -> None:
        """*token* gives the credential, in place of what *settings* say; it may raise ValueError."""
        self.settings = settings
        self.at_once = settings.at_once
        self.token = token or settings.token.read
        self.knows_by_email = settings.fields.get("email") == "email"
        self.names = {theirs: spoken(ours) for ours, theirs in settings.fields.items()}
        self.rate = Rate(settings.max_calls, settings.per_seconds)
        self.is_used_up = False
        """Whether the last answer said that no call is left today."""
        line = line or Line()
        self.http = Http(
            settings.url,
            {"Accept": "application/json"},
            secret=lambda: {"Authorization": f"Bearer {self.token()}"},
            line=line,
            pace=line.pace(self.destination, self.rate),
        )
        base, version = settings.url.rstrip("/"), settings.version
        legacy = version.startswith("v")
        self.contacts = base + (f"/crm/{version}/objects" if legacy else f"/crm/objects/{version}") + "/contacts"
        properties = base + (f"/crm/{version}/properties" if legacy else f"/crm/properties/{version}") + "/contacts"
        self.set_up = SetUp(settings, self.http, self.token, base, properties)

    async def push(self, batch_id: str, leads: Sequence[Outgoing]) -> dict[str, Outcome]:
        """Deliver *leads*, see `Connector.push`; in a second call where HubSpot knows some by another key."""
        if self.is_used_up:
            self.is_used_up = False  # the next try asks HubSpot: the day may be over by then
            raise Quota(USED_UP)
        sent, outcomes = inputs(leads, self.settings)
        there, new = [item for item in sent if not item.by], [item for item in sent if item.by]
        if there:
            found = await self.write("update", there)
            outcomes |= found.outcomes
            outcomes |= {item.lead.id: Rejected(NO_EMAIL, "NO_EMAIL") for item in found.gone if not item.email}
            new += [by_email(item) for item in found.gone if item.email]
        if new:
            found = await self.write("upsert", new)
            joined = await self.join(found) if found.known else {}
            outcomes |= found.outcomes | joined
        return outcomes

    async def write(self, how: str, sent: Sequence[Input]) -> Ends:
        """
        One call.

        Raises:
            SyncError: see `Connector.push`.
        """
        body = {"inputs": [item.as_json() for item in sent]}
        answer = await self.http.send("POST", f"{self.contacts}/batch/{how}", body)
        self.heed(answer.headers)
        if answer.status == 404 and how == "update":
            return Ends(gone=list(sent))  # or there is no such address: the upsert will tell
        if answer.status == 409 and len(sent) == 1:
            return conflict(answer, sent[0], self.names)
        if answer.status == 409 and len(sent) > FEW:
            return await self.without_known(answer, sent)
        if not 200 <= answer.status < 300:
            raise refused(answer, self.names)
        return ends(understood(answer), answer.status, sent, self.names)

    async def without_known(self, answer: Answer, sent: Sequence[Input]) -> Ends:
        """
        Look up whose e-mails HubSpot has, where it refuses the whole call for some, and send the others alone.

        Raises:
            SyncError: see `Connector.push`.
        """
        try:
            document = answer.json()
        except ValueError:
            document = None
        by_id = [item for item in sent if item.by not in ("", "email")]
        if not tells_of_conflict(document) or not by_id:
            raise refused(answer, self.names)
        contacts = await contacts_with_emails(self.http, self.contacts, self.settings.id_property, by_id)
        known = {item.lead.id: item for item in by_id if item.email in contacts}
        others = [item for item in sent if item.lead.id not in known]
        if not known:
            raise refused(answer, self.names)
        found = await self.write("upsert", others) if others else Ends()
        found.outcomes |= {lead_id: refused_lead(document, answer.status, self.names) for lead_id in known}
        found.known |= known
        found.contacts |= contacts
        return found

    async def join(self, found: Ends) -> dict[str, Outcome]:
        """
        Send those again whose e-mail a contact has, for that contact where it is the same person: it stays one record.

        Raises:
            SyncError: the whole push is worth another try, which makes no second record.
        """
        refusals = {lead_id: found.outcomes.pop(lead_id) for lead_id in found.known}
        unseen = [item for item in found.known.values() if item.email not in found.contacts]
        found.contacts |= await contacts_with_emails(self.http, self.contacts, self.settings.id_property, unseen)
        others: dict[str, Outcome] = {}
        again: list[Input] = []
        for lead_id, item in found.known.items():
            contact = found.contacts.get(item.email)
            shared = shared_with(item, contact) if contact is not None else None
            if shared is not None:
                others[lead_id] = shared
            else:
                again.append(by_email(item))
        if not again:
            return others
        try:
            outcomes = (await self.write("upsert", again)).outcomes
        except (BatchRefused, SetUpFault):
            return others | {item.lead.id: refusals[item.lead.id] for item in again}
        ends = {name: refusals[name] if isinstance(end, Rejected) else end for name, end in outcomes.items()}
        return others | ends

    def heed(self, headers: Mapping[str, str]) -> None:
        """Keep within what HubSpot says that it takes: that depends on the account's plan, and on who else calls."""
        limit, left, interval = (number(headers, name) for name in ("max", "remaining", "interval-milliseconds"))
        if limit and interval:
            seconds = interval / 1000
            own = max(1, int(self.rate.calls * seconds / self.rate.seconds))
            self.http.pace.learn(Rate(min(limit, own), seconds), left)
        self.is_used_up = number(headers, "daily-remaining") == 0

    def credential(self) -> str:
        """The key's fingerprint, see `Connector.credential`."""
        return self.settings.token.fingerprint()

    async def check(self) -> list[Finding]:
        """What can be known without sending a lead, see `Connector.check`."""
        return await self.set_up.look()

    async def create_missing(self) -> list[Finding]:
        """
        Add the properties that are missing, and say how each went.

        Raises:
            SyncError: HubSpot could not be asked.
        """
        return await self.set_up.create_missing()

    async def remove(self, lead: Outgoing, remote_id: str) -> bool:
        """Archive the contact, see `Connector.remove`."""
        answer = await self.http.send("DELETE", f"{self.contacts}/{remote_id}")
        if answer.status not in (204, 404):
            raise refused(answer)
        return True

    async def aclose(self) -> None:
        """Let go of the connection."""
        await self.http.aclose()


def spoken(field: str) -> str:
    """The name of a field as people say it."""
    return "e-mail" if field == "email" else field.replace("_", " ")


def number(headers: Mapping[str, str], name: str) -> int | None:
    """The whole number in one of HubSpot's headers about its limits."""
    value = headers.get(LIMITS + name, "")
    return int(value) if value.isdecimal() and len(value) < 10 else None
