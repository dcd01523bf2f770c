"""Actions from another device: sync now, retry, discard, restore; and the status on which to decide."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from data import outbox
from data.devices import Device
from data.store import Store
from kiosk.api.context import ApiContext
from kiosk.api.routes.contacts import find_lead_id
from kiosk.api.routes.lead_json import read_lead
from kiosk.api.routes.status import StatusReader
from kiosk.api.wire.caller import read_json_body, require_role
from kiosk.api.wire.json_codec import json_response
from kiosk.api.wire.problems import ApiProblem
from kiosk.api.wire.requests import DiscardRequest, convert_document
from kiosk.status.status import read_kiosk_status


class ActionRoutes:
    """The endpoints below `/api/v1/sync`, and the actions on one lead."""

    def __init__(self, context: ApiContext, wake_worker: Callable[[], None], status_reader: StatusReader) -> None:
        """*wake_worker* makes the worker send at once, whatever the gate says."""
        self.context = context
        self.status_reader = status_reader
        self.wake_worker = wake_worker
        self.routes = [
            Route("/api/v1/sync/status", self.get_status, methods=["GET"]),
            Route("/api/v1/sync", self.sync_now, methods=["POST"]),
            Route("/api/v1/contacts/{id:path}/retry", self.retry_lead, methods=["POST"]),
            Route("/api/v1/contacts/{id:path}/discard", self.discard_lead, methods=["POST"]),
            Route("/api/v1/contacts/{id:path}/restore", self.restore_lead, methods=["POST"]),
        ]

    async def get_status(self, request: Request) -> Response:
        """Return the status of delivery."""
        require_role(request, "read")
        return json_response(await self.status_reader.read_fresh())

    async def sync_now(self, request: Request) -> Response:
        """
        Make the worker send at once; return 202, because the result is known later.

        Raises:
            ApiProblem: sending is paused, or no worker runs.
        """
        require_role(request, "manage")
        settings, clock = self.context.settings, self.context.clock
        status = await self.context.run_read(lambda db: read_kiosk_status(db, settings, clock))
        if status.pause_sentence:
            raise ApiProblem(409, f"Not tried. {status.pause_sentence}")
        if not status.is_worker_running:
            raise ApiProblem(409, "Not tried: nothing is sending. Start `kiosk run` or `kiosk worker`.")
        # In the thread for reads, because waking the worker writes to the disk.
        await self.context.run_read(lambda db: self.wake_worker())
        return json_response({"status": "trying"}, 202)

    async def retry_lead(self, request: Request) -> Response:
        """Make a lead due at once."""
        device, clock = require_role(request, "manage"), self.context.clock
        return await self._apply_action(
            request, device, lambda db, lead_id: outbox.retry_in_transaction(db, lead_id, device.name, clock)
        )

    async def discard_lead(self, request: Request) -> Response:
        """Discard a lead, which takes a reason."""
        device, clock = require_role(request, "manage"), self.context.clock
        reason = convert_document(await read_json_body(request), DiscardRequest).reason
        return await self._apply_action(
            request, device, lambda db, lead_id: outbox.discard_in_transaction(db, lead_id, reason, device.name, clock)
        )

    async def restore_lead(self, request: Request) -> Response:
        """Undo a discard."""
        device, clock = require_role(request, "manage"), self.context.clock
        return await self._apply_action(
            request, device, lambda db, lead_id: outbox.restore_in_transaction(db, lead_id, device.name, clock)
        )

    async def _apply_action(self, request: Request, device: Device, action: Callable[[Store, str], bool]) -> Response:
        """
        Apply *action* to the lead in the path, and return the changed lead; repeating an action changes nothing.

        Raises:
            ApiProblem: there is no such lead.
        """
        given_id, context = request.path_params["id"], self.context
        lead_id = await context.run_read(lambda db: find_lead_id(db, given_id, device))
        await context.group_commit.submit_work(lambda db: action(db, lead_id))
        return json_response(await context.run_read(lambda db: read_lead(db, context, lead_id)))
