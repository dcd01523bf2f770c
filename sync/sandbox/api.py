"""The practice CRM's HTTP API: the mission's own, with a page for people."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from sync.sandbox.faults import Faults
from sync.sandbox.misbehave import Misbehave
from sync.sandbox.page import page
from sync.sandbox.records import Invalid, Kept, Records

AT_ONCE = 100
"""Contacts that one call may hold."""

Handler = Callable[[Request], Awaitable[Response]]


class Api:
    """The endpoints, on one set of records and one set of faults."""

    def __init__(self, records: Records, misbehave: Misbehave) -> None:
        self.records = records
        self.misbehave = misbehave

    def app(self) -> Callable[..., Awaitable[None]]:
        """The ASGI application."""
        app = Starlette(
            routes=[
                Route("/", self.page),
                Route("/faults", self.read_faults, methods=["GET"]),
                Route("/faults", self.change_faults, methods=["PUT"]),
                Route("/api/v1/stats", self.stats),
                Route("/api/v1/contacts", self.post_one, methods=["POST"]),
                Route("/api/v1/contacts", self.listed, methods=["GET"]),
                Route("/api/v1/contacts/bulk", self.post_many, methods=["POST"]),
                Route("/api/v1/contacts/{name}", self.get_one),
            ]
        )
        return self.misbehave.around(app)

    async def post_one(self, request: Request) -> Response:
        """Take one contact: 201 the first time, 200 again."""
        contact = await body(request)
        if not isinstance(contact, dict):
            return problem(400, "The body must be one contact, as a JSON object.")
        if Faults.hits(self.misbehave.faults.fail, contact):
            return problem(500, "Something went wrong here.")
        if Faults.hits(self.misbehave.faults.refuse, contact):
            return problem(422, "email: this CRM does not like it.", field="email")
        (kept,) = await run_in_threadpool(self.records.keep, [contact])
        if isinstance(kept, Invalid):
            return problem(422, str(kept), field=kept.field)
        document = {
            "id": kept.id,
            "client_id": contact["client_id"],
            "status": "created" if kept.created else "updated",
        }
        return JSONResponse(document, 201 if kept.created else 200)

    async def post_many(self, request: Request) -> Response:
        """Take up to a hundred; each is answered by its own id, and a bad one fails no other."""
        document = await body(request)
        items = document.get("contacts") if isinstance(document, dict) else None
        if not isinstance(items, list):
            return problem(400, "The body must be an object whose `contacts` is a list of contacts.")
        if len(items) > AT_ONCE:
            return problem(413, f"At most {AT_ONCE} contacts at once.", limit=AT_ONCE)
        # What is no object is a contact without an id: it is rejected alone, like any other.
        contacts = [item if isinstance(item, dict) else {} for item in items]
        faults = self.misbehave.faults
        if any(Faults.hits(faults.fail, contact) for contact in contacts):
            return problem(500, "Something went wrong here.")
        wanted = [contact for contact in contacts if not Faults.hits(faults.refuse, contact)]
        kept = dict(zip(map(id, wanted), await run_in_threadpool(self.records.keep, wanted), strict=True))
        return JSONResponse({"results": [result(contact, kept.get(id(contact))) for contact in contacts]})

    async def get_one(self, request: Request) -> Response:
        """One contact, by our id or by its sender's."""
        found = await run_in_threadpool(self.records.find, request.path_params["name"])
        return JSONResponse(found) if found else problem(404, "There is no such contact.")

    async def listed(self, request: Request) -> Response:
        """The newest contacts."""
        return JSONResponse({"contacts": await run_in_threadpool(self.records.newest, 100_000)})

    async def stats(self, request: Request) -> Response:
        """What has happened here."""
        return JSONResponse(await self.numbers())

    async def numbers(self) -> dict[str, int]:
        """How many contacts and calls there were."""
        return {**await run_in_threadpool(self.records.counts), "calls": self.misbehave.calls}

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


def result(contact: dict[str, Any], kept: Kept | Invalid | None) -> dict[str, Any]:
    """How one item of a bulk call ended."""
    named = {"client_id": contact.get("client_id")}
    if isinstance(kept, Kept):
        return {**named, "status": "created" if kept.created else "updated", "id": kept.id, "error": None}
    return {**named, "status": "rejected", "id": None, "error": str(kept or "email: this CRM does not like it.")}


async def body(request: Request) -> Any:
    """The request's JSON; None where it is none, or holds what could not be given back: NaN, half a character."""
    try:
        document = json.loads(await request.body())
        json.dumps(document, allow_nan=False, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    return document


def problem(status: int, sentence: str, **more: Any) -> Response:
    """An error, as RFC 9457 has it."""
    document = {"type": "about:blank", "title": sentence, "status": status, "detail": sentence, **more}
    return JSONResponse(document, status, media_type="application/problem+json")
