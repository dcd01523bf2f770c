"""Leads posted to a receiver of your own, signed; docs/webhook.md is the contract."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from sync import webhook_signature
from sync.body_errors import FAILURE_WORDS, find_body_error
from sync.connection_context import ConnectionContext
from sync.connectors.base import CheckResult, Delivered, Outcome, OutgoingLead, Rejected, Retry
from sync.crm_messages import clean_message, end_sentence, extract_message, find_message
from sync.errors import BatchRefused, ConfigurationFault, NotAuthorised, OutcomeUnknown, SyncError
from sync.http_client import CrmResponse, HttpClient
from sync.rate_limiter import Rate
from sync.response_errors import classify_error_response, describe_keys, is_record_id
from sync.settings.webhook import WebhookSettings
from sync.web_pages import classify_page

_ACCEPTED_WORDS = ("accepted", "created", "updated", "duplicate", "ok")
"""What a receiver may say of a lead that it has."""

_REJECTED_WORDS = ("rejected", "invalid")
"""What it may say of a lead that a person must look at; anything else is a trouble of its own."""

_OLDER_KEPT_WORDS = ("duplicate",)
"""What it may say of a lead that it has, where that can be an older revision than the one that was sent."""

REFUSAL_WORDS = (*FAILURE_WORDS, "rejected", "invalid")
"""What an answer as a whole may have as its status or result that is a plain no."""

_MISSING_PROOF_SENTENCES = {
    "batch id": "The receiver's answer does not give back the batch's id, so nothing proves that it has the leads",
    "results": "The receiver's answer does not say how each lead ended",
}


class WebhookConnector:
    """One call a batch; what the answer must hold to count is a setting."""

    destination = "webhook"

    def __init__(self, settings: WebhookSettings, context: ConnectionContext | None = None) -> None:
        self.settings = settings
        self.batch_size = settings.batch_size
        self.max_parallel_pushes = settings.at_once
        self.is_idempotent = settings.proof != "any answer"
        """A tool that answers before it works knows no lead again."""
        context = context or ConnectionContext()
        self.http = HttpClient(
            settings.url,
            {"Accept": "application/json", "Content-Type": "application/json", **settings.headers},
            secret_headers=self._build_secret_header,
            context=context,
            rate_limiter=context.make_rate_limiter(self.destination, Rate(settings.max_calls, settings.per_seconds)),
        )

    def _build_secret_header(self) -> dict[str, str]:
        """The header with the secret itself, for receivers that cannot check a signature."""
        name = self.settings.secret_header
        return {name: self.settings.token.read()} if name else {}

    async def push(self, batch_id: str, leads: Sequence[OutgoingLead]) -> dict[str, Outcome]:
        """Deliver *leads*, see `Connector.push`."""
        answer = await self.post_batch(batch_id, [self.encode_lead(lead) for lead in leads])
        document = _parse_document(answer)
        results = document.get("results")
        if isinstance(results, list):
            return _parse_outcomes(results, {lead.id: lead for lead in leads}, answer.status, self.settings.not_taken)
        _raise_if_refused(answer)
        self._require_proof(answer, document, batch_id)
        word, remote_id = document.get("result"), document.get("id") if len(leads) == 1 else None
        return {
            lead.id: parse_not_taken(str(word), lead, answer.status, self.settings.not_taken)
            or Delivered(str(remote_id) if is_record_id(remote_id) else lead.id, answer.status)
            for lead in leads
        }

    async def post_batch(self, batch_id: str, leads: Sequence[Mapping[str, Any]]) -> CrmResponse:
        """
        Send one batch, and return an answer that says yes.

        Raises:
            SyncError: it says no, or is a page for people.
        """
        now = int(time.time())
        document = {"batch_id": batch_id, "sent_at": now, "leads": leads}
        body = webhook_signature.encode_body(document)
        answer = await self.http.send(
            "POST", self.settings.url, body, self.build_signature_headers(batch_id, now, body)
        )
        if not 200 <= answer.status < 300:
            raise self.classify_refusal(answer)
        if self._is_html_page(answer):
            raise classify_page(answer)
        return answer

    def classify_refusal(self, answer: CrmResponse) -> SyncError:
        """What an answer means that says no; a tool that answers before it looks refuses no lead, but what it is."""
        fault = classify_error_response(answer)
        if self.settings.proof != "any answer" or answer.status != 400 or not isinstance(fault, BatchRefused):
            return fault
        said = extract_message(answer) or f"it answers {answer.status}."
        return ConfigurationFault(f"CRM set-up: the webhook's tool does not take what it is sent. It says: {said}")

    def build_signature_headers(self, batch_id: str, now: int, body: bytes) -> dict[str, str]:
        """
        The headers that prove that *body* is ours; not signed where there is no secret, or the secret itself is sent.

        Raises:
            NotAuthorised: the secret cannot be had.
        """
        try:
            return webhook_signature.build_headers(
                batch_id, now, body, None if self.settings.secret_header else self.settings.token
            )
        except ValueError as error:
            raise NotAuthorised(f"The secret for the webhook cannot be had: {error}") from error

    def _is_html_page(self, answer: CrmResponse) -> bool:
        """Whether a login page may have answered; some tools call a word or two HTML, and HTTPS proves who they are."""
        if self.settings.proof == "any answer":
            return answer.body.lstrip().startswith(b"<")
        return answer.is_html

    def _require_proof(self, answer: CrmResponse, document: Mapping[str, Any], batch_id: str) -> None:
        """
        Look whether *answer* proves that the batch has arrived.

        Raises:
            Unsure: it may have been given by anybody.
        """
        proof = self.settings.proof
        if proof == "any answer":
            return
        given_back = batch_id in (document.get("batch_id"), answer.headers.get("x-booth-batch"))
        if proof == "results" or not given_back:
            if _is_truncated_json(answer):
                raise OutcomeUnknown(f"{_MISSING_PROOF_SENTENCES[proof]}.")
            held = _describe_content(answer, document)
            raise OutcomeUnknown(f"{_MISSING_PROOF_SENTENCES[proof]} ({held}). See docs/webhook.md.", lacks_proof=True)

    def encode_lead(self, lead: OutgoingLead) -> dict[str, Any]:
        """*lead* by the receiver's names; what is not known is left out, so that it erases nothing there."""
        fields = {theirs: lead.fields.get(ours) for ours, theirs in self.settings.fields.items()}
        known = {name: value for name, value in fields.items() if value not in (None, "", [], {})}
        return {"lead_id": lead.id, "revision": lead.revision, **known}

    def fingerprint_credential(self) -> str:
        """The secret's fingerprint, see `Connector.credential`."""
        return self.settings.token.fingerprint()

    async def check_setup(self) -> list[CheckResult]:
        """Whether a batch without leads is answered as one with leads must be, see `Connector.check`."""
        if self.settings.proof == "any answer":
            sentence = "Only a test lead can show whether the webhook works: its answer says nothing."
            return [CheckResult(True, sentence, was_asked=False)]
        batch_id = f"check-{time.time_ns()}"
        answer = await self.post_batch(batch_id, [])
        document = _parse_document(answer)
        try:
            if not isinstance(document.get("results"), list):
                _raise_if_refused(answer)
                self._require_proof(answer, document, batch_id)
        except SyncError as error:
            return [CheckResult(False, str(error))]
        signed = "signed" if self.settings.token.is_set else "not signed: anybody could send leads to it"
        return [CheckResult(True, f"The webhook answers as it must; calls are {signed}.")]

    async def remove_test_lead(self, lead: OutgoingLead, remote_id: str) -> bool:
        """The contract has no word for that."""
        return False

    async def aclose(self) -> None:
        """Let go of the connection."""
        await self.http.aclose()


