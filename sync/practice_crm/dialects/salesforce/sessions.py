"""Sign-in to the practice org, by client credentials or a signed assertion, and its sessions."""

import base64
import binascii
import re
import secrets
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sync.practice_crm.faults import Faults

# The client id of the practice org's one app; its secret is the practice CRM's token.
CONSUMER_KEY = "practice-booth-kiosk"

# A file in the practice CRM's folder with the key that verifies assertions; without it, any signature is accepted.
PUBLIC_KEY_FILE_NAME = "salesforce-public-key.pem"

_JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"

# The longest lifetime of an assertion: three minutes, and one more for clocks that are slightly wrong.
_MAX_ASSERTION_SECONDS = 240.0

_SALESFORCE_URL_PATTERN = re.compile(r"https://[A-Za-z0-9.-]+\.salesforce\.com/?")


class _SignInRefused(Exception):
    """A sign-in that is refused: the error's code, and its message."""


class SessionStore:
    """The valid sessions; none outlives the practice CRM."""

    def __init__(self, secret: str, folder: Path, faults: Callable[[], Faults]) -> None:
        self.secret = secret
        self.folder = folder
        self.read_faults = faults
        self.calls_by_session: dict[str, int] = {}
        """Each session, and the number of calls in it."""

    async def issue_token(self, request: Request) -> Response:
        """Handle `POST /services/oauth2/token`: start a session."""
        url = f"{request.url.scheme}://{request.url.netloc}"
        form = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
        try:
            self._check_credentials(form, request.headers.get("authorization", ""), url)
        except _SignInRefused as refusal:
            error, words = refusal.args
            return JSONResponse({"error": error, "error_description": words}, 400)
        session = f"00DPR0000000001!{secrets.token_urlsafe(48)}"
        self.calls_by_session[session] = 0
        document = {
            "access_token": session,
            "signature": secrets.token_urlsafe(24),
            "scope": "api",
            "instance_url": url,
            "id": f"{url}/id/00DPR0000000001EAA/005PR0000000001AAA",
            "token_type": "Bearer",
            "issued_at": str(int(time.time() * 1000)),
        }
        return JSONResponse(document, headers={"Cache-Control": "no-cache, no-store"})

    def _check_credentials(self, form: Mapping[str, str], authorization: str, url: str) -> None:
        """
        Check the credentials in *form*.

        Raises:
            _SignInRefused: they are wrong.
        """
        if self.read_faults().unauthorised:
            raise _SignInRefused("invalid_grant", "authentication failure")
        match form.get("grant_type"):
            case "client_credentials":
                client, secret = _parse_basic_auth(authorization) or (
                    form.get("client_id", ""),
                    form.get("client_secret", ""),
                )
                if client != CONSUMER_KEY:
                    raise _SignInRefused("invalid_client_id", "client identifier invalid")
                if not secrets.compare_digest(secret.encode(), self.secret.encode()):
                    raise _SignInRefused("invalid_client", "invalid client credentials")
            case grant if grant == _JWT_GRANT:
                self.verify_assertion(form.get("assertion", ""), url)
            case _:
                raise _SignInRefused("unsupported_grant_type", "grant type not supported")

    def verify_assertion(self, assertion: str, url: str) -> None:
        """
        Check that Salesforce would accept *assertion*.

        Raises:
            _SignInRefused: it would not.
        """
        import jwt

        key = self._read_public_key()
        options: Any = {
            "require": ["iss", "sub", "aud", "exp"],
            "verify_aud": False,
            "verify_exp": True,
            "verify_signature": bool(key),
        }
        try:
            claims = jwt.decode(assertion, key, ["RS256"], options)
        except jwt.ExpiredSignatureError as error:
            raise _SignInRefused("invalid_grant", "expired authorization code") from error
        except (jwt.PyJWTError, ValueError) as error:
            raise _SignInRefused("invalid_grant", "invalid assertion") from error
        if claims["iss"] != CONSUMER_KEY:
            raise _SignInRefused("invalid_client_id", "client identifier invalid")
        if claims["aud"] != url and not _SALESFORCE_URL_PATTERN.fullmatch(str(claims["aud"])):
            raise _SignInRefused("invalid_grant", "audience is invalid")
        if float(claims["exp"]) - time.time() > _MAX_ASSERTION_SECONDS:
            raise _SignInRefused("invalid_grant", "invalid assertion")

    def _read_public_key(self) -> str:
        """Return the key that verifies signatures; empty if there is none."""
        path = self.folder / PUBLIC_KEY_FILE_NAME
        return path.read_text(encoding="utf-8") if path.is_file() else ""

    def use_session(self, authorization: str) -> bool:
        """Count a call with this header, and return whether its session is valid."""
        scheme, _, session = authorization.partition(" ")
        if scheme.lower() not in ("bearer", "oauth") or session not in self.calls_by_session:
            return False
        self.calls_by_session[session] += 1
        most = self.read_faults().session_calls
        if most and self.calls_by_session[session] > most:
            del self.calls_by_session[session]
            return False
        return True


def _parse_basic_auth(authorization: str) -> tuple[str, str] | None:
    """Return the client and its secret (RFC 7617); None if they are missing."""
    scheme, _, given = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        client, _, secret = base64.b64decode(given).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return client, secret
