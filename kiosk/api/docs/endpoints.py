"""The table of all endpoints, with the role, request and responses of each; the OpenAPI document is made from it."""

from dataclasses import dataclass
from typing import Any

from kiosk.api.wire.requests import (
    MAX_PAGE_LEADS,
    BulkRequest,
    ContactFields,
    DiscardRequest,
    NewContact,
    PairRequest,
)
from kiosk.api.wire.responses import (
    BulkResponse,
    HealthResponse,
    LeadDetailsJson,
    LeadJson,
    LeadPageJson,
    PairResponse,
    SaveResponse,
    StatusJson,
    SyncResponse,
)
from kiosk.api.wire.static_files import STATIC_FILES

_EXAMPLE_CONTACT = {
    "client_id": "scanner-3/000017",
    "name": "Ana Lopez",
    "email": "ana@initech.example",
    "company": "Initech",
    "rating": 4,
    "tags": ["demo"],
}

_HTML, _TEXT, _JSON = "text/html", "text/plain", "application/json"
_EVENT_STREAM = "text/event-stream"
_ANY_FILE = "*/*"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter in the path, the query or a header."""

    name: str
    location: str
    description: str
    schema: dict[str, Any]

    def to_openapi(self) -> dict[str, Any]:
        """Return the parameter as an object of OpenAPI."""
        style = {"style": "form", "explode": False} if self.schema["type"] == "array" else {}
        is_required = self.location == "path"
        named = {"name": self.name, "in": self.location, "description": self.description, "required": is_required}
        return {**named, **style, "schema": self.schema}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One method of one path."""

    method: str
    path: str
    group: str
    description: str
    responses: dict[int, Any]
    """By status, without errors: the body's model, or a media type."""
    role: str = ""
    """The role that a caller needs; empty if no token is needed."""
    body: Any = None
    """The model of the request's body."""
    example: Any = None
    parameters: tuple[Parameter, ...] = ()
    extra_errors: tuple[int, ...] = ()
    """Error statuses beside those that follow from `role` and `body`."""

    @property
    def errors(self) -> list[int]:
        """All error statuses."""
        of_role = (401, 403, 429) if self.role else ()
        of_body = (400, 408, 413, 422) if self.body is not None else ()
        return sorted({*of_role, *of_body, *self.extra_errors})


_LEAD_ID = Parameter("id", "path", "The lead's id on the kiosk, or a client id.", {"type": "string", "minLength": 1})

_IDEMPOTENCY_KEY = Parameter(
    "Idempotency-Key",
    "header",
    "The client id, if the body has no `client_id`: sending the same again has no further effect.",
    {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]([ -~]*[!-~])?$"},
)

_FILTERS = (
    Parameter(
        "state",
        "query",
        "Only leads in these states, separated by commas.",
        {
            "type": "array",
            "minItems": 1,
            "items": {"type": "string", "enum": ["waiting", "needs_you", "delivered", "discarded"]},
        },
    ),
    Parameter("cause", "query", "Only leads that are in their state for this cause.", {"type": "string"}),
    Parameter("search", "query", "Only leads with this in name, e-mail, company or badge id.", {"type": "string"}),
    Parameter(
        "limit",
        "query",
        "Leads per page.",
        {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_LEADS, "default": 50},
    ),
    Parameter(
        "cursor", "query", "`next_cursor` of the previous page.", {"type": "string", "pattern": "^([0-7][0-9a-f])*$"}
    ),
)

_FILE_NAME = Parameter("name", "path", "The file's name.", {"type": "string", "enum": sorted(STATIC_FILES)})

# Errors of every endpoint that uses the database: it is busy (503), or the disk is full (507).
_DATABASE_ERRORS = (503, 507)

