"""What can be known of an API before the show, without sending it a lead; what cannot is said, too."""

from collections.abc import Mapping
from typing import Any

from data.uuid7 import new_uuid7
from sync.connectors.base import CheckResult, OutgoingLead
from sync.connectors.rest.api_client import ApiClient
from sync.connectors.rest.lead_encoder import LeadEncoder
from sync.connectors.rest.responses import parse_response, parse_search_records
from sync.errors import BatchRefused, ConfigurationFault, OutcomeUnknown
from sync.http_client import CrmResponse
from sync.settings.rest import RestSettings
from sync.settings.rest_answer import SearchSettings
from sync.template import fill_template, fill_url

_KEY_UNCHECKED = "Whether the CRM accepts our key: kiosk.toml has no check_url that could be asked."

_FIELDS_UNCHECKED = (
    "Whether the CRM has the fields of kiosk.toml, and what it requires: only a test lead shows it (--send)."
)

_SECOND_CALL_UNCHECKED = "Whether the second call works: only a test lead shows it (--send)."

_MISSING_ENDPOINT_STATUSES = (404, 405, 410)

_UNUSED_RECORD_ID = 2_000_000_011
"""An id that no record has, of the kind that most have."""


class RestPreflight:
    """Looks at one API."""

    def __init__(self, settings: RestSettings, caller: ApiClient, shape: LeadEncoder) -> None:
        self.settings = settings
        self.client = caller
        self.encoder = shape

    async def run_checks(self) -> list[CheckResult]:
        """
        What was found, one thing after another, and what could not be asked.

        Raises:
            SyncError: the CRM could not be asked, or does not accept the key.
        """
        found: list[CheckResult] = []
        if self.client.token_source is not None:
            await self.client.token_source.get_token()
            found.append(CheckResult(True, "The sign-in gives a token."))
        found.append(await self._check_key())
        if self.settings.search.url:
            found += await self._check_search("search", self.settings.search)
        if self.settings.then.search.url:
            found += await self._check_search("then.search", self.settings.then.search)
        found.append(CheckResult(True, _FIELDS_UNCHECKED, was_asked=False))
        if self.settings.then.url:
            found.append(CheckResult(True, _SECOND_CALL_UNCHECKED, was_asked=False))
        return found

    async def _check_key(self) -> CheckResult:
        """Whether the key is accepted, where kiosk.toml names what can be asked."""
        settings = self.settings
        if not settings.check_url:
            return CheckResult(True, _KEY_UNCHECKED, was_asked=False)
        content = fill_template(settings.check_body, {}) if settings.check_method == "POST" else None
        answer = await self.client.send_request(settings.check_method, settings.check_url, content)
        if complaint := _detect_wrong_address("check_url", answer):
            return complaint
        try:
            parse_response(answer, settings.answer)
        except OutcomeUnknown as unsure:
            if not unsure.lacks_proof:  # it need not say anything: it let us in
                raise
        except BatchRefused as refusal:
            return CheckResult(False, f"check_url: {refusal}")
        return CheckResult(True, "The CRM answers, and accepts our key.")

    async def _check_search(self, key: str, search: SearchSettings) -> list[CheckResult]:
        """Whether a search for somebody whom no CRM has finds nobody, each way that there is."""
        names = ("url", "or_url") if search.or_url or search.or_body else ("url",)
        return [
            await self._check_search_url(f"{key}.{name}", search, url, body)
            for name, (url, body) in zip(names, search.requests, strict=True)
        ]

    async def _check_search_url(
        self, key: str, search: SearchSettings, url: str, body: Mapping[str, Any]
    ) -> CheckResult:
        """The same of one way to search."""
        words = self.encoder.build_template_values(_make_unknown_lead(), first_id=_UNUSED_RECORD_ID)
        content = fill_template(body, words) if search.method == "POST" else None
        answer = await self.client.send_request(search.method, fill_url(url, words), content)
        if answer.status in search.not_found:
            return CheckResult(True, f"{key} finds nobody where nobody is.")
        if complaint := _detect_wrong_address(key, answer):
            hint = f" Where that is how this CRM says that it found nobody, write not_found = [{answer.status}]."
            return CheckResult(False, complaint.sentence + hint)
        try:
            document = parse_response(answer, self.settings.answer)
        except BatchRefused as fault:
            return CheckResult(False, f"{key}: {fault}")
        try:
            records = parse_search_records(document, search, key.rpartition(".")[0])
        except ConfigurationFault as fault:
            return CheckResult(False, str(fault))
        if count := len(records):
            return CheckResult(
                False,
                f"{key} finds {count} where nobody is: the CRM does not heed what is asked for, and leads would be "
                "doubled; correct it.",
            )
        return CheckResult(True, f"{key} finds nobody where nobody is.")


def _make_unknown_lead() -> OutgoingLead:
    """A lead that no CRM has."""
    lead_id = new_uuid7(0.0)
    name = f"Nobody {lead_id[-6:]}"
    fields = {
        "name": name, "first_name": "Nobody", "last_name": lead_id[-6:], "email": f"nobody-{lead_id[-12:]}@example.com",
        "phone": "+15005550000", "company": name, "badge_id": lead_id[-12:], "event": "test", "job_title": name,
        "website": "https://nobody.example.com", "address": name, "city": name, "region": name, "postcode": "00000",
        "country": "Nowhere", "note": name, "tags": [name], "answers": {"question": name}, "rating": 1, "revision": 1,
        "badge_text": name,
        "scanned_at": "2001-01-01T00:00:00+00:00",
    }  # fmt: skip
    return OutgoingLead(lead_id, 1, fields)


def _detect_wrong_address(key: str, answer: CrmResponse) -> CheckResult | None:
    """What to say where there is nothing at the address that *key* names."""
    if answer.status not in _MISSING_ENDPOINT_STATUSES or answer.is_captive_portal:
        return None
    return CheckResult(False, f"{key}: the CRM has nothing there (it answers {answer.status}): correct {key}.")
