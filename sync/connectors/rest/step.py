"""One record of a lead's in the CRM: found where it may be there already, then updated or made."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from sync.connectors.base import Delivered, Outcome, OutgoingLead, Rejected, SharedRecord
from sync.connectors.rest.api_client import ApiClient
from sync.connectors.rest.lead_encoder import LeadEncoder
from sync.connectors.rest.matching import format_lead_name, has_same_values, match_lead
from sync.connectors.rest.response_text import quote_crm
from sync.connectors.rest.responses import (
    list_records,
    parse_create_outcome,
    parse_response,
    parse_update_outcome,
    raise_if_no_endpoint,
)
from sync.connectors.rest.search import RecordSearch, StepSpec, as_shared_record
from sync.crm_messages import get_by_path
from sync.errors import BatchRefused, OutcomeUnknown
from sync.http_client import NO_HEADERS, CrmResponse
from sync.response_errors import is_record_id
from sync.template import fill_template, fill_url, find_empty_placeholders, find_placeholders, find_unsafe_placeholders
from sync.web_pages import classify_error_page

_GONE_STATUSES = (404, 410)
"""What the address of one record answers that is no longer there."""

_REFUSED_STATUSES = (403, 405)
"""What it answers where that one record may not be changed: it is another's, locked, or closed."""

_GONE_SENTENCE = "It was deleted in the CRM, or update_url is wrong: look there; retry makes it new."


