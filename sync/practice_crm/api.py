"""The practice CRM as an ASGI application: a dialect for each CRM, a web page, and the control of faults."""

from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from sync.practice_crm.dialects.base import Dialect
from sync.practice_crm.dialects.hubspot import HubSpotDialect
from sync.practice_crm.dialects.native import NativeDialect
from sync.practice_crm.dialects.odoo.json2 import OdooJson2Dialect
from sync.practice_crm.dialects.odoo.jsonrpc import OdooJsonRpcDialect
from sync.practice_crm.dialects.salesforce.dialect import SalesforceDialect
from sync.practice_crm.dialects.webhook import WebhookDialect
from sync.practice_crm.fault_injection import FaultInjector
from sync.practice_crm.page import render_page
from sync.practice_crm.records import ContactDatabase
from sync.practice_crm.responses import problem_response, read_json


def build_practice_app(
    token: str, records: ContactDatabase, fault_injector: FaultInjector
) -> Callable[..., Awaitable[None]]:
    """Build the ASGI application; callers need *token*."""
    dialects: list[Dialect] = [
        NativeDialect(token, records, fault_injector),
        HubSpotDialect(token, records, fault_injector),
        SalesforceDialect(token, records, fault_injector),
        OdooJsonRpcDialect(token, records, fault_injector),
        OdooJson2Dialect(token, records, fault_injector),
        WebhookDialect(token, records, fault_injector),
    ]
    admin = _AdminApi(records, fault_injector)
    app = Starlette(routes=[*admin.routes, *(route for dialect in dialects for route in dialect.routes)])
    return fault_injector.wrap_app(app, dialects, token)


class _AdminApi:
    """The endpoints that belong to no dialect: the page, the statistics, and the faults."""

    def __init__(self, records: ContactDatabase, fault_injector: FaultInjector) -> None:
        self.records = records
        self.fault_injector = fault_injector
        self.routes = [
            Route("/", self.get_page),
            Route("/faults", self._read_faults, methods=["GET"]),
            Route("/faults", self._change_faults, methods=["PUT"]),
            Route("/api/v1/stats", self.get_stats),
        ]

    async def get_stats(self, request: Request) -> Response:
        """Return the statistics."""
        return JSONResponse(await self.count_traffic())

    async def count_traffic(self) -> dict[str, int]:
        """Count contacts and calls."""
        counts = await run_in_threadpool(self.records.count_contacts)
        return {**counts, "calls": self.fault_injector.call_count, "over": self.fault_injector.over_limit_count}

    async def get_page(self, request: Request) -> Response:
        """Return a web page with the newest contacts."""
        contacts = await run_in_threadpool(self.records.list_newest, 50)
        return HTMLResponse(render_page(contacts, await self.count_traffic()))

    async def _read_faults(self, request: Request) -> Response:
        """Return the current faults."""
        return JSONResponse(self.fault_injector.faults.as_json())

    async def _change_faults(self, request: Request) -> Response:
        """Change the faults."""
        wanted = await read_json(request)
        try:
            self.fault_injector.faults = self.fault_injector.faults.with_changes(
                wanted if isinstance(wanted, dict) else {"?": wanted}
            )
        except ValueError as error:
            return problem_response(422, str(error))
        return JSONResponse(self.fault_injector.faults.as_json())
