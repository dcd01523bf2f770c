"""The practice CRM's HubSpot dialect: contacts and their properties, in the dated versions and in v3."""

import re
import time
from collections.abc import Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sync.practice_crm.dialects.hubspot.contacts import HubSpotContacts, format_time
from sync.practice_crm.dialects.hubspot.inputs import parse_inputs
from sync.practice_crm.dialects.hubspot.problems import (
    HubSpotProblem,
    answer_missing_scope,
    answer_no_credentials,
    answer_too_many,
)
from sync.practice_crm.dialects.hubspot.properties import HubSpotProperties
from sync.practice_crm.fault_injection import RATE_WINDOW_SECONDS, FaultInjector
from sync.practice_crm.faults import Faults
from sync.practice_crm.records import ContactDatabase
from sync.practice_crm.responses import has_bearer_token, read_json

_API_VERSIONS = ("2026-03", "2026-09")

# The account's limit, which all of its keys share.
_CALLS_PER_DAY = 250_000

# What the practice CRM's token may do.
_TOKEN_SCOPES = ("crm.objects.contacts.read", "crm.objects.contacts.write", "crm.schemas.contacts.read",
          "crm.schemas.contacts.write")  # fmt: skip

_NOT_FOUND = HubSpotProblem("resource not found", "OBJECT_NOT_FOUND", 404)


