"""Tokens that expire: requested with a secret, kept in memory only, and renewed by one caller at a time."""

import asyncio
import os
import time
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

from data.language import _
from sync.connection_context import ConnectionContext
from sync.connectors.rest.response_text import describe_paths
from sync.crm_messages import clean_message, end_sentence, get_by_path
from sync.errors import (
    BatchRefused,
    ConfigurationFault,
    CrmDown,
    NotAuthorised,
    OutcomeUnknown,
    SyncError,
    Throttled,
    Unreachable,
)
from sync.http_client import CrmResponse, HttpClient
from sync.response_errors import BUSY_PATTERN, classify_error_response, parse_json_body
from sync.settings.rest_token import TokenSettings
from sync.settings.secret import Secret
from sync.template import fill_template

# How long before its end a token is renewed, so that it does not expire during a call.
_RENEW_EARLY_SECONDS = 60.0

# Time to wait after too many sign-ins: Zoho issues ten tokens in ten minutes.
_SIGN_IN_COOLDOWN_SECONDS = 600.0

# OAuth errors (RFC 6749) that are the CRM's own trouble.
_TRANSIENT_ERRORS = ("server_error", "temporarily_unavailable")

_THROTTLE_PHRASES = ("too many", "rate limit", "rate exceeded")  # not shown: a CRM's words


class TokenSource:
    """Requests and renews the token of one API."""

    def __init__(
        self, settings: TokenSettings, secret_source: Secret, read_secret: Callable[[], str], context: ConnectionContext
    ) -> None:
        """*read_secret* returns the secret of *secret_source*; it may raise ValueError."""
        self.settings = settings
        self.secret_source = secret_source
        self.read_secret = read_secret
        self.http = HttpClient(
            settings.url, {"Accept": "application/json"}, secret_headers=self._build_basic_header, context=context
        )
        self.token = ""
        """The token; empty if there is none."""
        self.expires_at: float | None = None
        """In seconds of `time.monotonic`; None if its lifetime is unknown."""
        self.lock = asyncio.Lock()

    async def get_token(self, expired: str | None = None) -> str:
        """
        Return the token. A new one is requested if there is none, if it is about to end, or if it is the *expired* one.

        Raises:
            SyncError: there is no token; nothing of a lead was sent.
        """
        # Calls whose token expires together wait here, so that only the first of them asks for a new one.
        async with self.lock:
            is_over = self.expires_at is not None and time.monotonic() >= self.expires_at
            if not self.token or is_over or self.token == expired:
                self.token = ""
                await self._request_token()
            return self.token

    async def _request_token(self) -> None:
        """Request a token, and keep it."""
        settings = self.settings
        try:
            secret = self.read_secret()
        except ValueError as error:
            raise NotAuthorised(_("The key for the CRM is unavailable: {reason}").format(reason=error)) from error
        # The secret is listed below, so that no message quotes it.
        body = fill_template(dict(settings.body), {"secret": secret}) if settings.body else None
        try:
            is_form = bool(body) and not settings.json
            response = await self.http.send("POST", settings.url, body, form=is_form, secrets=[secret])
            document = self._parse_response(response)
        except OutcomeUnknown as error:
            # No lead was part of this call, so nothing about a lead is unknown.
            raise Unreachable(_("The CRM's sign-in cannot be reached: {reason}").format(reason=error)) from error
        token = get_by_path(document, settings.token)
        if not isinstance(token, str) or not token.isascii() or not token.isprintable() or not token:
            sentence = _(
                "CRM setup: the sign-in's response has no token at {path!r}. {content}: correct crm.rest.token."
            )
            raise ConfigurationFault(sentence.format(path=settings.token, content=describe_paths(document)))
        self.token = token
        seconds = _parse_seconds(get_by_path(document, settings.seconds))
        # Short-lived tokens are renewed at half their time instead of all the time.
        self.expires_at = time.monotonic() + max(seconds - _RENEW_EARLY_SECONDS, seconds / 2) if seconds else None
        # Some CRMs replace the refresh token each time: the old one no longer works at the next start.
        if settings.refresh and isinstance(refresh := get_by_path(document, settings.refresh), str) and refresh:
            _write_secret(Path(self.secret_source.file).expanduser(), refresh)

    def _parse_response(self, response: CrmResponse) -> Any:
        """
        Return the JSON of a response that contains a token.

        Raises:
            SyncError: it contains none.
        """
        try:
            document = response.json()
        except ValueError:
            document = None
        error = get_by_path(document, "error")
        if 200 <= response.status < 300 and not error:
            return parse_json_body(response)
        message = (
            clean_message(get_by_path(document, "error_description"))
            or clean_message(error)
            or clean_message(get_by_path(document, "message"))
        )
        fault = None if 200 <= response.status < 300 else classify_error_response(response)
        if isinstance(fault, Throttled) or any(phrase in message.casefold() for phrase in _THROTTLE_PHRASES):
            wait = fault.retry_after if isinstance(fault, Throttled) else None
            raise Throttled(
                _("The CRM asked the kiosk to wait before signing in."), retry_after=wait or _SIGN_IN_COOLDOWN_SECONDS
            )
        if isinstance(fault, CrmDown) or error in _TRANSIENT_ERRORS or BUSY_PATTERN.search(message):
            message = message or _("status {status}").format(status=response.status)
            raise CrmDown(_("The CRM's sign-in is having trouble ({message}).").format(message=message))
        if message:
            raise NotAuthorised(
                _("The CRM rejects the sign-in: {message} Correct crm.rest.token in kiosk.toml, or the secret.").format(
                    message=end_sentence(message)
                )
            )
        raise _classify_wordless_refusal(response)

    def _build_basic_header(self) -> dict[str, str]:
        """Build the header of HTTP's basic authentication, if the secret goes there."""
        if not self.settings.basic_user:
            return {}
        pair = f"{self.settings.basic_user}:{self.read_secret()}".encode()
        return {"Authorization": f"Basic {b64encode(pair).decode()}"}  # not shown: a header

    async def aclose(self) -> None:
        """Close the connection, and forget the token."""
        self.token = ""
        await self.http.aclose()


def _classify_wordless_refusal(response: CrmResponse) -> SyncError:
    """Return the error for a response that contains no token and gives no reason."""
    fault = classify_error_response(response)
    if isinstance(fault, BatchRefused | ConfigurationFault):
        return ConfigurationFault(
            _("CRM setup: token.url returns no token (status {status}): correct crm.rest.token in kiosk.toml.").format(
                status=response.status
            )
        )
    return fault


def _parse_seconds(value: Any) -> float:
    """Return the seconds in *value*; 0 if there are none."""
    try:
        return max(0.0, float(value))
    except (TypeError, ValueError):
        return 0.0


def _write_secret(path: Path, secret: str) -> None:
    """Replace the content of *path* by *secret*, atomically and readable by its owner only."""
    beside = path.with_name(f"{path.name}.new")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(secret)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
