"""Both booths at once, on the same badges and the same slow CRM, until all is done or the time is up."""

import asyncio
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from kiosk.demo.contenders import Contender
from kiosk.demo.strategy import OLD_WAY_ID_PREFIX, CrmFirst, KioskFirst
from kiosk.loadtest.target import parse_loopback_url
from kiosk.loadtest.throwaway_kiosk import ThrowawayKiosk
from kiosk.printing.demo_people import build_demo_badges
from sync.practice_address import read_address
from sync.practice_crm.records import count_by_email

POLL_SECONDS = 0.25

_KIOSK_TIMEOUT_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class StoryPlan:
    """What is to be shown."""

    badges: int = 100
    seconds_per_visitor: float = 1.0
    """Seconds from visitor to visitor."""
    timeout_seconds: float = 4.0
    """Seconds that the old way waits for an answer of the CRM before it gives up."""
    max_seconds: float = 120.0
    """After which it ends, however far they are."""


def pick_badges(count: int) -> list[bytes]:
    """The badges of *count* visitors that say themselves who it is, so that both ways can read them."""
    return [badge for badge in build_demo_badges(count * 2) if badge.startswith((b"BEGIN", b"MECARD"))][:count]


async def run_story(
    plan: StoryPlan, own: ThrowawayKiosk, show: Callable[[Contender, Contender], None]
) -> tuple[Contender, Contender]:
    """The old way and this way, as they stand at the end, or at Ctrl-C; *show* is called with them again and again."""
    interrupted = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, interrupted.set)
    badges = pick_badges(plan.badges)
    address = read_address(own.settings.folder)
    old_way = CrmFirst(*parse_loopback_url(address.url), address.token, plan.timeout_seconds)
    this_way = KioskFirst(own.host, own.port, own.token, _KIOSK_TIMEOUT_SECONDS)
    old = Contender("The old way: each scan waits for the CRM", plan.seconds_per_visitor, len(badges))
    new = Contender(
        "This way: saved at once, delivered behind", plan.seconds_per_visitor, len(badges), started=old.started
    )
    serving = [
        asyncio.ensure_future(old.serve_visitors(badges, old_way.save_badge)),
        asyncio.ensure_future(new.serve_visitors(badges, this_way.save_badge)),
    ]
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(plan.max_seconds):
                while not interrupted.is_set() and not (
                    all(task.done() for task in serving) and new.in_crm >= len(new.waits)
                ):
                    await count_deliveries(own, old, new)
                    show(old, new)
                    await asyncio.sleep(POLL_SECONDS)
    finally:
        for task in serving:
            task.cancel()
        ends = await asyncio.gather(*serving, return_exceptions=True)
        old_way.close()
        this_way.close()
    for end in ends:
        if isinstance(end, Exception):
            raise end
    await count_deliveries(own, old, new)
    old.ended = new.ended = time.monotonic()
    show(old, new)
    return old, new


async def count_deliveries(own: ThrowawayKiosk, old: Contender, new: Contender) -> None:
    """Count at the CRM: what the old way sent there has ids of its own, everything else came from the kiosk."""
    every = await asyncio.to_thread(count_by_email, own.crm_file)
    before = await asyncio.to_thread(count_by_email, own.crm_file, client_id=OLD_WAY_ID_PREFIX)
    after = {email: number - before.get(email, 0) for email, number in every.items() if number > before.get(email, 0)}
    for side, contacts in ((old, before), (new, after)):
        side.in_crm = sum(contacts.values())
        side.twice = side.in_crm - len(contacts)
