"""The HubSpot connector: up to a hundred contacts in one batch call."""

from collections.abc import Callable, Mapping, Sequence

from data.field_names import translate_field_name
from data.language import _
from sync.connection_context import ConnectionContext
from sync.connectors.base import CheckResult, Outcome, OutgoingLead, Rejected
from sync.connectors.hubspot.contacts import detect_shared_record, find_contacts_by_email
from sync.connectors.hubspot.errors import QUOTA_USED_UP_SENTENCE, classify_refusal
from sync.connectors.hubspot.inputs import NO_EMAIL_SENTENCE, BatchInput, build_inputs, rekey_by_email
from sync.connectors.hubspot.preflight import HubSpotPreflight
from sync.connectors.hubspot.results import (
    BatchResult,
    is_conflict_error,
    parse_conflict,
    parse_lead_error,
    parse_results,
)
from sync.errors import BatchRefused, ConfigurationFault, QuotaExceeded
from sync.http_client import CrmResponse, HttpClient
from sync.rate_limiter import Rate
from sync.response_errors import parse_success
from sync.settings.hubspot import HubSpotSettings

# For so few leads, halving the batch costs no more calls than looking up their e-mails.
_MAX_HALVED_LEADS = 2

_LIMIT_HEADER_PREFIX = "x-hubspot-ratelimit-"


