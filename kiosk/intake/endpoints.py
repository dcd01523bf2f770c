"""All endpoints in one table: who may call each, what it takes and what it answers; the document is made from it."""

from dataclasses import dataclass
from typing import Any

from kiosk.intake.body import ContactFields, NewContact
from kiosk.intake.documents import BulkAnswer, Lead, LeadDetails, LeadPage, Saved, Status, Token, Trying, Well
from kiosk.intake.files import TYPES
from kiosk.intake.pairing import Pair
from kiosk.intake.shown import LARGEST
from kiosk.intake.verbs import Discard

ANA = {"name": "Ana Lopez", "email": "ana@initech.example", "company": "Initech", "rating": 4, "tags": ["demo"]}

HTML, TEXT, JSON, STREAM, FILE = "text/html", "text/plain", "application/json", "text/event-stream", "*/*"


class Bulk:
    """The body of a bulk call; what it looks like is written in `kiosk.intake.openapi`."""


@dataclass(frozen=True, slots=True)
class Given:
    """A parameter."""

    name: str
    place: str
    about: str
    schema: dict[str, Any]

    def document(self) -> dict[str, Any]:
        """The same as OpenAPI has it."""
        more = {"style": "form", "explode": False} if self.schema["type"] == "array" else {}
        about = {"name": self.name, "in": self.place, "description": self.about, "required": self.place == "path"}
        return {**about, **more, "schema": self.schema}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One method of one path."""

    method: str
    path: str
    group: str
    says: str
    answers: dict[int, Any]
    """The body of each status that is no error: a type of ours, or a media type."""
    role: str = ""
    """Who may call it; empty is everybody."""
    takes: Any = None
    example: Any = None
    given: tuple[Given, ...] = ()
    refuses: tuple[int, ...] = ()
    """Statuses of errors, besides those that every endpoint of its kind has."""

    @property
    def errors(self) -> list[int]:
        """All statuses of errors: without a token or with too small a role, too often, with a bad body."""
        known = (401, 403, 429) if self.role else ()
        sent = (400, 408, 413, 422) if self.takes is not None else ()
        return sorted({*known, *sent, *self.refuses})


ID = Given("id", "path", "The lead's id here, or the client's own.", {"type": "string", "minLength": 1})

KEY = Given(
    "Idempotency-Key",
    "header",
    "The client's own id, where the body has no `client_id`: sending the same again changes nothing twice.",
    {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]([ -~]*[!-~])?$"},
)

FILTERS = (
    Given(
        "state",
        "query",
        "Only leads in these states, divided by commas.",
        {
            "type": "array",
            "minItems": 1,
            "items": {"type": "string", "enum": ["waiting", "needs_you", "delivered", "discarded"]},
        },
    ),
    Given("cause", "query", "Only leads that are where they are for this cause.", {"type": "string"}),
    Given("search", "query", "Only leads whose name, e-mail, company or badge id holds this.", {"type": "string"}),
    Given("limit", "query", "Leads on a page.", {"type": "integer", "minimum": 1, "maximum": LARGEST, "default": 50}),
    Given("cursor", "query", "`next_cursor` of the page before.", {"type": "string", "pattern": "^([0-7][0-9a-f])*$"}),
)

WRITES = (503, 507)

ENDPOINTS = (
    Endpoint(
        "POST", "/api/v1/contacts", "Leads", "Save a contact: 201 the first time, 200 again, once it is on the disk.",
        {201: Saved, 200: Saved}, "post", NewContact, {"client_id": "scanner-3/000017", **ANA}, (KEY,), (409, *WRITES),
    ),
    Endpoint(
        "POST", "/api/v1/contacts/bulk", "Leads",
        "Save up to a hundred contacts; each is answered by its own `client_id`, and a bad one fails no other.",
        {200: BulkAnswer}, "post", Bulk,
        {"contacts": [{"client_id": "scanner-3/000018", "payload": "https://expo.example/b/4711"}]}, (), WRITES,
    ),
    Endpoint(
        "GET", "/api/v1/contacts", "Leads", "Leads, the newest first, page by page.",
        {200: LeadPage}, "read", given=FILTERS, refuses=(422, *WRITES),
    ),
    Endpoint(
        "GET", "/api/v1/contacts/{id}", "Leads", "One lead.",
        {200: LeadDetails}, "read", given=(ID,), refuses=(404, *WRITES),
    ),
    Endpoint(
        "PATCH", "/api/v1/contacts/{id}", "Leads", "Change what the body names; `null` leaves as is.",
        {200: Lead}, "manage", ContactFields, {"note": "wants a quote", "rating": 5}, (ID,), (404, *WRITES),
    ),
    Endpoint(
        "POST", "/api/v1/contacts/{id}/retry", "Decisions", "Send a lead again, now.",
        {200: Lead}, "manage", given=(ID,), refuses=(404, *WRITES),
    ),
    Endpoint(
        "POST", "/api/v1/contacts/{id}/discard", "Decisions", "Keep a lead from the CRM, for a reason.",
        {200: Lead}, "manage", Discard, {"reason": "asked not to be written to"}, (ID,), (404, *WRITES),
    ),
    Endpoint(
        "POST", "/api/v1/contacts/{id}/restore", "Decisions", "Undo a discard.",
        {200: Lead}, "manage", given=(ID,), refuses=(404, *WRITES),
    ),
    Endpoint(
        "POST", "/api/v1/sync", "Decisions",
        "Sync now: the worker tries at once, whatever the gate says; 409 while sending is paused or no worker runs.",
        {202: Trying}, "manage", refuses=(409, *WRITES),
    ),
    Endpoint(
        "GET", "/api/v1/sync/status", "Numbers", "How delivery stands.", {200: Status}, "read", refuses=WRITES,
    ),
    Endpoint(
        "GET", "/api/v1/events", "Numbers",
        "The same, live, by server-sent events: `hello` once, then `numbers` (a Status) every second, `leads` (what is "
        "not in the CRM) whenever they change, and `trouble` where nothing can be read. It ends when the token is "
        "revoked.",
        {200: STREAM}, "read", refuses=(503,),
    ),
    Endpoint("GET", "/metrics", "Numbers", "The same for Prometheus.", {200: TEXT}, "read", refuses=WRITES),
    Endpoint(
        "POST", "/api/v1/pair", "Devices", "Fetch this device's token with a code that the kiosk shows, once.",
        {201: Token}, takes=Pair, example={"code": "x7Jw2kq0_vAbC-9z", "name": "Ana's phone"},
        refuses=(403, 429, *WRITES),
    ),
    Endpoint("GET", "/healthz", "Health", "It lives.", {200: Well}),
    Endpoint("GET", "/readyz", "Health", "It can write: it just did.", {200: Well}, refuses=WRITES),
    Endpoint("GET", "/", "Pages", "Leads to the numbers.", {307: ""}),
    Endpoint("GET", "/numbers", "Pages", "The numbers for people; the page asks for a token.", {200: HTML}),
    Endpoint("GET", "/docs", "Pages", "This document for people.", {200: HTML}),
    Endpoint("GET", "/openapi.json", "Pages", "This document.", {200: JSON}),
    Endpoint(
        "GET", "/static/{name}", "Pages", "What the pages are made of.", {200: FILE},
        given=(Given("name", "path", "The file's name.", {"type": "string", "enum": sorted(TYPES)}),), refuses=(404,),
    ),
)  # fmt: skip
