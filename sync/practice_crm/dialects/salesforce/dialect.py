"""The practice CRM's Salesforce dialect: the REST API of an org, as far as booth leads need it."""

import time
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sync.practice_crm.dialects.salesforce.lead import EXTERNAL_ID_FIELD, describe_object
from sync.practice_crm.dialects.salesforce.lead_store import LeadStore
from sync.practice_crm.dialects.salesforce.query import execute_query
from sync.practice_crm.dialects.salesforce.responses import SalesforceResponses
from sync.practice_crm.dialects.salesforce.sessions import SessionStore
from sync.practice_crm.fault_injection import FaultInjector
from sync.practice_crm.faults import Faults
from sync.practice_crm.records import ContactDatabase
from sync.practice_crm.responses import read_json

_MAX_RECORDS_PER_CALL = 200

_Handler = Callable[[Request], Awaitable[Response]]


class SalesforceDialect(SalesforceResponses):
    """`PATCH …/composite/sobjects/Lead/Booth_Lead_Id__c` for up to two hundred records, and related endpoints."""

    path_prefixes = ("/services/",)
    sign_in_path = "/services/oauth2/token"

    def __init__(self, token: str, records: ContactDatabase, fault_injector: FaultInjector) -> None:
        """*token* is the secret of the org's one app."""
        super().__init__(fault_injector)
        self.lead_store = LeadStore(records)
        self.session_store = SessionStore(token, records.folder, lambda: fault_injector.faults)
        api = "/services/data/v{version}"
        self.routes = [
            Route(self.sign_in_path, self.session_store.issue_token, methods=["POST"]),
            *self.build_routes("/services/data", self.list_versions),
            *self.build_routes(f"{api}/limits", self.get_limits),
            *self.build_routes(f"{api}/query", self.run_query),
            *self.build_routes(f"{api}/composite/sobjects/{{object}}/{{field}}", self.upsert_many, "PATCH"),
            *self.build_routes(f"{api}/sobjects/{{object}}/describe", self.describe_lead),
            *self.build_routes(f"{api}/sobjects/{{object}}/{{id}}", self.get_lead),
            *self.build_routes(f"{api}/sobjects/{{object}}/{{id}}", self.delete_lead, "DELETE"),
            *self.build_routes(f"{api}/sobjects/{{object}}/{{field}}/{{value}}", self.get_by_key),
            *self.build_routes(f"{api}/sobjects/{{object}}/{{field}}/{{value}}", self.upsert_one, "PATCH"),
        ]

    def build_routes(self, path: str, handler: _Handler, method: str = "GET") -> list[Route]:
        """Build the routes of an endpoint, with and without a slash at the end; its calls count for the day."""

        async def counted(request: Request) -> Response:
            if len(self.prune_call_times()) >= self.fault_injector.faults.daily_calls:
                return self.answer_quota_used_up()
            self.call_times.append(time.monotonic())
            if request.path_params.get("object", "Lead").lower() != "lead":
                return self.answer_not_found()
            response = await handler(request)
            response.headers.update(self.build_usage_header())
            return response

        return [Route(path, counted, methods=[method]), Route(f"{path}/", counted, methods=[method])]

    def is_authenticated(self, headers: Headers) -> bool:
        """Return whether the call is in a valid session."""
        return self.session_store.use_session(headers.get("authorization", ""))

    async def list_versions(self, request: Request) -> Response:
        """Return the versions of the API."""
        return JSONResponse([{"label": "Practice", "url": "/services/data/v66.0", "version": "66.0"}])

    async def get_limits(self, request: Request) -> Response:
        """Return the calls of the day."""
        most = self.fault_injector.faults.daily_calls
        return JSONResponse(
            {"DailyApiRequests": {"Max": most, "Remaining": max(0, most - len(self.prune_call_times()))}}
        )

    async def describe_lead(self, request: Request) -> Response:
        """Describe the object Lead."""
        return JSONResponse(describe_object(await run_in_threadpool(self.lead_store.list_custom_fields)))

    async def run_query(self, request: Request) -> Response:
        """Run a query in a small part of SOQL."""
        path = f"/services/data/v{request.path_params['version']}/sobjects/Lead"
        leads = await run_in_threadpool(self.lead_store.list_leads)
        try:
            return JSONResponse(execute_query(request.query_params.get("q", ""), leads, path))
        except ValueError as error:
            return self.answer_error(400, "MALFORMED_QUERY", str(error))

    async def upsert_many(self, request: Request) -> Response:
        """Upsert up to two hundred records, with results in their order; `allOrNone` makes a bad one fail all."""
        document = await read_json(request)
        leads = document.get("records") if isinstance(document, dict) else None
        if not isinstance(leads, list):
            return self.answer_error(400, "JSON_PARSER_ERROR", "The body must be an object whose records are a list.")
        if len(leads) > _MAX_RECORDS_PER_CALL:
            words = f"record limit reached. cannot submit more than {_MAX_RECORDS_PER_CALL} records into this call"
            return self.answer_error(400, "EXCEEDED_ID_LIMIT", words)
        if request.path_params["field"] != EXTERNAL_ID_FIELD:
            return self.answer_no_such_key(request.path_params["field"])
        if not all(_find_record_type(lead) == "Lead" for lead in leads):
            return self.answer_error(400, "INVALID_TYPE", "each record's attributes must have the type Lead")
        if any(Faults.matches(self.fault_injector.faults.fail, _as_fault_target(lead)) for lead in leads):
            return self.answer_internal_error()
        results = await self.upsert_leads(request, leads, whole=document.get("allOrNone") is True)
        return JSONResponse(results)

    async def upsert_one(self, request: Request) -> Response:
        """Upsert one record: 201 the first time, 200 afterwards."""
        lead = await read_json(request)
        if not isinstance(lead, dict):
            return self.answer_error(400, "JSON_PARSER_ERROR", "The body must be an object.")
        if request.path_params["field"] != EXTERNAL_ID_FIELD:
            return self.answer_no_such_key(request.path_params["field"])
        whole = {**lead, EXTERNAL_ID_FIELD: request.path_params["value"]}
        if EXTERNAL_ID_FIELD in lead:
            words = "The external id is in the address: it may not be in the body as well."
            return self.answer_error(400, "INVALID_FIELD", words)
        if Faults.matches(self.fault_injector.faults.fail, _as_fault_target(whole)):
            return self.answer_internal_error()
        (result,) = await self.upsert_leads(request, [whole])
        if not result["success"]:
            error = result["errors"][0]
            errors = [{"message": error["message"], "errorCode": error["statusCode"], "fields": error["fields"]}]
            return JSONResponse(errors, 400)
        return JSONResponse(result, 201 if result["created"] else 200)

    async def upsert_leads(self, request: Request, leads: list[Any], *, whole: bool = False) -> list[dict[str, Any]]:
        """Upsert *leads*, and return their results."""
        rule_header = request.headers.get("sforce-duplicate-rule-header", "").replace(" ", "").lower()
        ignores_warnings = "allowsave=true" in rule_header
        faults = self.fault_injector.faults
        return await run_in_threadpool(
            lambda: self.lead_store.upsert_all(leads, faults, all_or_none=whole, ignores_warnings=ignores_warnings)
        )

    async def get_lead(self, request: Request) -> Response:
        """Return one Lead, by Salesforce's id."""
        return self.lead_response(
            request, await run_in_threadpool(self.lead_store.find_lead, request.path_params["id"])
        )

    async def get_by_key(self, request: Request) -> Response:
        """Return one Lead, by our id."""
        if request.path_params["field"] != EXTERNAL_ID_FIELD:
            return self.answer_no_such_key(request.path_params["field"])
        return self.lead_response(
            request, await run_in_threadpool(self.lead_store.find_by_external_id, request.path_params["value"])
        )

    def lead_response(self, request: Request, lead: dict[str, Any] | None) -> Response:
        """Return *lead*, or 404."""
        if lead is None:
            return self.answer_not_found()
        url = f"/services/data/v{request.path_params['version']}/sobjects/Lead/{lead['Id']}"
        return JSONResponse({"attributes": {"type": "Lead", "url": url}, **lead})

    async def delete_lead(self, request: Request) -> Response:
        """Delete one Lead."""
        is_gone = await run_in_threadpool(self.lead_store.delete_lead, request.path_params["id"])
        return Response(status_code=204) if is_gone else self.answer_not_found()


def _find_record_type(lead: Any) -> Any:
    """Return the type in a record's attributes."""
    attributes = lead.get("attributes") if isinstance(lead, dict) else None
    return attributes.get("type") if isinstance(attributes, dict) else None


def _as_fault_target(lead: dict[str, Any]) -> dict[str, Any]:
    """Return the fields that faults are matched against."""
    return {"client_id": lead.get(EXTERNAL_ID_FIELD), "email": lead.get("Email")}
