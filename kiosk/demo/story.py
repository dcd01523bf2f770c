"""Both booths at once, on the same badges and the same slow CRM, until all is done or the time is up."""

import asyncio
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from kiosk.demo.side import Side
from kiosk.demo.ways import OLD, OldWay, ThisWay
from kiosk.loadtest.own import Own
from kiosk.loadtest.target import loopback
from kiosk.printing.demo_people import demo_badges
from sync.practice_crm.address import read_address
from sync.practice_crm.records import how_often

LOOK_SECONDS = 0.25

KIOSK_PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be shown."""

    badges: int = 100
    pace: float = 1.0
    """Seconds from visitor to visitor."""
    patience: float = 4.0
    """Seconds that the old way waits for an answer of the CRM before it gives up."""
    seconds: float = 120.0
    """After which it ends, however far they are."""


def people(count: int) -> list[bytes]:
    """The badges of *count* visitors that say themselves who it is, so that both ways can read them."""
    return [badge for badge in demo_badges(count * 2) if badge.startswith((b"BEGIN", b"MECARD"))][:count]


async def tell(plan: Plan, own: Own, show: Callable[[Side, Side], None]) -> tuple[Side, Side]:
    """The old way and this way, as they stand at the end, or at Ctrl-C; *show* is called with them again and again."""
    interrupted = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, interrupted.set)
    badges = people(plan.badges)
    address = read_address(own.settings.folder)
    old_way = OldWay(*loopback(address.url), address.token, plan.patience)
    this_way = ThisWay(own.host, own.port, own.token, KIOSK_PATIENCE)
    old = Side("The old way: each scan waits for the CRM", plan.pace, len(badges))
    new = Side("This way: saved at once, delivered behind", plan.pace, len(badges), started=old.started)
    serving = [
        asyncio.ensure_future(old.serve(badges, old_way.save)),
        asyncio.ensure_future(new.serve(badges, this_way.save)),
    ]
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(plan.seconds):
                while not interrupted.is_set() and not (
                    all(task.done() for task in serving) and new.in_crm >= len(new.waits)
                ):
                    await look(own, old, new)
                    show(old, new)
                    await asyncio.sleep(LOOK_SECONDS)
    finally:
        for task in serving:
            task.cancel()
        ends = await asyncio.gather(*serving, return_exceptions=True)
        old_way.close()
        this_way.close()
    for end in ends:
        if isinstance(end, Exception):
            raise end
    await look(own, old, new)
    old.ended = new.ended = time.monotonic()
    show(old, new)
    return old, new


async def look(own: Own, old: Side, new: Side) -> None:
    """Count at the CRM: what the old way sent there has ids of its own, everything else came from the kiosk."""
    every = await asyncio.to_thread(how_often, own.crm_file)
    before = await asyncio.to_thread(how_often, own.crm_file, client_id=OLD)
    after = {email: number - before.get(email, 0) for email, number in every.items() if number > before.get(email, 0)}
    for side, contacts in ((old, before), (new, after)):
        side.in_crm = sum(contacts.values())
        side.twice = side.in_crm - len(contacts)