def _parse_document(answer: CrmResponse) -> Mapping[str, Any]:
    """The JSON object in *answer*; empty where there is none."""
    try:
        document = answer.json()
    except ValueError:
        return {}
    return document if isinstance(document, Mapping) else {}


def _is_truncated_json(answer: CrmResponse) -> bool:
    """Whether *answer* begins as JSON does, and is not whole."""
    try:
        answer.json()
    except ValueError:
        return answer.body.lstrip().startswith((b"{", b"["))
    return False


def _describe_content(answer: CrmResponse, document: Mapping[str, Any]) -> str:
    """What *answer* does hold, for whoever has to set the receiver up."""
    if document:
        return describe_keys(document)
    text = clean_message(answer.text.strip()[:80])
    return f"it says: {text}" if text else f"it is empty, with status {answer.status}"


def _raise_if_refused(answer: CrmResponse) -> None:
    """
    Look whether *answer* says plainly that the receiver did not take the batch, whatever its status is.

    Raises:
        BatchRefused: it does.
    """
    try:
        document = answer.json()
    except ValueError:
        return
    for part in document if isinstance(document, list) else [document]:  # n8n answers with a list of what it made
        if isinstance(part, Mapping) and (why := _find_refusal(part)):
            said = find_message(part) or (
                clean_message(why) if why is not True else f"it answers {clean_message(part)}"
            )
            raise BatchRefused(f"The receiver refuses it: {end_sentence(said)}", code="no")


