"""Signing in to a Salesforce org: a session is kept in memory alone, and renewed once at a time."""

import asyncio
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from sync.connection_context import ConnectionContext
from sync.connectors.salesforce.auth_errors import classify_sign_in_refusal
from sync.connectors.salesforce.jwt_assertion import ASSERTION_SECONDS, sign_assertion
from sync.crm_messages import get_by_path
from sync.errors import ConfigurationFault, NotAuthorised, OutcomeUnknown, Unreachable
from sync.http_client import CrmResponse, HttpClient
from sync.response_errors import parse_json_body
from sync.retry_after import parse_http_date
from sync.settings.salesforce import SalesforceSettings, check_bare_host
from sync.settings.urls import parse_origin

_TOKEN_PATH = "/services/oauth2/token"
_JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"

SECRET_FORM_FIELDS = ("client_secret", "assertion")
"""What of the form nobody may be told."""

TOKEN_PATTERN = re.compile(r"[!-~]+")
"""What can be sent as a session: the characters of ASCII that are seen."""


@dataclass(frozen=True, slots=True, repr=False)
class SalesforceSession:
    """What a sign-in brought."""

    token: str
    url: str
    """`https://HOST`, where the org's API is."""


class SalesforceSignIn:
    """The way to a session of one org."""

    def __init__(self, settings: SalesforceSettings, context: ConnectionContext) -> None:
        self.settings = settings
        self.url = settings.login_url.rstrip("/")
        self.http = HttpClient(self.url, {"Accept": "application/json"}, context=context)
        self.current_session: SalesforceSession | None = None
        self.lock = asyncio.Lock()

    async def get_session(self, lapsed: SalesforceSession | None = None) -> SalesforceSession:
        """
        The session, got anew where there is none, or where it is the one that *lapsed*.

        Raises:
            SyncError: there is none to be had; nothing of a lead was sent.
        """
        async with self.lock:
            if self.current_session is None or self.current_session is lapsed:
                self.current_session = None
                self.current_session = await self.start_session()
            return self.current_session

    def end_session(self, session: SalesforceSession) -> None:
        """Have the next call sign in anew."""
        if self.current_session is session:
            self.current_session = None

    async def start_session(self) -> SalesforceSession:
        """
        A new session.

        Raises:
            SyncError: there is none to be had.
        """
        form = self.build_form()
        try:
            secrets = [form[key] for key in SECRET_FORM_FIELDS if key in form]
            answer = await self.http.send("POST", self.url + _TOKEN_PATH, form, form=True, secrets=secrets)
            if answer.status != 200:
                raise self._detect_clock_error(answer) or classify_sign_in_refusal(answer)
            document = parse_json_body(answer)
        except OutcomeUnknown as error:
            raise Unreachable(f"The CRM's sign-in cannot be reached: {error}") from error
        if get_by_path(document, "error"):
            raise classify_sign_in_refusal(answer)
        token = get_by_path(document, "access_token")
        if not isinstance(token, str) or not TOKEN_PATTERN.fullmatch(token):
            raise ConfigurationFault(
                "CRM set-up: what answers at login_url is no Salesforce sign-in: correct kiosk.toml."
            )
        return SalesforceSession(token, self.check_instance_url(get_by_path(document, "instance_url")))

    def build_form(self) -> dict[str, str]:
        """
        What is sent to sign in.

        Raises:
            NotAuthorised: the credential cannot be had.
        """
        settings = self.settings
        try:
            secret = settings.token.read()
            if settings.sign_in == "jwt_bearer":
                return {"grant_type": _JWT_GRANT, "assertion": sign_assertion(settings, secret, read_clock())}
        except ValueError as error:
            raise NotAuthorised(f"The key for the CRM cannot be had: {error}") from error
        return {"grant_type": "client_credentials", "client_id": settings.client_id, "client_secret": secret}

    def check_instance_url(self, url: object) -> str:
        """
        *url*, which the sign-in names as the API's, if visitors' data may go there.

        Raises:
            SetUpFault: it may not.
        """
        wanted = self.settings.instance_url
        try:
            check_bare_host("instance_url", url if isinstance(url, str) else "")
        except ValueError as error:
            raise ConfigurationFault(
                f"CRM set-up: the sign-in names an address that leads cannot go to: {error}"
            ) from error
        where = str(url).rstrip("/")
        if wanted and parse_origin(wanted) != parse_origin(where):
            raise ConfigurationFault(
                f"CRM set-up: the sign-in leads to {where}, but instance_url is {wanted}: correct it."
            )
        if where.startswith("http:") and self.url.startswith("https:"):
            raise ConfigurationFault(f"CRM set-up: the sign-in leads to {where}, which would get leads unencrypted.")
        return where

    def _detect_clock_error(self, answer: CrmResponse) -> NotAuthorised | None:
        """The true reason for a refused assertion, where this device's clock is off by more than one is good for."""
        said = parse_http_date(answer.headers.get("date", ""))
        if self.settings.sign_in != "jwt_bearer" or said is None or answer.status >= 500:
            return None
        now = datetime.fromtimestamp(read_clock(), UTC)
        if abs((said - now).total_seconds()) < ASSERTION_SECONDS:
            return None
        return NotAuthorised(
            f"The CRM refuses the sign-in because this device's clock is wrong: it says {_format_time(now)}, "
            f"and the CRM {_format_time(said)} UTC. Correct the clock."
        )

    async def aclose(self) -> None:
        """Let go of the connection, and forget the session."""
        self.current_session = None
        await self.http.aclose()


def read_clock() -> float:
    """The time of this device."""
    return time.time()


def _format_time(moment: datetime) -> str:
    """*moment* as people write it."""
    return f"{moment:%-d %b %Y, %H:%M}"
