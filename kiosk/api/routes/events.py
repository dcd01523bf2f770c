"""
The numbers as they change, by server-sent events: one reading a second for all who listen, however many those are.

Nothing is kept for a listener that does not keep up: it misses readings, and one that takes none at all is cut off.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from data import pending
from data.badge_text import summarize_scans
from data.devices import Device
from data.errors import StoreError
from data.outbox import DISCARDED, NEEDS_YOU, WAITING
from data.store import Store
from kiosk.api.context import ApiContext
from kiosk.api.routes.lead_json import lead_to_json
from kiosk.api.routes.status import read_status_json
from kiosk.api.wire.caller import require_role
from kiosk.api.wire.problems import encode_json
from kiosk.api.wire.requests import ApiProblem
from kiosk.status.status import read_kiosk_status

log = logging.getLogger(__name__)

EVENT_INTERVAL_SECONDS = 1.0
"""Seconds from one event to the next; who hears nothing for much longer is not connected any more."""

MAX_READ_SHARE = 0.1
"""Of the reader's time, that readings may take: a Pi with very many leads reads less often than every second."""

MAX_LISTENERS = 500
"""At the same time; more are asked to come again."""

_MAX_LEADS_BY_STATE = {NEEDS_YOU: 50, WAITING: 50, DISCARDED: 20}
"""Of the leads in each state, the newest that are told."""

_MAX_BADGE_TEXT_CHARACTERS = 200
"""Of what a badge said out of which nobody could be read."""

_EVENT_STREAM_TYPE = "text/event-stream"

_KEEPALIVE_COMMENT = b":\n\n"


@dataclass(frozen=True, slots=True)
class _LiveSnapshot:
    """One reading, as it is sent to everybody."""

    status_event: bytes
    leads_event: bytes
    device_ids: frozenset[str] | None
    """Those that may listen; None where that could not be read."""
    number: int = 0
    """Which reading of this server it is, counted when the reading begins."""


class EventBroadcaster:
    """`GET /api/v1/events`."""

    def __init__(self, parts: ApiContext, heard: Callable[[str], None]) -> None:
        """*heard* is told of each device that still listens."""
        self.context = parts
        self.record_seen = heard
        self.snapshot: _LiveSnapshot | None = None
        self.readings = 0
        """How many readings have begun."""
        self.listener_count = 0
        self.updated = asyncio.Event()
        """Set, and replaced by another, whenever there is something to send."""
        self.reading_task: asyncio.Task[None] | None = None
        self.routes = [Route("/api/v1/events", self.get_events, methods=["GET"])]

    async def get_events(self, request: Request) -> Response:
        """The numbers and the pending list, whenever they change, until the caller hangs up or its token is revoked."""
        device = require_role(request, "read")
        if self.listener_count >= MAX_LISTENERS:
            raise ApiProblem(503, f"{MAX_LISTENERS} listen already; come again when some have left.", retry_after=10)
        return EventStream(self, device) if request.method == "GET" else Response(media_type=_EVENT_STREAM_TYPE)

    def add_listener(self) -> None:
        """One more listens; the first has the readings begin."""
        self.listener_count += 1
        if self.reading_task is None or self.reading_task.done():
            self.reading_task = asyncio.create_task(self._broadcast())

    async def _broadcast(self) -> None:
        """Read, and tell, as long as anybody listens."""
        due = 0.0
        while self.listener_count and not self.context.is_stopping:
            began = time.monotonic()
            if began >= due:
                await self._read_snapshot()
                due = began + (time.monotonic() - began) / MAX_READ_SHARE
            self._notify_listeners()
            await asyncio.sleep(EVENT_INTERVAL_SECONDS)
        self.snapshot = None
        self._notify_listeners()

    async def _read_snapshot(self) -> None:
        """Read everything once; what fails is told too, and the next reading may go well."""
        self.readings += 1
        try:
            self.snapshot = replace(await self.context.run_read(self._build_snapshot), number=self.readings)
        except Exception as error:
            if not isinstance(error, StoreError):
                log.exception("the numbers cannot be read")
            trouble = encode_event(
                "trouble", {"detail": str(error) if isinstance(error, StoreError) else "See the log."}
            )
            self.snapshot = _LiveSnapshot(trouble, self.snapshot.leads_event if self.snapshot else b"", None)

    def _build_snapshot(self, db: Store) -> _LiveSnapshot:
        """Everything that is told, in the reader's thread."""
        settings, clock = self.context.settings, self.context.clock
        status, standing = read_status_json(db, settings, clock), read_kiosk_status(db, settings, clock)
        found = [
            entry
            for state, most in _MAX_LEADS_BY_STATE.items()
            for entry in pending.list_page(db, clock, states=(state,), limit=most, sql=pending.SELECT_BRIEF_ENTRIES)
        ]
        unknown = summarize_scans(db, [entry.lead.id for entry in found if entry.lead.needs_details])
        texts = {lead_id: scan.text[:_MAX_BADGE_TEXT_CHARACTERS] for lead_id, scan in unknown.items()}
        leads = [lead_to_json(entry, standing, texts.get(entry.lead.id, "")) for entry in found]
        heard = frozenset(device["id"] for device in status["devices"])
        return _LiveSnapshot(encode_event("numbers", status), encode_event("leads", leads), heard)

    def _notify_listeners(self) -> None:
        """Wake all who listen."""
        turn, self.updated = self.updated, asyncio.Event()
        turn.set()


