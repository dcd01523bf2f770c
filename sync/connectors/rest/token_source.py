"""Tokens that live for an hour: asked for with a secret, kept in memory alone, renewed once at a time."""

import asyncio
import os
import time
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sync.connection_context import ConnectionContext
from sync.connectors.rest.response_text import list_paths
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

_RENEW_EARLY_SECONDS = 60.0
"""Before a token's end it is renewed: a call that is under way must not outlive it."""

_SIGN_IN_COOLDOWN_SECONDS = 600.0
"""To wait where there were too many sign-ins: Zoho gives ten tokens in ten minutes."""

_TRANSIENT_ERRORS = ("server_error", "temporarily_unavailable")
"""Errors of OAuth (RFC 6749) that are the CRM's own trouble."""

_THROTTLE_PHRASES = ("too many", "rate limit", "rate exceeded")


class TokenSource:
    """The way to a token of one API."""

    def __init__(
        self, settings: TokenSettings, secret_source: Secret, read_secret: Callable[[], str], context: ConnectionContext
    ) -> None:
        """*secret* gives what is in *secret_source*; it may raise ValueError."""
        self.settings = settings
        self.secret_source = secret_source
        self.read_secret = read_secret
        self.http = HttpClient(
            settings.url, {"Accept": "application/json"}, secret_headers=self._build_basic_header, context=context
        )
        self.token = ""
        """The token; empty where there is none."""
        self.expires_at: float | None = None
        """In seconds of `time.monotonic`; None where nobody says how long it lives."""
        self.lock = asyncio.Lock()

    async def get_token(self, lapsed: str | None = None) -> str:
        """
        The token, asked for where there is none, it is at its end, or it is the one that *lapsed*.

        Raises:
            SyncError: there is none; nothing of a lead was sent.
        """
        async with self.lock:
            is_over = self.expires_at is not None and time.monotonic() >= self.expires_at
            if not self.token or is_over or self.token == lapsed:
                self.token = ""
                await self._request_token()
            return self.token

    async def _request_token(self) -> None:
        """Ask for a token, and keep it."""
        settings = self.settings
        try:
            secret = self.read_secret()
        except ValueError as error:
            raise NotAuthorised(f"The key for the CRM cannot be read: {error}") from error
        body = fill_template(dict(settings.body), {"secret": secret}) if settings.body else None
        try:
            is_form = bool(body) and not settings.json
            answer = await self.http.send("POST", settings.url, body, form=is_form, secrets=[secret])
            document = self._parse_response(answer)
        except OutcomeUnknown as error:
            raise Unreachable(f"The CRM's sign-in cannot be reached: {error}") from error
        token = get_by_path(document, settings.token)
        if not isinstance(token, str) or not token.isascii() or not token.isprintable() or not token:
            has = ", ".join(list(list_paths(document))[:12]) or "nothing"
            raise ConfigurationFault(
                f"CRM set-up: the sign-in's answer has no token at {settings.token!r}; it has: {has}. Correct it."
            )
        self.token = token
        seconds = _parse_seconds(get_by_path(document, settings.seconds))
        self.expires_at = time.monotonic() + max(seconds - _RENEW_EARLY_SECONDS, seconds / 2) if seconds else None
        if settings.refresh and isinstance(refresh := get_by_path(document, settings.refresh), str) and refresh:
            _write_secret(Path(self.secret_source.file).expanduser(), refresh)

    def _parse_response(self, answer: CrmResponse) -> Any:
        """
        The JSON of an answer that brings a token.

        Raises:
            SyncError: it brings none.
        """
        try:
            document = answer.json()
        except ValueError:
            document = None
        error = get_by_path(document, "error")
        if 200 <= answer.status < 300 and not error:
            return parse_json_body(answer)
        said = (
            clean_message(get_by_path(document, "error_description"))
            or clean_message(error)
            or clean_message(get_by_path(document, "message"))
        )
        fault = None if 200 <= answer.status < 300 else classify_error_response(answer)
        if isinstance(fault, Throttled) or any(words in said.casefold() for words in _THROTTLE_PHRASES):
            wait = fault.retry_after if isinstance(fault, Throttled) else None
            raise Throttled("The CRM asked us to wait with signing in.", retry_after=wait or _SIGN_IN_COOLDOWN_SECONDS)
        if isinstance(fault, CrmDown) or error in _TRANSIENT_ERRORS or BUSY_PATTERN.search(said):
            raise CrmDown(f"The CRM's sign-in is having trouble ({said or f'it answers {answer.status}'}).")
        if said:
            raise NotAuthorised(
                f"The CRM refuses the sign-in: {end_sentence(said)} Correct crm.rest.token in kiosk.toml, or the secret."
            )
        raise _classify_wordless_refusal(answer)

    def _build_basic_header(self) -> dict[str, str]:
        """The header of HTTP's basic authentication, where the secret goes there."""
        if not self.settings.basic_user:
            return {}
        pair = f"{self.settings.basic_user}:{self.read_secret()}".encode()
        return {"Authorization": f"Basic {b64encode(pair).decode()}"}

    async def aclose(self) -> None:
        """Let go of the connection, and forget the token."""
        self.token = ""
        await self.http.aclose()


def _classify_wordless_refusal(answer: CrmResponse) -> SyncError:
    """What an answer means that brings no token and does not say why."""
    fault = classify_error_response(answer)
    if isinstance(fault, BatchRefused | ConfigurationFault):
        return ConfigurationFault(
            f"CRM set-up: token.url gives no token (it answers {answer.status}): correct crm.rest.token in kiosk.toml."
        )
    return fault


def _parse_seconds(value: Any) -> float:
    """The seconds in *value*; none where it says none."""
    try:
        return max(0.0, float(value))
    except (TypeError, ValueError):
        return 0.0


def _write_secret(path: Path, secret: str) -> None:
    """Put *secret* in place of what *path* holds: whole or not at all, for its owner alone."""
    beside = path.with_name(f"{path.name}.new")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(secret)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
