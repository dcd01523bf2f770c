"""Posting, reading and changing leads."""

from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from data import posted
from data.devices import Device
from data.errors import StoreError
from data.store import Store
from kiosk.intake.answers import as_problem, body_of, json
from kiosk.intake.body import AT_ONCE, LONGEST_ID, NewContact, Problem, changes_from, contact_from
from kiosk.intake.door import needs
from kiosk.intake.parts import Parts
from kiosk.intake.reading import Reading
from kiosk.intake.shown import LeadList, details_of, lead_of, leads_of
from kiosk.intake.taking import Post, Taken
from kiosk.intake.writer import Full

LOT = 25
"""Contacts of a bulk call that are saved at a time."""


class Contacts:
    """The endpoints below `/api/v1/contacts`."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.routes = [
            Route("/api/v1/contacts", self.post, methods=["POST"]),
            Route("/api/v1/contacts", self.listed, methods=["GET"]),
            Route("/api/v1/contacts/bulk", self.post_many, methods=["POST"]),
            Route("/api/v1/contacts/{id:path}", self.get, methods=["GET"]),
            Route("/api/v1/contacts/{id:path}", self.patch, methods=["PATCH"]),
        ]

    async def post(self, request: Request) -> Response:
        """Save one: 201 the first time, 200 again."""
        device = needs(request, "post")
        document = await body_of(request)
        key = key_in(request)
        if key is not None and isinstance(document, dict) and document.get("client_id") is None:
            document["client_id"] = key
        contact = self.parts.taking.reading.sorted_out(contact_from(document))
        taken: Taken = await self.parts.writer.take((contact, device))
        return json(told(taken), 201 if taken.is_first else 200)

    async def post_many(self, request: Request) -> Response:
        """Save up to a hundred; each is answered by its own id, and a bad one fails no other."""
        device = needs(request, "post")
        document = await body_of(request)
        items = document.get("contacts") if isinstance(document, dict) else None
        if not isinstance(items, list):
            raise Problem(422, "contacts: the body must be an object with a list of contacts.", field="contacts")
        if len(items) > AT_ONCE:
            raise Problem(413, f"contacts: at most {AT_ONCE} at once.", field="contacts", limit=AT_ONCE)
        read = [named(item, self.parts.taking.reading) for item in items]
        posts = [(contact, device) for contact in read if isinstance(contact, NewContact)]
        taken = iter(await self.take_many(posts) if posts else ())
        ends = [next(taken) if isinstance(contact, NewContact) else contact for contact in read]
        return json({"results": [result(item, end) for item, end in zip(items, ends, strict=True)]})

    async def take_many(self, posts: list[Post]) -> list[Taken | Exception]:
        """
        What came of each of *posts*, once all of them are on the disk; in lots, for others write in between.

        Raises:
            Full: too much is waiting; nothing was done.
            StoreError: nothing was written.
        """
        taking, ends = self.parts.taking, list[Taken | Exception]()
        for place in range(0, len(posts), LOT):
            lot = posts[place : place + LOT]
            try:
                ends += await self.parts.writer.do(partial(taking.take_many, posts=lot), len(lot))
            except (Full, StoreError) as error:
                if not ends:
                    raise
                ends += [error] * (len(posts) - len(ends))
                break
        return ends

    async def get(self, request: Request) -> Response:
        """One lead, by our id or by the client's, with its scans and its history."""
        device, name = needs(request, "read"), request.path_params["id"]
        return json(await self.parts.read(lambda db: details_of(db, self.parts, known(db, name, device))))

    async def listed(self, request: Request) -> Response:
        """Leads, the newest first, page by page."""
        needs(request, "read")
        wanted = LeadList.asked(request.query_params)
        return json(await self.parts.read(lambda db: leads_of(db, self.parts, wanted)))

    async def patch(self, request: Request) -> Response:
        """Change a lead; `null` leaves as is."""
        device = needs(request, "manage")
        name, parts = request.path_params["id"], self.parts
        fields = parts.taking.reading.corrected(changes_from(await body_of(request)))
        lead_id = await parts.read(lambda db: known(db, name, device))
        await parts.writer.do(lambda db: parts.taking.update(db, lead_id, fields, device.name))
        return json(await parts.read(lambda db: lead_of(db, parts, lead_id)))


def key_in(request: Request) -> str | None:
    """
    The client's id in the header `Idempotency-Key`; None where it has none.

    Raises:
        Problem: it cannot be one, whether or not it is needed.
    """
    key = request.headers.get("idempotency-key")
    if key is not None and not (key and len(key) <= LONGEST_ID and key.isascii() and key.isprintable()):
        sentence = f"Idempotency-Key: it must be of 1 to {LONGEST_ID} printable ASCII characters."
        raise Problem(422, sentence, field="Idempotency-Key")
    return key


def named(item: Any, reading: Reading) -> NewContact | Problem:
    """An item of a bulk call, which needs an id of its own to be answered by; or what is wrong with it."""
    try:
        contact = reading.sorted_out(contact_from(item))
    except Problem as error:
        return error
    if contact.client_id is None:
        return Problem(422, "client_id: each contact of a bulk call needs one.", field="client_id")
    return contact


def result(item: Any, end: Taken | Exception) -> dict[str, Any]:
    """How one item of a bulk call ended."""
    if isinstance(end, Taken):
        return {**told(end), "status": 201 if end.is_first else 200, "result": end.status}
    client_id, error = item.get("client_id") if isinstance(item, dict) else None, as_problem(end)
    named = client_id[:LONGEST_ID] if isinstance(client_id, str) else None
    return {"client_id": named, "status": error.status, "error": error.document()}


def known(db: Store, name: str, device: Device) -> str:
    """
    The id of the lead that is called *name* here, or by a client, *device* before all others.

    Raises:
        Problem: there is none.
    """
    if db.execute("select 1 from leads where id = ?", (name,)).fetchone():
        return name
    if found := posted.named(db, name, device.id):
        return found
    raise Problem(404, "There is no such lead here.")


def told(taken: Taken) -> dict[str, Any]:
    """What the client learns."""
    answer: dict[str, Any] = {"id": taken.lead_id, "client_id": taken.client_id, "status": taken.status}
    return {**answer, "not_taken": list(taken.not_taken)} if taken.not_taken else answer
