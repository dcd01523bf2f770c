"""Signs in to a Salesforce org. A session is kept in memory only, and renewed by one caller at a time."""

import asyncio
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from data.language import _
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

# Fields of the form whose values must never appear in a message.
_SECRET_FORM_FIELDS = ("client_secret", "assertion")

# A token goes into a header, which can hold only the visible characters of ASCII.
_TOKEN_PATTERN = re.compile(r"[!-~]+")


@dataclass(frozen=True, slots=True, repr=False)
class SalesforceSession:
    """A session that a sign-in has started."""

    token: str
    url: str
    """`https://HOST` of the org's API."""


class SalesforceSignIn:
    """Starts and renews the session of one org."""

    def __init__(self, settings: SalesforceSettings, context: ConnectionContext) -> None:
        self.settings = settings
        self.url = settings.login_url.rstrip("/")
        self.http = HttpClient(self.url, {"Accept": "application/json"}, context=context)
        self.current_session: SalesforceSession | None = None
        self.lock = asyncio.Lock()

    async def get_session(self, expired: SalesforceSession | None = None) -> SalesforceSession:
        """
        Return the current session; start a new one if there is none, or if *expired* is still the current one.

        Raises:
            SyncError: no session could be started; no part of a lead was sent.
        """
        # Calls whose sessions expire together wait here, so that only the first of them signs in.
        async with self.lock:
            if self.current_session is None or self.current_session is expired:
                # If the sign-in fails, the expired session must not be used again.
                self.current_session = None
                self.current_session = await self.start_session()
            return self.current_session

    def end_session(self, session: SalesforceSession) -> None:
        """Make the next call sign in again, unless another call already did."""
        if self.current_session is session:
            self.current_session = None

    async def start_session(self) -> SalesforceSession:
        """
        Start a new session.

        Raises:
            SyncError: the sign-in failed.
        """
        form = self.build_form()
        try:
            secrets = [form[key] for key in _SECRET_FORM_FIELDS if key in form]
            response = await self.http.send("POST", self.url + _TOKEN_PATH, form, form=True, secrets=secrets)
            if response.status != 200:
                raise self._detect_clock_error(response) or classify_sign_in_refusal(response)
            document = parse_json_body(response)
        except OutcomeUnknown as error:
            # No lead was part of this call, so nothing about a lead is unknown.
            raise Unreachable(_("The CRM's sign-in cannot be reached: {reason}").format(reason=error)) from error
        if get_by_path(document, "error"):  # an OAuth error despite the status 200
            raise classify_sign_in_refusal(response)
        token = get_by_path(document, "access_token")
        if not isinstance(token, str) or not _TOKEN_PATTERN.fullmatch(token):
            raise ConfigurationFault(
                _("CRM setup: the server at login_url is not a Salesforce sign-in: correct kiosk.toml.")
            )
        return SalesforceSession(token, self.check_instance_url(get_by_path(document, "instance_url")))

    def build_form(self) -> dict[str, str]:
        """
        Build the form to sign in with.

        Raises:
            NotAuthorised: the credential is unavailable.
        """
        settings = self.settings
        try:
            secret = settings.token.read()
            if settings.sign_in == "jwt_bearer":
                return {"grant_type": _JWT_GRANT, "assertion": sign_assertion(settings, secret, read_clock())}
        except ValueError as error:
            raise NotAuthorised(_("The key for the CRM is unavailable: {reason}").format(reason=error)) from error
        return {"grant_type": "client_credentials", "client_id": settings.client_id, "client_secret": secret}

    def check_instance_url(self, url: object) -> str:
        """
        Return *url*, which the sign-in named as the API's, if visitors' data may be sent there.

        Raises:
            ConfigurationFault: it may not.
        """
        wanted = self.settings.instance_url
        try:
            check_bare_host("instance_url", url if isinstance(url, str) else "")
        except ValueError as error:
            raise ConfigurationFault(
                _("CRM setup: the sign-in names an address that leads cannot be sent to: {reason}").format(reason=error)
            ) from error
        where = str(url).rstrip("/")
        if wanted and parse_origin(wanted) != parse_origin(where):
            raise ConfigurationFault(
                _("CRM setup: the sign-in leads to {url}, but instance_url is {wanted}: correct it.").format(
                    url=where, wanted=wanted
                )
            )
        if where.startswith("http:") and self.url.startswith("https:"):
            raise ConfigurationFault(
                _("CRM setup: the sign-in leads to {url}, where leads would be sent unencrypted.").format(url=where)
            )
        return where

    def _detect_clock_error(self, response: CrmResponse) -> NotAuthorised | None:
        """Return an error about this device's clock if that is off by more than an assertion's lifetime; else None."""
        theirs = parse_http_date(response.headers.get("date", ""))
        if self.settings.sign_in != "jwt_bearer" or theirs is None or response.status >= 500:
            return None
        now = datetime.fromtimestamp(read_clock(), UTC)
        if abs((theirs - now).total_seconds()) < ASSERTION_SECONDS:
            return None
        return NotAuthorised(
            _(
                "The CRM rejects the sign-in because this device's clock is wrong: it says {ours}, and the CRM "
                "{theirs} UTC. Correct the clock."
            ).format(ours=_format_time(now), theirs=_format_time(theirs))
        )

    async def aclose(self) -> None:
        """Close the connection, and forget the session."""
        self.current_session = None
        await self.http.aclose()


def read_clock() -> float:
    """Return this device's time, in seconds since 1970."""
    return time.time()


def _format_time(timestamp: datetime) -> str:
    """Format *timestamp* in the form that reads the same in every language."""
    return f"{timestamp:%Y-%m-%d %H:%M}"
