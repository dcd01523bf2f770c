"""Tokens that live for an hour: asked for with a secret, kept in memory alone, renewed once at a time."""

import asyncio
import os
import time
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sync.answers import BUSY, at, document_of, ended, message, refusal
from sync.connectors.rest.words import paths_in
from sync.errors import BatchRefused, CrmDown, NotAuthorised, SetUpFault, SyncError, Throttled, Unreachable, Unsure
from sync.http import Answer, Http
from sync.line import Line
from sync.settings.rest_token import TokenSettings
from sync.settings.secret import Secret
from sync.template import filled

EARLY_SECONDS = 60.0
"""Before a token's end it is renewed: a call that is under way must not outlive it."""

TOO_MANY_SECONDS = 600.0
"""To wait where there were too many sign-ins: Zoho gives ten tokens in ten minutes."""

PASSING = ("server_error", "temporarily_unavailable")
"""Errors of OAuth (RFC 6749) that are the CRM's own trouble."""

TOO_MANY = ("too many", "rate limit", "rate exceeded")


class Tokens:
    """The way to a token of one API."""

    def __init__(self, settings: TokenSettings, place: Secret, secret: Callable[[], str], line: Line) -> None:
        """*secret* gives what is in *place*; it may raise ValueError."""
        self.settings = settings
        self.place = place
        self.secret = secret
        self.http = Http(settings.url, {"Accept": "application/json"}, secret=self._basic, line=line)
        self.held = ""
        """The token; empty where there is none."""
        self.good_until: float | None = None
        """In seconds of `time.monotonic`; None where nobody says how long it lives."""
        self.lock = asyncio.Lock()

    async def current(self, lapsed: str | None = None) -> str:
        """
        The token, asked for where there is none, it is at its end, or it is the one that *lapsed*.

        Raises:
            SyncError: there is none; nothing of a lead was sent.
        """
        async with self.lock:
            is_over = self.good_until is not None and time.monotonic() >= self.good_until
            if not self.held or is_over or self.held == lapsed:
                self.held = ""
                await self._ask()
            return self.held

    async def _ask(self) -> None:
        """Ask for a token, and keep it."""
        settings = self.settings
        try:
            secret = self.secret()
        except ValueError as error:
            raise NotAuthorised(f"The key for the CRM cannot be read: {error}") from error
        body = filled(dict(settings.body), {"secret": secret}) if settings.body else None
        try:
            is_form = bool(body) and not settings.json
            answer = await self.http.send("POST", settings.url, body, form=is_form, secrets=[secret])
            document = self._understood(answer)
        except Unsure as error:
            raise Unreachable(f"The CRM's sign-in cannot be reached: {error}") from error
        token = at(document, settings.token)
        if not isinstance(token, str) or not token.isascii() or not token.isprintable() or not token:
            has = ", ".join(list(paths_in(document))[:12]) or "nothing"
            raise SetUpFault(
                f"CRM set-up: the sign-in's answer has no token at {settings.token!r}; it has: {has}. Correct it."
            )
        self.held = token
        seconds = _number(at(document, settings.seconds))
        self.good_until = time.monotonic() + max(seconds - EARLY_SECONDS, seconds / 2) if seconds else None
        if settings.refresh and isinstance(refresh := at(document, settings.refresh), str) and refresh:
            _write_secret(Path(self.place.file).expanduser(), refresh)

    def _understood(self, answer: Answer) -> Any:
        """
        The JSON of an answer that brings a token.

        Raises:
            SyncError: it brings none.
        """
        try:
            document = answer.json()
        except ValueError:
            document = None
        error = at(document, "error")
        if 200 <= answer.status < 300 and not error:
            return document_of(answer)
        said = message(at(document, "error_description")) or message(error) or message(at(document, "message"))
        fault = None if 200 <= answer.status < 300 else refusal(answer)
        if isinstance(fault, Throttled) or any(words in said.casefold() for words in TOO_MANY):
            wait = fault.retry_after if isinstance(fault, Throttled) else None
            raise Throttled("The CRM asked us to wait with signing in.", retry_after=wait or TOO_MANY_SECONDS)
        if isinstance(fault, CrmDown) or error in PASSING or BUSY.search(said):
            raise CrmDown(f"The CRM's sign-in is having trouble ({said or f'it answers {answer.status}'}).")
        if said:
            raise NotAuthorised(
                f"The CRM refuses the sign-in: {ended(said)} Correct crm.rest.token in kiosk.toml, or the secret."
            )
        raise _not_a_sign_in(answer)

    def _basic(self) -> dict[str, str]:
        """The header of HTTP's basic authentication, where the secret goes there."""
        if not self.settings.basic_user:
            return {}
        pair = f"{self.settings.basic_user}:{self.secret()}".encode()
        return {"Authorization": f"Basic {b64encode(pair).decode()}"}

    async def aclose(self) -> None:
        """Let go of the connection, and forget the token."""
        self.held = ""
        await self.http.aclose()


def _not_a_sign_in(answer: Answer) -> SyncError:
    """What an answer means that brings no token and does not say why."""
    fault = refusal(answer)
    if isinstance(fault, BatchRefused | SetUpFault):
        return SetUpFault(
            f"CRM set-up: token.url gives no token (it answers {answer.status}): correct crm.rest.token in kiosk.toml."
        )
    return fault


def _number(value: Any) -> float:
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
