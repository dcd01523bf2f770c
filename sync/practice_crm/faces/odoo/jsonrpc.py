"""`/jsonrpc`: 200 whatever happens, the key in the body, exceptions by their names."""

from math import ceil
from secrets import compare_digest
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from sync.practice_crm.answers import body
from sync.practice_crm.faces.odoo.methods import USER, Methods
from sync.practice_crm.faces.odoo.model import OdooError
from sync.practice_crm.misbehave import Misbehave
from sync.practice_crm.records import Records

DATABASE = "practice"

VERSION = {"server_version": "17.0", "server_version_info": [17, 0, 0, "final", 0, ""], "server_serie": "17.0",
           "protocol_version": 1}  # fmt: skip


class OdooJsonRpcFace:
    """`call` of the services `common` and `object`, for the database `practice` and any login with our token."""

    paths = ("/jsonrpc",)
    sign_in = ""

    def __init__(self, token: str, records: Records, misbehave: Misbehave) -> None:
        self.token = token
        self.methods = Methods(records, misbehave)
        self.routes = [Route("/jsonrpc", self.answer, methods=["POST"])]

    def knows(self, headers: Headers) -> bool:
        """The key is in the body."""
        return True

    def unauthorised(self) -> Response:
        """AccessDenied."""
        return failed(None, OdooError("odoo.exceptions.AccessDenied", "Access Denied", 403))

    def forbidden(self) -> Response:
        """AccessError."""
        words = "You are not allowed to create 'Lead/Opportunity' (crm.lead) records."
        return failed(None, OdooError("odoo.exceptions.AccessError", words, 403))

    def throttled(self, seconds: float) -> Response:
        """429, of the proxy in front of it: Odoo has no limit of its own."""
        return too_many(seconds)

    def used_up(self) -> Response:
        """429 for the rest of the day."""
        return HTMLResponse(PAGE.format("429 Too Many Requests"), 429)

    def down(self) -> Response:
        """503, of the proxy."""
        return HTMLResponse(PAGE.format("503 Service Temporarily Unavailable"), 503)

    async def answer(self, request: Request) -> Response:
        """One call."""
        document = await body(request)
        params = document.get("params") if isinstance(document, dict) else None
        if not isinstance(params, dict) or not isinstance(params.get("args"), list):
            return HTMLResponse(PAGE.format("400 Bad Request"), 400)
        call = (params.get("service"), params.get("method"), params["args"])
        try:
            result = await run_in_threadpool(self.dispatch, *call)
        except OdooError as error:
            return failed(document.get("id"), error)
        return JSONResponse({"jsonrpc": "2.0", "id": document.get("id"), "result": result})

    def dispatch(self, service: Any, method: Any, arguments: list[Any]) -> Any:
        """
        What a service answers.

        Raises:
            OdooError: it raised.
        """
        match service, method, arguments:
            case "common", "version", []:
                return VERSION
            case "common", "login" | "authenticate", [database, str(login), str(key), *_]:
                self.open(database)
                return USER if login and self.is_key(key) else False
            case "object", "execute_kw", [database, int(user), str(key), str(model), str(name), list(args), *rest]:
                self.open(database)
                if user != USER or not self.is_key(key):
                    raise OdooError("odoo.exceptions.AccessDenied", "Access Denied", 403)
                named = rest[0] if rest and isinstance(rest[0], dict) else {}
                if name in ("read", "unlink"):
                    return self.methods.call(model, name, *args, **named)
                return self.methods.call(model, name, [], *args, **named)
        raise OdooError("builtins.TypeError", f"{service}.{method} does not take these arguments", 500)

    def open(self, database: Any) -> None:
        """
        Open a database.

        Raises:
            OdooError: there is none of that name.
        """
        if database != DATABASE:
            words = f'connection to server on socket failed: FATAL:  database "{database}" does not exist\n'
            raise OdooError("psycopg2.OperationalError", words, 500)

    def is_key(self, key: str) -> bool:
        """Whether *key* is ours."""
        return compare_digest(key.encode(), self.token.encode())


PAGE = "<html>\r\n<head><title>{0}</title></head>\r\n<body>\r\n<center><h1>{0}</h1></center>\r\n</body>\r\n</html>\r\n"


def too_many(seconds: float) -> Response:
    """429 as a proxy says it."""
    return HTMLResponse(PAGE.format("429 Too Many Requests"), 429, headers={"Retry-After": str(max(1, ceil(seconds)))})


def failed(call: Any, error: OdooError) -> Response:
    """An exception, in an answer that says 200."""
    shown = {"code": 200, "message": "Odoo Server Error", "data": error.document}
    return JSONResponse({"jsonrpc": "2.0", "id": call, "error": shown})
