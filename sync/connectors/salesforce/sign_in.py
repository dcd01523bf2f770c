"""Signing in to a Salesforce org: a session is kept in memory alone, and renewed once at a time."""

import asyncio
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from sync.answers import at, document_of
from sync.connectors.salesforce.assertion import JWT_SECONDS, assertion
from sync.connectors.salesforce.refused_sign_in import refused
from sync.errors import NotAuthorised, SetUpFault, Unreachable, Unsure
from sync.http import Answer, Http
from sync.line import Line
from sync.retry_after import read_date
from sync.settings.salesforce import SalesforceSettings, check_host
from sync.settings.urls import origin

TOKEN_PATH = "/services/oauth2/token"
JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"

SECRET = ("client_secret", "assertion")
"""What of the form nobody may be told."""

TOKEN = re.compile(r"[!-~]+")
"""What can be sent as a session: the characters of ASCII that are seen."""


@dataclass(frozen=True, slots=True, repr=False)
class Session:
    """What a sign-in brought."""

    token: str
    url: str
    """`https://HOST`, where the org's API is."""


class SignIn:
    """The way to a session of one org."""

    def __init__(self, settings: SalesforceSettings, line: Line) -> None:
        self.settings = settings
        self.url = settings.login_url.rstrip("/")
        self.http = Http(self.url, {"Accept": "application/json"}, line=line)
        self.current: Session | None = None
        self.lock = asyncio.Lock()

    async def session(self, lapsed: Session | None = None) -> Session:
        """
        The session, got anew where there is none, or where it is the one that *lapsed*.

        Raises:
            SyncError: there is none to be had; nothing of a lead was sent.
        """
        async with self.lock:
            if self.current is None or self.current is lapsed:
                self.current = None
                self.current = await self.begun()
            return self.current

    def end(self, session: Session) -> None:
        """Have the next call sign in anew."""
        if self.current is session:
            self.current = None

    async def begun(self) -> Session:
        """
        A new session.

        Raises:
            SyncError: there is none to be had.
        """
        form = self.form()
        try:
            secrets = [form[key] for key in SECRET if key in form]
            answer = await self.http.send("POST", self.url + TOKEN_PATH, form, form=True, secrets=secrets)
            if answer.status != 200:
                raise self.clock_is_wrong(answer) or refused(answer)
            document = document_of(answer)
        except Unsure as error:
            raise Unreachable(f"The CRM's sign-in cannot be reached: {error}") from error
        if at(document, "error"):
            raise refused(answer)
        token = at(document, "access_token")
        if not isinstance(token, str) or not TOKEN.fullmatch(token):
            raise SetUpFault("CRM set-up: what answers at login_url is no Salesforce sign-in: correct kiosk.toml.")
        return Session(token, self.checked(at(document, "instance_url")))

    def form(self) -> dict[str, str]:
        """
        What is sent to sign in.

        Raises:
            NotAuthorised: the credential cannot be had.
        """
        settings = self.settings
        try:
            secret = settings.token.read()
            if settings.sign_in == "jwt_bearer":
                return {"grant_type": JWT_GRANT, "assertion": assertion(settings, secret, clock())}
        except ValueError as error:
            raise NotAuthorised(f"The key for the CRM cannot be had: {error}") from error
        return {"grant_type": "client_credentials", "client_id": settings.client_id, "client_secret": secret}

    def checked(self, url: object) -> str:
        """
        *url*, which the sign-in names as the API's, if visitors' data may go there.

        Raises:
            SetUpFault: it may not.
        """
        wanted = self.settings.instance_url
        try:
            check_host("instance_url", url if isinstance(url, str) else "")
        except ValueError as error:
            raise SetUpFault(f"CRM set-up: the sign-in names an address that leads cannot go to: {error}") from error
        where = str(url).rstrip("/")
        if wanted and origin(wanted) != origin(where):
            raise SetUpFault(f"CRM set-up: the sign-in leads to {where}, but instance_url is {wanted}: correct it.")
        if where.startswith("http:") and self.url.startswith("https:"):
            raise SetUpFault(f"CRM set-up: the sign-in leads to {where}, which would get leads unencrypted.")
        return where

    def clock_is_wrong(self, answer: Answer) -> NotAuthorised | None:
        """The true reason for a refused assertion, where this device's clock is off by more than one is good for."""
        said = read_date(answer.headers.get("date", ""))
        if self.settings.sign_in != "jwt_bearer" or said is None or answer.status >= 500:
            return None
        now = datetime.fromtimestamp(clock(), UTC)
        if abs((said - now).total_seconds()) < JWT_SECONDS:
            return None
        return NotAuthorised(
            f"The CRM refuses the sign-in because this device's clock is wrong: it says {spoken(now)}, "
            f"and the CRM {spoken(said)} UTC. Correct the clock."
        )

    async def aclose(self) -> None:
        """Let go of the connection, and forget the session."""
        self.current = None
        await self.http.aclose()


def clock() -> float:
    """The time of this device."""
    return time.time()


def spoken(moment: datetime) -> str:
    """*moment* as people write it."""
    return f"{moment:%-d %b %Y, %H:%M}"
