"""Calls to the API, with a fixed key or with a token that expires and is renewed."""

from collections.abc import Callable, Mapping
from typing import Any

from sync.connection_context import ConnectionContext
from sync.connectors.rest.token_source import TokenSource
from sync.http_client import NO_HEADERS, CrmResponse, HttpClient
from sync.rate_limiter import Rate
from sync.settings.rest import RestSettings


class ApiClient:
    """Sends requests to one API."""

    def __init__(
        self, settings: RestSettings, context: ConnectionContext, destination: str, read_secret: Callable[[], str]
    ) -> None:
        """*read_secret* returns the credential; it may raise ValueError."""
        self.settings = settings
        self.read_secret = read_secret
        self.token_source = (
            TokenSource(settings.token, settings.secret, read_secret, context) if settings.token.url else None
        )
        self.http = HttpClient(
            settings.base_url,
            {"Accept": "application/json", **settings.headers},
            secret_headers=self._build_auth_header,
            context=context,
            rate_limiter=context.make_rate_limiter(destination, Rate(settings.max_calls, settings.per_seconds)),
        )

    async def send_request(
        self, method: str, url: str, body: Any = None, headers: Mapping[str, str] = NO_HEADERS
    ) -> CrmResponse:
        """
        Make one call, and return the response. A token that has expired is renewed, once.

        Raises:
            SyncError: there was no response.
        """
        if self.token_source is None:
            return await self.http.send(method, url, body, headers)
        token = await self.token_source.get_token()
        response = await self.http.send(method, url, body, headers)
        # The CRM may end a token early; a second 401 is about the key.
        if response.status == 401:
            await self.token_source.get_token(expired=token)
            response = await self.http.send(method, url, body, headers)
        return response

    def _build_auth_header(self) -> dict[str, str]:
        """Build the header with the token, if there is one."""
        token = self.token_source.token if self.token_source else self.read_secret()
        return {self.settings.token_header: self.settings.token_prefix + token} if token else {}

    async def aclose(self) -> None:
        """Close the connections."""
        await self.http.aclose()
        if self.token_source is not None:
            await self.token_source.aclose()
