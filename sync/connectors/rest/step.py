"""Delivers one record of a lead: finds it if it may exist already, then updates or creates it."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from data.field_names import translate_field_name
from data.language import N_, _
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

# The response from the address of a record that no longer exists.
_GONE_STATUSES = (404, 410)

# The response if this one record may not be changed: it is another user's, locked, or closed.
_REFUSED_STATUSES = (403, 405)

_GONE_SENTENCE = N_("It was deleted in the CRM, or update_url is wrong: check the CRM. A retry creates a new record.")


class DeliveryStep:
    """One of the calls that bring a lead into the CRM, with the search before it."""

    def __init__(self, spec: StepSpec, client: ApiClient, encoder: LeadEncoder) -> None:
        self.spec = spec
        self.client = client
        self.encoder = encoder
        self.record_search = RecordSearch(spec, client, encoder)
        self.last_created: Any = None
        """The CRM's response about the last record that was created."""

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
        Deliver the record of *lead*; *more* are values for the templates.

        Raises:
            SyncError: see `Connector.push`.
        """
        search = self.spec.search
        # A lead that was never sent is searched only if the settings ask for it: a search costs a call.
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
        """Send *lead* as a new record, or to an address for both new and known ones."""
        settings, places = self.spec.settings, self.spec.answer
        values = self.encoder.build_template_values(lead, known, **more)
        # An empty value in the query is harmless; in the path it would be the address of something else.
        address = settings.url.partition("?")[0]
        if missing := find_empty_placeholders(address, values) or find_unsafe_placeholders(settings.url, values):
            field = translate_field_name(missing[0])
            sentence = _("The CRM's address for it needs the {field}: add or correct it.").format(field=field)
            return Rejected(sentence, f"no {missing[0]}")  # not shown: a code
        body = fill_template(settings.body, values) if settings.body else values["fields"]
        # Noted before the call: even if its response gets lost, a search must allow time for indexing.
        self.record_search.sent_at[lead.id] = time.monotonic()
        response = await self.client.send_request(settings.method, fill_url(settings.url, values), body, headers)
        raise_if_no_endpoint(response, "url")
        if response.status in places.duplicate:
            return await self._handle_duplicate(response, lead, values, **more)
        try:
            document = parse_response(response, places)
        except BatchRefused as refusal:
            if _contains_any(str(refusal), places.there_already):
                return await self._update_after_refusal(refusal, lead, **more)
            raise
        if not places.id and not places.id_header:
            return await self._prove_by_search(lead, response, **more)
        self.last_created = document
        outcome = parse_create_outcome(document, response, lead, places)
        if isinstance(outcome, Delivered):
            self.record_search.sent_at.pop(lead.id, None)
        return outcome

    async def _prove_by_search(self, lead: OutgoingLead, response: CrmResponse, **more: Any) -> Outcome:
        """
        Return the outcome of *lead*, which the CRM accepted without returning an id: the record is searched for.

        Raises:
            OutcomeUnknown: the search does not find the record.
        """
        found = await self.record_search.find_record(lead, is_known_there=True, **more)
        if isinstance(found, Rejected | SharedRecord):
            return found
        if found is None:
            sentence = _("The CRM accepted it, but its search does not find the record: correct crm.rest.search.")
            raise OutcomeUnknown(sentence, lacks_proof=True)
        return Delivered(found, response.status)

    async def _update_record(
        self, lead: OutgoingLead, known: str, headers: Mapping[str, str] = NO_HEADERS, **more: Any
    ) -> Outcome:
        """Send *lead* to the record that the CRM has under the *known* id."""
        settings, places = self.spec.settings, self.spec.answer
        values = self.encoder.build_template_values(lead, known, **more)
        template = settings.update_url or settings.url
        content = settings.update_body or settings.body
        method = settings.update_method if settings.update_url else settings.method
        body = fill_template(content, values) if content else values["fields"]
        response = await self.client.send_request(method, fill_url(template, values), body, headers)
        if response.status == 409 and not response.is_html:  # somebody else was changing it at the same moment
            response = await self.client.send_request(method, fill_url(template, values), body, headers)
        # Only an address or a body with the record's id can say something about that record.
        if "remote_id" in find_placeholders([template, content]) and classify_error_page(response) is None:
            if response.status in _GONE_STATUSES:
                return await self._handle_gone(lead, known, response, **more)
            if response.status in _REFUSED_STATUSES and not _contains_any(quote_crm(response), places.gone):
                sentence = _("The CRM does not let the kiosk change this record.")
                reason = f"{sentence} {quote_crm(response)}".strip()
                return Rejected(reason, str(response.status), response.status)
            if response.status in _REFUSED_STATUSES:
                return await self._handle_gone(lead, known, response, **more)
        raise_if_no_endpoint(response, "update_url" if settings.update_url else "url")
        if 200 <= response.status < 300 and not response.body.strip():
            return Delivered(known, response.status)
        try:
            document = parse_response(response, places)
        except BatchRefused as refusal:
            if _contains_any(str(refusal), places.gone):
                return await self._handle_gone(lead, known, response, **more)
            raise
        return parse_update_outcome(document, response, lead, places, known)

    async def _handle_gone(self, lead: OutgoingLead, known: str, response: CrmResponse, **more: Any) -> Outcome:
        """Handle a *known* record that no longer exists: another may have replaced it, else a person decides."""
        # Looking for a successor of an id that a search has just returned would only find it again.
        if self.spec.search.url and lead.remote_id == known:
            found = await self.record_search.find_record(lead, **more)
            if isinstance(found, str) and found != known:
                return await self._update_record(lead, found, **more)
        quote = quote_crm(response)
        return Rejected(f"{_(_GONE_SENTENCE)} {quote}".strip(), "gone", response.status, cause="gone")

    async def _update_after_refusal(self, refusal: BatchRefused, lead: OutgoingLead, **more: Any) -> Outcome:
        """
        Handle a refusal because the CRM already has *lead*: find the record, and update it.

        Raises:
            BatchRefused: the record is not found.
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
        self, response: CrmResponse, lead: OutgoingLead, values: Mapping[str, Any], **more: Any
    ) -> Outcome:
        """Handle a response that says that the CRM already has *lead*: is that the same person?"""
        places = self.spec.answer
        records = [
            record
            for record in list_records(_parse_json(response), places.existing)
            if is_record_id(get_by_path(record, places.id)) or get_by_path(record, places.email)
        ]
        if not records:
            return await self._handle_unnamed_conflict(response, lead, values, **more)
        sent = self.encoder.build_flat_fields(values, is_new=True)
        match = match_lead(records, lead, self.spec.paths, sent)
        if match.uncertain_record is not None:
            return as_shared_record(match, lead, places.id)
        remote_id = get_by_path(match.record, places.id)
        if match.record is None or not is_record_id(remote_id):
            sentence = _("The CRM has another {name}, and does not say whether it is the same person: check it there.")
            return Rejected(sentence.format(name=format_lead_name(lead)), str(response.status), response.status)
        if self.spec.settings.has_update_call:
            return await self._update_record(lead, str(remote_id), **more)
        # Without a way to update, an edit counts as delivered only if the CRM has all of its values.
        is_edit = bool(lead.remote_id) or (lead.was_sent_before and not lead.was_sent_unchanged)
        if not is_edit or has_same_values(match.record, sent):
            return Delivered(str(remote_id), response.status)
        sentence = _("The CRM already has {name}, and did not accept what was noted here: add it there.").format(
            name=format_lead_name(lead)
        )
        return Rejected(sentence, "not taken", response.status)  # not shown: a code

    async def _handle_unnamed_conflict(
        self, response: CrmResponse, lead: OutgoingLead, values: Mapping[str, Any], **more: Any
    ) -> Outcome:
        """
        Handle a conflict that shows no record: search for it if possible, otherwise try once more.

        Raises:
            SyncError: the lead is refused again.
        """
        settings, places = self.spec.settings, self.spec.answer
        if self.spec.search.url:
            found = await self.record_search.find_record(lead, **more)
            if isinstance(found, Rejected | SharedRecord):
                return found
            if found and settings.has_update_call:
                return await self._update_record(lead, found, **more)
        body = fill_template(settings.body, values) if settings.body else values["fields"]
        response = await self.client.send_request(settings.method, fill_url(settings.url, values), body)
        return parse_create_outcome(parse_response(response, places), response, lead, places)


def _contains_any(refusal: str, phrases: Sequence[str]) -> bool:
    """Return whether a refusal contains one of *phrases*."""
    return any(phrase.casefold() in refusal.casefold() for phrase in phrases)


def _parse_json(response: CrmResponse) -> Any:
    """Return the JSON of *response*; None if it is something else."""
    try:
        return response.json()
    except ValueError:
        return None
