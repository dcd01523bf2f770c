"""Posting, reading and changing leads."""

from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from data import client_ids
from data.devices import Device
from data.errors import StoreError
from data.store import Store
from kiosk.api.context import ApiContext
from kiosk.api.ingest.parse import ContactParser
from kiosk.api.ingest.save import PostedContact, SavedContact
from kiosk.api.routes.lead_json import LeadQuery, read_lead, read_lead_details, read_lead_page
from kiosk.api.wire.caller import require_role
from kiosk.api.wire.problems import WriteQueueFull, json_response, read_json_body, to_problem
from kiosk.api.wire.requests import (
    MAX_BULK_CONTACTS,
    MAX_CLIENT_ID_CHARACTERS,
    ApiProblem,
    NewContact,
    parse_changes,
    parse_contact,
)

_BULK_BATCH_CONTACTS = 25
"""Contacts of a bulk call that are saved at a time."""


class ContactRoutes:
    """The endpoints below `/api/v1/contacts`."""

    def __init__(self, parts: ApiContext) -> None:
        self.context = parts
        self.routes = [
            Route("/api/v1/contacts", self.post_contact, methods=["POST"]),
            Route("/api/v1/contacts", self.list_contacts, methods=["GET"]),
            Route("/api/v1/contacts/bulk", self._post_bulk, methods=["POST"]),
            Route("/api/v1/contacts/{id:path}", self.get_contact, methods=["GET"]),
            Route("/api/v1/contacts/{id:path}", self.patch_contact, methods=["PATCH"]),
        ]

    async def post_contact(self, request: Request) -> Response:
        """Save one: 201 the first time, 200 again."""
        device = require_role(request, "post")
        document = await read_json_body(request)
        key = _read_idempotency_key(request)
        if key is not None and isinstance(document, dict) and document.get("client_id") is None:
            document["client_id"] = key
        contact = self.context.saver.parser.normalize_contact(parse_contact(document))
        taken: SavedContact = await self.context.writer.submit_item((contact, device))
        return json_response(saved_contact_to_json(taken), 201 if taken.is_first else 200)

    async def _post_bulk(self, request: Request) -> Response:
        """Save up to a hundred; each is answered by its own id, and a bad one fails no other."""
        device = require_role(request, "post")
        document = await read_json_body(request)
        items = document.get("contacts") if isinstance(document, dict) else None
        if not isinstance(items, list):
            raise ApiProblem(422, "contacts: the body must be an object with a list of contacts.", field="contacts")
        if len(items) > MAX_BULK_CONTACTS:
            raise ApiProblem(
                413, f"contacts: at most {MAX_BULK_CONTACTS} at once.", field="contacts", limit=MAX_BULK_CONTACTS
            )
        read = [parse_bulk_item(item, self.context.saver.parser) for item in items]
        posts = [(contact, device) for contact in read if isinstance(contact, NewContact)]
        taken = iter(await self._save_in_batches(posts) if posts else ())
        ends = [next(taken) if isinstance(contact, NewContact) else contact for contact in read]
        return json_response(
            {"results": [bulk_result_to_json(item, end) for item, end in zip(items, ends, strict=True)]}
        )

    async def _save_in_batches(self, posts: list[PostedContact]) -> list[SavedContact | Exception]:
        """
        What came of each of *posts*, once all of them are on the disk; in lots, for others write in between.

        Raises:
            Full: too much is waiting; nothing was done.
            StoreError: nothing was written.
        """
        taking, ends = self.context.saver, list[SavedContact | Exception]()
        for place in range(0, len(posts), _BULK_BATCH_CONTACTS):
            lot = posts[place : place + _BULK_BATCH_CONTACTS]
            try:
                ends += await self.context.writer.submit_work(partial(taking.save_many, posts=lot), len(lot))
            except (WriteQueueFull, StoreError) as error:
                if not ends:
                    raise
                ends += [error] * (len(posts) - len(ends))
                break
        return ends

    async def get_contact(self, request: Request) -> Response:
        """One lead, by our id or by the client's, with its scans and its history."""
        device, name = require_role(request, "read"), request.path_params["id"]
        return json_response(
            await self.context.run_read(lambda db: read_lead_details(db, self.context, find_lead_id(db, name, device)))
        )

    async def list_contacts(self, request: Request) -> Response:
        """Leads, the newest first, page by page."""
        require_role(request, "read")
        wanted = LeadQuery.from_query(request.query_params)
        return json_response(await self.context.run_read(lambda db: read_lead_page(db, self.context, wanted)))

    async def patch_contact(self, request: Request) -> Response:
        """Change a lead; `null` leaves as is."""
        device = require_role(request, "manage")
        name, parts = request.path_params["id"], self.context
        fields = parts.saver.parser.clean_changes(parse_changes(await read_json_body(request)))
        lead_id = await parts.run_read(lambda db: find_lead_id(db, name, device))
        await parts.writer.submit_work(lambda db: parts.saver.update_lead(db, lead_id, fields, device.name))
        return json_response(await parts.run_read(lambda db: read_lead(db, parts, lead_id)))


def _read_idempotency_key(request: Request) -> str | None:
    """
    The client's id in the header `Idempotency-Key`; None where it has none.

    Raises:
        Problem: it cannot be one, whether or not it is needed.
    """
    key = request.headers.get("idempotency-key")
    if key is not None and not (key and len(key) <= MAX_CLIENT_ID_CHARACTERS and key.isascii() and key.isprintable()):
        sentence = f"Idempotency-Key: it must be of 1 to {MAX_CLIENT_ID_CHARACTERS} printable ASCII characters."
        raise ApiProblem(422, sentence, field="Idempotency-Key")
    return key


def parse_bulk_item(item: Any, reading: ContactParser) -> NewContact | ApiProblem:
    """An item of a bulk call, which needs an id of its own to be answered by; or what is wrong with it."""
    try:
        contact = reading.normalize_contact(parse_contact(item))
    except ApiProblem as error:
        return error
    if contact.client_id is None:
        return ApiProblem(422, "client_id: each contact of a bulk call needs one.", field="client_id")
    return contact


def bulk_result_to_json(item: Any, end: SavedContact | Exception) -> dict[str, Any]:
    """How one item of a bulk call ended."""
    if isinstance(end, SavedContact):
        return {**saved_contact_to_json(end), "status": 201 if end.is_first else 200, "result": end.status}
    client_id, error = item.get("client_id") if isinstance(item, dict) else None, to_problem(end)
    named = client_id[:MAX_CLIENT_ID_CHARACTERS] if isinstance(client_id, str) else None
    return {"client_id": named, "status": error.status, "error": error.to_dict()}


def find_lead_id(db: Store, name: str, device: Device) -> str:
    """
    The id of the lead that is called *name* here, or by a client, *device* before all others.

    Raises:
        Problem: there is none.
    """
    if db.execute("select 1 from leads where id = ?", (name,)).fetchone():
        return name
    if found := client_ids.resolve_client_id(db, name, device.id):
        return found
    raise ApiProblem(404, "There is no such lead here.")


def saved_contact_to_json(taken: SavedContact) -> dict[str, Any]:
    """What the client learns."""
    answer: dict[str, Any] = {"id": taken.lead_id, "client_id": taken.client_id, "status": taken.status}
    return {**answer, "not_taken": list(taken.not_taken)} if taken.not_taken else answer
