"""The interface of a dialect: one CRM's API as the practice CRM imitates it."""

from collections.abc import Sequence
from typing import Protocol

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.routing import Route


class Dialect(Protocol):
    """One dialect: its endpoints, its authentication, and its error responses."""

    @property
    def path_prefixes(self) -> Sequence[str]:
        """Prefixes of its API's paths: calls to them are counted and limited, and get the injected faults."""
        ...

    @property
    def sign_in_path(self) -> str:
        """The path where callers get a token, which needs none and does not count; empty if there is none."""
        ...

    @property
    def routes(self) -> Sequence[Route]:
        """Its endpoints."""
        ...

    def is_authenticated(self, headers: Headers) -> bool:
        """Return whether the caller may write contacts."""
        ...

    def answer_unauthorised(self) -> Response:
        """Respond to a caller without valid credentials."""
        ...

    def answer_forbidden(self) -> Response:
        """Respond to a caller who is authenticated, but may not add contacts."""
        ...

    def answer_throttled(self, seconds: float) -> Response:
        """Respond to one call too many; the next one is accepted in *seconds*."""
        ...

    def answer_quota_used_up(self) -> Response:
        """Respond when the day's calls are used up."""
        ...

    def answer_down(self) -> Response:
        """Respond as a CRM in maintenance."""
        ...
