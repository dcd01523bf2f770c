"""The practice CRM as a receiver of our webhook, as docs/webhook.md describes it."""

import hashlib
import hmac
import time
from base64 import b64encode
from math import ceil
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from sync.practice_crm.fault_injection import FaultInjector
from sync.practice_crm.faults import Faults
from sync.practice_crm.records import ContactDatabase, InvalidContact, SavedContact
from sync.practice_crm.responses import read_json

# The oldest call that is accepted: an older one may be one that somebody overheard and repeats.
_MAX_AGE_SECONDS = 300


class WebhookDialect:
    """`POST /hooks/leads`, signed with the practice CRM's token; each lead has its own result."""

    path_prefixes = ("/hooks/leads",)
    sign_in_path = ""

    def __init__(self, token: str, records: ContactDatabase, fault_injector: FaultInjector) -> None:
        self.token = token
        self.records = records
        self.fault_injector = fault_injector
        self.routes = [Route("/hooks/leads", self.receive_batch, methods=["POST"])]

    def is_authenticated(self, headers: Headers) -> bool:
        """Return whether there is a signature; checking it needs the body."""
        return "webhook-signature" in headers

    def answer_unauthorised(self) -> Response:
        """Respond 401."""
        return PlainTextResponse("The signature is missing or wrong.", 401)

    def answer_forbidden(self) -> Response:
        """Respond 403."""
        return PlainTextResponse("This sender may not send leads.", 403)

    def answer_throttled(self, seconds: float) -> Response:
        """Respond 429, with the seconds to wait."""
        return PlainTextResponse("Too many requests.", 429, headers={"Retry-After": str(max(1, ceil(seconds)))})

    def answer_quota_used_up(self) -> Response:
        """Respond 429 for the rest of the day."""
        return PlainTextResponse("Today's requests are used up.", 429)

    def answer_down(self) -> Response:
        """Respond 503, as a proxy in front of a receiver would."""
        return PlainTextResponse("Service Unavailable", 503)

    def _is_signed(self, headers: Headers, body: bytes) -> bool:
        """Return whether *body* has a valid signature in the Standard Webhooks format."""
        signed = f"{headers.get('webhook-id')}.{headers.get('webhook-timestamp')}.".encode() + body
        digest = hmac.new(self.token.encode(), signed, hashlib.sha256).digest()
        expected = f"v1,{b64encode(digest).decode()}"
        # A sender that changes its secret may send several signatures, with a space between them.
        given = headers["webhook-signature"].split(" ")
        return any(hmac.compare_digest(expected.encode(), signature.encode()) for signature in given)

    async def receive_batch(self, request: Request) -> Response:
        """Save a batch."""
        if not self._is_signed(request.headers, await request.body()):
            return self.answer_unauthorised()
        document = await read_json(request)
        if not _is_batch(document):
            return PlainTextResponse("SyntaxError: this is not a batch of leads", 500)  # as Node-RED responds
        sent_at = request.headers.get("webhook-timestamp", "")
        if not sent_at.isdecimal() or abs(time.time() - int(sent_at)) > _MAX_AGE_SECONDS:
            return self.answer_unauthorised()
        leads, faults = document["leads"], self.fault_injector.faults
        contacts = [{**lead, "client_id": lead["lead_id"]} for lead in leads]
        if any(Faults.matches(faults.fail, contact) for contact in contacts):
            return PlainTextResponse("Internal Server Error", 500)
        wanted = [contact for contact in contacts if not Faults.matches(faults.refuse, contact)]
        saved = dict(zip(map(id, wanted), await run_in_threadpool(self.records.save_contacts, wanted), strict=True))
        results = [_build_result(contact["lead_id"], saved.get(id(contact))) for contact in contacts]
        return JSONResponse({"batch_id": document["batch_id"], "results": results})


def _is_batch(document: Any) -> bool:
    """Return whether *document* is a batch as docs/webhook.md describes it."""
    return (
        isinstance(document, dict)
        and isinstance(document.get("batch_id"), str)
        and isinstance(document.get("sent_at"), int)
        and isinstance(leads := document.get("leads"), list)
        and all(isinstance(lead, dict) and isinstance(lead.get("lead_id"), str) for lead in leads)
    )


def _build_result(lead_id: str, saved: SavedContact | InvalidContact | None) -> dict[str, Any]:
    """Return the result of one lead."""
    if isinstance(saved, SavedContact):
        return {"lead_id": lead_id, "result": "created" if saved.was_created else "updated", "id": saved.id}
    return {"lead_id": lead_id, "result": "rejected", "error": str(saved or "email: this receiver does not like it.")}
