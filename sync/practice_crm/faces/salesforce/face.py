"""The practice CRM's Salesforce dialect: the REST API of an org, as far as booth leads need it."""

import time
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sync.practice_crm.answers import body
from sync.practice_crm.faces.salesforce.lead import KEY, description
from sync.practice_crm.faces.salesforce.query import answered
from sync.practice_crm.faces.salesforce.refusals import Refusals
from sync.practice_crm.faces.salesforce.sessions import Sessions
from sync.practice_crm.faces.salesforce.store import Leads
from sync.practice_crm.faults import Faults
from sync.practice_crm.misbehave import Misbehave
from sync.practice_crm.records import Records

MOST = 200
"""Records that one call may hold."""

Handler = Callable[[Request], Awaitable[Response]]


class SalesforceFace(Refusals):
    """`PATCH …/composite/sobjects/Lead/Booth_Lead_Id__c` for up to two hundred, and what belongs to it."""

    paths = ("/services/",)
    sign_in = "/services/oauth2/token"

    def __init__(self, token: str, records: Records, misbehave: Misbehave) -> None:
        """*token* is the secret of the one app."""
        super().__init__(misbehave)
        self.leads = Leads(records)
        self.sessions = Sessions(token, records.folder, lambda: misbehave.faults)
        api = "/services/data/v{version}"
        self.routes = [
            Route(self.sign_in, self.sessions.token, methods=["POST"]),
            *self.route("/services/data", self.versions),
            *self.route(f"{api}/limits", self.limits),
            *self.route(f"{api}/query", self.query),
            *self.route(f"{api}/composite/sobjects/{{object}}/{{field}}", self.upsert_many, "PATCH"),
            *self.route(f"{api}/sobjects/{{object}}/describe", self.describe),
            *self.route(f"{api}/sobjects/{{object}}/{{id}}", self.get_one),
            *self.route(f"{api}/sobjects/{{object}}/{{id}}", self.delete_one, "DELETE"),
            *self.route(f"{api}/sobjects/{{object}}/{{field}}/{{value}}", self.get_by_key),
            *self.route(f"{api}/sobjects/{{object}}/{{field}}/{{value}}", self.upsert_one, "PATCH"),
        ]

    def route(self, path: str, handler: Handler, method: str = "GET") -> list[Route]:
        """An endpoint, with a slash at its end or without, whose calls count for the day."""

        async def counted(request: Request) -> Response:
            if len(self.day()) >= self.misbehave.faults.daily_calls:
                return self.used_up()
            self.calls.append(time.monotonic())
            if request.path_params.get("object", "Lead").lower() != "lead":
                return self.not_found()
            answer = await handler(request)
            answer.headers.update(self.usage())
            return answer

        return [Route(path, counted, methods=[method]), Route(f"{path}/", counted, methods=[method])]

    def knows(self, headers: Headers) -> bool:
        """Whether the call is in a session that is good."""
        return self.sessions.uses(headers.get("authorization", ""))

    async def versions(self, request: Request) -> Response:
        """The versions of the API."""
        return JSONResponse([{"label": "Practice", "url": "/services/data/v66.0", "version": "66.0"}])

    async def limits(self, request: Request) -> Response:
        """The calls of the day."""
        most = self.misbehave.faults.daily_calls
        return JSONResponse({"DailyApiRequests": {"Max": most, "Remaining": max(0, most - len(self.day()))}})

    async def describe(self, request: Request) -> Response:
        """What there is to know about Lead."""
        return JSONResponse(description(await run_in_threadpool(self.leads.more)))

    async def query(self, request: Request) -> Response:
        """SOQL, a little."""
        path = f"/services/data/v{request.path_params['version']}/sobjects/Lead"
        leads = await run_in_threadpool(self.leads.all)
        try:
            return JSONResponse(answered(request.query_params.get("q", ""), leads, path))
        except ValueError as error:
            return self.refused(400, "MALFORMED_QUERY", str(error))

    async def upsert_many(self, request: Request) -> Response:
        """Take up to two hundred; each is answered in its place, and a bad one fails no other unless all or none."""
        document = await body(request)
        leads = document.get("records") if isinstance(document, dict) else None
        if not isinstance(leads, list):
            return self.refused(400, "JSON_PARSER_ERROR", "The body must be an object whose records are a list.")
        if len(leads) > MOST:
            words = f"record limit reached. cannot submit more than {MOST} records into this call"
            return self.refused(400, "EXCEEDED_ID_LIMIT", words)
        if request.path_params["field"] != KEY:
            return self.no_such_key(request.path_params["field"])
        if not all(type_of(lead) == "Lead" for lead in leads):
            return self.refused(400, "INVALID_TYPE", "each record's attributes must have the type Lead")
        if any(Faults.hits(self.misbehave.faults.fail, as_hit(lead)) for lead in leads):
            return self.broken()
        results = await self.kept(request, leads, whole=document.get("allOrNone") is True)
        return JSONResponse(results)

    async def upsert_one(self, request: Request) -> Response:
        """Take one: 201 the first time, 200 again."""
        lead = await body(request)
        if not isinstance(lead, dict):
            return self.refused(400, "JSON_PARSER_ERROR", "The body must be an object.")
        if request.path_params["field"] != KEY:
            return self.no_such_key(request.path_params["field"])
        whole = {**lead, KEY: request.path_params["value"]}
        if KEY in lead:
            words = "The external id is in the address: it may not be in the body as well."
            return self.refused(400, "INVALID_FIELD", words)
        if Faults.hits(self.misbehave.faults.fail, as_hit(whole)):
            return self.broken()
        (result,) = await self.kept(request, [whole])
        if not result["success"]:
            error = result["errors"][0]
            errors = [{"message": error["message"], "errorCode": error["statusCode"], "fields": error["fields"]}]
            return JSONResponse(errors, 400)
        return JSONResponse(result, 201 if result["created"] else 200)

    async def kept(self, request: Request, leads: list[Any], *, whole: bool = False) -> list[dict[str, Any]]:
        """How each of *leads* ended."""
        force = "allowsave=true" in request.headers.get("sforce-duplicate-rule-header", "").replace(" ", "").lower()
        faults = self.misbehave.faults
        return await run_in_threadpool(lambda: self.leads.upsert(leads, faults, whole=whole, force=force))

    async def get_one(self, request: Request) -> Response:
        """One Lead, by Salesforce's id."""
        return self.shown(request, await run_in_threadpool(self.leads.find, request.path_params["id"]))

    async def get_by_key(self, request: Request) -> Response:
        """One Lead, by ours."""
        if request.path_params["field"] != KEY:
            return self.no_such_key(request.path_params["field"])
        return self.shown(request, await run_in_threadpool(self.leads.find_key, request.path_params["value"]))

    def shown(self, request: Request, lead: dict[str, Any] | None) -> Response:
        """*lead*, or 404."""
        if lead is None:
            return self.not_found()
        url = f"/services/data/v{request.path_params['version']}/sobjects/Lead/{lead['Id']}"
        return JSONResponse({"attributes": {"type": "Lead", "url": url}, **lead})

    async def delete_one(self, request: Request) -> Response:
        """Delete one Lead."""
        is_gone = await run_in_threadpool(self.leads.remove, request.path_params["id"])
        return Response(status_code=204) if is_gone else self.not_found()


def type_of(lead: Any) -> Any:
    """The type that a record says it has."""
    attributes = lead.get("attributes") if isinstance(lead, dict) else None
    return attributes.get("type") if isinstance(attributes, dict) else None


def as_hit(lead: dict[str, Any]) -> dict[str, Any]:
    """What the faults look at."""
    return {"client_id": lead.get(KEY), "email": lead.get("Email")}