def _find_refusal(document: Mapping[str, Any]) -> Any:
    """Why *document* says no; None where it does not."""
    is_no = any(str(document.get(name) or "").casefold() in REFUSAL_WORDS for name in ("status", "result"))
    if is_no or document.get("accepted") is False:
        return True
    return find_body_error(document) or (document.get("error") if "id" not in document else None) or None


def _parse_outcomes(
    results: Sequence[Any], ours: Mapping[str, OutgoingLead], status: int, not_taken_words: Sequence[str] = ()
) -> dict[str, Outcome]:
    """How each of *ours* ended that *results* name; one of which they say two things is left out."""
    found: dict[str, Outcome] = {}
    contested: set[str] = set()
    for item in results:
        lead_id = item.get("lead_id") if isinstance(item, Mapping) else None
        if not isinstance(lead_id, str) or lead_id not in ours:
            continue
        outcome = _parse_outcome(item, ours[lead_id], status, not_taken_words)
        if found.setdefault(lead_id, outcome) != outcome:
            contested.add(lead_id)
    return {lead_id: outcome for lead_id, outcome in found.items() if lead_id not in contested}


def _parse_outcome(item: Mapping[str, Any], lead: OutgoingLead, status: int, not_taken_words: Sequence[str]) -> Outcome:
    """How one lead ended."""
    word, error = item.get("result"), clean_message(item.get("error"))
    if refused := parse_not_taken(str(word), lead, status, not_taken_words, error):
        return refused
    if word in _ACCEPTED_WORDS or (word in not_taken_words and lead.was_sent_before):
        remote_id = item.get("id")
        return Delivered(str(remote_id) if is_record_id(remote_id) else lead.id, status)
    if word in _REJECTED_WORDS:
        return Rejected(f"The receiver refuses it: {error or 'it does not say why'}", str(word), status)
    return Retry(
        f"The receiver had trouble with this lead: {error or clean_message(word) or 'it does not say why'}", status
    )


def parse_not_taken(
    word: str, lead: OutgoingLead, status: int, not_taken_words: Sequence[str], error: str = ""
) -> Rejected | None:
    """
    Whether *word* says that the receiver did not take *lead* as it is now.

    `duplicate` does where only an older revision was ever sent: that is the one it has. A word of the settings does
    as well for a lead that was never sent before; after a lost answer it says that the lead is there already.
    """
    is_old = lead.only_older_revision_sent and word in (*_OLDER_KEPT_WORDS, *not_taken_words)
    if not is_old and not (word in not_taken_words and not lead.was_sent_before):
        return None
    why = "keeps the older version of this lead that it has" if is_old else "did not take this lead"
    details = f" {end_sentence(error)}" if error else ""
    return Rejected(
        f"The receiver {why} (it says: {clean_message(word)}).{details} Correct it there by hand.", word, status
    )