class DeliveryStep:
    """One of the calls that bring a lead into the CRM, with what is asked before."""

    def __init__(self, way: StepSpec, caller: ApiClient, shape: LeadEncoder) -> None:
        self.spec = way
        self.client = caller
        self.encoder = shape
        self.record_search = RecordSearch(way, caller, shape)
        self.last_created: Any = None
        """What the CRM said of the last record that was made."""

    async def deliver_lead(
        self,
        lead: OutgoingLead,
        headers: Mapping[str, str] = NO_HEADERS,
        *,
        known_id: str | None,
        may_be_there: bool,
        **more: Any,
    ) -> Outcome:
        """
        Bring the record of *lead* into the CRM; *more* are words for the templates.

        Raises:
            SyncError: see `Connector.push`.
        """
        search = self.spec.search
        if known_id is None and search.url and (may_be_there or search.when == "always"):
            match = await self.record_search.find_record(lead, **more)
            if isinstance(match, Rejected | SharedRecord):
                return match
            if match is not None:
                known_id = match
                if not self.spec.settings.has_update_call:
                    return Delivered(known_id)
        if known_id and self.spec.settings.has_update_call:
            return await self._update_record(lead, known_id, headers, **more)
        return await self._create_record(lead, known_id, headers, **more)

    async def _create_record(
        self, lead: OutgoingLead, known: str | None, headers: Mapping[str, str], **more: Any
    ) -> Outcome:
        """Send *lead* as a new one, or to where new and known ones go alike."""
        settings, places = self.spec.settings, self.spec.answer
        words = self.encoder.build_template_values(lead, known, **more)
        address = settings.url.partition("?")[0]
        if missing := find_empty_placeholders(address, words) or find_unsafe_placeholders(settings.url, words):
            field = missing[0].replace("_", " ")
            return Rejected(f"The CRM's address for it needs the {field}: add or correct it.", f"no {missing[0]}")
        body = fill_template(settings.body, words) if settings.body else words["fields"]
        self.record_search.sent_at[lead.id] = time.monotonic()
        answer = await self.client.send_request(settings.method, fill_url(settings.url, words), body, headers)
        raise_if_no_endpoint(answer, "url")
        if answer.status in places.duplicate:
            return await self._handle_duplicate(answer, lead, words, **more)
        try:
            document = parse_response(answer, places)
        except BatchRefused as refusal:
            if _contains_any(str(refusal), places.there_already):
                return await self._update_after_refusal(refusal, lead, **more)
            raise
        if not places.id and not places.id_header:
            return await self._prove_by_search(lead, answer, **more)
        self.last_created = document
        outcome = parse_create_outcome(document, answer, lead, places)
        if isinstance(outcome, Delivered):
            self.record_search.sent_at.pop(lead.id, None)
        return outcome

    async def _prove_by_search(self, lead: OutgoingLead, answer: CrmResponse, **more: Any) -> Outcome:
        """
        How *lead* ended, which the CRM took without giving it an id: what it has is found there.

        Raises:
            Unsure: it is not.
        """
        found = await self.record_search.find_record(lead, is_known_there=True, **more)
        if isinstance(found, Rejected | SharedRecord):
            return found
        if found is None:
            sentence = "The CRM says yes, and its search does not find what it got: correct crm.rest.search."
            raise OutcomeUnknown(sentence, lacks_proof=True)
        return Delivered(found, answer.status)

    async def _update_record(
        self, lead: OutgoingLead, known: str, headers: Mapping[str, str] = NO_HEADERS, **more: Any
    ) -> Outcome:
        """Send *lead* to where the CRM has it, under the id that is *known*."""
        settings, places = self.spec.settings, self.spec.answer
        words = self.encoder.build_template_values(lead, known, **more)
        template = settings.update_url or settings.url
        content = settings.update_body or settings.body
        method = settings.update_method if settings.update_url else settings.method
        body = fill_template(content, words) if content else words["fields"]
        answer = await self.client.send_request(method, fill_url(template, words), body, headers)
        if answer.status == 409 and not answer.is_html:  # somebody else changed it at the same moment
            answer = await self.client.send_request(method, fill_url(template, words), body, headers)
        if "remote_id" in find_placeholders([template, content]) and classify_error_page(answer) is None:
            if answer.status in _GONE_STATUSES:
                return await self._handle_gone(lead, known, answer, **more)
            if answer.status in _REFUSED_STATUSES and not _contains_any(quote_crm(answer), places.gone):
                sentence = f"The CRM does not let us change this record. {quote_crm(answer)}"
                return Rejected(sentence.strip(), str(answer.status), answer.status)
            if answer.status in _REFUSED_STATUSES:
                return await self._handle_gone(lead, known, answer, **more)
        raise_if_no_endpoint(answer, "update_url" if settings.update_url else "url")
        if 200 <= answer.status < 300 and not answer.body.strip():
            return Delivered(known, answer.status)
        try:
            document = parse_response(answer, places)
        except BatchRefused as refusal:
            if _contains_any(str(refusal), places.gone):
                return await self._handle_gone(lead, known, answer, **more)
            raise
        return parse_update_outcome(document, answer, lead, places, known)

    async def _handle_gone(self, lead: OutgoingLead, known: str, answer: CrmResponse, **more: Any) -> Outcome:
        """The record *known* is no longer there: perhaps another took its place, else a person decides."""
        if self.spec.search.url and lead.remote_id == known:
            found = await self.record_search.find_record(lead, **more)
            if isinstance(found, str) and found != known:
                return await self._update_record(lead, found, **more)
        said = quote_crm(answer)
        return Rejected(f"{_GONE_SENTENCE} {said}".strip(), "gone", answer.status, cause="gone")

    async def _update_after_refusal(self, refusal: BatchRefused, lead: OutgoingLead, **more: Any) -> Outcome:
        """
        The CRM refused *lead* because it has it: then it is found, and updated.

        Raises:
            BatchRefused: it is not found.
        """
        found = await self.record_search.find_record(lead, **more) if self.spec.search.url else None
        if isinstance(found, Rejected | SharedRecord):
            return found
        if found is None:
            raise refusal
        return (
            await self._update_record(lead, found, **more) if self.spec.settings.has_update_call else Delivered(found)
        )

    async def _handle_duplicate(
        self, answer: CrmResponse, lead: OutgoingLead, words: Mapping[str, Any], **more: Any
    ) -> Outcome:
        """What it means that the CRM says it has *lead* already: is it the same person?"""
        places = self.spec.answer
        records = [
            record
            for record in list_records(_parse_json(answer), places.existing)
            if is_record_id(get_by_path(record, places.id)) or get_by_path(record, places.email)
        ]
        if not records:
            return await self._handle_unnamed_conflict(answer, lead, words, **more)
        sent = self.encoder.build_flat_fields(words, is_new=True)
        match = match_lead(records, lead, self.spec.paths, sent)
        if match.uncertain_record is not None:
            return as_shared_record(match, lead, places.id)
        remote_id = get_by_path(match.record, places.id)
        if match.record is None or not is_record_id(remote_id):
            sentence = "and does not say that it is the same person: look at it there."
            return Rejected(
                f"The CRM has another {format_lead_name(lead)}, {sentence}", str(answer.status), answer.status
            )
        if self.spec.settings.has_update_call:
            return await self._update_record(lead, str(remote_id), **more)
        is_edit = bool(lead.remote_id) or (lead.was_sent_before and not lead.was_sent_unchanged)
        if not is_edit or has_same_values(match.record, sent):
            return Delivered(str(remote_id), answer.status)
        sentence = f"The CRM has {format_lead_name(lead)} already, and did not take what was noted here: add it there."
        return Rejected(sentence, "not taken", answer.status)

    async def _handle_unnamed_conflict(
        self, answer: CrmResponse, lead: OutgoingLead, words: Mapping[str, Any], **more: Any
    ) -> Outcome:
        """
        A conflict that shows no record: find it where that can be done, else try once more, then say the CRM's words.

        Raises:
            SyncError: it is refused.
        """
        settings, places = self.spec.settings, self.spec.answer
        if self.spec.search.url:
            found = await self.record_search.find_record(lead, **more)
            if isinstance(found, Rejected | SharedRecord):
                return found
            if found and settings.has_update_call:
                return await self._update_record(lead, found, **more)
        body = fill_template(settings.body, words) if settings.body else words["fields"]
        answer = await self.client.send_request(settings.method, fill_url(settings.url, words), body)
        return parse_create_outcome(parse_response(answer, places), answer, lead, places)


def _contains_any(refusal: str, words: Sequence[str]) -> bool:
    """Whether a refusal has one of *words* in it."""
    return any(word.casefold() in refusal.casefold() for word in words)


def _parse_json(answer: CrmResponse) -> Any:
    """The JSON of *answer*; None where it has none."""
    try:
        return answer.json()
    except ValueError:
        return None
