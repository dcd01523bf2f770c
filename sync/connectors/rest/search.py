"""Searches the CRM for a lead's record, for APIs that cannot upsert."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from data.field_names import translate_field_name
from data.language import N_, _
from sync.connectors.base import OutgoingLead, Rejected, SharedRecord
from sync.connectors.rest.api_client import ApiClient
from sync.connectors.rest.lead_encoder import LeadEncoder
from sync.connectors.rest.matching import RecordMatch, RecordPaths, format_lead_name, match_lead
from sync.connectors.rest.responses import parse_response, parse_search_records, raise_if_no_endpoint
from sync.crm_messages import get_by_path
from sync.errors import OutcomeUnknown
from sync.response_errors import is_record_id
from sync.settings.rest import RestSettings
from sync.settings.rest_answer import AnswerSettings, SearchSettings
from sync.settings.rest_second_call import SecondCallSettings
from sync.template import fill_template, fill_url, find_empty_placeholders, find_unsafe_placeholders

_UNSEARCHABLE_SENTENCE = N_(
    "It was sent before without a response, and has nothing to search for: check the CRM. Discard it here if it is "
    "there; otherwise add or correct the {field}."
)

_UNCLEAR_MATCH_SENTENCE = N_(
    "It was sent before without a response, and the CRM has a {name} without the lead's ID or e-mail: check whether "
    "that is this lead. If it is, retry, and it is updated; otherwise add an e-mail to this lead."
)


@dataclass(frozen=True, slots=True)
class StepSpec:
    """Where one kind of record is sent, and what the responses mean."""

    settings: RestSettings | SecondCallSettings
    answer: AnswerSettings
    paths: RecordPaths

    @property
    def search(self) -> SearchSettings:
        """How to find the record."""
        return self.settings.search


class RecordSearch:
    """Searches for records of one kind."""

    def __init__(self, spec: StepSpec, client: ApiClient, encoder: LeadEncoder) -> None:
        self.spec = spec
        self.client = client
        self.encoder = encoder
        self.table = "then.search" if isinstance(spec.settings, SecondCallSettings) else "search"
        """The table of kiosk.toml that describes the search."""
        self.sent_at: dict[str, float] = {}
        """When a lead was sent that a search may not find yet, in seconds of `time.monotonic`."""
        self.started_at = time.monotonic()

    async def find_record(
        self, lead: OutgoingLead, *, is_known_there: bool = False, **more: Any
    ) -> str | Rejected | SharedRecord | None:
        """
        Return the CRM's id of *lead*, or why a person must look; None if the CRM does not have it.

        *is_known_there* says that the CRM certainly has it; otherwise it may have it if it was sent before.

        Raises:
            SyncError: the CRM could not be reached.
        """
        search = self.spec.search
        values = self.encoder.build_template_values(lead, **more)
        requests = [
            request
            for request in search.requests
            if not find_empty_placeholders(request, values) and not find_unsafe_placeholders(request, values)
        ]
        if not requests:
            first = find_empty_placeholders(search.requests[0], values) or find_unsafe_placeholders(
                search.requests[0], values
            )
            missing = translate_field_name(first[0])
            return (
                Rejected(_(_UNSEARCHABLE_SENTENCE).format(field=missing), "unsearchable")
                if lead.was_sent_before or is_known_there
                else None
            )
        await self._wait_for_index(lead)
        url, body = requests[0]
        content = fill_template(body, values) if search.method == "POST" else None
        response = await self.client.send_request(search.method, fill_url(url, values), content)
        if response.status in search.not_found:
            return None
        raise_if_no_endpoint(response, f"{self.table}.url")
        match = self._match_records(
            parse_search_records(parse_response(response, self.spec.answer), search, self.table), lead, values
        )
        if match.uncertain_record is not None and (match.other_name or lead.was_sent_before or is_known_there):
            return as_shared_record(match, lead, search.id)
        if match.record is None:
            return None
        if not is_record_id(remote_id := get_by_path(match.record, search.id)):
            raise OutcomeUnknown(
                _("The CRM found the lead, but its response has no ID at {path!r}, where search.id says.").format(
                    path=search.id
                )
            )
        return str(remote_id)

    def _match_records(self, records: Any, lead: OutgoingLead, values: Mapping[str, Any]) -> RecordMatch:
        """Return which of *records* is the lead's. For the second call, whose search is exact, that is the first."""
        if isinstance(self.spec.settings, SecondCallSettings):
            key = self.spec.search.key
            return RecordMatch(
                next((item for item in records if not key or str(get_by_path(item, key)) == lead.id), None)
            )
        places = RecordPaths(self.spec.search.key, self.spec.paths.email, self.spec.paths.names)
        return match_lead(records, lead, places, self.encoder.build_flat_fields(values, is_new=True))

    async def _wait_for_index(self, lead: OutgoingLead) -> None:
        """Wait until the CRM's search has had time to index what was sent."""
        since = self.sent_at.get(lead.id, self.started_at)
        await asyncio.sleep(max(0.0, since + self.spec.search.wait_seconds - time.monotonic()))


def as_shared_record(match: RecordMatch, lead: OutgoingLead, path: str) -> SharedRecord | Rejected:
    """Return the uncertain record of *match*, with its id at *path*: a person decides whether it is the lead."""
    sentence = "" if match.other_name else _(_UNCLEAR_MATCH_SENTENCE).format(name=format_lead_name(lead))
    if is_record_id(remote_id := get_by_path(match.uncertain_record, path)):
        return SharedRecord(str(remote_id), match.other_name, sentence=sentence)
    if not sentence:
        sentence = _("The CRM has {name} under this e-mail: check it there.").format(name=match.other_name)
    return Rejected(sentence, "another")
