"""`/json/2/MODEL/METHOD`: arguments by name, the key as a bearer token, exceptions with statuses."""

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from sync.practice_crm.answers import body, has_bearer
from sync.practice_crm.faces.odoo.jsonrpc import DATABASE, PAGE, too_many
from sync.practice_crm.faces.odoo.methods import Methods
from sync.practice_crm.faces.odoo.model import OdooError
from sync.practice_crm.misbehave import Misbehave
from sync.practice_crm.records import Records


class OdooJson2Face:
    """Odoo 19; a caller that names a database must name `practice`."""

    paths = ("/json/2/", "/web/version")
    sign_in = "/web/version"
    """Open to everybody, to tell which Odoo it is."""

    def __init__(self, token: str, records: Records, misbehave: Misbehave) -> None:
        self.token = token
        self.methods = Methods(records, misbehave)
        self.routes = [
            Route("/web/version", self.version),
            Route("/json/2/{model}/{method}", self.answer, methods=["POST"]),
        ]

    def knows(self, headers: Headers) -> bool:
        """Whether the caller has our token."""
        return has_bearer(headers, self.token)

    def unauthorised(self) -> Response:
        """401."""
        return failed(OdooError("werkzeug.exceptions.Unauthorized", "Invalid apikey", 401))

    def forbidden(self) -> Response:
        """403."""
        words = "You are not allowed to create 'Lead/Opportunity' (crm.lead) records."
        return failed(OdooError("odoo.exceptions.AccessError", words, 403))

    def throttled(self, seconds: float) -> Response:
        """429, of the proxy in front of it: Odoo has no limit of its own."""
        return too_many(seconds)

    def used_up(self) -> Response:
        """429 for the rest of the day."""
        return HTMLResponse(PAGE.format("429 Too Many Requests"), 429)

    def down(self) -> Response:
        """503, of the proxy."""
        return HTMLResponse(PAGE.format("503 Service Temporarily Unavailable"), 503)

    async def version(self, request: Request) -> Response:
        """Which Odoo this is."""
        return JSONResponse({"version_info": [19, 0, 0, "final", 0, ""], "version": "19.0"})

    async def answer(self, request: Request) -> Response:
        """One call."""
        if request.headers.get("x-odoo-database", DATABASE) != DATABASE:
            return HTMLResponse(PAGE.format("404 Not Found"), 404)
        arguments = await body(request)
        if not isinstance(arguments, dict):
            return failed(OdooError("werkzeug.exceptions.BadRequest", "could not parse the body as json", 400))
        model, method = request.path_params["model"], request.path_params["method"]
        ids = arguments.pop("ids", [])
        try:
            result = await run_in_threadpool(lambda: self.methods.call(model, method, ids, **arguments))
        except OdooError as error:
            return failed(error)
        return JSONResponse(result)


def failed(error: OdooError) -> Response:
    """An exception."""
    return JSONResponse(error.document, error.status)
