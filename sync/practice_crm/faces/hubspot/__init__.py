"""HubSpot's dialect: contacts and their properties, in a dated version and in v3."""

import re
import time
from collections.abc import Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sync.practice_crm.answers import body, has_bearer
from sync.practice_crm.faces.hubspot.contacts import Contacts, moment
from sync.practice_crm.faces.hubspot.inputs import inputs_of
from sync.practice_crm.faces.hubspot.problems import Problem, no_credentials, no_scope, too_many
from sync.practice_crm.faces.hubspot.properties import Properties
from sync.practice_crm.faults import Faults
from sync.practice_crm.misbehave import WINDOW, Misbehave
from sync.practice_crm.records import Records

VERSIONS = ("2026-03", "2026-09")
DAILY = 250_000
"""Calls a day, of all keys of an account."""

SCOPES = ("crm.objects.contacts.read", "crm.objects.contacts.write", "crm.schemas.contacts.read",
          "crm.schemas.contacts.write")  # fmt: skip
"""What the practice CRM's token may do."""

NOT_FOUND = Problem("resource not found", "OBJECT_NOT_FOUND", 404)


class HubSpotFace:
    """`batch/upsert` and `batch/update`, one contact by its id, and the properties of contacts."""

    paths = ("/crm/", "/oauth/v2/private-apps/")
    sign_in = ""

    def __init__(self, token: str, records: Records, misbehave: Misbehave) -> None:
        self.token = token
        self.records = records
        self.misbehave = misbehave
        self.properties = Properties(records)
        self.contacts = Contacts(records, self.properties)
        self.routes = [
            route
            for objects, properties in (
                ("/crm/objects/{version}/contacts", "/crm/properties/{version}/contacts"),
                ("/crm/v3/objects/contacts", "/crm/v3/properties/contacts"),
            )
            for route in (
                Route(f"{objects}/batch/upsert", self.answered(self.upsert), methods=["POST"]),
                Route(f"{objects}/batch/update", self.answered(self.update), methods=["POST"]),
                Route(f"{objects}/batch/read", self.answered(self.read_many), methods=["POST"]),
                Route(f"{objects}/{{id}}", self.answered(self.read), methods=["GET"]),
                Route(f"{objects}/{{id}}", self.answered(self.archive), methods=["DELETE"]),
                Route(properties, self.answered(self.list_properties), methods=["GET"]),
                Route(properties, self.answered(self.create_property), methods=["POST"]),
                Route(f"{properties}/{{name}}", self.answered(self.read_property), methods=["GET"]),
            )
        ] + [Route("/oauth/v2/private-apps/get/access-token-info", self.answered(self.token_info), methods=["POST"])]

    def knows(self, headers: Headers) -> bool:
        """Whether the caller has our token."""
        return has_bearer(headers, self.token)

    def unauthorised(self) -> Response:
        """401."""
        return no_credentials()

    def forbidden(self) -> Response:
        """403, naming the scope."""
        return no_scope("crm.objects.contacts.write")

    def throttled(self, seconds: float) -> Response:
        """429; how long to wait, HubSpot does not say."""
        return too_many("TEN_SECONDLY_ROLLING", "ten_secondly_rolling")

    def used_up(self) -> Response:
        """429 until midnight."""
        return too_many("DAILY", "daily")

    def down(self) -> Response:
        """502, as the servers before HubSpot's answer it: a page."""
        return Response("<html><head><title>502 Bad Gateway</title></head></html>", 502, media_type="text/html")

    def answered(self, handle: Any) -> Any:
        """*handle* with its refusals as answers, for versions that there are, and with the headers of the limits."""

        async def handler(request: Request) -> Response:
            if request.path_params.get("version", VERSIONS[-1]) not in VERSIONS:
                return NOT_FOUND.response()
            try:
                answer: Response = await handle(request)
            except Problem as problem:
                answer = problem.response()
            answer.headers.update(self.limits())
            return answer

        return handler

    def limits(self) -> dict[str, str]:
        """What is left of the calls that may be made."""
        limit, used = self.misbehave.faults.rate_limit, len(self.misbehave.taken)
        return {
            "X-HubSpot-RateLimit-Max": str(limit),
            "X-HubSpot-RateLimit-Remaining": str(max(0, limit - used)),
            "X-HubSpot-RateLimit-Interval-Milliseconds": str(int(WINDOW * 1000)),
            "X-HubSpot-RateLimit-Daily": str(DAILY),
            "X-HubSpot-RateLimit-Daily-Remaining": str(max(0, DAILY - self.misbehave.calls)),
        }

    async def upsert(self, request: Request) -> Response:
        """Up to a hundred contacts: 200, or 207 where one was refused."""
        return await self.batch(request, self.contacts.upsert)

    async def update(self, request: Request) -> Response:
        """Up to a hundred contacts that there are: 200, or 207 where one was refused."""
        return await self.batch(request, self.contacts.update)

    async def batch(self, request: Request, write: Callable[..., tuple[list[Any], list[Any]]]) -> Response:
        """What *write* makes of a batch."""
        inputs = inputs_of(await body(request))
        faults = self.misbehave.faults
        if any(Faults.hits(faults.fail, {"client_id": item["id"], **item["properties"]}) for item in inputs):
            raise Problem("internal error", "INTERNAL_ERROR", 500)
        results, errors = await run_in_threadpool(write, inputs, faults)
        now = moment(time.time())
        document = {"status": "COMPLETE", "results": results, "startedAt": now, "completedAt": now}
        if errors:
            return JSONResponse({**document, "numErrors": len(errors), "errors": errors}, 207)
        return JSONResponse(document)

    async def read_many(self, request: Request) -> Response:
        """Contacts by e-mail or by HubSpot's own id: 200, or 207 where one is not there."""
        wanted = await body(request)
        ids = [str(item.get("id")) for item in wanted.get("inputs", []) if isinstance(item, dict)]
        find = self.records.find_email if wanted.get("idProperty") == "email" else self.records.find
        found = [(name, await run_in_threadpool(find, name)) for name in ids]
        results = [self.contacts.told(contact) for _, contact in found if contact is not None]
        now = moment(time.time())
        document = {"status": "COMPLETE", "results": results, "startedAt": now, "completedAt": now}
        if gone := [name for name, contact in found if contact is None]:
            message = "Could not get some CONTACT objects, they may be deleted or not exist. Check that ids are valid."
            error = {"status": "error", "category": "OBJECT_NOT_FOUND", "message": message, "context": {"ids": gone}}
            return JSONResponse({**document, "numErrors": 1, "errors": [error]}, 207)
        return JSONResponse(document)

    async def read(self, request: Request) -> Response:
        """One contact by HubSpot's own id."""
        found = await run_in_threadpool(self.records.find, own_id(request))
        if found is None:
            raise NOT_FOUND
        return JSONResponse(self.contacts.told(found))

    async def archive(self, request: Request) -> Response:
        """Take a contact away: 204, also where it is gone already."""
        await run_in_threadpool(self.records.remove, own_id(request))
        return Response(status_code=204)

    async def list_properties(self, request: Request) -> Response:
        """All properties of contacts."""
        return JSONResponse({"results": list((await run_in_threadpool(self.properties.all)).values())})

    async def read_property(self, request: Request) -> Response:
        """One property."""
        found = (await run_in_threadpool(self.properties.all)).get(request.path_params["name"])
        if found is None:
            raise NOT_FOUND
        return JSONResponse(found)

    async def create_property(self, request: Request) -> Response:
        """Add a property: 201."""
        wanted = await body(request)
        if not isinstance(wanted, dict):
            raise Problem("Invalid input JSON on line 1, column 1")
        return JSONResponse(await run_in_threadpool(self.properties.create, wanted), 201)

    async def token_info(self, request: Request) -> Response:
        """What the token may do."""
        return JSONResponse({"userId": 1, "hubId": 1, "appId": 1, "scopes": list(SCOPES)})


def own_id(request: Request) -> str:
    """The contact's id in the path."""
    name = str(request.path_params["id"])
    return name if re.fullmatch(r"P-\d+", name) else ""
