"""The `[crm.rest.token]` table: a token that lives for an hour, and how a new one is asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sync.settings.secret import Secret
from sync.settings.urls import check_url
from sync.template import find_placeholders


@dataclass(frozen=True, slots=True)
class TokenSettings:
    """The `[crm.rest.token]` table; `token_env` or `token_file` hold the client secret, or the refresh token."""

    url: str = ""
    """Where a token is asked for; empty: `token_env` or `token_file` hold the token itself."""
    body: Mapping[str, Any] = field(default_factory=dict)
    """What is sent, with `{secret}` in the secret's place."""
    json: bool = False
    """Whether that goes as JSON; else it goes as a form, as OAuth has it."""
    basic_user: str = ""
    """The client's id, where it and the secret are sent by HTTP's basic authentication."""
    token: str = "access_token"
    """The token, in the answer."""
    seconds: str = "expires_in"
    """How many seconds it lives, in the answer."""
    refresh: str = ""
    """The next refresh token, in the answer, where each is good once: it is written to `token_file`."""

    def check(self, secret: Secret) -> None:
        """Raise ValueError, with the key in front, for what cannot work; *secret* is what is sent."""
        if not self.url:
            return
        check_url("rest.token.url", self.url)
        if not secret.is_set:
            raise ValueError(
                "rest.token: put the client secret, or the refresh token, where token_env or token_file say."
            )
        if unknown := find_placeholders(self.body) - {"secret"}:
            raise ValueError(f"rest.token.body: {{{min(unknown)}}} stands for nothing; there is secret.")
        if "secret" not in find_placeholders(self.body) and not self.basic_user:
            raise ValueError('rest.token.body: nothing has the secret in it; write "{secret}" in its place.')
        if self.refresh and not secret.file:
            raise ValueError("rest.token.refresh: a refresh token that changes needs token_file, to be written to.")
