"""What people decide from the office: sync now, retry, discard, restore; and how delivery stands."""

from collections.abc import Callable
from typing import Annotated

from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from data import outbox
from data.devices import Device
from data.store import Store
from kiosk.intake.answers import body_of, json
from kiosk.intake.body import SOMETHING, Problem, converted
from kiosk.intake.contacts import known
from kiosk.intake.door import needs
from kiosk.intake.parts import Parts
from kiosk.intake.shown import lead_of
from kiosk.intake.stands import Stands
from kiosk.status.status import read_standing


class Discard(Struct, forbid_unknown_fields=True):
    """Why a lead is kept from the CRM."""

    reason: Annotated[str, Meta(min_length=1, max_length=1000, pattern=SOMETHING)]


class Verbs:
    """The endpoints that decide."""

    def __init__(self, parts: Parts, wake: Callable[[], None], stands: Stands) -> None:
        """*wake* has the worker try at once, whatever the gate says."""
        self.parts = parts
        self.stands = stands
        self.wake = wake
        self.routes = [
            Route("/api/v1/sync/status", self.status, methods=["GET"]),
            Route("/api/v1/sync", self.sync, methods=["POST"]),
            Route("/api/v1/contacts/{id:path}/retry", self.retry, methods=["POST"]),
            Route("/api/v1/contacts/{id:path}/discard", self.discard, methods=["POST"]),
            Route("/api/v1/contacts/{id:path}/restore", self.restore, methods=["POST"]),
        ]

    async def status(self, request: Request) -> Response:
        """How delivery stands."""
        needs(request, "read")
        return json(await self.stands.now())

    async def sync(self, request: Request) -> Response:
        """
        Sync now: 202, and the worker tries at once.

        Raises:
            Problem: sending is paused, or there is no worker.
        """
        needs(request, "manage")
        settings, clock = self.parts.settings, self.parts.clock
        standing = await self.parts.read(lambda db: read_standing(db, settings, clock))
        if standing.paused_sentence:
            raise Problem(409, f"Not tried. {standing.paused_sentence}")
        if not standing.sender_runs:
            raise Problem(409, "Not tried: the sender is not running. Start `kiosk run`, or `kiosk worker`.")
        await self.parts.read(lambda db: self.wake())
        return json({"status": "trying"}, 202)

    async def retry(self, request: Request) -> Response:
        """Send a lead again, now."""
        device, clock = needs(request, "manage"), self.parts.clock
        return await self.decided(request, device, lambda db, lead: outbox.retry_inside(db, lead, device.name, clock))

    async def discard(self, request: Request) -> Response:
        """Keep a lead from the CRM, for a reason."""
        device, clock = needs(request, "manage"), self.parts.clock
        why, who = converted(await body_of(request), Discard).reason, device.name
        return await self.decided(request, device, lambda db, lead: outbox.discard_inside(db, lead, why, who, clock))

    async def restore(self, request: Request) -> Response:
        """Undo a discard."""
        device, clock = needs(request, "manage"), self.parts.clock
        return await self.decided(request, device, lambda db, lead: outbox.restore_inside(db, lead, device.name, clock))

    async def decided(self, request: Request, device: Device, verb: Callable[[Store, str], bool]) -> Response:
        """
        The lead after *verb*, which changes nothing where it is that way already.

        Raises:
            Problem: there is no such lead.
        """
        name, parts = request.path_params["id"], self.parts
        lead_id = await parts.read(lambda db: known(db, name, device))
        await parts.writer.do(lambda db: verb(db, lead_id))
        return json(await parts.read(lambda db: lead_of(db, parts, lead_id)))