ENDPOINTS = (
    Endpoint(
        "POST", "/api/v1/contacts", "Leads",
        "Save a contact. Answers once it is on the disk: 201 for a new post, 200 for a repeated one.",
        {201: SaveResponse, 200: SaveResponse}, "post", NewContact, _EXAMPLE_CONTACT,
        (_IDEMPOTENCY_KEY,), (409, *_DATABASE_ERRORS),
    ),
    Endpoint(
        "POST", "/api/v1/contacts/bulk", "Leads",
        "Save up to a hundred contacts; each has its own result, and a bad one does not fail the others.",
        {200: BulkResponse}, "post", BulkRequest,
        {"contacts": [{"client_id": "scanner-3/000018", "payload": "https://expo.example/b/4711"}]},
        (), _DATABASE_ERRORS,
    ),
    Endpoint(
        "GET", "/api/v1/contacts", "Leads", "List leads, the newest first, page by page.",
        {200: LeadPageJson}, "read", parameters=_FILTERS, extra_errors=(422, *_DATABASE_ERRORS),
    ),
    Endpoint(
        "GET", "/api/v1/contacts/{id}", "Leads", "Get one lead.",
        {200: LeadDetailsJson}, "read", parameters=(_LEAD_ID,), extra_errors=(404, *_DATABASE_ERRORS),
    ),
    Endpoint(
        "PATCH", "/api/v1/contacts/{id}", "Leads", "Change the fields that the body names; `null` changes nothing.",
        {200: LeadJson}, "manage", ContactFields, {"note": "wants a quote", "rating": 5},
        (_LEAD_ID,), (404, *_DATABASE_ERRORS),
    ),
    Endpoint(
        "POST", "/api/v1/contacts/{id}/retry", "Decisions", "Send a lead again, now.",
        {200: LeadJson}, "manage", parameters=(_LEAD_ID,), extra_errors=(404, *_DATABASE_ERRORS),
    ),
    Endpoint(
        "POST", "/api/v1/contacts/{id}/discard", "Decisions", "Never send this lead, and say why; `restore` undoes it.",
        {200: LeadJson}, "manage", DiscardRequest, {"reason": "asked not to be contacted"},
        (_LEAD_ID,), (404, *_DATABASE_ERRORS),
    ),
    Endpoint(
        "POST", "/api/v1/contacts/{id}/restore", "Decisions", "Undo a discard.",
        {200: LeadJson}, "manage", parameters=(_LEAD_ID,), extra_errors=(404, *_DATABASE_ERRORS),
    ),
    Endpoint(
        "POST", "/api/v1/sync", "Decisions",
        "Sync now: the worker tries at once, whatever the gate says; 409 while sending is paused or no worker runs.",
        {202: SyncResponse}, "manage", extra_errors=(409, *_DATABASE_ERRORS),
    ),
    Endpoint(
        "GET", "/api/v1/sync/status", "Numbers", "Get the status of delivery.",
        {200: StatusJson}, "read", extra_errors=_DATABASE_ERRORS,
    ),
    Endpoint(
        "GET", "/api/v1/events", "Numbers",
        "Stream the status as server-sent events: `hello` once, then `numbers` (a Status) every second, `leads` "
        "(those not in the CRM) whenever they change, and `trouble` while the database cannot be read. The stream "
        "ends when the token is revoked.",
        {200: _EVENT_STREAM}, "read", extra_errors=(503,),
    ),
    Endpoint(
        "GET", "/metrics", "Numbers", "Get the status as Prometheus metrics.",
        {200: _TEXT}, "read", extra_errors=_DATABASE_ERRORS,
    ),
    Endpoint(
        "POST", "/api/v1/pair", "Devices", "Exchange a one-time code shown on the kiosk for a token for this device.",
        {201: PairResponse}, body=PairRequest, example={"code": "x7Jw2kq0_vAbC-9z", "name": "Ana's phone"},
        extra_errors=(403, 429, *_DATABASE_ERRORS),
    ),
    Endpoint("GET", "/healthz", "Health", "Check that the server is alive.", {200: HealthResponse}),
    Endpoint(
        "GET", "/readyz", "Health", "Check that the server can save: it just wrote something.",
        {200: HealthResponse}, extra_errors=_DATABASE_ERRORS,
    ),
    Endpoint("GET", "/", "Pages", "Redirect to the dashboard.", {307: ""}),
    Endpoint("GET", "/numbers", "Pages", "Get the dashboard; it asks for a token.", {200: _HTML}),
    Endpoint("GET", "/docs", "Pages", "Get this document as a page for people.", {200: _HTML}),
    Endpoint("GET", "/openapi.json", "Pages", "Get this document for programs.", {200: _JSON}),
    Endpoint(
        "GET", "/static/messages.json", "Pages", "Get the dashboard's texts in the kiosk's language.", {200: _JSON}
    ),
    Endpoint(
        "GET", "/static/{name}", "Pages", "Get a file that the pages load.",
        {200: _ANY_FILE}, parameters=(_FILE_NAME,), extra_errors=(404,),
    ),
)  # fmt: skip
