"""What people decide from the office: sync now, retry, discard, restore; and how delivery stands."""

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
from kiosk.api.wire.caller import require_role
from kiosk.api.wire.problems import json_response, read_json_body
from kiosk.api.wire.requests import ApiProblem, DiscardRequest, convert_document
from kiosk.status.status import read_kiosk_status


class ActionRoutes:
    """The endpoints that decide."""

    def __init__(self, parts: ApiContext, wake: Callable[[], None], stands: StatusReader) -> None:
        """*wake* has the worker try at once, whatever the gate says."""
        self.context = parts
        self.status_reader = stands
        self.wake_worker = wake
        self.routes = [
            Route("/api/v1/sync/status", self.get_status, methods=["GET"]),
            Route("/api/v1/sync", self.sync_now, methods=["POST"]),
            Route("/api/v1/contacts/{id:path}/retry", self.retry_lead, methods=["POST"]),
            Route("/api/v1/contacts/{id:path}/discard", self.discard_lead, methods=["POST"]),
            Route("/api/v1/contacts/{id:path}/restore", self.restore_lead, methods=["POST"]),
        ]

    async def get_status(self, request: Request) -> Response:
        """How delivery stands."""
        require_role(request, "read")
        return json_response(await self.status_reader.read_fresh())

    async def sync_now(self, request: Request) -> Response:
        """
        Sync now: 202, and the worker tries at once.

        Raises:
            Problem: sending is paused, or there is no worker.
        """
        require_role(request, "manage")
        settings, clock = self.context.settings, self.context.clock
        standing = await self.context.run_read(lambda db: read_kiosk_status(db, settings, clock))
        if standing.pause_sentence:
            raise ApiProblem(409, f"Not tried. {standing.pause_sentence}")
        if not standing.is_worker_running:
            raise ApiProblem(409, "Not tried: the sender is not running. Start `kiosk run`, or `kiosk worker`.")
        await self.context.run_read(lambda db: self.wake_worker())
        return json_response({"status": "trying"}, 202)

    async def retry_lead(self, request: Request) -> Response:
        """Send a lead again, now."""
        device, clock = require_role(request, "manage"), self.context.clock
        return await self._apply_action(
            request, device, lambda db, lead: outbox.retry_in_transaction(db, lead, device.name, clock)
        )

    async def discard_lead(self, request: Request) -> Response:
        """Keep a lead from the CRM, for a reason."""
        device, clock = require_role(request, "manage"), self.context.clock
        why, who = convert_document(await read_json_body(request), DiscardRequest).reason, device.name
        return await self._apply_action(
            request, device, lambda db, lead: outbox.discard_in_transaction(db, lead, why, who, clock)
        )

    async def restore_lead(self, request: Request) -> Response:
        """Undo a discard."""
        device, clock = require_role(request, "manage"), self.context.clock
        return await self._apply_action(
            request, device, lambda db, lead: outbox.restore_in_transaction(db, lead, device.name, clock)
        )

    async def _apply_action(self, request: Request, device: Device, verb: Callable[[Store, str], bool]) -> Response:
        """
        The lead after *verb*, which changes nothing where it is that way already.

        Raises:
            Problem: there is no such lead.
        """
        name, parts = request.path_params["id"], self.context
        lead_id = await parts.run_read(lambda db: find_lead_id(db, name, device))
        await parts.writer.submit_work(lambda db: verb(db, lead_id))
        return json_response(await parts.run_read(lambda db: read_lead(db, parts, lead_id)))
