"""
Live numbers by server-sent events: one read a second for all listeners.

Nothing is queued for a slow listener: it misses snapshots, and the send timeout closes a connection that is never read.
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
from kiosk.api.wire.json_codec import encode_json
from kiosk.api.wire.problems import ApiProblem
from kiosk.status.status import read_kiosk_status

log = logging.getLogger(__name__)

# Pause between two events. After a much longer silence a client may think that its connection is dead.
EVENT_INTERVAL_SECONDS = 1.0

# The share of its time that the database thread may spend on events. With very many leads, a Pi therefore reads less
# often than every second.
MAX_READ_SHARE = 0.1

MAX_LISTENERS = 500

# How many of the newest leads in each state are sent.
_MAX_LEADS_BY_STATE = {NEEDS_YOU: 50, WAITING: 50, DISCARDED: 20}

_MAX_BADGE_TEXT_CHARACTERS = 200

_EVENT_STREAM_TYPE = "text/event-stream"

_KEEPALIVE_COMMENT = b":\n\n"


@dataclass(frozen=True, slots=True)
class _LiveSnapshot:
    """The encoded events of one read, which all listeners share."""

    status_event: bytes
    leads_event: bytes
    device_ids: frozenset[str] | None
    """The devices that may listen; None if the database could not be read."""
    number: int = 0
    """Which read of this server it is, counted when the read begins."""


class EventBroadcaster:
    """Reads the live numbers once a second and streams them to all listeners (`GET /api/v1/events`)."""

    def __init__(self, context: ApiContext, record_seen: Callable[[str], None]) -> None:
        """*record_seen* is called with the id of each device that still listens."""
        self.context = context
        self.record_seen = record_seen
        self.snapshot: _LiveSnapshot | None = None
        self.read_count = 0
        """How many reads have begun."""
        self.logged_error = ""
        """The unexpected error that was logged last; empty after a successful read."""
        self.listener_count = 0
        self.updated = asyncio.Event()
        """Set, and replaced by a new one, at each snapshot, and when the broadcast ends."""
        self.broadcast_task: asyncio.Task[None] | None = None
        self.routes = [Route("/api/v1/events", self.get_events, methods=["GET"])]

    async def get_events(self, request: Request) -> Response:
        """Stream the status and the pending list until the caller disconnects or its token is revoked."""
        device = require_role(request, "read")
        if self.context.stopping.is_set():
            raise ApiProblem(503, "The server is shutting down; try again.", retry_after=10)
        if self.listener_count >= MAX_LISTENERS:
            raise ApiProblem(503, f"{MAX_LISTENERS} devices are listening already; try again later.", retry_after=10)
        return _EventStream(self, device) if request.method == "GET" else Response(media_type=_EVENT_STREAM_TYPE)

    def add_listener(self) -> None:
        """Count a new listener, and start the broadcast for the first one."""
        self.listener_count += 1
        if self.broadcast_task is None or self.broadcast_task.done():
            self.broadcast_task = asyncio.create_task(self._broadcast())

    async def _broadcast(self) -> None:
        """Read and notify the listeners while there are any, until the server shuts down."""
        next_read_at = 0.0
        while self.listener_count and not self.context.stopping.is_set():
            began = time.monotonic()
            if began >= next_read_at:
                await self._read_snapshot()
                next_read_at = began + (time.monotonic() - began) / MAX_READ_SHARE
            self._notify_listeners()
            with suppress(TimeoutError):
                await asyncio.wait_for(self.context.stopping.wait(), EVENT_INTERVAL_SECONDS)
        self.snapshot = None
        self._notify_listeners()

    async def _read_snapshot(self) -> None:
        """Read everything once. A failure is sent to the listeners, too; the next read may succeed."""
        self.read_count += 1
        try:
            self.snapshot = replace(await self.context.run_read(self._build_snapshot), number=self.read_count)
            self.logged_error = ""
        except (StoreError, ApiProblem) as error:
            self._report_failure(str(error))
        except Exception as error:
            # The next read is a second away, and would fill the log with the same traceback.
            if repr(error) != self.logged_error:
                log.exception("the live numbers cannot be read")
                self.logged_error = repr(error)
            self._report_failure("An unexpected error; see the kiosk's log.")

    def _report_failure(self, detail: str) -> None:
        """Send the listeners *detail* in place of the status; they keep the leads that they have."""
        leads_event = self.snapshot.leads_event if self.snapshot else b""
        self.snapshot = _LiveSnapshot(_encode_event("trouble", {"detail": detail}), leads_event, None)

    def _build_snapshot(self, db: Store) -> _LiveSnapshot:
        """Read and encode the events. Runs in the database thread."""
        settings, clock = self.context.settings, self.context.clock
        status = read_kiosk_status(db, settings, clock)
        status_json = read_status_json(db, status, settings, clock)
        entries = [
            entry
            for state, limit in _MAX_LEADS_BY_STATE.items()
            for entry in pending.list_page(db, clock, states=(state,), limit=limit, sql=pending.SELECT_BRIEF_ENTRIES)
        ]
        unknown = summarize_scans(db, [entry.lead.id for entry in entries if entry.lead.needs_details])
        badge_texts = {lead_id: scan.text[:_MAX_BADGE_TEXT_CHARACTERS] for lead_id, scan in unknown.items()}
        leads = [lead_to_json(entry, status, badge_texts.get(entry.lead.id, "")) for entry in entries]
        device_ids = frozenset(device["id"] for device in status_json["devices"])
        return _LiveSnapshot(_encode_event("numbers", status_json), _encode_event("leads", leads), device_ids)

    def _notify_listeners(self) -> None:
        """Wake all listeners that wait for the next snapshot."""
        updated, self.updated = self.updated, asyncio.Event()
        updated.set()


class _EventStream(Response):
    """The response to one listener."""

    def __init__(self, broadcaster: EventBroadcaster, device: Device) -> None:
        super().__init__(headers={"Cache-Control": "no-store"}, media_type=_EVENT_STREAM_TYPE)
        del self.headers["content-length"]
        self.broadcaster = broadcaster
        self.device = device
        self.joined_at_read = broadcaster.read_count
        """The last read that had begun when this device connected; it may not include the device yet."""
        self.last_sent: _LiveSnapshot | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Send snapshots until the caller disconnects, its token is revoked, or the server shuts down."""
        disconnected = asyncio.create_task(_wait_for_disconnect(receive))
        stopping = self.broadcaster.context.stopping
        self.broadcaster.add_listener()
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            hello = _encode_event("hello", {"device": self.device.name, "role": self.device.role})
            events = [hello, *self._take_next_events()]
            # Checked before each wait: a broadcast that has already ended would never wake this listener.
            while not disconnected.done() and not stopping.is_set():
                updated = self.broadcaster.updated
                for event in events:
                    # A client that does not read blocks only its own stream here, until the send timeout.
                    await send({"type": "http.response.body", "body": event, "more_body": True})
                await updated.wait()
                if not self.may_listen:
                    break
                self.broadcaster.record_seen(self.device.id)
                events = self._take_next_events()
            await send({"type": "http.response.body", "body": b""})
        finally:
            self.broadcaster.listener_count -= 1
            disconnected.cancel()

    @property
    def may_listen(self) -> bool:
        """Whether the broadcast continues and the device's token is still valid."""
        snapshot = self.broadcaster.snapshot
        if snapshot is None:
            return False
        # A read that began before the token was checked may not know the device, so it proves nothing.
        is_older = snapshot.number <= self.joined_at_read
        return snapshot.device_ids is None or is_older or self.device.id in snapshot.device_ids

    def _take_next_events(self) -> list[bytes]:
        """Return the events that this listener does not have yet; without any, a comment that keeps it connected."""
        snapshot, last = self.broadcaster.snapshot, self.last_sent
        if snapshot is None or snapshot is last:
            return [_KEEPALIVE_COMMENT]
        self.last_sent = snapshot
        has_new_leads = snapshot.leads_event and (last is None or last.leads_event != snapshot.leads_event)
        return [snapshot.status_event, snapshot.leads_event] if has_new_leads else [snapshot.status_event]


async def _wait_for_disconnect(receive: Any) -> None:
    """Return once the caller has disconnected, or sent more than it may."""
    with suppress(ApiProblem):
        while (await receive())["type"] != "http.disconnect":
            pass


def _encode_event(name: str, document: Any) -> bytes:
    """Encode one server-sent event; encoded JSON has no line breaks that would end it early."""
    return b"event: %s\ndata: %s\n\n" % (name.encode(), encode_json(document))
