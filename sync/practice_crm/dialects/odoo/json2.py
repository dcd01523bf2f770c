"""`/json/2/MODEL/METHOD`: arguments by name, the key as a bearer token, errors with HTTP statuses."""

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from sync.practice_crm.dialects.odoo.jsonrpc import DATABASE_NAME, PROXY_PAGE, answer_proxy_throttled
from sync.practice_crm.dialects.odoo.methods import ModelMethods
from sync.practice_crm.dialects.odoo.model import OdooError
from sync.practice_crm.fault_injection import FaultInjector
from sync.practice_crm.records import ContactDatabase
from sync.practice_crm.responses import has_bearer_token, read_json


class OdooJson2Dialect:
    """Odoo 19; a caller that names a database must name `practice`."""

    path_prefixes = ("/json/2/", "/web/version")
    sign_in_path = "/web/version"  # open to everybody, to show the version

    def __init__(self, token: str, records: ContactDatabase, fault_injector: FaultInjector) -> None:
        self.token = token
        self.model_methods = ModelMethods(records, fault_injector)
        self.routes = [
            Route("/web/version", self.get_version),
            Route("/json/2/{model}/{method}", self.handle_call, methods=["POST"]),
        ]

    def is_authenticated(self, headers: Headers) -> bool:
        """Return whether the caller has our token."""
        return has_bearer_token(headers, self.token)

    def answer_unauthorised(self) -> Response:
        """Respond 401."""
        return exception_response(OdooError("werkzeug.exceptions.Unauthorized", "Invalid apikey", 401))

    def answer_forbidden(self) -> Response:
        """Respond 403."""
        words = "You are not allowed to create 'Lead/Opportunity' (crm.lead) records."
        return exception_response(OdooError("odoo.exceptions.AccessError", words, 403))

    def answer_throttled(self, seconds: float) -> Response:
        """Respond 429 as a proxy in front of Odoo: Odoo itself has no limit."""
        return answer_proxy_throttled(seconds)

    def answer_quota_used_up(self) -> Response:
        """Respond 429 for the rest of the day."""
        return HTMLResponse(PROXY_PAGE.format("429 Too Many Requests"), 429)

    def answer_down(self) -> Response:
        """Respond 503 as a proxy."""
        return HTMLResponse(PROXY_PAGE.format("503 Service Temporarily Unavailable"), 503)

    async def get_version(self, request: Request) -> Response:
        """Return Odoo's version."""
        return JSONResponse({"version_info": [19, 0, 0, "final", 0, ""], "version": "19.0"})

    async def handle_call(self, request: Request) -> Response:
        """Handle one call."""
        if request.headers.get("x-odoo-database", DATABASE_NAME) != DATABASE_NAME:
            return HTMLResponse(PROXY_PAGE.format("404 Not Found"), 404)
        arguments = await read_json(request)
        if not isinstance(arguments, dict):
            return exception_response(
                OdooError("werkzeug.exceptions.BadRequest", "could not parse the body as json", 400)
            )
        model, method = request.path_params["model"], request.path_params["method"]
        ids = arguments.pop("ids", [])
        try:
            result = await run_in_threadpool(lambda: self.model_methods.call_method(model, method, ids, **arguments))
        except OdooError as error:
            return exception_response(error)
        return JSONResponse(result)


def exception_response(error: OdooError) -> Response:
    """Return the response for an exception."""
    return JSONResponse(error.document, error.status)
