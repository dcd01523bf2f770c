"""All endpoints in one table: who may call each, what it takes and what it answers; the document is made from it."""

from dataclasses import dataclass
from typing import Any

from kiosk.api.wire.requests import MAX_PAGE_LEADS, ContactFields, DiscardRequest, NewContact, PairRequest
from kiosk.api.wire.responses import (
    BulkResponse,
    HealthResponse,
    LeadDetails,
    LeadJson,
    LeadPage,
    PairResponse,
    SaveResponse,
    StatusJson,
    SyncResponse,
)
from kiosk.api.wire.static_files import STATIC_FILE_TYPES

_EXAMPLE_CONTACT = {
    "name": "Ana Lopez",
    "email": "ana@initech.example",
    "company": "Initech",
    "rating": 4,
    "tags": ["demo"],
}

HTML, TEXT, JSON, _EVENT_STREAM, ANY_FILE = "text/html", "text/plain", "application/json", "text/event-stream", "*/*"


class Bulk:
    """The body of a bulk call; what it looks like is written in `kiosk.api.docs.openapi`."""


@dataclass(frozen=True, slots=True)
class _Parameter:
    """A parameter."""

    name: str
    location: str
    description: str
    schema: dict[str, Any]

    def to_openapi(self) -> dict[str, Any]:
        """The same as OpenAPI has it."""
        more = {"style": "form", "explode": False} if self.schema["type"] == "array" else {}
        about = {
            "name": self.name,
            "in": self.location,
            "description": self.description,
            "required": self.location == "path",
        }
        return {**about, **more, "schema": self.schema}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One method of one path."""

    method: str
    path: str
    group: str
    description: str
    responses: dict[int, Any]
    """The body of each status that is no error: a type of ours, or a media type."""
    role: str = ""
    """Who may call it; empty is everybody."""
    body: Any = None
    example: Any = None
    parameters: tuple[_Parameter, ...] = ()
    extra_errors: tuple[int, ...] = ()
    """Statuses of errors, besides those that every endpoint of its kind has."""

    @property
    def errors(self) -> list[int]:
        """All statuses of errors: without a token or with too small a role, too often, with a bad body."""
        known = (401, 403, 429) if self.role else ()
        sent = (400, 408, 413, 422) if self.body is not None else ()
        return sorted({*known, *sent, *self.extra_errors})


ID_PARAMETER = _Parameter("id", "path", "The lead's id here, or the client's own.", {"type": "string", "minLength": 1})

_IDEMPOTENCY_KEY_PARAMETER = _Parameter(
    "Idempotency-Key",
    "header",
    "The client's own id, where the body has no `client_id`: sending the same again changes nothing twice.",
    {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]([ -~]*[!-~])?$"},
)

_FILTER_PARAMETERS = (
    _Parameter(
        "state",
        "query",
        "Only leads in these states, divided by commas.",
        {
            "type": "array",
            "minItems": 1,
            "items": {"type": "string", "enum": ["waiting", "needs_you", "delivered", "discarded"]},
        },
    ),
    _Parameter("cause", "query", "Only leads that are where they are for this cause.", {"type": "string"}),
    _Parameter("search", "query", "Only leads whose name, e-mail, company or badge id holds this.", {"type": "string"}),
    _Parameter(
        "limit",
        "query",
        "Leads on a page.",
        {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_LEADS, "default": 50},
    ),
    _Parameter(
        "cursor", "query", "`next_cursor` of the page before.", {"type": "string", "pattern": "^([0-7][0-9a-f])*$"}
    ),
)

_WRITE_ERRORS = (503, 507)

ENDPOINTS = (
    Endpoint(
        "POST", "/api/v1/contacts", "Leads", "Save a contact: 201 the first time, 200 again, once it is on the disk.",
        {201: SaveResponse, 200: SaveResponse}, "post", NewContact, {"client_id": "scanner-3/000017", **_EXAMPLE_CONTACT}, (_IDEMPOTENCY_KEY_PARAMETER,), (409, *_WRITE_ERRORS),
    ),
    Endpoint(
        "POST", "/api/v1/contacts/bulk", "Leads",
        "Save up to a hundred contacts; each is answered by its own `client_id`, and a bad one fails no other.",
        {200: BulkResponse}, "post", Bulk,
        {"contacts": [{"client_id": "scanner-3/000018", "payload": "https://expo.example/b/4711"}]}, (), _WRITE_ERRORS,
    ),
    Endpoint(
        "GET", "/api/v1/contacts", "Leads", "Leads, the newest first, page by page.",
        {200: LeadPage}, "read", parameters=_FILTER_PARAMETERS, extra_errors=(422, *_WRITE_ERRORS),
    ),
    Endpoint(
        "GET", "/api/v1/contacts/{id}", "Leads", "One lead.",
        {200: LeadDetails}, "read", parameters=(ID_PARAMETER,), extra_errors=(404, *_WRITE_ERRORS),
    ),
    Endpoint(
        "PATCH", "/api/v1/contacts/{id}", "Leads", "Change what the body names; `null` leaves as is.",
        {200: LeadJson}, "manage", ContactFields, {"note": "wants a quote", "rating": 5}, (ID_PARAMETER,), (404, *_WRITE_ERRORS),
    ),
    Endpoint(
        "POST", "/api/v1/contacts/{id}/retry", "Decisions", "Send a lead again, now.",
        {200: LeadJson}, "manage", parameters=(ID_PARAMETER,), extra_errors=(404, *_WRITE_ERRORS),
    ),
    Endpoint(
        "POST", "/api/v1/contacts/{id}/discard", "Decisions", "Keep a lead from the CRM, for a reason.",
        {200: LeadJson}, "manage", DiscardRequest, {"reason": "asked not to be written to"}, (ID_PARAMETER,), (404, *_WRITE_ERRORS),
    ),
    Endpoint(
        "POST", "/api/v1/contacts/{id}/restore", "Decisions", "Undo a discard.",
        {200: LeadJson}, "manage", parameters=(ID_PARAMETER,), extra_errors=(404, *_WRITE_ERRORS),
    ),
    Endpoint(
        "POST", "/api/v1/sync", "Decisions",
        "Sync now: the worker tries at once, whatever the gate says; 409 while sending is paused or no worker runs.",
        {202: SyncResponse}, "manage", extra_errors=(409, *_WRITE_ERRORS),
    ),
    Endpoint(
        "GET", "/api/v1/sync/status", "Numbers", "How delivery stands.", {200: StatusJson}, "read", extra_errors=_WRITE_ERRORS,
    ),
    Endpoint(
        "GET", "/api/v1/events", "Numbers",
        "The same, live, by server-sent events: `hello` once, then `numbers` (a Status) every second, `leads` (what is "
        "not in the CRM) whenever they change, and `trouble` where nothing can be read. It ends when the token is "
        "revoked.",
        {200: _EVENT_STREAM}, "read", extra_errors=(503,),
    ),
    Endpoint("GET", "/metrics", "Numbers", "The same for Prometheus.", {200: TEXT}, "read", extra_errors=_WRITE_ERRORS),
    Endpoint(
        "POST", "/api/v1/pair", "Devices", "Fetch this device's token with a code that the kiosk shows, once.",
        {201: PairResponse}, body=PairRequest, example={"code": "x7Jw2kq0_vAbC-9z", "name": "Ana's phone"},
        extra_errors=(403, 429, *_WRITE_ERRORS),
    ),
    Endpoint("GET", "/healthz", "Health", "It lives.", {200: HealthResponse}),
    Endpoint("GET", "/readyz", "Health", "It can write: it just did.", {200: HealthResponse}, extra_errors=_WRITE_ERRORS),
    Endpoint("GET", "/", "Pages", "Leads to the numbers.", {307: ""}),
    Endpoint("GET", "/numbers", "Pages", "The numbers for people; the page asks for a token.", {200: HTML}),
    Endpoint("GET", "/docs", "Pages", "This document for people.", {200: HTML}),
    Endpoint("GET", "/openapi.json", "Pages", "This document.", {200: JSON}),
    Endpoint(
        "GET", "/static/{name}", "Pages", "What the pages are made of.", {200: ANY_FILE},
        parameters=(_Parameter("name", "path", "The file's name.", {"type": "string", "enum": sorted(STATIC_FILE_TYPES)}),), extra_errors=(404,),
    ),
)  # fmt: skip
