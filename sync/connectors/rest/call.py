"""Calls to the API with the token that it wants: one that is there, or one that lives for an hour."""

from collections.abc import Callable, Mapping
from typing import Any

from sync.connectors.rest.token import Tokens
from sync.http import NO_HEADERS, Answer, Http
from sync.line import Line
from sync.pace import Rate
from sync.settings.rest import RestSettings


class Caller:
    """Sends requests to one API."""

    def __init__(self, settings: RestSettings, line: Line, destination: str, secret: Callable[[], str]) -> None:
        """*secret* gives the credential; it may raise ValueError."""
        self.settings = settings
        self.secret = secret
        self.tokens = Tokens(settings.token, settings.secret, secret, line) if settings.token.url else None
        self.http = Http(
            settings.base,
            {"Accept": "application/json", **settings.headers},
            secret=self._headers,
            line=line,
            pace=line.pace(destination, Rate(settings.max_calls, settings.per_seconds)),
        )

    async def send(self, method: str, url: str, body: Any = None, headers: Mapping[str, str] = NO_HEADERS) -> Answer:
        """
        Make one call, and return what was answered; a token that has lapsed is renewed once.

        Raises:
            SyncError: there was no answer.
        """
        if self.tokens is None:
            return await self.http.send(method, url, body, headers)
        token = await self.tokens.current()
        answer = await self.http.send(method, url, body, headers)
        if answer.status == 401:
            await self.tokens.current(lapsed=token)
            answer = await self.http.send(method, url, body, headers)
        return answer

    def _headers(self) -> dict[str, str]:
        """The header with the token, where there is one."""
        token = self.tokens.held if self.tokens else self.secret()
        return {self.settings.token_header: self.settings.token_prefix + token} if token else {}

    async def aclose(self) -> None:
        """Let go of the connections."""
        await self.http.aclose()
        if self.tokens is not None:
            await self.tokens.aclose()