class HubSpotConnector:
    """Upserts contacts; a contact that already has a lead's e-mail is updated instead of duplicated."""

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
        """*read_token* returns the credential in place of the one in *settings*; it may raise ValueError."""
        self.settings = settings
        self.max_parallel_pushes = settings.at_once
        self.read_token = read_token or settings.token.read
        self.knows_by_email = settings.fields.get("email") == "email"
        self.field_labels = {theirs: translate_field_name(ours) for ours, theirs in settings.fields.items()}
        self.configured_rate = Rate(settings.max_calls, settings.per_seconds)
        self.is_quota_used_up = False
        """Whether the last response said that no call is left today."""
        context = context or ConnectionContext()
        self.http = HttpClient(
            settings.url,
            {"Accept": "application/json"},
            secret_headers=lambda: {"Authorization": f"Bearer {self.read_token()}"},  # not shown: a header
            context=context,
            rate_limiter=context.make_rate_limiter(self.destination, self.configured_rate),
        )
        base, version = settings.url.rstrip("/"), settings.version
        # Dated versions (2026-03) changed places with the kind of object in the path; v3 and v4 keep the old order.
        is_legacy = version.startswith("v")
        objects, properties = (
            (f"/crm/{version}/objects", f"/crm/{version}/properties")
            if is_legacy
            else (f"/crm/objects/{version}", f"/crm/properties/{version}")
        )
        self.contacts_url = f"{base}{objects}/contacts"
        self.preflight = HubSpotPreflight(settings, self.http, self.read_token, base, f"{base}{properties}/contacts")

    async def push(self, batch_id: str, leads: Sequence[OutgoingLead]) -> dict[str, Outcome]:
        """Deliver *leads*, see `Connector.push`; in a second call where HubSpot identifies some by another key."""
        if self.is_quota_used_up:
            self.is_quota_used_up = False  # the next try asks HubSpot again: the day may be over by then
            raise QuotaExceeded(_(QUOTA_USED_UP_SENTENCE))
        inputs, outcomes = build_inputs(leads, self.settings)
        # Without an id property, an input goes to a contact by HubSpot's own id: that is an update.
        updates = [item for item in inputs if not item.id_property]
        upserts = [item for item in inputs if item.id_property]
        if updates:
            result = await self._write_batch("update", updates)
            outcomes |= result.outcomes
            for item in result.deleted_contacts:
                if item.email:
                    upserts.append(rekey_by_email(item))
                else:
                    outcomes[item.lead.id] = Rejected(_(NO_EMAIL_SENTENCE), "NO_EMAIL")
        if upserts:
            result = await self._write_batch("upsert", upserts)
            resent = await self._resend_by_email(result) if result.email_conflicts else {}
            outcomes |= result.outcomes | resent
        return outcomes

    async def _write_batch(self, operation: str, inputs: Sequence[BatchInput]) -> BatchResult:
        """
        Make one batch call; *operation* is `update` or `upsert`.

        Raises:
            SyncError: see `Connector.push`.
        """
        body = {"inputs": [item.as_json() for item in inputs]}
        response = await self.http.send("POST", f"{self.contacts_url}/batch/{operation}", body)
        self._apply_limit_headers(response.headers)
        if response.status == 404 and operation == "update":
            # Either all these contacts are gone, or the address is wrong, which the upsert that follows will show.
            return BatchResult(deleted_contacts=list(inputs))
        if response.status == 409 and len(inputs) == 1:
            return parse_conflict(response, inputs[0], self.field_labels)
        if response.status == 409 and len(inputs) > _MAX_HALVED_LEADS:
            return await self._resend_without_known(response, inputs)
        if not 200 <= response.status < 300:
            raise classify_refusal(response, self.field_labels)
        return parse_results(parse_success(response), response.status, inputs, self.field_labels)

    async def _resend_without_known(self, response: CrmResponse, inputs: Sequence[BatchInput]) -> BatchResult:
        """
        Send those of *inputs* again whose e-mails HubSpot does not have.

        For some e-mails HubSpot refuses the whole call, so the ones that it has are looked up first.

        Raises:
            SyncError: see `Connector.push`.
        """
        try:
            document = response.json()
        except ValueError:
            document = None
        by_id = [item for item in inputs if item.id_property not in ("", "email")]
        if not is_conflict_error(document) or not by_id:
            raise classify_refusal(response, self.field_labels)
        contacts = await find_contacts_by_email(self.http, self.contacts_url, self.settings.id_property, by_id)
        known = {item.lead.id: item for item in by_id if item.email in contacts}
        others = [item for item in inputs if item.lead.id not in known]
        if not known:
            raise classify_refusal(response, self.field_labels)
        result = await self._write_batch("upsert", others) if others else BatchResult()
        refusal = parse_lead_error(document, response.status, self.field_labels)
        result.outcomes |= dict.fromkeys(known, refusal)
        result.email_conflicts |= known
        result.contacts_by_email |= contacts
        return result

    async def _resend_by_email(self, result: BatchResult) -> dict[str, Outcome]:
        """
        Send the leads of *result* again whose e-mail a contact has: to that contact, if it is the same person.

        Raises:
            SyncError: the whole push is worth another try, which makes no second record.
        """
        refusals = {lead_id: result.outcomes.pop(lead_id) for lead_id in result.email_conflicts}
        unseen = [item for item in result.email_conflicts.values() if item.email not in result.contacts_by_email]
        result.contacts_by_email |= await find_contacts_by_email(
            self.http, self.contacts_url, self.settings.id_property, unseen
        )
        shared: dict[str, Outcome] = {}
        again: list[BatchInput] = []
        for lead_id, item in result.email_conflicts.items():
            contact = result.contacts_by_email.get(item.email)
            record = detect_shared_record(item, contact) if contact is not None else None
            if record is not None:
                shared[lead_id] = record
            else:
                again.append(rekey_by_email(item))
        if not again:
            return shared
        try:
            outcomes = (await self._write_batch("upsert", again)).outcomes
        except (BatchRefused, ConfigurationFault):
            return shared | {item.lead.id: refusals[item.lead.id] for item in again}
        # A second refusal would speak of the e-mail as an id; the first one says what is wrong with the lead.
        resent = {
            lead_id: refusals[lead_id] if isinstance(outcome, Rejected) else outcome
            for lead_id, outcome in outcomes.items()
        }
        return shared | resent

    def _apply_limit_headers(self, headers: Mapping[str, str]) -> None:
        """Adopt the rate limit in *headers*: it depends on the account's plan, and on who else makes calls."""
        limit, left, interval = (
            _parse_limit_header(headers, name) for name in ("max", "remaining", "interval-milliseconds")
        )
        if limit and interval:
            seconds = interval / 1000
            own = max(1, int(self.configured_rate.calls * seconds / self.configured_rate.seconds))
            self.http.rate_limiter.adopt_rate(Rate(min(limit, own), seconds), left)
        self.is_quota_used_up = _parse_limit_header(headers, "daily-remaining") == 0

    def fingerprint_credential(self) -> str:
        """Return the key's fingerprint, see `Connector.fingerprint_credential`."""
        return self.settings.token.fingerprint()

    async def check_setup(self) -> list[CheckResult]:
        """Check what can be known without sending a lead, see `Connector.check_setup`."""
        return await self.preflight.run_checks()

    async def create_missing(self) -> list[CheckResult]:
        """
        Create the properties that are missing, and return one result for each.

        Raises:
            SyncError: HubSpot could not be reached.
        """
        return await self.preflight.create_missing_properties()

    async def remove_test_lead(self, lead: OutgoingLead, remote_id: str) -> bool:
        """Archive the contact, see `Connector.remove_test_lead`."""
        response = await self.http.send("DELETE", f"{self.contacts_url}/{remote_id}")
        if response.status not in (204, 404):
            raise classify_refusal(response)
        return True

    async def aclose(self) -> None:
        """Close the connection."""
        await self.http.aclose()


def _parse_limit_header(headers: Mapping[str, str], name: str) -> int | None:
    """Return the whole number in one of HubSpot's headers about its limits; None if there is none."""
    value = headers.get(_LIMIT_HEADER_PREFIX + name, "")
    return int(value) if value.isdecimal() and len(value) < 10 else None
