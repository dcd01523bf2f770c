"""The connector for any JSON API that takes contacts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from data.language import _
from sync.connection_context import ConnectionContext
from sync.connectors.base import CheckResult, Delivered, Outcome, OutgoingLead, Rejected
from sync.connectors.rest.api_client import ApiClient
from sync.connectors.rest.lead_encoder import LeadEncoder, coerce_number
from sync.connectors.rest.matching import RecordPaths
from sync.connectors.rest.preflight import RestPreflight
from sync.connectors.rest.responses import parse_bulk_outcomes, parse_response
from sync.connectors.rest.search import StepSpec
from sync.connectors.rest.step import DeliveryStep
from sync.crm_messages import get_by_path
from sync.errors import BatchRefused
from sync.response_errors import classify_error_response, parse_json_body
from sync.settings.rest import RestSettings
from sync.settings.rest_answer import AnswerSettings
from sync.template import fill_template, fill_url, find_placeholders, is_empty_value


class RestConnector:
    """Makes one call per batch or per lead. Results are matched by our ids, never by position."""

    def __init__(
        self,
        settings: RestSettings,
        context: ConnectionContext | None = None,
        *,
        destination: str = "rest",
        read_token: Callable[[], str] | None = None,
    ) -> None:
        """*read_token* returns the credential in place of the one in *settings*; it may raise ValueError."""
        self.settings = settings
        self.destination = destination
        self.batch_size = settings.bulk_size if settings.bulk_url else 1
        self.max_parallel_pushes = settings.at_once
        self.is_idempotent = True
        self.client = ApiClient(
            settings, context or ConnectionContext(), destination, read_token or settings.secret.read
        )
        self.encoder = LeadEncoder(settings)
        spec = StepSpec(settings, settings.answer, RecordPaths.from_settings(settings, settings.answer.key))
        self.first_step = DeliveryStep(spec, self.client, self.encoder)
        self.second_step = self._build_second_step() if settings.then.url else None

    def _build_second_step(self) -> DeliveryStep:
        """Build the second call for each lead."""
        second, answer = self.settings.then, self.settings.answer
        places = AnswerSettings(
            id=second.id,
            key="",
            status="",
            error=answer.error,
            failure=answer.failure,
            sign_in=answer.sign_in,
            duplicate=(),
        )
        return DeliveryStep(StepSpec(second, places, RecordPaths(second.search.key, "", ())), self.client, self.encoder)

    async def push(self, batch_id: str, leads: Sequence[OutgoingLead]) -> dict[str, Outcome]:
        """Deliver *leads*, see `Connector.push`."""
        settings, headers = self.settings, {"Idempotency-Key": batch_id}
        if not settings.bulk_url:
            return {leads[0].id: await self._push_one(leads[0], headers)}
        contacts = [self.encoder.build_template_values(lead, lead.remote_id)["fields"] for lead in leads]
        body = {settings.bulk_key: contacts} if settings.bulk_key else contacts
        response = await self.client.send_request(settings.method, settings.bulk_url, body, headers)
        return parse_bulk_outcomes(parse_response(response, settings.answer), response, leads, settings.answer)

    async def _push_one(self, lead: OutgoingLead, headers: Mapping[str, str]) -> Outcome:
        """Deliver *lead*, in one call or two."""
        first = await self.first_step.deliver_lead(
            lead, headers, known_id=lead.remote_id, may_be_there=lead.was_sent_before
        )
        if self.second_step is None or not isinstance(first, Delivered):
            return first
        # The first call may have succeeded earlier, and the second, too.
        was_there = lead.was_sent_before or bool(lead.remote_id)
        try:
            second = await self.second_step.deliver_lead(
                lead, known_id=None, may_be_there=was_there, first_id=coerce_number(first.remote_id)
            )
        except BatchRefused as refusal:
            second = Rejected(str(refusal), refusal.code)
        if isinstance(second, Rejected):
            sentence = _("The CRM has the contact, but not the second record ([crm.rest.then]): {reason}")
            return replace(second, reason=sentence.format(reason=second.reason))
        return first if isinstance(second, Delivered) else second

    def fingerprint_credential(self) -> str:
        """Return the token's fingerprint, see `Connector.fingerprint_credential`."""
        return self.settings.secret.fingerprint()

    async def check_setup(self) -> list[CheckResult]:
        """Check what can be known without sending a lead, see `Connector.check_setup`."""
        return await RestPreflight(self.settings, self.client, self.encoder).run_checks()

    async def remove_test_lead(self, lead: OutgoingLead, remote_id: str) -> bool:
        """Delete the test lead if kiosk.toml says how, see `Connector.remove_test_lead`."""
        settings = self.settings
        if not settings.delete_url:
            return False
        values = self.encoder.build_template_values(lead, remote_id)
        body = fill_template(settings.delete_body, values) if settings.delete_body else None
        response = await self.client.send_request(settings.delete_method, fill_url(settings.delete_url, values), body)
        if response.status in (404, 410):
            return True
        if not 200 <= response.status < 300:
            raise classify_error_response(response)
        if response.body:
            parse_response(response, settings.answer) if settings.delete_body else parse_json_body(response)
        return True

    def find_dropped_fields(self, lead: OutgoingLead) -> list[str]:
        """
        Return the CRM's names for the fields of *lead*, which was just sent, that are missing in the response.

        Many APIs accept fields that they do not know, and drop them.
        """
        values = self.encoder.build_template_values(lead)
        sent = self.encoder.build_flat_fields(values, is_new=True)
        if self.settings.body and "fields" not in find_placeholders(self.settings.body):
            return []
        above = self.settings.answer.id.rpartition(".")[0]
        shown = {name: get_by_path(self.first_step.last_created, f"{above}.{name}" if above else name) for name in sent}
        missing = [name for name, value in shown.items() if is_empty_value(value)]
        return missing if len(missing) < len(sent) else []

    async def aclose(self) -> None:
        """Close the connection."""
        await self.client.aclose()
