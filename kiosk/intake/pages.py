"""The pages, and the files that they are made of: nothing on them comes from elsewhere, and nothing may."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from kiosk.intake.docs import docs_page
from kiosk.intake.files import TYPES, content
from kiosk.intake.openapi import openapi_json

POLICY = "; ".join(
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

HEADERS = {"Content-Security-Policy": POLICY, "Cache-Control": "no-cache", "Cross-Origin-Opener-Policy": "same-origin"}


class Pages:
    """`/numbers`, `/docs`, and what they load."""

    def __init__(self) -> None:
        self.routes = [
            Route("/", self.start, methods=["GET"]),
            Route("/numbers", self.numbers, methods=["GET"]),
            Route("/docs", self.docs, methods=["GET"]),
            Route("/openapi.json", self.openapi, methods=["GET"]),
            Route("/static/{name}", self.static, methods=["GET"]),
        ]

    async def start(self, request: Request) -> Response:
        """Where people begin."""
        return RedirectResponse("/numbers", 307)

    async def numbers(self, request: Request) -> Response:
        """The page with the numbers: it has none itself, and asks for a token."""
        return file("numbers.html")

    async def docs(self, request: Request) -> Response:
        """What the API takes and answers, for people."""
        return Response(docs_page(), headers=HEADERS, media_type="text/html")

    async def openapi(self, request: Request) -> Response:
        """The same for programs."""
        return Response(openapi_json(), headers={"Cache-Control": "no-cache"}, media_type="application/json")

    async def static(self, request: Request) -> Response:
        """A style, a script or a picture."""
        return file(request.path_params["name"])


def file(name: str) -> Response:
    """
    One of our own files.

    Raises:
        HTTPException: there is none of that name.
    """
    if name not in TYPES:
        raise HTTPException(404)
    return Response(content(name), headers={**HEADERS, "Content-Type": TYPES[name]})
