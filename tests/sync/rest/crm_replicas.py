"""Replicas of real CRMs as they were found to respond, on loopback: EspoCRM, Tryton and BottleCRM."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from sync.practice_crm.server import AbortableProtocol, open_listener

KEY = "k3y-of-the-booth"


class CrmReplica:
    """What they have in common: contacts, and a response that gets lost on request."""

    routes: list[tuple[str, str, str]] = []
    """Of each endpoint: its method, its path, and the name of what answers."""
    never_lost: tuple[str, ...] = ()
    """Those whose answers arrive."""

    def __init__(self) -> None:
        self.contacts: list[dict[str, Any]] = []
        self.calls: list[str] = []
        self.lose_next = False
        self.lose_every = 0
        """Of so many answers that say yes to a POST or PATCH, one gets lost."""
        self.answered = 0
        self.url = ""

    def add_contact(self, contact: dict[str, Any]) -> int:
        """Add a contact, whoever it is: these CRMs know no id of the sender's."""
        self.contacts.append({**contact, "id": str(len(self.contacts) + 1)})
        return len(self.contacts)

    def build_app(self) -> Starlette:
        """Build the ASGI application."""

        def endpoint(name: str) -> Callable[[Request], Any]:
            async def answer(request: Request) -> Response:
                self.calls.append(f"{request.method} {request.url.path}")
                response: Response = await getattr(self, name)(request)
                if name in self.never_lost or response.status_code >= 300 or request.method not in ("POST", "PATCH"):
                    return response
                self.answered += 1
                if self.lose_next or (self.lose_every and self.answered % self.lose_every == 0):
                    self.lose_next = False
                    request.scope["cut"]()
                    await asyncio.sleep(0.05)
                return response

            return answer

        return Starlette(routes=[Route(path, endpoint(name), methods=[method]) for method, path, name in self.routes])


class EspoCrm(CrmReplica):
    """EspoCRM 9: `X-Api-Key`, one at a time, 409 with the records of the same name or e-mail, HTML on 401."""

    routes = [
        ("POST", "/api/v1/Lead", "create"),
        ("GET", "/api/v1/Lead", "search"),
        ("PUT", "/api/v1/Lead/{id}", "update"),
        ("DELETE", "/api/v1/Lead/{id}", "delete"),
    ]
    checks_duplicates = True

    def refused(self, request: Request) -> Response | None:
        """Respond with a page if the key is missing."""
        if request.headers.get("x-api-key") != KEY:
            return Response("<html><h1>401</h1></html>", 401, media_type="text/html")
        return None

    async def create(self, request: Request) -> Response:
        """Create a lead, unless there seems to be one already."""
        if refusal := self.refused(request):
            return refusal
        contact = await request.json()
        if not contact.get("lastName"):
            return JSONResponse({"message": "Field validation failure; entityType: Lead, field: lastName"}, 400)
        same = [
            known
            for known in self.contacts
            if (known.get("firstName"), known.get("lastName")) == (contact.get("firstName"), contact.get("lastName"))
            or (contact.get("emailAddress") and known.get("emailAddress") == contact["emailAddress"])
        ]
        if same and self.checks_duplicates:
            return JSONResponse(same, 409, headers={"X-Status-Reason": "duplicate"})
        return JSONResponse(self.contacts[self.add_contact(contact) - 1])

    async def search(self, request: Request) -> Response:
        """Search by one attribute; a search for nothing finds those without a value."""
        name, wanted = (request.query_params.get(f"where[0][{part}]", "") for part in ("attribute", "value"))
        found = [known for known in self.contacts if known.get(name, "") == wanted]
        return JSONResponse({"total": len(found), "list": found})

    async def update(self, request: Request) -> Response:
        """Replace the values that are sent."""
        contact = self.contacts[int(request.path_params["id"]) - 1]
        contact |= await request.json()
        return JSONResponse(contact)

    async def delete(self, request: Request) -> Response:
        """Delete a lead."""
        self.contacts = [known for known in self.contacts if known["id"] != request.path_params["id"]]
        return JSONResponse(True)


class TrytonCrm(CrmReplica):
    """Tryton 8.2: JSON-RPC at one address, errors as 200, a code that is unique and may not be written again."""

    routes = [("POST", "/db/", "call"), ("POST", "/crm/rpc/", "call")]

    async def call(self, request: Request) -> Response:
        """Handle one remote call."""
        if request.headers.get("authorization", "").partition(" ")[2] != KEY:
            return Response("<!doctype html><title>401 Unauthorized</title>", 401, media_type="text/html")
        asked = await request.json()
        complaint, result = self.called(asked["method"], asked["params"])
        if complaint:
            return JSONResponse({"id": asked["id"], "error": ["UserError", [complaint, "", None]]})
        return JSONResponse({"id": asked["id"], "result": result})

    def called(self, method: str, params: Any) -> tuple[str, Any]:
        """Return a method's error, or its result."""
        match method, params:
            case "model.party.party.create", [[fields], _]:
                if any(known.get("code") == fields["code"] for known in self.contacts):
                    return "The code on party must be unique.", None
                if not fields.get("name"):
                    return "The field Name is required.", None
                return "", [self.add_contact(fields)]
            case "model.party.party.write", [[int(party)], fields, _]:
                known = next((known for known in self.contacts if known["id"] == str(party)), None)
                if known is None:
                    return f'You are trying to write to records "{party}" of "Party" that don\'t exist.', None
                if "code" in fields:
                    return 'You are not allowed to modify the field "Code" of "Party".', None
                known |= fields
                return "", None
            case "model.party.party.search_read", [[[_, _, code]], *_]:
                found = [known for known in self.contacts if known.get("code") == code]
                return "", [{"id": int(known["id"]), "code": known["code"]} for known in found]
            case "model.party.party.search_count", _:
                return "", len(self.contacts)
            case "model.party.party.delete", [[int(party)], _]:
                self.contacts = [known for known in self.contacts if known["id"] != str(party)]
                return "", None
        return "no such method", None


class BottleCrm(CrmReplica):
    """BottleCRM 1.35: a webhook for leads, `external_id`, 201 first; the same again is 200 and changes nothing."""

    routes = [("POST", "/api/public/leads/{hook}/", "take")]

    async def take(self, request: Request) -> Response:
        """Save a lead; the same external id, or another lead's telephone number, is acknowledged but not saved."""
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return JSONResponse({"error": "Invalid key"}, 401)
        contact = await request.json()
        if "@" not in contact.get("email", "@"):
            return JSONResponse({"errors": {"email": ["Enter a valid email address."]}}, 400)
        for known in self.contacts:
            if known["external_id"] == contact["external_id"]:
                return JSONResponse({"result": "duplicate", "lead": known["id"]})
            if contact.get("phone") and known.get("phone") == contact["phone"]:
                return JSONResponse({"result": "merged", "lead": known["id"]})
        return JSONResponse({"result": "created", "lead": str(self.add_contact(contact))}, 201)


class PlainTextCrm(CrmReplica):
    """Answers in plain text, as Node-RED does by default."""

    routes = [("POST", "/x", "take")]

    async def take(self, request: Request) -> Response:
        """Accept anything."""
        return PlainTextResponse("OK")


@contextmanager
def run_crm(crm: CrmReplica) -> Iterator[CrmReplica]:
    """Run *crm*."""
    listener = open_listener(0)
    config = uvicorn.Config(crm.build_app(), http=AbortableProtocol, log_config=None, access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=asyncio.run, args=(server.serve([listener]),), daemon=True)
    thread.start()
    crm.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    try:
        yield crm
    finally:
        server.should_exit = True
        thread.join(20)
