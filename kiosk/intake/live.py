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
from data.badge_text import seen
from data.devices import Device
from data.errors import StoreError
from data.outbox import DISCARDED, NEEDS_YOU, WAITING
from data.store import Store
from kiosk.intake.answers import encode
from kiosk.intake.body import Problem
from kiosk.intake.door import needs
from kiosk.intake.parts import Parts
from kiosk.intake.shown import described
from kiosk.intake.stands import status_of
from kiosk.status.status import read_standing

log = logging.getLogger(__name__)

BEAT = 1.0
"""Seconds from one event to the next; who hears nothing for much longer is not connected any more."""

SHARE = 0.1
"""Of the reader's time, that readings may take: a Pi with very many leads reads less often than every second."""

LISTENERS = 500
"""At the same time; more are asked to come again."""

SHOWN = {NEEDS_YOU: 50, WAITING: 50, DISCARDED: 20}
"""Of the leads in each state, the newest that are told."""

TEXT_CHARACTERS = 200
"""Of what a badge said out of which nobody could be read."""

STREAM = "text/event-stream"

ALIVE = b":\n\n"


@dataclass(frozen=True, slots=True)
class Frame:
    """One reading, as it is sent to everybody."""

    numbers: bytes
    leads: bytes
    devices: frozenset[str] | None
    """Those that may listen; None where that could not be read."""
    number: int = 0
    """Which reading of this server it is, counted when the reading begins."""


class Live:
    """`GET /api/v1/events`."""

    def __init__(self, parts: Parts, heard: Callable[[str], None]) -> None:
        """*heard* is told of each device that still listens."""
        self.parts = parts
        self.heard = heard
        self.frame: Frame | None = None
        self.readings = 0
        """How many readings have begun."""
        self.listeners = 0
        self.turn = asyncio.Event()
        """Set, and replaced by another, whenever there is something to send."""
        self.task: asyncio.Task[None] | None = None
        self.routes = [Route("/api/v1/events", self.events, methods=["GET"])]

    async def events(self, request: Request) -> Response:
        """The numbers and the pending list, whenever they change, until the caller hangs up or its token is revoked."""
        device = needs(request, "read")
        if self.listeners >= LISTENERS:
            raise Problem(503, f"{LISTENERS} listen already; come again when some have left.", retry_after=10)
        return Stream(self, device) if request.method == "GET" else Response(media_type=STREAM)

    def join(self) -> None:
        """One more listens; the first has the readings begin."""
        self.listeners += 1
        if self.task is None or self.task.done():
            self.task = asyncio.create_task(self.run())

    async def run(self) -> None:
        """Read, and tell, as long as anybody listens."""
        due = 0.0
        while self.listeners and not self.parts.leaving:
            began = time.monotonic()
            if began >= due:
                await self.read()
                due = began + (time.monotonic() - began) / SHARE
            self.tell()
            await asyncio.sleep(BEAT)
        self.frame = None
        self.tell()

    async def read(self) -> None:
        """Read everything once; what fails is told too, and the next reading may go well."""
        self.readings += 1
        try:
            self.frame = replace(await self.parts.read(self.reading), number=self.readings)
        except Exception as error:
            if not isinstance(error, StoreError):
                log.exception("the numbers cannot be read")
            trouble = event("trouble", {"detail": str(error) if isinstance(error, StoreError) else "See the log."})
            self.frame = Frame(trouble, self.frame.leads if self.frame else b"", None)

    def reading(self, db: Store) -> Frame:
        """Everything that is told, in the reader's thread."""
        settings, clock = self.parts.settings, self.parts.clock
        status, standing = status_of(db, settings, clock), read_standing(db, settings, clock)
        found = [
            entry
            for state, most in SHOWN.items()
            for entry in pending.page(db, clock, states=(state,), limit=most, sql=pending.BRIEF)
        ]
        unknown = seen(db, [entry.lead.id for entry in found if entry.lead.needs_details])
        texts = {lead_id: scan.text[:TEXT_CHARACTERS] for lead_id, scan in unknown.items()}
        leads = [described(entry, standing, texts.get(entry.lead.id, "")) for entry in found]
        heard = frozenset(device["id"] for device in status["devices"])
        return Frame(event("numbers", status), event("leads", leads), heard)

    def tell(self) -> None:
        """Wake all who listen."""
        turn, self.turn = self.turn, asyncio.Event()
        turn.set()


class Stream(Response):
    """What one listener gets."""

    def __init__(self, live: Live, device: Device) -> None:
        super().__init__(headers={"Cache-Control": "no-store"}, media_type=STREAM)
        del self.headers["content-length"]
        self.live = live
        self.device = device
        self.joined_at = live.readings
        """The last reading that had begun when this device was let in: it may not know the device yet."""
        self.last: Frame | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Send until the caller has gone, or may not listen any more."""
        gone = asyncio.create_task(hung_up(receive))
        self.live.join()
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            parts = [event("hello", {"device": self.device.name, "role": self.device.role}), *self.news()]
            while not gone.done():
                turn = self.live.turn
                # Whoever takes nothing off the line holds only this up, until the connection cuts it off.
                for part in parts:
                    await send({"type": "http.response.body", "body": part, "more_body": True})
                await turn.wait()
                if not self.may_listen:
                    break
                self.live.heard(self.device.id)
                parts = self.news()
            await send({"type": "http.response.body", "body": b""})
        finally:
            self.live.listeners -= 1
            gone.cancel()

    @property
    def may_listen(self) -> bool:
        """Whether there is more to come: the server stays, and the device's token was not taken back."""
        frame = self.live.frame
        if frame is None:
            return False
        # A reading that began earlier is older than the check of the token, so that its devices prove nothing.
        return frame.devices is None or frame.number <= self.joined_at or self.device.id in frame.devices

    def news(self) -> list[bytes]:
        """What this listener has not been told, in parts that all share; at least that we are here."""
        frame, last = self.live.frame, self.last
        if frame is None or frame is last:
            return [ALIVE]
        self.last = frame
        is_new = frame.leads and (last is None or last.leads != frame.leads)
        return [frame.numbers, frame.leads] if is_new else [frame.numbers]


async def hung_up(receive: Any) -> None:
    """Return once the caller has hung up, or says more than it may."""
    with suppress(Problem):
        while (await receive())["type"] != "http.disconnect":
            pass


def event(name: str, document: Any) -> bytes:
    """One event; JSON has no line breaks of its own."""
    return b"event: %s\ndata: %s\n\n" % (name.encode(), encode(document))
