"""
Draws the pictures of the screens for README and docs: `make pictures`.

Each is the real app over a real database, on a clock that stands still; its camera is the stream of demo badges.
"""

import asyncio
import itertools
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from textual.pilot import Pilot
from textual.widgets import Input

from data import attendees, gates, leads, outbox
from data.attendees import Attendee
from data.gates import Gate
from data.store import open_store, write_transaction
from kiosk.config.load import Settings
from kiosk.printing.demo_people import build_demo_attendees, build_demo_badges
from kiosk.scanning.capture import Capture
from kiosk.tui.app import KioskApp
from kiosk.tui.screens.help import HelpScreen
from kiosk.tui.screens.lead import LeadScreen
from kiosk.tui.screens.pending import PendingScreen
from kiosk.tui.screens.quit import QuitScreen
from kiosk.tui.widgets.visitor_card import VisitorCard
from tests.support.clock import FakeClock
from tests.support.on_screen import EVENT, NOON, on_screen
from tests.support.waiting import wait_in_loop

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
SIZE = (100, 30)
DEMO = "[camera]\nsource = 'demo'\n[practice]\nbadges = 1\nseconds_each = 60\n"
WIFI_DOWN = Gate(
    "practice", False, "offline", "The network is down.", NOON - 95, next_try=160.0, next_try_boot="boot-1", failures=4
)
FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


def main() -> None:
    """Draw them all."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, draw in PICTURES.items():
        (FOLDER / f"{name}.svg").write_text(asyncio.run(draw()), encoding="utf-8")
        print(f"docs/pictures/{name}.svg")  # noqa: T201


def text_of(svg: str) -> list[str]:
    """What a picture says, line by line, without its colours and without the half blocks of the viewfinder."""
    texts = re.findall(r"<text [^>]*>([^<]*)</text>", svg)
    return [text for text in texts if not re.fullmatch(r"(?:▀|&#160;)*", text)]


@asynccontextmanager
async def booth(gate: Gate | None = None) -> AsyncIterator[tuple[KioskApp, Pilot[None]]]:
    """A kiosk in the middle of a day, whose sender lives and whose camera shows one more badge."""
    gate = gate or Gate("practice", last_success=NOON - 4)
    async with on_screen(
        EVENT + DEMO, size=SIZE, before=lambda settings, clock: a_morning(settings, clock, gate)
    ) as on:
        await on.sees("ana.lopez@initech")
        await asyncio.sleep(0.5)  # the viewfinder shows the badge in the middle
        await on.app.refresh_status()
        await on.pilot.pause()
        yield on.app, on.pilot


def a_morning(settings: Settings, clock: FakeClock, gate: Gate) -> None:
    """Leads in each state: what a booth has by noon."""
    clock.tick(-500)
    db = open_store(settings.database_file)
    list(attendees.add_attendees(db, settings.event.name, itertools.starmap(Attendee, build_demo_attendees(6))))
    capture = Capture(settings.database_file, settings.event, settings.badges, clock)
    saved = []
    for badge in (*build_demo_badges(12)[1:], b"PZD97W7777"):
        clock.tick(35)
        if (lead := capture.save_payload(badge, badge.decode(), "QRCode", "camera").lead) is not None:
            saved.append(lead)
    with write_transaction(db):
        for lead in saved[:6]:
            outbox.settle_lead(db, lead.id, lead.revision, f"c-{lead.id[-6:]}", clock.wall_time())
        reason = "The CRM rejected it: email: this address is blocked. Open it, correct it, and it is sent again."
        outbox.park_lead(db, saved[7].id, saved[7].revision, "rejected", reason, clock.wall_time())
        gates.write_gate(db, gate)
    leads.edit_lead(
        db, saved[8].id, {"rating": 4, "tags": ("demo wanted",), "note": "Asks for a price list."}, "Ana", clock
    )
    capture.db.close()
    db.close()
    clock.now, clock.up = NOON, 100.0


def drawn(app: KioskApp) -> str:
    """The screen as an SVG that asks the network for nothing."""
    return FONTS.sub("", app.export_screenshot(title="Booth kiosk"))


async def scan_saved() -> str:
    """A badge was just saved, rated and tagged."""
    async with booth() as (app, pilot):
        card = app.scan_screen.query_one(VisitorCard)
        await pilot.press("4")
        await wait_in_loop(lambda: bool(card.lead and card.lead.rating))
        await pilot.press("d")
        await wait_in_loop(lambda: bool(card.lead and card.lead.tags))
        await app.refresh_status()
        await pilot.pause()
        return drawn(app)


async def pending() -> str:
    """The pending list while the network is down."""
    async with booth(WIFI_DOWN) as (app, pilot):
        await open_list(app, pilot)
        return drawn(app)


async def lead() -> str:
    """A lead that the CRM refused, opened to be corrected."""
    async with booth() as (app, pilot):
        await open_list(app, pilot)
        await pilot.press("down")
        await wait_in_loop(lambda: not app.keyboard.is_undecided)
        await pilot.press("enter")
        await wait_in_loop(lambda: isinstance(app.screen, LeadScreen) and app.screen.entry is not None)
        await pilot.pause()
        return drawn(app)


async def open_list(app: KioskApp, pilot: Pilot[None]) -> None:
    """Go to the pending list, and wait until it is filled."""
    await app.refresh_status()
    await pilot.press("f2")
    await wait_in_loop(lambda: isinstance(app.screen, PendingScreen) and bool(app.screen.list_rows))
    await wait_in_loop(lambda: "Export" in app.export_screenshot())  # the keys are drawn last
    await pilot.pause()


async def help_() -> str:
    """The help."""
    async with booth() as (app, pilot):
        await pilot.press("f1")
        await wait_in_loop(lambda: isinstance(app.screen, HelpScreen))
        await pilot.pause()
        return drawn(app)


async def quit_() -> str:
    """The question whether to end."""
    async with booth(WIFI_DOWN) as (app, pilot):
        await app.refresh_status()
        await pilot.press("f10")
        await wait_in_loop(lambda: isinstance(app.screen, QuitScreen) and bool(app.screen.query(Input)))
        app.screen.query_one(Input).cursor_blink = False
        await wait_in_loop(lambda: isinstance(app.screen, QuitScreen) and any(app.screen.names.values()))
        await pilot.pause()
        return drawn(app)


PICTURES = {"scan-saved": scan_saved, "pending": pending, "lead": lead, "help": help_, "quit": quit_}
"""How each is drawn, by its file's name."""

if __name__ == "__main__":
    main()