class EventStream(Response):
    """What one listener gets."""

    def __init__(self, live: EventBroadcaster, device: Device) -> None:
        super().__init__(headers={"Cache-Control": "no-store"}, media_type=_EVENT_STREAM_TYPE)
        del self.headers["content-length"]
        self.broadcaster = live
        self.device = device
        self.joined_at = live.readings
        """The last reading that had begun when this device was let in: it may not know the device yet."""
        self.last_sent: _LiveSnapshot | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Send until the caller has gone, or may not listen any more."""
        gone = asyncio.create_task(_wait_for_disconnect(receive))
        self.broadcaster.add_listener()
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            parts = [
                encode_event("hello", {"device": self.device.name, "role": self.device.role}),
                *self._next_events(),
            ]
            while not gone.done():
                turn = self.broadcaster.updated
                # Whoever takes nothing off the line holds only this up, until the connection cuts it off.
                for part in parts:
                    await send({"type": "http.response.body", "body": part, "more_body": True})
                await turn.wait()
                if not self.may_listen:
                    break
                self.broadcaster.record_seen(self.device.id)
                parts = self._next_events()
            await send({"type": "http.response.body", "body": b""})
        finally:
            self.broadcaster.listener_count -= 1
            gone.cancel()

    @property
    def may_listen(self) -> bool:
        """Whether there is more to come: the server stays, and the device's token was not taken back."""
        frame = self.broadcaster.snapshot
        if frame is None:
            return False
        # A reading that began earlier is older than the check of the token, so that its devices prove nothing.
        return frame.device_ids is None or frame.number <= self.joined_at or self.device.id in frame.device_ids

    def _next_events(self) -> list[bytes]:
        """What this listener has not been told, in parts that all share; at least that we are here."""
        frame, last = self.broadcaster.snapshot, self.last_sent
        if frame is None or frame is last:
            return [_KEEPALIVE_COMMENT]
        self.last_sent = frame
        is_new = frame.leads_event and (last is None or last.leads_event != frame.leads_event)
        return [frame.status_event, frame.leads_event] if is_new else [frame.status_event]


async def _wait_for_disconnect(receive: Any) -> None:
    """Return once the caller has hung up, or says more than it may."""
    with suppress(ApiProblem):
        while (await receive())["type"] != "http.disconnect":
            pass


def encode_event(name: str, document: Any) -> bytes:
    """One event; JSON has no line breaks of its own."""
    return b"event: %s\ndata: %s\n\n" % (name.encode(), encode_json(document))
