"""The practice CRM's own dialect: the mission's API."""

from math import ceil
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sync.practice_crm.answers import body, has_bearer, problem
from sync.practice_crm.faults import Faults
from sync.practice_crm.misbehave import Misbehave
from sync.practice_crm.records import Invalid, Kept, Records

AT_ONCE = 100
"""Contacts that one call may hold."""


class OwnFace:
    """`POST /api/v1/contacts` for one, `/bulk` for up to a hundred; idempotent by `client_id`."""

    paths = ("/api/v1/contacts",)
    sign_in = ""

    def __init__(self, token: str, records: Records, misbehave: Misbehave) -> None:
        self.token = token
        self.records = records
        self.misbehave = misbehave
        self.routes = [
            Route("/api/v1/contacts", self.post_one, methods=["POST"]),
            Route("/api/v1/contacts", self.listed, methods=["GET"]),
            Route("/api/v1/contacts/bulk", self.post_many, methods=["POST"]),
            Route("/api/v1/contacts/{name}", self.get_one),
        ]

    def knows(self, headers: Headers) -> bool:
        """Whether the caller has our token."""
        return has_bearer(headers, self.token)

    def unauthorised(self) -> Response:
        """401."""
        return JSONResponse({"detail": "A token is needed."}, 401, headers={"WWW-Authenticate": "Bearer"})

    def forbidden(self) -> Response:
        """403."""
        return JSONResponse({"detail": "This token may not add contacts."}, 403)

    def throttled(self, seconds: float) -> Response:
        """429, with the seconds to wait."""
        headers = {"Retry-After": str(max(1, ceil(seconds)))}
        return JSONResponse({"detail": "Too many calls."}, 429, headers=headers)

    def used_up(self) -> Response:
        """429 for the rest of the day."""
        return JSONResponse({"detail": "Today's calls are used up.", "policy": "daily"}, 429)

    def down(self) -> Response:
        """503."""
        return JSONResponse({"detail": "The CRM is down for maintenance."}, 503)

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
        """The newest contacts, as many as `limit` says."""
        limit = request.query_params.get("limit", "")
        number = int(limit) if limit.isascii() and limit.isdecimal() and len(limit) < 7 else 100_000
        return JSONResponse({"contacts": await run_in_threadpool(self.records.newest, number)})


def result(contact: dict[str, Any], kept: Kept | Invalid | None) -> dict[str, Any]:
    """How one item of a bulk call ended."""
    named = {"client_id": contact.get("client_id")}
    if isinstance(kept, Kept):
        return {**named, "status": "created" if kept.created else "updated", "id": kept.id, "error": None}
    return {**named, "status": "rejected", "id": None, "error": str(kept or "email: this CRM does not like it.")}
