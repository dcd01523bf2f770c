"""One route a path: a path that is there answers 405 to other methods, and names all that it takes."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_Handler = Callable[[Request], Awaitable[Response]]

_CATCH_ALL_SUFFIX = ":path}"
"""Takes all that comes, for the client's ids may have slashes; a path that ends so is looked at last."""


_ALL_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"})


class _PathMethods:
    """What one path does, by the method."""

    def __init__(self) -> None:
        self.handlers: dict[str, _Handler] = {}
        self.answered_elsewhere: frozenset[str] = frozenset()
        """Methods of this path that another route answers."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer, or say which methods there are."""
        handler = self.handlers.get(scope["method"])
        if handler is None:
            raise HTTPException(405, headers={"Allow": ", ".join(sorted({*self.handlers, *self.answered_elsewhere}))})
        answer = await handler(Request(scope, receive, send))
        await answer(scope, receive, send)


def merge_by_path(routes: Iterable[Route]) -> list[Route]:
    """*routes*, those of the same path made one."""
    found: dict[str, _PathMethods] = {}
    for route in routes:
        methods = found.setdefault(route.path, _PathMethods())
        methods.handlers |= dict.fromkeys(route.methods or (), route.endpoint)
    last = [path for path in found if path.endswith(_CATCH_ALL_SUFFIX)]
    first = [path for path in found if path not in last]
    for path in first:
        # An id may end like a verb: other methods of such a path are about the lead that is called so.
        found[path].answered_elsewhere = frozenset(
            method for end in last if path.startswith(f"{end}/") for method in found[end].handlers
        )
    return [Route(path, found[path], methods=list_methods(found[path])) for path in (*first, *last)]


def list_methods(methods: _PathMethods) -> list[str] | None:
    """The methods that come to this route; None is all there are."""
    return list(_ALL_METHODS - methods.answered_elsewhere) if methods.answered_elsewhere else None
