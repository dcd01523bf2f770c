"""The practice CRM as an application: a dialect for each make of CRM, a page for people, and its faults."""

from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from sync.practice_crm.answers import body, problem
from sync.practice_crm.faces.base import Face
from sync.practice_crm.faces.hubspot import HubSpotFace
from sync.practice_crm.faces.odoo import OdooJson2Face, OdooJsonRpcFace
from sync.practice_crm.faces.own import OwnFace
from sync.practice_crm.faces.salesforce import SalesforceFace
from sync.practice_crm.faces.webhook import WebhookFace
from sync.practice_crm.misbehave import Misbehave
from sync.practice_crm.page import page
from sync.practice_crm.records import Records


def practice_app(token: str, records: Records, misbehave: Misbehave) -> Callable[..., Awaitable[None]]:
    """The ASGI application, whose callers need *token*."""
    faces: list[Face] = [
        OwnFace(token, records, misbehave),
        HubSpotFace(token, records, misbehave),
        SalesforceFace(token, records, misbehave),
        OdooJsonRpcFace(token, records, misbehave),
        OdooJson2Face(token, records, misbehave),
        WebhookFace(token, records, misbehave),
    ]
    office = Office(records, misbehave)
    app = Starlette(routes=[*office.routes, *(route for face in faces for route in face.routes)])
    return misbehave.around(app, faces, token)


class Office:
    """What is no CRM's: the page, the numbers, and the faults."""

    def __init__(self, records: Records, misbehave: Misbehave) -> None:
        self.records = records
        self.misbehave = misbehave
        self.routes = [
            Route("/", self.page),
            Route("/faults", self.read_faults, methods=["GET"]),
            Route("/faults", self.change_faults, methods=["PUT"]),
            Route("/api/v1/stats", self.stats),
        ]

    async def stats(self, request: Request) -> Response:
        """What has happened here."""
        return JSONResponse(await self.numbers())

    async def numbers(self) -> dict[str, int]:
        """How many contacts and calls there were."""
        counts = await run_in_threadpool(self.records.counts)
        return {**counts, "calls": self.misbehave.calls, "over": self.misbehave.over}

    async def page(self, request: Request) -> Response:
        """The newest contacts, for people."""
        contacts = await run_in_threadpool(self.records.newest, 50)
        return HTMLResponse(page(contacts, await self.numbers()))

    async def read_faults(self, request: Request) -> Response:
        """How we misbehave now."""
        return JSONResponse(self.misbehave.faults.as_json())

    async def change_faults(self, request: Request) -> Response:
        """Misbehave otherwise from now on."""
        wanted = await body(request)
        try:
            self.misbehave.faults = self.misbehave.faults.changed(wanted if isinstance(wanted, dict) else {"?": wanted})
        except ValueError as error:
            return problem(422, str(error))
        return JSONResponse(self.misbehave.faults.as_json())