class HubSpotDialect:
    """`batch/upsert`, `batch/update` and `batch/read`, one contact by its id, and the properties of contacts."""

    path_prefixes = ("/crm/", "/oauth/v2/private-apps/")
    sign_in_path = ""

    def __init__(self, token: str, records: ContactDatabase, fault_injector: FaultInjector) -> None:
        self.token = token
        self.records = records
        self.fault_injector = fault_injector
        self.properties = HubSpotProperties(records)
        self.contacts = HubSpotContacts(records, self.properties)
        self.routes = [
            route
            for objects, properties in (
                ("/crm/objects/{version}/contacts", "/crm/properties/{version}/contacts"),
                ("/crm/v3/objects/contacts", "/crm/v3/properties/contacts"),
            )
            for route in (
                Route(f"{objects}/batch/upsert", self.wrap_handler(self.upsert_contacts), methods=["POST"]),
                Route(f"{objects}/batch/update", self.wrap_handler(self.update_contacts), methods=["POST"]),
                Route(f"{objects}/batch/read", self.wrap_handler(self._read_contacts), methods=["POST"]),
                Route(f"{objects}/{{id}}", self.wrap_handler(self.read_contact), methods=["GET"]),
                Route(f"{objects}/{{id}}", self.wrap_handler(self.archive_contact), methods=["DELETE"]),
                Route(properties, self.wrap_handler(self._list_properties), methods=["GET"]),
                Route(properties, self.wrap_handler(self._create_property), methods=["POST"]),
                Route(f"{properties}/{{name}}", self.wrap_handler(self._read_property), methods=["GET"]),
            )
        ] + [
            Route(
                "/oauth/v2/private-apps/get/access-token-info",
                self.wrap_handler(self._read_token_info),
                methods=["POST"],
            )
        ]

    def is_authenticated(self, headers: Headers) -> bool:
        """Return whether the caller has our token."""
        return has_bearer_token(headers, self.token)

    def answer_unauthorised(self) -> Response:
        """Respond 401."""
        return answer_no_credentials()

    def answer_forbidden(self) -> Response:
        """Respond 403, naming the scope."""
        return answer_missing_scope("crm.objects.contacts.write")

    def answer_throttled(self, seconds: float) -> Response:
        """Respond 429, without a time to wait, as HubSpot does."""
        return answer_too_many("TEN_SECONDLY_ROLLING", "ten_secondly_rolling")

    def answer_quota_used_up(self) -> Response:
        """Respond 429 until midnight."""
        return answer_too_many("DAILY", "daily")

    def answer_down(self) -> Response:
        """Respond 502 with a page, as the proxies in front of HubSpot do."""
        return Response("<html><head><title>502 Bad Gateway</title></head></html>", 502, media_type="text/html")

    def wrap_handler(self, handle: Any) -> Any:
        """Wrap *handle*: check the version, turn problems into responses, and add the limit headers."""

        async def handler(request: Request) -> Response:
            if request.path_params.get("version", _API_VERSIONS[-1]) not in _API_VERSIONS:
                return _NOT_FOUND.as_response()
            try:
                response: Response = await handle(request)
            except HubSpotProblem as problem:
                response = problem.as_response()
            response.headers.update(self._build_limit_headers())
            return response

        return handler

    def _build_limit_headers(self) -> dict[str, str]:
        """Build the headers with the calls that are left."""
        limit, used = self.fault_injector.faults.rate_limit, len(self.fault_injector.recent_calls)
        return {
            "X-HubSpot-RateLimit-Max": str(limit),
            "X-HubSpot-RateLimit-Remaining": str(max(0, limit - used)),
            "X-HubSpot-RateLimit-Interval-Milliseconds": str(int(RATE_WINDOW_SECONDS * 1000)),
            "X-HubSpot-RateLimit-Daily": str(_CALLS_PER_DAY),
            "X-HubSpot-RateLimit-Daily-Remaining": str(max(0, _CALLS_PER_DAY - self.fault_injector.call_count)),
        }

    async def upsert_contacts(self, request: Request) -> Response:
        """Upsert up to a hundred contacts: 200, or 207 if one was refused."""
        return await self.write_batch(request, self.contacts.upsert_batch)

    async def update_contacts(self, request: Request) -> Response:
        """Update up to a hundred existing contacts: 200, or 207 if one was refused."""
        return await self.write_batch(request, self.contacts.update_batch)

    async def write_batch(self, request: Request, write: Callable[..., tuple[list[Any], list[Any]]]) -> Response:
        """Pass a batch to *write*, and return its results and errors."""
        inputs = parse_inputs(await read_json(request))
        faults = self.fault_injector.faults
        if any(Faults.matches(faults.fail, {"client_id": item["id"], **item["properties"]}) for item in inputs):
            raise HubSpotProblem("internal error", "INTERNAL_ERROR", 500)
        results, errors = await run_in_threadpool(write, inputs, faults)
        now = format_time(time.time())
        document = {"status": "COMPLETE", "results": results, "startedAt": now, "completedAt": now}
        if errors:
            return JSONResponse({**document, "numErrors": len(errors), "errors": errors}, 207)
        return JSONResponse(document)

    async def _read_contacts(self, request: Request) -> Response:
        """Return contacts by e-mail or by HubSpot's own id: 200, or 207 if one does not exist."""
        wanted = await read_json(request)
        ids = [str(item.get("id")) for item in wanted.get("inputs", []) if isinstance(item, dict)]
        find = self.records.find_by_email if wanted.get("idProperty") == "email" else self.records.find_contact
        found = [(name, await run_in_threadpool(find, name)) for name in ids]
        results = [self.contacts.encode_contact(contact) for _, contact in found if contact is not None]
        now = format_time(time.time())
        document = {"status": "COMPLETE", "results": results, "startedAt": now, "completedAt": now}
        if gone := [name for name, contact in found if contact is None]:
            message = "Could not get some CONTACT objects, they may be deleted or not exist. Check that ids are valid."
            error = {"status": "error", "category": "OBJECT_NOT_FOUND", "message": message, "context": {"ids": gone}}
            return JSONResponse({**document, "numErrors": 1, "errors": [error]}, 207)
        return JSONResponse(document)

    async def read_contact(self, request: Request) -> Response:
        """Return one contact by HubSpot's own id."""
        found = await run_in_threadpool(self.records.find_contact, _parse_contact_id(request))
        if found is None:
            raise _NOT_FOUND
        return JSONResponse(self.contacts.encode_contact(found))

    async def archive_contact(self, request: Request) -> Response:
        """Delete a contact: 204, also if it is already gone."""
        await run_in_threadpool(self.records.delete_contact, _parse_contact_id(request))
        return Response(status_code=204)

    async def _list_properties(self, request: Request) -> Response:
        """Return all properties of contacts."""
        return JSONResponse({"results": list((await run_in_threadpool(self.properties.list_properties)).values())})

    async def _read_property(self, request: Request) -> Response:
        """Return one property."""
        found = (await run_in_threadpool(self.properties.list_properties)).get(request.path_params["name"])
        if found is None:
            raise _NOT_FOUND
        return JSONResponse(found)

    async def _create_property(self, request: Request) -> Response:
        """Create a property: 201."""
        wanted = await read_json(request)
        if not isinstance(wanted, dict):
            raise HubSpotProblem("Invalid input JSON on line 1, column 1")
        return JSONResponse(await run_in_threadpool(self.properties.create_property, wanted), 201)

    async def _read_token_info(self, request: Request) -> Response:
        """Return the token's scopes."""
        return JSONResponse({"userId": 1, "hubId": 1, "appId": 1, "scopes": list(_TOKEN_SCOPES)})


def _parse_contact_id(request: Request) -> str:
    """Return the contact's id in the path; empty if it is not one of ours."""
    name = str(request.path_params["id"])
    return name if re.fullmatch(r"P-\d+", name) else ""
