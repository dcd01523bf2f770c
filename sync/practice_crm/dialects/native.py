"""The practice CRM's own dialect: the mission's API."""

from math import ceil
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sync.practice_crm.fault_injection import FaultInjector
from sync.practice_crm.faults import Faults
from sync.practice_crm.records import ContactDatabase, InvalidContact, SavedContact
from sync.practice_crm.responses import has_bearer_token, problem_response, read_json

MAX_CONTACTS_PER_CALL = 100
"""Contacts that one call may hold."""


class NativeDialect:
    """`POST /api/v1/contacts` for one, `/bulk` for up to a hundred; idempotent by `client_id`."""

    path_prefixes = ("/api/v1/contacts",)
    sign_in_path = ""

    def __init__(self, token: str, records: ContactDatabase, misbehave: FaultInjector) -> None:
        self.token = token
        self.records = records
        self.fault_injector = misbehave
        self.routes = [
            Route("/api/v1/contacts", self._create_contact, methods=["POST"]),
            Route("/api/v1/contacts", self.list_contacts, methods=["GET"]),
            Route("/api/v1/contacts/bulk", self._create_contacts, methods=["POST"]),
            Route("/api/v1/contacts/{name}", self._get_contact),
        ]

    def is_authenticated(self, headers: Headers) -> bool:
        """Whether the caller has our token."""
        return has_bearer_token(headers, self.token)

    def answer_unauthorised(self) -> Response:
        """401."""
        return JSONResponse({"detail": "A token is needed."}, 401, headers={"WWW-Authenticate": "Bearer"})

    def answer_forbidden(self) -> Response:
        """403."""
        return JSONResponse({"detail": "This token may not add contacts."}, 403)

    def answer_throttled(self, seconds: float) -> Response:
        """429, with the seconds to wait."""
        headers = {"Retry-After": str(max(1, ceil(seconds)))}
        return JSONResponse({"detail": "Too many calls."}, 429, headers=headers)

    def answer_quota_used_up(self) -> Response:
        """429 for the rest of the day."""
        return JSONResponse({"detail": "Today's calls are used up.", "policy": "daily"}, 429)

    def answer_down(self) -> Response:
        """503."""
        return JSONResponse({"detail": "The CRM is down for maintenance."}, 503)

    async def _create_contact(self, request: Request) -> Response:
        """Take one contact: 201 the first time, 200 again."""
        contact = await read_json(request)
        if not isinstance(contact, dict):
            return problem_response(400, "The body must be one contact, as a JSON object.")
        if Faults.matches(self.fault_injector.faults.fail, contact):
            return problem_response(500, "Something went wrong here.")
        if Faults.matches(self.fault_injector.faults.refuse, contact):
            return problem_response(422, "email: this CRM does not like it.", field="email")
        (kept,) = await run_in_threadpool(self.records.save_contacts, [contact])
        if isinstance(kept, InvalidContact):
            return problem_response(422, str(kept), field=kept.field)
        document = {
            "id": kept.id,
            "client_id": contact["client_id"],
            "status": "created" if kept.was_created else "updated",
        }
        return JSONResponse(document, 201 if kept.was_created else 200)

    async def _create_contacts(self, request: Request) -> Response:
        """Take up to a hundred; each is answered by its own id, and a bad one fails no other."""
        document = await read_json(request)
        items = document.get("contacts") if isinstance(document, dict) else None
        if not isinstance(items, list):
            return problem_response(400, "The body must be an object whose `contacts` is a list of contacts.")
        if len(items) > MAX_CONTACTS_PER_CALL:
            return problem_response(
                413, f"At most {MAX_CONTACTS_PER_CALL} contacts at once.", limit=MAX_CONTACTS_PER_CALL
            )
        # What is no object is a contact without an id: it is rejected alone, like any other.
        contacts = [item if isinstance(item, dict) else {} for item in items]
        faults = self.fault_injector.faults
        if any(Faults.matches(faults.fail, contact) for contact in contacts):
            return problem_response(500, "Something went wrong here.")
        wanted = [contact for contact in contacts if not Faults.matches(faults.refuse, contact)]
        kept = dict(zip(map(id, wanted), await run_in_threadpool(self.records.save_contacts, wanted), strict=True))
        return JSONResponse({"results": [build_result(contact, kept.get(id(contact))) for contact in contacts]})

    async def _get_contact(self, request: Request) -> Response:
        """One contact, by our id or by its sender's."""
        found = await run_in_threadpool(self.records.find_contact, request.path_params["name"])
        return JSONResponse(found) if found else problem_response(404, "There is no such contact.")

    async def list_contacts(self, request: Request) -> Response:
        """The newest contacts, as many as `limit` says."""
        limit = request.query_params.get("limit", "")
        number = int(limit) if limit.isascii() and limit.isdecimal() and len(limit) < 7 else 100_000
        return JSONResponse({"contacts": await run_in_threadpool(self.records.list_newest, number)})


def build_result(contact: dict[str, Any], kept: SavedContact | InvalidContact | None) -> dict[str, Any]:
    """How one item of a bulk call ended."""
    named = {"client_id": contact.get("client_id")}
    if isinstance(kept, SavedContact):
        return {**named, "status": "created" if kept.was_created else "updated", "id": kept.id, "error": None}
    return {**named, "status": "rejected", "id": None, "error": str(kept or "email: this CRM does not like it.")}
