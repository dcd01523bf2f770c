"""What a dialect of the practice CRM is made of."""

from collections.abc import Sequence
from typing import Protocol

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.routing import Route


class Face(Protocol):
    """One dialect: its endpoints, its sign-in, and how a CRM of that make says no."""

    @property
    def paths(self) -> Sequence[str]:
        """What the paths of its API begin with: calls to them are counted, limited, and misbehave on request."""
        ...

    @property
    def sign_in(self) -> str:
        """The path where callers get a token: they need none there, and no limit counts. Empty where there is none."""
        ...

    @property
    def routes(self) -> Sequence[Route]:
        """Its endpoints."""
        ...

    def knows(self, headers: Headers) -> bool:
        """Whether the caller may write contacts."""
        ...

    def unauthorised(self) -> Response:
        """The answer to a caller whom nobody knows."""
        ...

    def forbidden(self) -> Response:
        """The answer to a caller who is known, and may not add contacts."""
        ...

    def throttled(self, seconds: float) -> Response:
        """The answer to one call too many; in *seconds* there is room again."""
        ...

    def used_up(self) -> Response:
        """The answer when the day's calls are used up."""
        ...

    def down(self) -> Response:
        """The answer of a CRM in maintenance."""
        ...
