"""The calls to one Salesforce org."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from sync.connectors.base import Finding, Outcome, Outgoing
from sync.connectors.salesforce.answers import accepted, answer_errors, fault, has_moved, is_lapsed
from sync.connectors.salesforce.limit import CallLimit
from sync.connectors.salesforce.record import record
from sync.connectors.salesforce.results import outcomes
from sync.connectors.salesforce.set_up import set_up_findings
from sync.connectors.salesforce.sign_in import Session, SignIn
from sync.errors import BatchRefused, CrmDown, NotAuthorised
from sync.http import NO_HEADERS, Answer, Http
from sync.line import Line
from sync.pace import Rate
from sync.settings.salesforce import SalesforceSettings
from sync.settings.urls import origin

CIVIL = Rate(100, 10.0)
"""Salesforce counts by the day alone; this keeps a fault of ours from using the day up in minutes."""

GONE = ("NOT_FOUND", "ENTITY_IS_DELETED")


class SalesforceConnector:
    """Upserts leads by our id, so that the same lead again is the same record there."""

    may_repeat = True

    def __init__(self, settings: SalesforceSettings, line: Line | None = None) -> None:
        self.settings = settings
        self.destination = "salesforce"
        self.batch_size = settings.batch_size
        self.at_once = settings.at_once
        self.line = line or Line()
        self.sign_in = SignIn(settings, self.line)
        self.limit = CallLimit(settings.stop_at_percent)
        self.places: dict[Any, Http] = {}
        """A connection to each origin that a sign-in has named; hardly ever more than one."""
        self.after_move: Session | None = None
        """The session that was got because the org seemed to have moved; where it is of no use, another is not."""

    async def push(self, batch_id: str, leads: Sequence[Outgoing]) -> dict[str, Outcome]:
        """Deliver *leads*, see `Connector.push`."""
        settings = self.settings
        self.limit.check()
        path = f"/composite/sobjects/{settings.object}/{settings.external_id_field}"
        body = {"allOrNone": False, "records": [record(lead, settings) for lead in leads]}
        headers = {"Sforce-Duplicate-Rule-Header": "allowSave=true"} if settings.allow_duplicates else NO_HEADERS
        answer = await self.call("PATCH", path, body, headers)
        try:
            return outcomes(accepted(answer), leads, settings, answer.status)
        except BatchRefused as error:
            if error.code == "limit" and len(leads) == 1:
                raise CrmDown(str(error)) from error
            raise

    async def call(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] = NO_HEADERS) -> Answer:
        """
        One call to the API; where the session has lapsed, or the org has moved, once more with a new one.

        Raises:
            NotAuthorised: the new one is not taken either.
            SyncError: there was no answer.
        """
        known = self.sign_in.current
        session = await self.sign_in.session()
        answer = await self.answered(session.url, method, path, body, headers)
        if has_moved(answer) and session is known and session is not self.after_move:
            session = self.after_move = await self.sign_in.session(lapsed=session)
            answer = await self.answered(session.url, method, path, body, headers)
        if is_lapsed(answer):
            session = await self.sign_in.session(lapsed=session)
            answer = await self.answered(session.url, method, path, body, headers)
            if is_lapsed(answer):
                self.sign_in.end(session)
                said = next((error.said for error in answer_errors(answer)), "It answers 401.")
                raise NotAuthorised(f"The CRM takes our sign-in, and does not accept it afterwards: {said}")
        self.limit.note(answer.headers)
        return answer

    async def answered(self, url: str, method: str, path: str, body: Any, headers: Mapping[str, str]) -> Answer:
        """One request to the org at *url*, in the session of now."""
        where = origin(url)
        if where not in self.places:
            pace = self.line.pace(self.destination, CIVIL)
            self.places[where] = Http(
                url, {"Accept": "application/json"}, secret=self.secret, line=self.line, pace=pace
            )
        full = f"{url}/services/data/v{self.settings.api_version}{path}"
        return await self.places[where].send(method, full, body, headers)

    def secret(self) -> dict[str, str]:
        """The header with the session; it is asked for in the same step in which the session was got."""
        session = self.sign_in.current
        return {"Authorization": f"Bearer {session.token}"} if session else {}

    def credential(self) -> str:
        """The fingerprint of what we sign in with, see `Connector.credential`."""
        return self.settings.token.fingerprint()

    async def check(self) -> list[Finding]:
        """The sign-in, the object's fields and the calls left, see `Connector.check`."""
        answer = await self.call("GET", f"/sobjects/{self.settings.object}/describe")
        signed_in = Finding(True, f"Signed in to {self.sign_in.current.url if self.sign_in.current else 'the CRM'}.")
        return [signed_in, *set_up_findings(accepted(answer), self.settings), self.calls_left()]

    def calls_left(self) -> Finding:
        """How far the org's calls are used up."""
        if not self.limit.limit:
            return Finding(True, "The CRM does not say how many calls are left.")
        is_well = self.limit.used * 100 < self.limit.limit * self.settings.stop_at_percent
        stop = f"leads stop at {self.settings.stop_at_percent} %, and the rest is left to others."
        return Finding(is_well, f"{self.limit.spoken()}; {stop}")

    async def remove(self, lead: Outgoing, remote_id: str) -> bool:
        """Delete the record; one that is gone already is away too. See `Connector.remove`."""
        answer = await self.call("DELETE", f"/sobjects/{self.settings.object}/{quote(remote_id, safe='')}")
        if 200 <= answer.status < 300 or any(error.code in GONE for error in answer_errors(answer)):
            return True
        raise fault(answer)

    async def aclose(self) -> None:
        """Let go of the connections, and forget the session."""
        await self.sign_in.aclose()
        for http in self.places.values():
            await http.aclose()
