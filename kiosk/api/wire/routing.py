"""Routing: one route per path, so that 405 names all methods of a path in `Allow`."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

Handler = Callable[[Request], Awaitable[Response]]

# The end of a path that matches everything, slashes included, because a client id may have slashes.
_CATCH_ALL_SUFFIX = ":path}"

_ALL_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"})


class PathMethods:
    """The handlers of one path, by method; an ASGI application."""

    def __init__(self) -> None:
        self.handlers: dict[str, Handler] = {}
        self.answered_elsewhere: frozenset[str] = frozenset()
        """Methods of this path that a catch-all route answers."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Call the handler of the request's method; raise 405 if there is none."""
        handler = self.handlers.get(scope["method"])
        if handler is None:
            raise HTTPException(405, headers={"Allow": ", ".join(sorted({*self.handlers, *self.answered_elsewhere}))})
        response = await handler(Request(scope, receive, send))
        await response(scope, receive, send)


def merge_by_path(routes: Iterable[Route]) -> list[Route]:
    """Merge *routes* of the same path, and put catch-all paths last, so that they do not hide others."""
    found: dict[str, PathMethods] = {}
    for route in routes:
        methods = found.setdefault(route.path, PathMethods())
        methods.handlers |= dict.fromkeys(route.methods or (), route.endpoint)
    catch_all = [path for path in found if path.endswith(_CATCH_ALL_SUFFIX)]
    exact = [path for path in found if path not in catch_all]
    for path in exact:
        # `/contacts/{id:path}/retry` has only POST. A GET of it is for the lead whose client id ends in "/retry".
        found[path].answered_elsewhere = frozenset(
            method for prefix in catch_all if path.startswith(f"{prefix}/") for method in found[prefix].handlers
        )
    return [Route(path, found[path], methods=_list_methods(found[path])) for path in (*exact, *catch_all)]


def _list_methods(methods: PathMethods) -> list[str] | None:
    """List the methods that Starlette is to send to this route; None is all of them, so that 405 is ours."""
    return list(_ALL_METHODS - methods.answered_elsewhere) if methods.answered_elsewhere else None
