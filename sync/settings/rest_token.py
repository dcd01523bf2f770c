"""The `[crm.rest.token]` table: how a short-lived access token is requested."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from data.language import _
from sync.settings.secret import Secret
from sync.settings.urls import check_url
from sync.template import find_placeholders


@dataclass(frozen=True, slots=True)
class TokenSettings:
    """The `[crm.rest.token]` table; the client secret or refresh token is in `token_env` or `token_file`."""

    url: str = ""
    """Where an access token is requested; empty: the token itself is in `token_env` or `token_file`."""
    body: Mapping[str, Any] = field(default_factory=dict)
    """The body of the request, with `{secret}` in place of the secret."""
    json: bool = False
    """Whether the body is JSON; otherwise it is a form, as in OAuth."""
    basic_user: str = ""
    """The client id, if it and the secret are sent by HTTP basic authentication."""
    token: str = "access_token"
    """The access token in the answer."""
    seconds: str = "expires_in"
    """The seconds until it expires, in the answer."""
    refresh: str = ""
    """The next refresh token in the answer, if each is valid only once: it is written to `token_file`."""

    def check(self, secret: Secret) -> None:
        """Raise ValueError, with the key in front, for settings that cannot work; *secret* is what is sent."""
        if not self.url:
            return
        check_url("rest.token.url", self.url)
        if not secret.is_set:
            raise ValueError(
                _("rest.token: put the client secret or the refresh token where token_env or token_file says.")
            )
        if unknown := find_placeholders(self.body) - {"secret"}:
            sentence = _("rest.token.body: there is no placeholder {placeholder}; use {{secret}}.")
            raise ValueError(sentence.format(placeholder=f"{{{min(unknown)}}}"))
        if "secret" not in find_placeholders(self.body) and not self.basic_user:
            raise ValueError(_('rest.token.body: the secret is missing; write "{secret}" in its place.'))
        if self.refresh and not secret.file:
            raise ValueError(
                _("rest.token.refresh: a refresh token that changes must be in token_file, to be written there.")
            )
