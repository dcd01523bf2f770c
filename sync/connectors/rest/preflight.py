"""Checks an API before the show, without sending it a lead, and lists what cannot be checked."""

from collections.abc import Mapping
from typing import Any

from data.language import N_, _
from data.uuid7 import new_uuid7
from sync.connectors.base import CheckResult, LeftToTestLead, OutgoingLead
from sync.connectors.rest.api_client import ApiClient
from sync.connectors.rest.lead_encoder import LeadEncoder
from sync.connectors.rest.responses import parse_response, parse_search_records
from sync.errors import BatchRefused, ConfigurationFault, OutcomeUnknown
from sync.http_client import CrmResponse
from sync.settings.rest import RestSettings
from sync.settings.rest_answer import SearchSettings
from sync.template import fill_template, fill_url

_KEY_UNCHECKED = N_("Whether the CRM accepts the key: kiosk.toml has no check_url to ask.")

_FIELDS_UNCHECKED = N_(
    "Whether the CRM has the fields of kiosk.toml, and what it requires: only a test lead shows that (--send)."
)

_SECOND_CALL_UNCHECKED = N_("Whether the second call works: only a test lead shows that (--send).")

_MISSING_ENDPOINT_STATUSES = (404, 405, 410)

# An id that no record has, in the format that most records have.
_UNUSED_RECORD_ID = 2_000_000_011


class RestPreflight:
    """Checks one API."""

    def __init__(self, settings: RestSettings, client: ApiClient, encoder: LeadEncoder) -> None:
        self.settings = settings
        self.client = client
        self.encoder = encoder

    async def run_checks(self) -> list[CheckResult]:
        """
        Return the results of all checks, including what could not be checked.

        Raises:
            SyncError: the CRM could not be reached, or does not accept the key.
        """
        found: list[CheckResult] = []
        if self.client.token_source is not None:
            await self.client.token_source.get_token()
            found.append(CheckResult(True, _("The sign-in returns a token.")))
        found.append(await self._check_key())
        if self.settings.search.url:
            found += await self._check_search("search", self.settings.search)
        if self.settings.then.search.url:
            found += await self._check_search("then.search", self.settings.then.search)
        found.append(LeftToTestLead(True, _(_FIELDS_UNCHECKED)))
        if self.settings.then.url:
            found.append(LeftToTestLead(True, _(_SECOND_CALL_UNCHECKED)))
        return found

    async def _check_key(self) -> CheckResult:
        """Check that the key is accepted, if kiosk.toml has a URL to ask."""
        settings = self.settings
        if not settings.check_url:
            return CheckResult(True, _(_KEY_UNCHECKED), was_asked=False)
        content = fill_template(settings.check_body, {}) if settings.check_method == "POST" else None
        response = await self.client.send_request(settings.check_method, settings.check_url, content)
        if complaint := _detect_wrong_address("check_url", response):
            return complaint
        try:
            parse_response(response, settings.answer)
        except OutcomeUnknown as unsure:
            if not unsure.lacks_proof:  # the response need not contain anything: the key was accepted
                raise
        except BatchRefused as refusal:
            return CheckResult(False, _("{key}: {reason}").format(key="check_url", reason=refusal))
        return CheckResult(True, _("The CRM responds, and accepts the key."))

    async def _check_search(self, key: str, search: SearchSettings) -> list[CheckResult]:
        """Check that no search finds a person who does not exist."""
        names = ("url", "or_url") if search.or_url or search.or_body else ("url",)
        return [
            await self._check_search_url(f"{key}.{name}", search, url, body)
            for name, (url, body) in zip(names, search.requests, strict=True)
        ]

    async def _check_search_url(
        self, key: str, search: SearchSettings, url: str, body: Mapping[str, Any]
    ) -> CheckResult:
        """Check one search URL."""
        # Search for values that nobody has: an API that ignores the search term returns somebody all the same.
        values = self.encoder.build_template_values(_make_unknown_lead(), first_id=_UNUSED_RECORD_ID)
        content = fill_template(body, values) if search.method == "POST" else None
        response = await self.client.send_request(search.method, fill_url(url, values), content)
        if response.status in search.not_found:
            return CheckResult(True, _("{key} finds nobody if there is nobody to find.").format(key=key))
        if complaint := _detect_wrong_address(key, response):
            sentence = _(
                "{complaint} If that is how this CRM says that it found nobody, set not_found = [{status}]."
            ).format(complaint=complaint.sentence, status=response.status)
            return CheckResult(False, sentence)
        try:
            document = parse_response(response, self.settings.answer)
        except BatchRefused as fault:
            return CheckResult(False, _("{key}: {reason}").format(key=key, reason=fault))
        try:
            records = parse_search_records(document, search, key.rpartition(".")[0])
        except ConfigurationFault as fault:
            return CheckResult(False, str(fault))
        if count := len(records):
            sentence = _(
                "{key} has results ({count}) for a person who does not exist: the CRM ignores the search term, and "
                "leads would be created twice. Correct it."
            )
            return CheckResult(False, sentence.format(key=key, count=count))
        return CheckResult(True, _("{key} finds nobody if there is nobody to find.").format(key=key))


def _make_unknown_lead() -> OutgoingLead:
    """Make a lead that no CRM has."""
    lead_id = new_uuid7(0.0)
    name = f"Nobody {lead_id[-6:]}"  # not shown: a search term
    fields = {
        "name": name, "first_name": "Nobody", "last_name": lead_id[-6:], "email": f"nobody-{lead_id[-12:]}@example.com",
        "phone": "+15005550000", "company": name, "badge_id": lead_id[-12:], "event": "test", "job_title": name,
        "website": "https://nobody.example.com", "address": name, "city": name, "region": name, "postcode": "00000",
        "country": "Nowhere", "note": name, "tags": [name], "answers": {"question": name}, "rating": 1, "revision": 1,
        "badge_text": name,
        "scanned_at": "2001-01-01T00:00:00+00:00",
    }  # fmt: skip
    return OutgoingLead(lead_id, 1, fields)


def _detect_wrong_address(key: str, response: CrmResponse) -> CheckResult | None:
    """Return a result if there is nothing at the address that *key* names."""
    if response.status not in _MISSING_ENDPOINT_STATUSES or response.is_captive_portal:
        return None
    sentence = _("{key}: the CRM has nothing there (status {status}): correct {key}.")
    return CheckResult(False, sentence.format(key=key, status=response.status))
