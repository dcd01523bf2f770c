"""HubSpot: batch upserts of contacts, known by a unique property of our own or by their e-mail."""

from collections.abc import Callable, Mapping, Sequence

from sync.connection_context import ConnectionContext
from sync.connectors.base import CheckResult, Outcome, OutgoingLead, Rejected
from sync.connectors.hubspot.contacts import detect_shared_record, find_contacts_by_email
from sync.connectors.hubspot.errors import QUOTA_USED_UP_SENTENCE, classify_refusal
from sync.connectors.hubspot.inputs import NO_EMAIL_SENTENCE, BatchInput, build_inputs, rekey_by_email
from sync.connectors.hubspot.preflight import HubSpotPreflight
from sync.connectors.hubspot.results import BatchResult, is_conflict_error, parse_conflict, parse_results
from sync.connectors.hubspot.results import parse_lead_error as refused_lead
from sync.errors import BatchRefused, ConfigurationFault, QuotaExceeded
from sync.http_client import CrmResponse, HttpClient
from sync.rate_limiter import Rate
from sync.response_errors import parse_success
from sync.settings.hubspot import HubSpotSettings

_MAX_HALVED_LEADS = 2
"""So many leads are found out about by halving in no more calls than by looking their e-mails up."""

_LIMIT_HEADER_PREFIX = "x-hubspot-ratelimit-"


