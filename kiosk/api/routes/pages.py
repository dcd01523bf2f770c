"""The dashboard and the API reference. Nothing on these pages comes from another origin, and nothing may."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from data.language import export_catalogue
from kiosk.api.docs.html_page import render_docs_page
from kiosk.api.docs.openapi import encode_openapi
from kiosk.api.wire.json_codec import json_response
from kiosk.api.wire.static_files import STATIC_FILES, read_static_file

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
        # The browser refuses to turn text into markup, whatever a script does: names come from badges.
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)

_PAGE_HEADERS = {
    "Content-Security-Policy": _CONTENT_SECURITY_POLICY,
    "Cache-Control": "no-cache",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class PageRoutes:
    """`/numbers`, `/docs`, and the files that they load."""

    def __init__(self) -> None:
        self.routes = [
            Route("/", self.redirect_to_dashboard, methods=["GET"]),
            Route("/numbers", self.get_dashboard, methods=["GET"]),
            Route("/docs", self.get_docs, methods=["GET"]),
            Route("/openapi.json", self.get_openapi, methods=["GET"]),
            Route("/static/messages.json", self.get_messages, methods=["GET"]),
            Route("/static/{name}", self.get_static_file, methods=["GET"]),
        ]

    async def redirect_to_dashboard(self, request: Request) -> Response:
        """Redirect `/` to the dashboard."""
        return RedirectResponse("/numbers", 307)  # not 308: browsers would remember it forever

    async def get_dashboard(self, request: Request) -> Response:
        """Return the dashboard. It has no numbers in it; its script asks for a token and fetches them."""
        return _static_file_response("numbers.html")

    async def get_docs(self, request: Request) -> Response:
        """Return the API reference for people."""
        return Response(render_docs_page(), headers=_PAGE_HEADERS, media_type="text/html")

    async def get_openapi(self, request: Request) -> Response:
        """Return the API reference for programs."""
        return Response(encode_openapi(), headers={"Cache-Control": "no-cache"}, media_type="application/json")

    async def get_messages(self, request: Request) -> Response:
        """Return the catalogue of the kiosk's language, by which the dashboard translates itself."""
        return json_response(export_catalogue(), headers={"Cache-Control": "no-cache"})

    async def get_static_file(self, request: Request) -> Response:
        """Return a style sheet, a script or an image."""
        return _static_file_response(request.path_params["name"])


def _static_file_response(name: str) -> Response:
    """
    Return the response for the static file with the URL *name*.

    Raises:
        HTTPException: there is no such file.
    """
    if name not in STATIC_FILES:
        raise HTTPException(404)
    return Response(read_static_file(name), headers={**_PAGE_HEADERS, "Content-Type": STATIC_FILES[name].media_type})
