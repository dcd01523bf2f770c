"""Whether the CRM has a lead's record already, where it has to be searched to know that."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

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

_UNSEARCHABLE_SENTENCE = (
    "It was sent before, no answer came, and it has nothing to look for it by: look in the CRM; discard it here if it "
    "is there, or add or correct {word}."
)

_UNCLEAR_MATCH_SENTENCE = (
    "It was sent before, no answer came, and the CRM has a {name} without the lead's id or e-mail: look whether that "
    "is this lead. Retry if it is, and it is updated; else add an e-mail to this lead."
)


@dataclass(frozen=True, slots=True)
class StepSpec:
    """Where a record goes, and what the answers mean."""

    settings: RestSettings | SecondCallSettings
    answer: AnswerSettings
    paths: RecordPaths

    @property
    def search(self) -> SearchSettings:
        """What finds the record."""
        return self.settings.search


class RecordSearch:
    """Looks for records of one kind."""

    def __init__(self, way: StepSpec, caller: ApiClient, shape: LeadEncoder) -> None:
        self.spec = way
        self.client = caller
        self.encoder = shape
        self.table = "then.search" if isinstance(way.settings, SecondCallSettings) else "search"
        """The table of kiosk.toml."""
        self.sent_at: dict[str, float] = {}
        """When a lead was sent that may not be found yet, in seconds of `time.monotonic`."""
        self.started_at = time.monotonic()

    async def find_record(
        self, lead: OutgoingLead, *, is_known_there: bool = False, **more: Any
    ) -> str | Rejected | SharedRecord | None:
        """
        The CRM's id of *lead*, or why a person must look; None where the CRM does not have it.

        *is_known_there* says that the CRM has it for sure; else it may have what was sent before.

        Raises:
            SyncError: the CRM could not be asked.
        """
        search = self.spec.search
        words = self.encoder.build_template_values(lead, **more)
        ways = [
            way
            for way in search.requests
            if not find_empty_placeholders(way, words) and not find_unsafe_placeholders(way, words)
        ]
        if not ways:
            first = find_empty_placeholders(search.requests[0], words) or find_unsafe_placeholders(
                search.requests[0], words
            )
            missing = first[0].replace("_", " ")
            return (
                Rejected(_UNSEARCHABLE_SENTENCE.format(word=f"the {missing}"), "unsearchable")
                if lead.was_sent_before or is_known_there
                else None
            )
        await self._wait_for_index(lead)
        url, body = ways[0]
        content = fill_template(body, words) if search.method == "POST" else None
        answer = await self.client.send_request(search.method, fill_url(url, words), content)
        if answer.status in search.not_found:
            return None
        raise_if_no_endpoint(answer, f"{self.table}.url")
        match = self._match_records(
            parse_search_records(parse_response(answer, self.spec.answer), search, self.table), lead, words
        )
        if match.uncertain_record is not None and (match.other_name or lead.was_sent_before or is_known_there):
            return as_shared_record(match, lead, search.id)
        if match.record is None:
            return None
        if not is_record_id(remote_id := get_by_path(match.record, search.id)):
            raise OutcomeUnknown(f"The CRM found the lead, and gives no id at {search.id!r}, as search.id says.")
        return str(remote_id)

    def _match_records(self, records: Any, lead: OutgoingLead, words: Mapping[str, Any]) -> RecordMatch:
        """Which of *records* is the lead's; a second record is searched by what it alone has, so the first is it."""
        if isinstance(self.spec.settings, SecondCallSettings):
            key = self.spec.search.key
            return RecordMatch(
                next((item for item in records if not key or str(get_by_path(item, key)) == lead.id), None)
            )
        places = RecordPaths(self.spec.search.key, self.spec.paths.email, self.spec.paths.names)
        return match_lead(records, lead, places, self.encoder.build_flat_fields(words, is_new=True))

    async def _wait_for_index(self, lead: OutgoingLead) -> None:
        """Wait until the CRM's search had time to notice what was sent."""
        since = self.sent_at.get(lead.id, self.started_at)
        await asyncio.sleep(max(0.0, since + self.spec.search.wait_seconds - time.monotonic()))


def as_shared_record(match: RecordMatch, lead: OutgoingLead, path: str) -> SharedRecord | Rejected:
    """A record at the CRM that may be somebody else's, with its id at *path*: a person says whether it is the lead."""
    sentence = "" if match.other_name else _UNCLEAR_MATCH_SENTENCE.format(name=format_lead_name(lead))
    if is_record_id(remote_id := get_by_path(match.uncertain_record, path)):
        return SharedRecord(str(remote_id), match.other_name, sentence=sentence)
    return Rejected(sentence or f"The CRM has {match.other_name} under this e-mail: look there.", "another")
