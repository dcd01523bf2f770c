"""The Salesforce connector: calls to one org."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from data.language import _, format_number
from sync.connection_context import ConnectionContext
from sync.connectors.base import CheckResult, Outcome, OutgoingLead
from sync.connectors.salesforce.call_limit import CallLimit
from sync.connectors.salesforce.errors import (
    BATCH_LIMIT_CODE,
    classify_refusal,
    has_org_moved,
    is_session_expired,
    parse_response,
    read_errors,
)
from sync.connectors.salesforce.preflight import check_object
from sync.connectors.salesforce.record import encode_lead
from sync.connectors.salesforce.results import parse_outcomes
from sync.connectors.salesforce.sign_in import SalesforceSession, SalesforceSignIn
from sync.errors import BatchRefused, CrmDown, NotAuthorised
from sync.http_client import NO_HEADERS, CrmResponse, HttpClient
from sync.rate_limiter import Rate
from sync.settings.salesforce import SalesforceSettings
from sync.settings.urls import parse_origin

# Salesforce counts calls by the day only; this keeps a bug of ours from using up the day in minutes.
_MAX_CALL_RATE = Rate(100, 10.0)

_GONE_CODES = ("NOT_FOUND", "ENTITY_IS_DELETED")


class SalesforceConnector:
    """Upserts leads by their id, so that a lead that is sent again updates its record."""

    is_idempotent = True

    def __init__(self, settings: SalesforceSettings, context: ConnectionContext | None = None) -> None:
        self.settings = settings
        self.destination = "salesforce"
        self.batch_size = settings.batch_size
        self.max_parallel_pushes = settings.at_once
        self.context = context or ConnectionContext()
        self.sign_in = SalesforceSignIn(settings, self.context)
        self.call_limit = CallLimit(settings.stop_at_percent)
        self.clients_by_origin: dict[Any, HttpClient] = {}
        """A client for each origin that a sign-in has named; hardly ever more than one."""
        self.session_after_move: SalesforceSession | None = None
        """The session that was started because the org seemed to have moved; it is tried only once."""

    async def push(self, batch_id: str, leads: Sequence[OutgoingLead]) -> dict[str, Outcome]:
        """Deliver *leads*, see `Connector.push`."""
        settings = self.settings
        self.call_limit.require_call_left()
        path = f"/composite/sobjects/{settings.object}/{settings.external_id_field}"
        body = {"allOrNone": False, "records": [encode_lead(lead, settings) for lead in leads]}
        headers = {"Sforce-Duplicate-Rule-Header": "allowSave=true"} if settings.allow_duplicates else NO_HEADERS
        response = await self.call_api("PATCH", path, body, headers)
        # allOrNone is off, so that one bad lead does not undo the others.
        try:
            return parse_outcomes(parse_response(response), leads, settings, response.status)
        except BatchRefused as error:
            # A single lead cannot be halved: what the org does for each record is too much, whatever the lead.
            if error.code == BATCH_LIMIT_CODE and len(leads) == 1:
                raise CrmDown(str(error)) from error
            raise

    async def call_api(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] = NO_HEADERS
    ) -> CrmResponse:
        """
        Make one call to the API; repeat it with a new session if the session has expired or the org has moved.

        Raises:
            NotAuthorised: the new session is not accepted either.
            SyncError: there was no response.
        """
        known = self.sign_in.current_session
        session = await self.sign_in.get_session()
        response = await self.send_request(session.url, method, path, body, headers)
        if has_org_moved(response) and session is known and session is not self.session_after_move:
            session = self.session_after_move = await self.sign_in.get_session(expired=session)
            response = await self.send_request(session.url, method, path, body, headers)
        if is_session_expired(response):
            session = await self.sign_in.get_session(expired=session)
            response = await self.send_request(session.url, method, path, body, headers)
            if is_session_expired(response):
                self.sign_in.end_session(session)
                message = next((error.sentence for error in read_errors(response)), _("status 401."))
                raise NotAuthorised(
                    _("The CRM accepts the sign-in, but then rejects the session: {message}").format(message=message)
                )
        self.call_limit.record_usage(response.headers)
        return response

    async def send_request(
        self, url: str, method: str, path: str, body: Any, headers: Mapping[str, str]
    ) -> CrmResponse:
        """Send one request to the org at *url*, in the current session."""
        origin = parse_origin(url)
        if origin not in self.clients_by_origin:
            rate_limiter = self.context.make_rate_limiter(self.destination, _MAX_CALL_RATE)
            self.clients_by_origin[origin] = HttpClient(
                url,
                {"Accept": "application/json"},
                secret_headers=self.build_auth_header,
                context=self.context,
                rate_limiter=rate_limiter,
            )
        full = f"{url}/services/data/v{self.settings.api_version}{path}"
        return await self.clients_by_origin[origin].send(method, full, body, headers)

    def build_auth_header(self) -> dict[str, str]:
        """Build the header with the current session."""
        session = self.sign_in.current_session
        return {"Authorization": f"Bearer {session.token}"} if session else {}  # not shown: a header

    def fingerprint_credential(self) -> str:
        """Return the fingerprint of the sign-in credential, see `Connector.fingerprint_credential`."""
        return self.settings.token.fingerprint()

    async def check_setup(self) -> list[CheckResult]:
        """Check the sign-in, the object's fields and the calls left, see `Connector.check_setup`."""
        response = await self.call_api("GET", f"/sobjects/{self.settings.object}/describe")
        session = self.sign_in.current_session
        signed_in = CheckResult(True, _("Signed in to {url}.").format(url=session.url if session else "Salesforce"))
        return [signed_in, *check_object(parse_response(response), self.settings), self._check_call_limit()]

    def _check_call_limit(self) -> CheckResult:
        """Check how many of the org's calls are used up."""
        if not self.call_limit.calls_allowed:
            return CheckResult(True, _("The CRM does not say how many calls are left."))
        is_well = self.call_limit.calls_used * 100 < self.call_limit.calls_allowed * self.settings.stop_at_percent
        sentence = _(
            "{used} of {allowed} API calls in 24 hours are used. The kiosk stops at {percent}% and leaves the rest to "
            "other programs."
        ).format(
            used=format_number(self.call_limit.calls_used),
            allowed=format_number(self.call_limit.calls_allowed),
            percent=self.settings.stop_at_percent,
        )
        return CheckResult(is_well, sentence)

    async def remove_test_lead(self, lead: OutgoingLead, remote_id: str) -> bool:
        """Delete the record, unless it is already gone. See `Connector.remove_test_lead`."""
        response = await self.call_api("DELETE", f"/sobjects/{self.settings.object}/{quote(remote_id, safe='')}")
        if 200 <= response.status < 300 or any(error.code in _GONE_CODES for error in read_errors(response)):
            return True
        raise classify_refusal(response)

    async def aclose(self) -> None:
        """Close the connections, and forget the session."""
        await self.sign_in.aclose()
        for http in self.clients_by_origin.values():
            await http.aclose()
