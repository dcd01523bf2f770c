"""`/jsonrpc`: status 200 whatever happens, the key in the body, errors by the exception's name."""

from secrets import compare_digest
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sync.practice_crm.dialects.odoo.methods import USER_ID, ModelMethods
from sync.practice_crm.dialects.odoo.model import OdooError
from sync.practice_crm.dialects.odoo.proxy import BehindProxy, error_page
from sync.practice_crm.fault_injection import FaultInjector
from sync.practice_crm.records import ContactDatabase
from sync.practice_crm.responses import read_json

DATABASE_NAME = "practice"

_VERSION_INFO = {"server_version": "17.0", "server_version_info": [17, 0, 0, "final", 0, ""], "server_serie": "17.0",
           "protocol_version": 1}  # fmt: skip


class OdooJsonRpcDialect(BehindProxy):
    """`call` of the services `common` and `object`, for the database `practice`, and any login with our token."""

    path_prefixes = ("/jsonrpc",)
    sign_in_path = ""

    def __init__(self, token: str, records: ContactDatabase, fault_injector: FaultInjector) -> None:
        self.token = token
        self.model_methods = ModelMethods(records, fault_injector)
        self.routes = [Route("/jsonrpc", self.handle_call, methods=["POST"])]

    def is_authenticated(self, headers: Headers) -> bool:
        """Return True: the key is in the body, and is checked there."""
        return True

    def answer_unauthorised(self) -> Response:
        """Respond with AccessDenied."""
        return _exception_response(None, OdooError("odoo.exceptions.AccessDenied", "Access Denied", 403))

    def answer_forbidden(self) -> Response:
        """Respond with AccessError."""
        words = "You are not allowed to create 'Lead/Opportunity' (crm.lead) records."
        return _exception_response(None, OdooError("odoo.exceptions.AccessError", words, 403))

    async def handle_call(self, request: Request) -> Response:
        """Handle one call."""
        document = await read_json(request)
        params = document.get("params") if isinstance(document, dict) else None
        if not isinstance(params, dict) or not isinstance(params.get("args"), list):
            return error_page(400, "Bad Request")
        call = (params.get("service"), params.get("method"), params["args"])
        try:
            result = await run_in_threadpool(self._dispatch_call, *call)
        except OdooError as error:
            return _exception_response(document.get("id"), error)
        return JSONResponse({"jsonrpc": "2.0", "id": document.get("id"), "result": result})

    def _dispatch_call(self, service: Any, method: Any, arguments: list[Any]) -> Any:
        """
        Call a method of a service, and return its result.

        Raises:
            OdooError: the method raised it.
        """
        match service, method, arguments:
            case "common", "version", []:
                return _VERSION_INFO
            case "common", "login" | "authenticate", [database, str(login), str(key), *_]:
                self.check_database(database)
                return USER_ID if login and self._is_own_key(key) else False
            case "object", "execute_kw", [database, int(user), str(key), str(model), str(name), list(args), *rest]:
                self.check_database(database)
                if user != USER_ID or not self._is_own_key(key):
                    raise OdooError("odoo.exceptions.AccessDenied", "Access Denied", 403)
                named = rest[0] if rest and isinstance(rest[0], dict) else {}
                if name in ("read", "unlink"):
                    return self.model_methods.call_method(model, name, *args, **named)
                return self.model_methods.call_method(model, name, [], *args, **named)
        raise OdooError("builtins.TypeError", f"{service}.{method} does not take these arguments", 500)

    def check_database(self, database: Any) -> None:
        """
        Check the name of a database.

        Raises:
            OdooError: there is no database of that name.
        """
        if database != DATABASE_NAME:
            words = f'connection to server on socket failed: FATAL:  database "{database}" does not exist\n'
            raise OdooError("psycopg2.OperationalError", words, 500)

    def _is_own_key(self, key: str) -> bool:
        """Return whether *key* is our token."""
        return compare_digest(key.encode(), self.token.encode())


def _exception_response(call: Any, error: OdooError) -> Response:
    """Return the response for an exception, with status 200."""
    shown = {"code": 200, "message": "Odoo Server Error", "data": error.document}
    return JSONResponse({"jsonrpc": "2.0", "id": call, "error": shown})
