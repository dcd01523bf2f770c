"""Run both booths at once, with the same badges and the same slow CRM, until all is done or the time is up."""

import asyncio
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from data.language import _
from kiosk.demo.contenders import Contender
from kiosk.demo.strategy import OLD_WAY_ID_PREFIX, CrmFirst, KioskFirst
from kiosk.loadtest.target import parse_loopback_url
from kiosk.loadtest.throwaway_kiosk import ThrowawayKiosk
from kiosk.printing.demo_people import build_demo_badges
from sync.practice_address import read_address
from sync.practice_crm.records import count_by_email

_POLL_SECONDS = 0.25

_KIOSK_TIMEOUT_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class StoryPlan:
    """The parameters of a comparison."""

    badges: int = 100
    seconds_per_visitor: float = 1.0
    """Seconds from one visitor to the next."""
    timeout_seconds: float = 4.0
    """Seconds that the old way waits for the CRM's response before it gives up."""
    max_seconds: float = 120.0
    """Seconds after which the comparison ends."""


def _pick_badges(count: int) -> list[bytes]:
    """Return *count* demo badges that contain a name: the old way has no attendee list to look up IDs in."""
    return [badge for badge in build_demo_badges(count * 2) if badge.startswith((b"BEGIN", b"MECARD"))][:count]


async def run_story(
    plan: StoryPlan, kiosk: ThrowawayKiosk, show: Callable[[Contender, Contender], None]
) -> tuple[Contender, Contender]:
    """
    Run both booths until all is done, the time is up, or Ctrl-C is pressed.

    *show* is called with both, the old way first, a few times a second. Returns them with their final figures.
    """
    interrupted = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, interrupted.set)
    badges = _pick_badges(plan.badges)
    address = read_address(kiosk.settings.folder)
    old_way = CrmFirst(*parse_loopback_url(address.url), address.token, plan.timeout_seconds)
    this_way = KioskFirst(kiosk.host, kiosk.port, kiosk.token, _KIOSK_TIMEOUT_SECONDS)
    old = Contender(_("The old way: each scan waits for the CRM"), plan.seconds_per_visitor, len(badges))
    new = Contender(
        _("This way: saved at once, delivered later"), plan.seconds_per_visitor, len(badges), started=old.started
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
                    await _count_deliveries(kiosk, old, new)
                    show(old, new)
                    await asyncio.sleep(_POLL_SECONDS)
    finally:
        for task in serving:
            task.cancel()
        ends = await asyncio.gather(*serving, return_exceptions=True)
        old_way.close()
        this_way.close()
    for end in ends:
        if isinstance(end, Exception):
            raise end
    await _count_deliveries(kiosk, old, new)
    old.ended = new.ended = time.monotonic()
    show(old, new)
    return old, new


async def _count_deliveries(kiosk: ThrowawayKiosk, old: Contender, new: Contender) -> None:
    """Count the contacts in the CRM: the old way's by the prefix of their client ID, all others are the kiosk's."""
    all_counts = await asyncio.to_thread(count_by_email, kiosk.crm_file)
    old_counts = await asyncio.to_thread(count_by_email, kiosk.crm_file, client_id=OLD_WAY_ID_PREFIX)
    # The old way may have posted more between the two counts, so a difference can be negative.
    new_counts = {email: max(0, number - old_counts.get(email, 0)) for email, number in all_counts.items()}
    for contender, counts in ((old, old_counts), (new, new_counts)):
        contender.in_crm = sum(counts.values())
        contender.twice = contender.in_crm - sum(number > 0 for number in counts.values())
