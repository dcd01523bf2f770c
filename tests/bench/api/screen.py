"""Whether the screen stays responsive while a hundred people post to the same kiosk."""

import asyncio
import itertools
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from data.clock import SystemClock
from kiosk.loadtest.throwaway_kiosk import ThrowawayKiosk, run_throwaway_kiosk
from kiosk.tui import app
from kiosk.tui.app import KioskApp
from kiosk.tui.messages import BadgeScanned, PictureReady
from tests.bench.report import Table, percentile

QUIET = 8.0
"""Seconds that the screen is watched without a load."""


class Watched(KioskApp):
    """The kiosk's app with demo badges, which records when it shows a picture and scans a badge."""

    CSS_PATH = str(Path(app.__file__).with_name("kiosk.tcss"))

    def __init__(self, own: ThrowawayKiosk) -> None:
        camera = replace(own.settings.camera, source="demo")
        practice = replace(own.settings.practice, badges=1000, seconds_each=0.5)
        super().__init__(replace(own.settings, camera=camera, practice=practice), SystemClock(), lambda: None)
        self.pictures: list[float] = []
        self.badges: list[str] = []

    def on_picture_ready(self, message: PictureReady) -> None:
        """Record a picture."""
        super().on_picture_ready(message)
        self.pictures.append(time.monotonic())

    def on_badge_scanned(self, message: BadgeScanned) -> None:
        """Record a badge."""
        super().on_badge_scanned(message)
        self.badges.append(message.result.kind)


def measure_while_many_post(people: int = 100, posts: int = 300) -> Table:
    """Return the table of the intervals between viewfinder pictures, with and without a load."""
    table = Table(("meanwhile", "pictures", "apart p50 ms", "p99", "longest", "badges saved", "not saved"))
    with run_throwaway_kiosk(["rate_limit=1000000"]) as own:
        quiet, loaded = asyncio.run(record_intervals(Watched(own), own, people, posts))
    for what, (pictures, badges) in (("nothing", quiet), (f"{people} people post, {people * posts:,} in all", loaded)):
        apart = [(after - before) * 1000 for before, after in itertools.pairwise(pictures)]
        table.add(
            what, len(pictures), *(f"{percentile(apart, share):.0f}" for share in (0.5, 0.99, 1.0)),
            len([kind for kind in badges if kind != "not saved"]), badges.count("not saved"),
        )  # fmt: skip
    return table


async def record_intervals(shown: Watched, own: ThrowawayKiosk, people: int, posts: int) -> tuple[Any, Any]:
    """Record pictures and badges without a load, and during one from another process."""
    async with shown.run_test(size=(100, 30)):
        while not shown.pictures and shown.is_running:
            await asyncio.sleep(0.1)
        await asyncio.sleep(2.0)
        shown.pictures, shown.badges = [], []
        await asyncio.sleep(QUIET)
        quiet = shown.pictures, shown.badges
        load = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "kiosk", "loadtest", "--url", f"http://127.0.0.1:{own.port}", "--token", own.token,
            "--people", str(people), "--posts", str(posts), "--wait", "0", "--json", stdout=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        shown.pictures, shown.badges = [], []
        assert await load.wait() == 0, "the load was not carried"
        return quiet, (shown.pictures, shown.badges)
