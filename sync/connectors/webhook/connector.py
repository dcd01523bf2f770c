"""The webhook connector: one signed request per batch."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from data.language import N_, _
from sync import webhook_signature
from sync.body_errors import FAILURE_WORDS, find_body_error
from sync.connection_context import ConnectionContext
from sync.connectors.base import CheckResult, Delivered, Outcome, OutgoingLead
from sync.connectors.webhook.results import parse_not_accepted, parse_outcomes
from sync.crm_messages import clean_message, end_sentence, extract_message, find_message
from sync.errors import BatchRefused, ConfigurationFault, NotAuthorised, OutcomeUnknown, SyncError
from sync.http_client import CrmResponse, HttpClient
from sync.rate_limiter import Rate
from sync.response_errors import classify_error_response, describe_keys, is_record_id
from sync.settings.webhook import WebhookSettings
from sync.web_pages import classify_page

# Values of `status` or `result` at the top of a response that refuse the whole batch.
_REFUSAL_WORDS = (*FAILURE_WORDS, "rejected", "invalid")

# The values of the setting `proof`, which says what proves that leads have arrived (`WebhookSettings.proof`).
_BATCH_ID = "batch id"  # not shown: a setting
_RESULTS = "results"
_ANY_ANSWER = "any answer"  # not shown: a setting

_MISSING_PROOF_SENTENCES = {
    _BATCH_ID: N_(
        "The receiver's response does not contain the batch ID, so nothing proves that it has the leads ({content}). "
        "See docs/webhook.md."
    ),
    _RESULTS: N_("The receiver's response does not say what happened to each lead ({content}). See docs/webhook.md."),
}


class WebhookConnector:
    """Sends one request per batch. The setting `proof` says what the response must contain to prove delivery."""

    destination = "webhook"

    def __init__(self, settings: WebhookSettings, context: ConnectionContext | None = None) -> None:
        self.settings = settings
        self.batch_size = settings.batch_size
        self.max_parallel_pushes = settings.at_once
        # An automation tool (Zapier, Make, n8n) that responds before it looks at the leads cannot recognise one that it
        # already has.
        self.is_idempotent = settings.proof != _ANY_ANSWER
        context = context or ConnectionContext()
        self.http = HttpClient(
            settings.url,
            {"Accept": "application/json", "Content-Type": "application/json", **settings.headers},
            secret_headers=self._build_secret_header,
            context=context,
            rate_limiter=context.make_rate_limiter(self.destination, Rate(settings.max_calls, settings.per_seconds)),
        )

    def _build_secret_header(self) -> dict[str, str]:
        """Build the header with the secret itself, for receivers that cannot check a signature."""
        name = self.settings.secret_header
        return {name: self.settings.token.read()} if name else {}

    async def push(self, batch_id: str, leads: Sequence[OutgoingLead]) -> dict[str, Outcome]:
        """Deliver *leads*, see `Connector.push`."""
        response = await self._post_batch(batch_id, [self._encode_lead(lead) for lead in leads])
        document = _parse_document(response)
        results = document.get("results")
        if isinstance(results, list):
            return parse_outcomes(
                results, {lead.id: lead for lead in leads}, response.status, self.settings.not_accepted
            )
        _raise_if_refused(response)
        self._require_proof(response, document, batch_id)
        word, remote_id = document.get("result"), document.get("id") if len(leads) == 1 else None
        return {
            lead.id: parse_not_accepted(str(word), lead, response.status, self.settings.not_accepted)
            or Delivered(str(remote_id) if is_record_id(remote_id) else lead.id, response.status)
            for lead in leads
        }

    async def _post_batch(self, batch_id: str, leads: Sequence[Mapping[str, Any]]) -> CrmResponse:
        """
        Send one batch, and return the response if its status is a success.

        Raises:
            SyncError: the status is an error, or the response is a web page.
        """
        now = int(time.time())
        body = webhook_signature.encode_body({"batch_id": batch_id, "sent_at": now, "leads": leads})
        headers = self._build_signature_headers(batch_id, now, body)
        response = await self.http.send("POST", self.settings.url, body, headers)
        if not 200 <= response.status < 300:
            raise self._classify_refusal(response)
        if self._may_be_login_page(response):
            raise classify_page(response)
        return response

    def _classify_refusal(self, response: CrmResponse) -> SyncError:
        """Return the error for a refusal."""
        fault = classify_error_response(response)
        # An automation tool that responds before it looks at the leads cannot refuse one: its 400 is about the request.
        if self.settings.proof != _ANY_ANSWER or response.status != 400 or not isinstance(fault, BatchRefused):
            return fault
        message = extract_message(response) or _("status {status}.").format(status=response.status)
        return ConfigurationFault(
            _("CRM setup: the automation tool does not accept what it is sent. It says: {message}").format(
                message=message
            )
        )

    def _build_signature_headers(self, batch_id: str, now: int, body: bytes) -> dict[str, str]:
        """
        Build the headers that identify and sign *body*; unsigned without a secret, or if the secret itself is sent.

        Raises:
            NotAuthorised: the secret is unavailable.
        """
        secret = None if self.settings.secret_header else self.settings.token
        try:
            return webhook_signature.build_headers(batch_id, now, body, secret)
        except ValueError as error:
            raise NotAuthorised(
                _("The secret for the webhook is unavailable: {reason}").format(reason=error)
            ) from error

    def _may_be_login_page(self, response: CrmResponse) -> bool:
        """Return whether *response* may be a login page instead of the receiver's answer."""
        # If any answer is proof, HTTPS has to show who responded; and some tools label a word or two of text as HTML.
        if self.settings.proof == _ANY_ANSWER:
            return response.body.lstrip().startswith(b"<")
        return response.is_html

    def _require_proof(self, response: CrmResponse, document: Mapping[str, Any], batch_id: str) -> None:
        """
        Check that *response* proves that the batch has arrived.

        Raises:
            OutcomeUnknown: anybody could have sent this response.
        """
        proof = self.settings.proof
        if proof == _ANY_ANSWER:
            return
        has_batch_id = batch_id in (document.get("batch_id"), response.headers.get("x-booth-batch"))
        if proof == _BATCH_ID and has_batch_id:
            return
        # A response that was cut off on the way says nothing about the receiver's configuration.
        if _is_truncated_json(response):
            raise OutcomeUnknown(_("The receiver's response was cut off."))
        content = _describe_content(response, document)
        raise OutcomeUnknown(_(_MISSING_PROOF_SENTENCES[proof]).format(content=content), lacks_proof=True)

    def _encode_lead(self, lead: OutgoingLead) -> dict[str, Any]:
        """Return *lead* by the receiver's field names, without empty values, which would erase values there."""
        fields = {theirs: lead.fields.get(ours) for ours, theirs in self.settings.fields.items()}
        known = {name: value for name, value in fields.items() if value not in (None, "", [], {})}
        return {"lead_id": lead.id, "revision": lead.revision, **known}

    def fingerprint_credential(self) -> str:
        """Return the secret's fingerprint, see `Connector.fingerprint_credential`."""
        return self.settings.token.fingerprint()

    async def check_setup(self) -> list[CheckResult]:
        """Check the response to a batch without leads, see `Connector.check_setup`."""
        if self.settings.proof == _ANY_ANSWER:
            sentence = _("Only a test lead can show that the webhook works: its response proves nothing.")
            return [CheckResult(True, sentence, was_asked=False)]
        # A new id for each check, so that no response to an earlier one can pass as proof.
        batch_id = f"check-{time.time_ns()}"
        response = await self._post_batch(batch_id, [])
        document = _parse_document(response)
        try:
            if not isinstance(document.get("results"), list):
                _raise_if_refused(response)
                self._require_proof(response, document, batch_id)
        except SyncError as error:
            return [CheckResult(False, str(error))]
        if self.settings.token.is_set:
            return [CheckResult(True, _("The webhook responds correctly. Calls are signed."))]
        sentence = _("The webhook responds correctly. Calls are not signed: anybody could send leads to it.")
        return [CheckResult(True, sentence)]

    async def remove_test_lead(self, lead: OutgoingLead, remote_id: str) -> bool:
        """Return False: the contract has no way to delete a lead."""
        return False

    async def aclose(self) -> None:
        """Close the connection."""
        await self.http.aclose()


