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
from kiosk.api.wire.caller import read_json_body, require_role
from kiosk.api.wire.json_codec import json_response
from kiosk.api.wire.problems import ApiProblem, WriteQueueFull, to_problem
from kiosk.api.wire.requests import (
    MAX_BULK_CONTACTS,
    MAX_CLIENT_ID_CHARACTERS,
    NewContact,
    parse_changes,
    parse_contact,
)

# How many contacts of a bulk request are saved in one transaction; between two transactions, others can write.
_BULK_BATCH_CONTACTS = 25


class ContactRoutes:
    """The endpoints below `/api/v1/contacts`."""

    def __init__(self, context: ApiContext) -> None:
        self.context = context
        self.routes = [
            Route("/api/v1/contacts", self.post_contact, methods=["POST"]),
            Route("/api/v1/contacts", self.list_contacts, methods=["GET"]),
            Route("/api/v1/contacts/bulk", self.post_bulk, methods=["POST"]),
            Route("/api/v1/contacts/{id:path}", self.get_contact, methods=["GET"]),
            Route("/api/v1/contacts/{id:path}", self.patch_contact, methods=["PATCH"]),
        ]

    async def post_contact(self, request: Request) -> Response:
        """Save one contact; return 201 for a new post, 200 for a repeated one."""
        device = require_role(request, "post")
        document = await read_json_body(request)
        key = _read_idempotency_key(request)
        if key is not None and isinstance(document, dict) and document.get("client_id") is None:
            document["client_id"] = key
        contact = self.context.saver.parser.normalize_contact(parse_contact(document))
        saved: SavedContact = await self.context.group_commit.submit_item((contact, device))
        return json_response(_saved_contact_to_json(saved), 201 if saved.is_first else 200)

    async def post_bulk(self, request: Request) -> Response:
        """Save up to a hundred contacts; each has its own result, and a bad one does not fail the others."""
        device = require_role(request, "post")
        document = await read_json_body(request)
        items = document.get("contacts") if isinstance(document, dict) else None
        if not isinstance(items, list):
            raise ApiProblem(422, "contacts: the body must be an object with a list of contacts.", field="contacts")
        if len(items) > MAX_BULK_CONTACTS:
            raise ApiProblem(
                413, f"contacts: at most {MAX_BULK_CONTACTS} at a time.", field="contacts", limit=MAX_BULK_CONTACTS
            )
        parsed = [_parse_bulk_item(item, self.context.saver.parser) for item in items]
        posts = [(contact, device) for contact in parsed if isinstance(contact, NewContact)]
        saved = iter(await self._save_in_batches(posts) if posts else ())
        results = [next(saved) if isinstance(contact, NewContact) else contact for contact in parsed]
        return json_response(
            {"results": [_bulk_result_to_json(item, result) for item, result in zip(items, results, strict=True)]}
        )

    async def _save_in_batches(self, posts: list[PostedContact]) -> list[SavedContact | Exception]:
        """
        Save *posts*, and return the result of each once all are flushed to the disk.

        Raises:
            WriteQueueFull, StoreError: nothing was saved. Where a later batch fails, its items have the error.
        """
        saver, results = self.context.saver, list[SavedContact | Exception]()
        for start in range(0, len(posts), _BULK_BATCH_CONTACTS):
            batch = posts[start : start + _BULK_BATCH_CONTACTS]
            try:
                results += await self.context.group_commit.submit_work(
                    partial(saver.save_many, posts=batch), len(batch)
                )
            except (WriteQueueFull, StoreError) as error:
                if not results:
                    raise  # nothing was saved, so the whole request can be answered with the error
                results += [error] * (len(posts) - len(results))
                break
        return results

    async def get_contact(self, request: Request) -> Response:
        """Return one lead, by our id or by the client's, with its scans and its history."""
        device, name, context = require_role(request, "read"), request.path_params["id"], self.context
        return json_response(
            await context.run_read(lambda db: read_lead_details(db, context, find_lead_id(db, name, device)))
        )

    async def list_contacts(self, request: Request) -> Response:
        """Return a page of leads, the newest first."""
        require_role(request, "read")
        query = LeadQuery.from_query(request.query_params)
        return json_response(await self.context.run_read(lambda db: read_lead_page(db, self.context, query)))

    async def patch_contact(self, request: Request) -> Response:
        """Change the fields of a lead that the body names; `null` changes nothing."""
        device = require_role(request, "manage")
        name, context = request.path_params["id"], self.context
        fields = context.saver.parser.clean_changes(parse_changes(await read_json_body(request)))
        lead_id = await context.run_read(lambda db: find_lead_id(db, name, device))
        await context.group_commit.submit_work(lambda db: context.saver.update_lead(db, lead_id, fields, device.name))
        return json_response(await context.run_read(lambda db: read_lead(db, context, lead_id)))


def _read_idempotency_key(request: Request) -> str | None:
    """
    Return the header `Idempotency-Key`, which stands in for a client id; None if there is none.

    Raises:
        ApiProblem: it is not a valid client id, whether or not it is needed.
    """
    key = request.headers.get("idempotency-key")
    if key is not None and not (key and len(key) <= MAX_CLIENT_ID_CHARACTERS and key.isascii() and key.isprintable()):
        detail = f"Idempotency-Key: it must consist of 1 to {MAX_CLIENT_ID_CHARACTERS} printable ASCII characters."
        raise ApiProblem(422, detail, field="Idempotency-Key")
    return key


def _parse_bulk_item(item: Any, parser: ContactParser) -> NewContact | ApiProblem:
    """Parse one item of a bulk request; return what is wrong with it if it cannot be saved."""
    try:
        contact = parser.normalize_contact(parse_contact(item))
    except ApiProblem as error:
        return error
    if contact.client_id is None:
        return ApiProblem(422, "client_id: each contact of a bulk request needs one.", field="client_id")
    return contact


def _bulk_result_to_json(item: Any, result: SavedContact | Exception) -> dict[str, Any]:
    """Return the result of one *item* of a bulk request as JSON."""
    if isinstance(result, SavedContact):
        return {**_saved_contact_to_json(result), "status": 201 if result.is_first else 200, "result": result.status}
    posted_id, problem = item.get("client_id") if isinstance(item, dict) else None, to_problem(result)
    client_id = posted_id[:MAX_CLIENT_ID_CHARACTERS] if isinstance(posted_id, str) else None
    return {"client_id": client_id, "status": problem.status, "error": problem.to_dict()}


def find_lead_id(db: Store, name: str, device: Device) -> str:
    """
    Return the id of the lead called *name*: our own id, or a client id, where those of *device* come first.

    Raises:
        ApiProblem: there is no such lead.
    """
    # Our own ids first, or a client could hide a lead behind a client id that looks the same.
    if db.execute("select 1 from leads where id = ?", (name,)).fetchone():
        return name
    if lead_id := client_ids.resolve_client_id(db, name, device.id):
        return lead_id
    raise ApiProblem(404, "There is no such lead.")


def _saved_contact_to_json(saved: SavedContact) -> dict[str, Any]:
    """Return the response to a posted contact."""
    document: dict[str, Any] = {"id": saved.lead_id, "client_id": saved.client_id, "status": saved.status}
    return {**document, "not_taken": list(saved.not_taken)} if saved.not_taken else document
