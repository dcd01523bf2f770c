"""The practice CRM as a receiver of our webhook: what docs/webhook.md asks of one, in short."""

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

_MAX_AGE_SECONDS = 300
"""Seconds; an older call is somebody's who has overheard one of ours."""


class WebhookDialect:
    """`POST /hooks/leads`, signed with the practice CRM's token; each lead is answered by its id."""

    path_prefixes = ("/hooks/leads",)
    sign_in_path = ""

    def __init__(self, token: str, records: ContactDatabase, misbehave: FaultInjector) -> None:
        self.token = token
        self.records = records
        self.fault_injector = misbehave
        self.routes = [Route("/hooks/leads", self.receive_batch, methods=["POST"])]

    def is_authenticated(self, headers: Headers) -> bool:
        """Whether there is a signature; whether it is right needs the body."""
        return "webhook-signature" in headers

    def answer_unauthorised(self) -> Response:
        """401."""
        return PlainTextResponse("The signature is missing or wrong.", 401)

    def answer_forbidden(self) -> Response:
        """403."""
        return PlainTextResponse("This sender may not send leads.", 403)

    def answer_throttled(self, seconds: float) -> Response:
        """429, with the seconds to wait."""
        return PlainTextResponse("Too many requests.", 429, headers={"Retry-After": str(max(1, ceil(seconds)))})

    def answer_quota_used_up(self) -> Response:
        """429 for the rest of the day."""
        return PlainTextResponse("Today's requests are used up.", 429)

    def answer_down(self) -> Response:
        """503, as a proxy in front of a receiver says it."""
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
        """Take a batch."""
        if not self._is_signed(request.headers, await request.body()):
            return self.answer_unauthorised()
        document = await read_json(request)
        if not _is_batch(document):
            return PlainTextResponse("SyntaxError: this is no batch of leads", 500)  # as Node-RED says it
        if abs(time.time() - document["sent_at"]) > _MAX_AGE_SECONDS:
            return self.answer_unauthorised()
        leads, faults = document["leads"], self.fault_injector.faults
        contacts = [{**lead, "client_id": lead["lead_id"]} for lead in leads]
        if any(Faults.matches(faults.fail, contact) for contact in contacts):
            return PlainTextResponse("Internal Server Error", 500)
        wanted = [contact for contact in contacts if not Faults.matches(faults.refuse, contact)]
        kept = dict(zip(map(id, wanted), await run_in_threadpool(self.records.save_contacts, wanted), strict=True))
        results = [build_result(contact["lead_id"], kept.get(id(contact))) for contact in contacts]
        return JSONResponse({"batch_id": document["batch_id"], "results": results})


def _is_batch(document: Any) -> bool:
    """Whether *document* is what docs/webhook.md describes."""
    return (
        isinstance(document, dict)
        and isinstance(document.get("batch_id"), str)
        and isinstance(document.get("sent_at"), int)
        and isinstance(leads := document.get("leads"), list)
        and all(isinstance(lead, dict) and isinstance(lead.get("lead_id"), str) for lead in leads)
    )


def build_result(lead_id: str, kept: SavedContact | InvalidContact | None) -> dict[str, Any]:
    """How one lead ended."""
    if isinstance(kept, SavedContact):
        return {"lead_id": lead_id, "result": "created" if kept.was_created else "updated", "id": kept.id}
    return {"lead_id": lead_id, "result": "rejected", "error": str(kept or "email: this receiver does not like it.")}
