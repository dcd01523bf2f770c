"""The practice CRM's own API."""

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

_MAX_CONTACTS_PER_CALL = 100


class NativeDialect:
    """`POST /api/v1/contacts` for one contact, `/bulk` for up to a hundred; idempotent by `client_id`."""

    path_prefixes = ("/api/v1/contacts",)
    sign_in_path = ""

    def __init__(self, token: str, records: ContactDatabase, fault_injector: FaultInjector) -> None:
        self.token = token
        self.records = records
        self.fault_injector = fault_injector
        self.routes = [
            Route("/api/v1/contacts", self._create_contact, methods=["POST"]),
            Route("/api/v1/contacts", self.list_contacts, methods=["GET"]),
            Route("/api/v1/contacts/bulk", self._create_contacts, methods=["POST"]),
            Route("/api/v1/contacts/{name}", self._get_contact),
        ]

    def is_authenticated(self, headers: Headers) -> bool:
        """Return whether the caller has our token."""
        return has_bearer_token(headers, self.token)

    def answer_unauthorised(self) -> Response:
        """Respond 401."""
        return JSONResponse({"detail": "A token is needed."}, 401, headers={"WWW-Authenticate": "Bearer"})

    def answer_forbidden(self) -> Response:
        """Respond 403."""
        return JSONResponse({"detail": "This token may not add contacts."}, 403)

    def answer_throttled(self, seconds: float) -> Response:
        """Respond 429, with the seconds to wait."""
        headers = {"Retry-After": str(max(1, ceil(seconds)))}
        return JSONResponse({"detail": "Too many calls."}, 429, headers=headers)

    def answer_quota_used_up(self) -> Response:
        """Respond 429 for the rest of the day."""
        return JSONResponse({"detail": "Today's calls are used up.", "policy": "daily"}, 429)

    def answer_down(self) -> Response:
        """Respond 503."""
        return JSONResponse({"detail": "The CRM is down for maintenance."}, 503)

    async def _create_contact(self, request: Request) -> Response:
        """Save one contact: 201 the first time, 200 afterwards."""
        contact = await read_json(request)
        if not isinstance(contact, dict):
            return problem_response(400, "The body must be one contact, as a JSON object.")
        if Faults.matches(self.fault_injector.faults.fail, contact):
            return problem_response(500, "Something went wrong here.")
        if Faults.matches(self.fault_injector.faults.refuse, contact):
            return problem_response(422, "email: this CRM does not like it.", field="email")
        (saved,) = await run_in_threadpool(self.records.save_contacts, [contact])
        if isinstance(saved, InvalidContact):
            return problem_response(422, str(saved), field=saved.field)
        document = {
            "id": saved.id,
            "client_id": contact["client_id"],
            "status": "created" if saved.was_created else "updated",
        }
        return JSONResponse(document, 201 if saved.was_created else 200)

    async def _create_contacts(self, request: Request) -> Response:
        """Save up to a hundred contacts; each has its own result, and a bad one fails no other."""
        document = await read_json(request)
        items = document.get("contacts") if isinstance(document, dict) else None
        if not isinstance(items, list):
            return problem_response(400, "The body must be an object whose `contacts` is a list of contacts.")
        if len(items) > _MAX_CONTACTS_PER_CALL:
            return problem_response(
                413, f"At most {_MAX_CONTACTS_PER_CALL} contacts at once.", limit=_MAX_CONTACTS_PER_CALL
            )
        # An item that is not an object counts as a contact without an id: it is rejected alone.
        contacts = [item if isinstance(item, dict) else {} for item in items]
        faults = self.fault_injector.faults
        if any(Faults.matches(faults.fail, contact) for contact in contacts):
            return problem_response(500, "Something went wrong here.")
        wanted = [contact for contact in contacts if not Faults.matches(faults.refuse, contact)]
        saved = dict(zip(map(id, wanted), await run_in_threadpool(self.records.save_contacts, wanted), strict=True))
        return JSONResponse({"results": [_build_result(contact, saved.get(id(contact))) for contact in contacts]})

    async def _get_contact(self, request: Request) -> Response:
        """Return one contact, by our id or by its sender's."""
        found = await run_in_threadpool(self.records.find_contact, request.path_params["name"])
        return JSONResponse(found) if found else problem_response(404, "There is no such contact.")

    async def list_contacts(self, request: Request) -> Response:
        """Return the newest contacts, as many as `limit` says."""
        limit = request.query_params.get("limit", "")
        number = int(limit) if limit.isascii() and limit.isdecimal() and len(limit) < 7 else 100_000
        return JSONResponse({"contacts": await run_in_threadpool(self.records.list_newest, number)})


def _build_result(contact: dict[str, Any], saved: SavedContact | InvalidContact | None) -> dict[str, Any]:
    """Return the result of one item of a bulk call."""
    named = {"client_id": contact.get("client_id")}
    if isinstance(saved, SavedContact):
        return {**named, "status": "created" if saved.was_created else "updated", "id": saved.id, "error": None}
    return {**named, "status": "rejected", "id": None, "error": str(saved or "email: this CRM does not like it.")}
