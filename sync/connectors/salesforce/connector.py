"""The calls to one Salesforce org."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from sync.connection_context import ConnectionContext
from sync.connectors.base import CheckResult, Outcome, OutgoingLead
from sync.connectors.salesforce.call_limit import CallLimit
from sync.connectors.salesforce.errors import (
    classify_refusal,
    has_org_moved,
    is_session_expired,
    parse_answer,
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

_MAX_CALL_RATE = Rate(100, 10.0)
"""Salesforce counts by the day alone; this keeps a fault of ours from using the day up in minutes."""

_GONE_CODES = ("NOT_FOUND", "ENTITY_IS_DELETED")


class SalesforceConnector:
    """Upserts leads by our id, so that the same lead again is the same record there."""

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
        """A connection to each origin that a sign-in has named; hardly ever more than one."""
        self.session_after_move: SalesforceSession | None = None
        """The session that was got because the org seemed to have moved; where it is of no use, another is not."""

    async def push(self, batch_id: str, leads: Sequence[OutgoingLead]) -> dict[str, Outcome]:
        """Deliver *leads*, see `Connector.push`."""
        settings = self.settings
        self.call_limit.require_call_left()
        path = f"/composite/sobjects/{settings.object}/{settings.external_id_field}"
        body = {"allOrNone": False, "records": [encode_lead(lead, settings) for lead in leads]}
        headers = {"Sforce-Duplicate-Rule-Header": "allowSave=true"} if settings.allow_duplicates else NO_HEADERS
        answer = await self.call_api("PATCH", path, body, headers)
        try:
            return parse_outcomes(parse_answer(answer), leads, settings, answer.status)
        except BatchRefused as error:
            if error.code == "limit" and len(leads) == 1:
                raise CrmDown(str(error)) from error
            raise

    async def call_api(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] = NO_HEADERS
    ) -> CrmResponse:
        """
        One call to the API; where the session has lapsed, or the org has moved, once more with a new one.

        Raises:
            NotAuthorised: the new one is not taken either.
            SyncError: there was no answer.
        """
        known = self.sign_in.current_session
        session = await self.sign_in.get_session()
        answer = await self.send_request(session.url, method, path, body, headers)
        if has_org_moved(answer) and session is known and session is not self.session_after_move:
            session = self.session_after_move = await self.sign_in.get_session(lapsed=session)
            answer = await self.send_request(session.url, method, path, body, headers)
        if is_session_expired(answer):
            session = await self.sign_in.get_session(lapsed=session)
            answer = await self.send_request(session.url, method, path, body, headers)
            if is_session_expired(answer):
                self.sign_in.end_session(session)
                said = next((error.sentence for error in read_errors(answer)), "It answers 401.")
                raise NotAuthorised(f"The CRM takes our sign-in, and does not accept it afterwards: {said}")
        self.call_limit.record_usage(answer.headers)
        return answer

    async def send_request(
        self, url: str, method: str, path: str, body: Any, headers: Mapping[str, str]
    ) -> CrmResponse:
        """One request to the org at *url*, in the session of now."""
        where = parse_origin(url)
        if where not in self.clients_by_origin:
            pace = self.context.make_rate_limiter(self.destination, _MAX_CALL_RATE)
            self.clients_by_origin[where] = HttpClient(
                url,
                {"Accept": "application/json"},
                secret_headers=self.build_auth_header,
                context=self.context,
                rate_limiter=pace,
            )
        full = f"{url}/services/data/v{self.settings.api_version}{path}"
        return await self.clients_by_origin[where].send(method, full, body, headers)

    def build_auth_header(self) -> dict[str, str]:
        """The header with the session; it is asked for in the same step in which the session was got."""
        session = self.sign_in.current_session
        return {"Authorization": f"Bearer {session.token}"} if session else {}

    def fingerprint_credential(self) -> str:
        """The fingerprint of what we sign in with, see `Connector.credential`."""
        return self.settings.token.fingerprint()

    async def check_setup(self) -> list[CheckResult]:
        """The sign-in, the object's fields and the calls left, see `Connector.check`."""
        answer = await self.call_api("GET", f"/sobjects/{self.settings.object}/describe")
        signed_in = CheckResult(
            True, f"Signed in to {self.sign_in.current_session.url if self.sign_in.current_session else 'the CRM'}."
        )
        return [signed_in, *check_object(parse_answer(answer), self.settings), self._check_call_limit()]

    def _check_call_limit(self) -> CheckResult:
        """How far the org's calls are used up."""
        if not self.call_limit.calls_allowed:
            return CheckResult(True, "The CRM does not say how many calls are left.")
        is_well = self.call_limit.calls_used * 100 < self.call_limit.calls_allowed * self.settings.stop_at_percent
        stop = f"leads stop at {self.settings.stop_at_percent} %, and the rest is left to others."
        return CheckResult(is_well, f"{self.call_limit.describe_usage()}; {stop}")

    async def remove_test_lead(self, lead: OutgoingLead, remote_id: str) -> bool:
        """Delete the record; one that is gone already is away too. See `Connector.remove`."""
        answer = await self.call_api("DELETE", f"/sobjects/{self.settings.object}/{quote(remote_id, safe='')}")
        if 200 <= answer.status < 300 or any(error.code in _GONE_CODES for error in read_errors(answer)):
            return True
        raise classify_refusal(answer)

    async def aclose(self) -> None:
        """Let go of the connections, and forget the session."""
        await self.sign_in.aclose()
        for http in self.clients_by_origin.values():
            await http.aclose()
