"""The pages, and the files that they are made of: nothing on them comes from elsewhere, and nothing may."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from kiosk.api.docs.html_page import render_docs_page
from kiosk.api.docs.openapi import encode_openapi
from kiosk.api.wire.static_files import STATIC_FILE_TYPES, read_static_file

_CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "img-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",  # no text becomes markup, whatever a script does
        "trusted-types 'none'",
    )
)

_PAGE_HEADERS = {
    "Content-Security-Policy": _CONTENT_SECURITY_POLICY,
    "Cache-Control": "no-cache",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class PageRoutes:
    """`/numbers`, `/docs`, and what they load."""

    def __init__(self) -> None:
        self.routes = [
            Route("/", self.redirect_to_dashboard, methods=["GET"]),
            Route("/numbers", self.get_dashboard, methods=["GET"]),
            Route("/docs", self.get_docs, methods=["GET"]),
            Route("/openapi.json", self.get_openapi, methods=["GET"]),
            Route("/static/{name}", self._get_static_file, methods=["GET"]),
        ]

    async def redirect_to_dashboard(self, request: Request) -> Response:
        """Where people begin."""
        return RedirectResponse("/numbers", 307)

    async def get_dashboard(self, request: Request) -> Response:
        """The page with the numbers: it has none itself, and asks for a token."""
        return static_file_response("numbers.html")

    async def get_docs(self, request: Request) -> Response:
        """What the API takes and answers, for people."""
        return Response(render_docs_page(), headers=_PAGE_HEADERS, media_type="text/html")

    async def get_openapi(self, request: Request) -> Response:
        """The same for programs."""
        return Response(encode_openapi(), headers={"Cache-Control": "no-cache"}, media_type="application/json")

    async def _get_static_file(self, request: Request) -> Response:
        """A style, a script or a picture."""
        return static_file_response(request.path_params["name"])


def static_file_response(name: str) -> Response:
    """
    One of our own files.

    Raises:
        HTTPException: there is none of that name.
    """
    if name not in STATIC_FILE_TYPES:
        raise HTTPException(404)
    return Response(read_static_file(name), headers={**_PAGE_HEADERS, "Content-Type": STATIC_FILE_TYPES[name]})