class HubSpotConnector:
    """Up to a hundred contacts a call."""

    destination = "hubspot"
    batch_size = 100
    is_idempotent = True

    def __init__(
        self,
        settings: HubSpotSettings,
        context: ConnectionContext | None = None,
        *,
        read_token: Callable[[], str] | None = None,
    ) -> None:
        """*read_token* gives the credential, in place of what *settings* say; it may raise ValueError."""
        self.settings = settings
        self.max_parallel_pushes = settings.at_once
        self.read_token = read_token or settings.token.read
        self.knows_by_email = settings.fields.get("email") == "email"
        self.field_labels = {theirs: _format_field_name(ours) for ours, theirs in settings.fields.items()}
        self.configured_rate = Rate(settings.max_calls, settings.per_seconds)
        self.is_quota_used_up = False
        """Whether the last answer said that no call is left today."""
        context = context or ConnectionContext()
        self.http = HttpClient(
            settings.url,
            {"Accept": "application/json"},
            secret_headers=lambda: {"Authorization": f"Bearer {self.read_token()}"},
            context=context,
            rate_limiter=context.make_rate_limiter(self.destination, self.configured_rate),
        )
        base, version = settings.url.rstrip("/"), settings.version
        legacy = version.startswith("v")
        self.contacts_url = base + (f"/crm/{version}/objects" if legacy else f"/crm/objects/{version}") + "/contacts"
        properties = base + (f"/crm/{version}/properties" if legacy else f"/crm/properties/{version}") + "/contacts"
        self.preflight = HubSpotPreflight(settings, self.http, self.read_token, base, properties)

    async def push(self, batch_id: str, leads: Sequence[OutgoingLead]) -> dict[str, Outcome]:
        """Deliver *leads*, see `Connector.push`; in a second call where HubSpot knows some by another key."""
        if self.is_quota_used_up:
            self.is_quota_used_up = False  # the next try asks HubSpot: the day may be over by then
            raise QuotaExceeded(QUOTA_USED_UP_SENTENCE)
        sent, outcomes = build_inputs(leads, self.settings)
        there, new = [item for item in sent if not item.id_property], [item for item in sent if item.id_property]
        if there:
            found = await self.write_batch("update", there)
            outcomes |= found.outcomes
            outcomes |= {
                item.lead.id: Rejected(NO_EMAIL_SENTENCE, "NO_EMAIL")
                for item in found.deleted_contacts
                if not item.email
            }
            new += [rekey_by_email(item) for item in found.deleted_contacts if item.email]
        if new:
            found = await self.write_batch("upsert", new)
            joined = await self._resend_by_email(found) if found.email_conflicts else {}
            outcomes |= found.outcomes | joined
        return outcomes

    async def write_batch(self, how: str, sent: Sequence[BatchInput]) -> BatchResult:
        """
        One call.

        Raises:
            SyncError: see `Connector.push`.
        """
        body = {"inputs": [item.as_json() for item in sent]}
        answer = await self.http.send("POST", f"{self.contacts_url}/batch/{how}", body)
        self._apply_limit_headers(answer.headers)
        if answer.status == 404 and how == "update":
            return BatchResult(deleted_contacts=list(sent))  # or there is no such address: the upsert will tell
        if answer.status == 409 and len(sent) == 1:
            return parse_conflict(answer, sent[0], self.field_labels)
        if answer.status == 409 and len(sent) > _MAX_HALVED_LEADS:
            return await self._resend_without_known(answer, sent)
        if not 200 <= answer.status < 300:
            raise classify_refusal(answer, self.field_labels)
        return parse_results(parse_success(answer), answer.status, sent, self.field_labels)

    async def _resend_without_known(self, answer: CrmResponse, sent: Sequence[BatchInput]) -> BatchResult:
        """
        Look up whose e-mails HubSpot has, where it refuses the whole call for some, and send the others alone.

        Raises:
            SyncError: see `Connector.push`.
        """
        try:
            document = answer.json()
        except ValueError:
            document = None
        by_id = [item for item in sent if item.id_property not in ("", "email")]
        if not is_conflict_error(document) or not by_id:
            raise classify_refusal(answer, self.field_labels)
        contacts = await find_contacts_by_email(self.http, self.contacts_url, self.settings.id_property, by_id)
        known = {item.lead.id: item for item in by_id if item.email in contacts}
        others = [item for item in sent if item.lead.id not in known]
        if not known:
            raise classify_refusal(answer, self.field_labels)
        found = await self.write_batch("upsert", others) if others else BatchResult()
        found.outcomes |= {lead_id: refused_lead(document, answer.status, self.field_labels) for lead_id in known}
        found.email_conflicts |= known
        found.contacts_by_email |= contacts
        return found

    async def _resend_by_email(self, found: BatchResult) -> dict[str, Outcome]:
        """
        Send those again whose e-mail a contact has, for that contact where it is the same person: it stays one record.

        Raises:
            SyncError: the whole push is worth another try, which makes no second record.
        """
        refusals = {lead_id: found.outcomes.pop(lead_id) for lead_id in found.email_conflicts}
        unseen = [item for item in found.email_conflicts.values() if item.email not in found.contacts_by_email]
        found.contacts_by_email |= await find_contacts_by_email(
            self.http, self.contacts_url, self.settings.id_property, unseen
        )
        others: dict[str, Outcome] = {}
        again: list[BatchInput] = []
        for lead_id, item in found.email_conflicts.items():
            contact = found.contacts_by_email.get(item.email)
            shared = detect_shared_record(item, contact) if contact is not None else None
            if shared is not None:
                others[lead_id] = shared
            else:
                again.append(rekey_by_email(item))
        if not again:
            return others
        try:
            outcomes = (await self.write_batch("upsert", again)).outcomes
        except (BatchRefused, ConfigurationFault):
            return others | {item.lead.id: refusals[item.lead.id] for item in again}
        ends = {name: refusals[name] if isinstance(end, Rejected) else end for name, end in outcomes.items()}
        return others | ends

    def _apply_limit_headers(self, headers: Mapping[str, str]) -> None:
        """Keep within what HubSpot says that it takes: that depends on the account's plan, and on who else calls."""
        limit, left, interval = (
            parse_limit_header(headers, name) for name in ("max", "remaining", "interval-milliseconds")
        )
        if limit and interval:
            seconds = interval / 1000
            own = max(1, int(self.configured_rate.calls * seconds / self.configured_rate.seconds))
            self.http.rate_limiter.adopt_rate(Rate(min(limit, own), seconds), left)
        self.is_quota_used_up = parse_limit_header(headers, "daily-remaining") == 0

    def fingerprint_credential(self) -> str:
        """The key's fingerprint, see `Connector.credential`."""
        return self.settings.token.fingerprint()

    async def check_setup(self) -> list[CheckResult]:
        """What can be known without sending a lead, see `Connector.check`."""
        return await self.preflight.run_checks()

    async def create_missing(self) -> list[CheckResult]:
        """
        Add the properties that are missing, and say how each went.

        Raises:
            SyncError: HubSpot could not be asked.
        """
        return await self.preflight.create_missing()

    async def remove_test_lead(self, lead: OutgoingLead, remote_id: str) -> bool:
        """Archive the contact, see `Connector.remove`."""
        answer = await self.http.send("DELETE", f"{self.contacts_url}/{remote_id}")
        if answer.status not in (204, 404):
            raise classify_refusal(answer)
        return True

    async def aclose(self) -> None:
        """Let go of the connection."""
        await self.http.aclose()


def _format_field_name(field: str) -> str:
    """The name of a field as people say it."""
    return "e-mail" if field == "email" else field.replace("_", " ")


def parse_limit_header(headers: Mapping[str, str], name: str) -> int | None:
    """The whole number in one of HubSpot's headers about its limits."""
    value = headers.get(_LIMIT_HEADER_PREFIX + name, "")
    return int(value) if value.isdecimal() and len(value) < 10 else None
