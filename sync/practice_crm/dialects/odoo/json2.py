"""`/json/2/MODEL/METHOD`: arguments by name, the key as a bearer token, errors with HTTP statuses."""

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sync.practice_crm.dialects.odoo.jsonrpc import DATABASE_NAME
from sync.practice_crm.dialects.odoo.methods import ModelMethods
from sync.practice_crm.dialects.odoo.model import OdooError
from sync.practice_crm.dialects.odoo.proxy import BehindProxy, error_page
from sync.practice_crm.fault_injection import FaultInjector
from sync.practice_crm.records import ContactDatabase
from sync.practice_crm.responses import has_bearer_token, read_json


class OdooJson2Dialect(BehindProxy):
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
        return _exception_response(OdooError("werkzeug.exceptions.Unauthorized", "Invalid apikey", 401))

    def answer_forbidden(self) -> Response:
        """Respond 403."""
        words = "You are not allowed to create 'Lead/Opportunity' (crm.lead) records."
        return _exception_response(OdooError("odoo.exceptions.AccessError", words, 403))

    async def get_version(self, request: Request) -> Response:
        """Return Odoo's version."""
        return JSONResponse({"version_info": [19, 0, 0, "final", 0, ""], "version": "19.0"})

    async def handle_call(self, request: Request) -> Response:
        """Handle one call."""
        if request.headers.get("x-odoo-database", DATABASE_NAME) != DATABASE_NAME:
            return error_page(404, "Not Found")
        arguments = await read_json(request)
        if not isinstance(arguments, dict):
            return _exception_response(
                OdooError("werkzeug.exceptions.BadRequest", "could not parse the body as json", 400)
            )
        model, method = request.path_params["model"], request.path_params["method"]
        ids = arguments.pop("ids", [])
        try:
            result = await run_in_threadpool(lambda: self.model_methods.call_method(model, method, ids, **arguments))
        except OdooError as error:
            return _exception_response(error)
        return JSONResponse(result)


def _exception_response(error: OdooError) -> Response:
    """Return the response for an exception."""
    return JSONResponse(error.document, error.status)