def _parse_document(response: CrmResponse) -> Mapping[str, Any]:
    """Return the JSON object in *response*; an empty one if it is something else."""
    try:
        document = response.json()
    except ValueError:
        return {}
    return document if isinstance(document, Mapping) else {}


def _is_truncated_json(response: CrmResponse) -> bool:
    """Return whether *response* begins as JSON does and cannot be parsed."""
    try:
        response.json()
    except ValueError:
        return response.body.lstrip().startswith((b"{", b"["))
    return False


def _describe_content(response: CrmResponse, document: Mapping[str, Any]) -> str:
    """Describe what *response* contains, for the person who configures the receiver."""
    if document:
        return describe_keys(document)
    if text := clean_message(response.text.strip()[:80]):
        return _("it says: {text}").format(text=text)
    return _("it is empty, with status {status}").format(status=response.status)


def _raise_if_refused(response: CrmResponse) -> None:
    """
    Raise an error if the body of *response* refuses the batch, whatever its status is.

    Raises:
        BatchRefused: it does.
    """
    try:
        document = response.json()
    except ValueError:
        return
    for part in document if isinstance(document, list) else [document]:  # n8n answers with a list of its results
        if isinstance(part, Mapping) and (reason := _find_refusal(part)):
            message = find_message(part) or clean_message(part if reason is True else reason)
            raise BatchRefused(
                _("The receiver rejected it: {message}").format(message=end_sentence(message)),
                code="refused in body",  # not shown: a code
            )


def _find_refusal(document: Mapping[str, Any]) -> Any:
    """Return the reason for which *document* refuses the batch, or True if it gives none; None if it does not."""
    is_refused = any(str(document.get(name) or "").casefold() in _REFUSAL_WORDS for name in ("status", "result"))
    if is_refused or document.get("accepted") is False:
        return True
    if reason := find_body_error(document):
        return reason
    if "id" not in document and document.get("error"):
        return document["error"]
    return None
