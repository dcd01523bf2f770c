"""What a dialect of the practice CRM is made of."""

from collections.abc import Sequence
from typing import Protocol

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.routing import Route


class Dialect(Protocol):
    """One dialect: its endpoints, its sign-in, and how a CRM of that make says no."""

    @property
    def path_prefixes(self) -> Sequence[str]:
        """What the paths of its API begin with: calls to them are counted, limited, and misbehave on request."""
        ...

    @property
    def sign_in_path(self) -> str:
        """The path where callers get a token: they need none there, and no limit counts. Empty where there is none."""
        ...

    @property
    def routes(self) -> Sequence[Route]:
        """Its endpoints."""
        ...

    def is_authenticated(self, headers: Headers) -> bool:
        """Whether the caller may write contacts."""
        ...

    def answer_unauthorised(self) -> Response:
        """The answer to a caller whom nobody knows."""
        ...

    def answer_forbidden(self) -> Response:
        """The answer to a caller who is known, and may not add contacts."""
        ...

    def answer_throttled(self, seconds: float) -> Response:
        """The answer to one call too many; in *seconds* there is room again."""
        ...

    def answer_quota_used_up(self) -> Response:
        """The answer when the day's calls are used up."""
        ...

    def answer_down(self) -> Response:
        """The answer of a CRM in maintenance."""
        ...
