"""The real app at a booth: a real database, real codes before a camera of ours, and a clock that stands still."""

import asyncio
import os
import queue
import re
import sqlite3
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, closing, suppress
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import numpy as np
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.events import Key
from textual.keys import _character_to_key
from textual.notifications import Notification
from textual.pilot import Pilot

from camera.errors import CameraGone
from camera.payload import Frame
from camera.sources.base import Shot
from camera.sources.demo import draw_card, draw_scene, place_card
from data.store import Store, open_store
from kiosk.config.load import Settings, load_settings
from kiosk.tui import app
from kiosk.tui.app import KioskApp
from kiosk.tui.widgets import prompt_line
from kiosk.tui.widgets.prompt_line import PromptLine
from kiosk.tui.widgets.result_strip import ResultStrip
from kiosk.tui.widgets.welcome import Welcome
from sync.file_lock import hold_lock
from tests.support.clock import FakeClock

# Pictures of screens show times of day: they are compared in the same time zone on every machine.
os.environ["TZ"] = "UTC"
time.tzset()

NOON = 1_800_014_400.0
"""A day of the year 2027, at noon in Greenwich."""

BOOTH_SECONDS = 0.5
"""Between two pictures of a booth without anybody."""

SECONDS = 60.0
"""How long anything may take to come true: much longer than it takes, for the machine may be busy."""


def vcard(name: str, email: str, company: str = "Initech") -> str:
    """What a badge carries."""
    return f"BEGIN:VCARD\nVERSION:3.0\nFN:{name}\nORG:{company}\nEMAIL:{email}\nEND:VCARD\n"


ANA = vcard("Ana López", "ana@initech.example")
ZOE = vcard("Zoë Müller", "zoe@suess.example", "Bäckerei Süß")


draw_card_once = lru_cache(maxsize=256)(draw_card)
"""A card for each payload: tests show the same few people again and again."""

parsed_rules: dict[object, list[RuleSet]] = {}

parse_rules = Stylesheet._parse_rules


def parse_rules_once(self: Stylesheet, *source: object, **about: object) -> list[RuleSet]:
    """Return the rules of a style sheet as Textual does, which remembers them for one app, but for all apps."""
    key = (frozenset(self._variables.items()), source, frozenset(about.items()))
    if key not in parsed_rules:
        parsed_rules[key] = parse_rules(self, *source, **about)
    return parsed_rules[key]


class HandHeld:
    """A camera: it shows an empty booth, and codes for one picture each."""

    name = "camera 0"
    kind = "pictures"
    is_live = False

    def __init__(self) -> None:
        self.frames: queue.Queue[Frame | str] = queue.Queue()
        self.trouble = ""
        self.stopping = threading.Event()
        """Set when nobody looks any more."""

    def opened(self) -> "HandHeld":
        """Itself, unless there is trouble."""
        if self.trouble:
            raise CameraGone(self.trouble)
        return self

    def read_shots(self) -> Iterator[Shot]:
        """
        What is held in front of it; without anything, the booth, now and then.

        A booth twenty times a second kept the machine at work, and a test waits after each key until it rests.
        """
        booth = Shot(draw_scene(320, 240))
        yield booth
        looked = time.monotonic()
        while not self.trouble and not self.stopping.is_set():
            try:
                yield Shot(self.frames.get(timeout=0.02))
            except queue.Empty:
                if time.monotonic() - looked < BOOTH_SECONDS:
                    continue
                yield booth
            looked = time.monotonic()
        if self.trouble:
            raise CameraGone(self.trouble)

    def hold(self, *payloads: bytes) -> None:
        """Hold badges in front of it, side by side."""
        cards = [draw_card_once(payload, 480) for payload in payloads]
        height = max(card.shape[0] for card in cards)
        card = np.hstack([np.pad(c, ((0, height - len(c)), (0, 40), (0, 0)), constant_values=245) for c in cards])
        self.frames.put(place_card(card, draw_scene(card.shape[1] + 80, height + 80), 1.0))

    def close(self) -> None:
        """There is nothing to let go of."""


class OnScreen:
    """A kiosk that runs, and what a test does with it: show badges, press keys, look."""

    def __init__(self, settings: Settings, clock: FakeClock, camera: HandHeld) -> None:
        self.settings = settings
        self.clock = clock
        self.camera = camera
        self.nudges: list[float] = []
        self.struck_at = time.monotonic()
        self.app = KioskApp(settings, clock, lambda: self.nudges.append(clock.seconds_since_boot()))
        self.pilot: Pilot[None]

    async def show(self, *badges: str, sees: str) -> None:
        """Hold badges in front of the camera a second later, and wait until the screen says *sees*."""
        self.clock.tick(1)
        self.camera.hold(*(badge.encode() for badge in badges))
        await self.sees(sees)

    async def press(self, *keys: str) -> None:
        """Press keys as a person does, and wait until all has come of them that comes at once."""
        for key in keys:
            self.strike(key, 0.2)
            await self.pause(None if len(key) > 1 else 0.0)
        await self.until(lambda: not self.app.keyboard.is_undecided, "it is known that a person typed")
        await self.pause()

    async def type(self, text: str) -> None:
        """Type *text* as a person does."""
        await self.press(*text)

    async def stop_typing(self) -> None:
        """Let the time pass after which a line that nobody types in is saved, or closed after a badge."""
        line = self.app.scan_screen.query_one(PromptLine)
        assert line.pause_timer is not None
        line.handle_pause()
        await self.pause()

    async def scan(self, text: str, gap: float = 0.008) -> None:
        """Have a USB scanner type *text*, which is what it read and what it is set to type after that."""
        self.struck_at += 1.0
        for character in text:
            self.strike({"\n": "enter", "\t": "tab"}.get(character, character), gap)
        await self.pause()

    async def pause(self, seconds: float | None = None) -> None:
        """Wait until the app has done what it has to do, or for *seconds*; or until it ends."""
        waiting_for = self.settle() if seconds is None else self.pilot.pause(seconds)
        pausing = asyncio.ensure_future(waiting_for)
        while self.app.is_running:
            if (await asyncio.wait({pausing}, timeout=0.2))[0]:
                await pausing
                return
        pausing.cancel()

    async def settle(self) -> None:
        """
        Wait until all messages are handled and the database has answered what it was asked.

        Not until the process is idle, which Textual's pilot waits for: on a busy machine a process that gets no turn
        looks idle, and one that decodes pictures never does.
        """
        for _ in range(2):
            await self.pilot._wait_for_screen()
            await self.wait_for_database()
        await self.pilot._wait_for_screen()
        self.app.screen._on_timer_update()

    async def wait_for_database(self) -> None:
        """Wait until the database has answered what it was asked so far, if it does so within a second."""
        thread = self.app.database._executor
        with suppress(TimeoutError, RuntimeError):  # somebody holds the database, or the app ends
            await asyncio.wait_for(asyncio.get_running_loop().run_in_executor(thread, lambda: None), timeout=1.0)

    def strike(self, key: str, gap: float) -> None:
        """One key, *gap* seconds after the last by its own time: only that time distinguishes keys."""
        self.struck_at += gap
        name = _character_to_key(key) if len(key) == 1 else key
        text = {"enter": "\r", "tab": "\t", "space": " ", "slash": "/"}.get(key, key if len(key) == 1 else None)
        event = Key(name, text)
        event.time = self.struck_at
        self.app.post_message(event)

    def lines(self) -> list[str]:
        """What the screen shows, line by line."""
        return [strip.text for strip in self.app.screen._compositor.render_strips()]

    @property
    def text(self) -> str:
        """What the screen shows."""
        return "\n".join(self.lines())

    def says(self, word: str) -> bool:
        """Whether *word* is what the scan screen says of the last badge, or of itself while nobody is there."""
        if self.app.scan_screen.query_one(Welcome).display:
            return f"─ {word} ─" in self.text
        strip = self.app.scan_screen.query_one(ResultStrip)
        if large := strip.draw_word(strip.size.width):
            return strip.word == word and all(row.strip() in self.text for row in large)
        return re.search(rf"[✓!✗·] {re.escape(word.upper())}(?=  | · |…)", self.text) is not None

    def shows(self, texts: Sequence[str]) -> int:
        """How many of *texts* are on the screen."""
        screen = self.text
        return sum(text in screen for text in texts)

    async def sees(self, *texts: str) -> None:
        """Wait until all of *texts* are on the screen."""
        await self.until(lambda: self.shows(texts) == len(texts), f"{texts} on the screen")

    async def sees_word(self, word: str) -> None:
        """Wait until *word* is the big word."""
        await self.until(lambda: self.says(word), f"{word} as the big word")

    async def sees_no(self, *texts: str) -> None:
        """Wait until none of *texts* is on the screen."""
        await self.until(lambda: not self.shows(texts), f"none of {texts} on the screen")

    async def until(self, true: Callable[[], bool], what: str = "") -> None:
        """Wait until *true*; what is on the screen when it does not come true is told."""
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            if true():
                return
            await asyncio.sleep(0.05)
        raise AssertionError(f"It never came true: {what}\n{self.text}")

    def rows(self, sql: str, *values: object) -> list[tuple[object, ...]]:
        """What the database answers."""
        with closing(sqlite3.connect(self.settings.database_file, timeout=30)) as db:
            return db.execute(sql, values).fetchall()

    def write(self, work: Callable[[Store], object]) -> None:
        """Change the database from outside, as the worker does."""
        db = open_store(self.settings.database_file)
        try:
            work(db)
        finally:
            db.close()


def settings_in(folder: Path, more: str = "") -> Settings:
    """The settings of a practice in *folder*; *more* is more of kiosk.toml."""
    config = folder / "kiosk.toml"
    config.write_text(f'[data]\nfolder = "{folder}"\n{more}', encoding="utf-8")
    settings = load_settings(config)
    settings.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return settings


EVENT = '[event]\nname = "Expo 2027"\noperator = "Ana"\ncard_seconds = 600\n'
CAMERA = "[camera]\nrest_seconds = 0\n"


@asynccontextmanager
async def on_screen(
    more: str = EVENT + CAMERA,
    *,
    size: tuple[int, int] = (100, 30),
    before: Callable[[Settings, FakeClock], object] = lambda settings, clock: None,
    camera: HandHeld | None = None,
    sender_runs: bool = True,
    typing_pause_seconds: float = 3600.0,
) -> AsyncIterator[OnScreen]:
    """
    A kiosk on a screen of *size*, with a worker that runs, unless the test says otherwise.

    *before* fills the database; without a *camera*, the one that the settings name is used.
    """
    with TemporaryDirectory() as folder, ExitStack() as stack:
        settings, clock = settings_in(Path(folder), more), FakeClock(now=NOON)
        before(settings, clock)
        if sender_runs:
            stack.enter_context(hold_lock(settings.worker_lock))
        booth = OnScreen(settings, clock, camera or HandHeld())
        if settings.camera.source == "auto":
            booth.app.camera_scanner.capture_loop.open_source = booth.camera.opened
            booth.camera.stopping = booth.app.camera_scanner.capture_loop.stop_requested
        stack.enter_context(patch.object(app, "STATUS_POLL_SECONDS", 0.4))  # how often is not what is tested
        # On a busy machine seconds pass between two keys: what is shown for a while stays, and only a test pauses.
        stack.enter_context(patch.object(Notification, "time_left", 3600.0))
        stack.enter_context(patch.object(Stylesheet, "_parse_rules", parse_rules_once))
        stack.enter_context(patch.object(prompt_line, "TYPING_PAUSE_SECONDS", typing_pause_seconds))
        async with booth.app.run_test(size=size, notifications=True) as booth.pilot:
            yield booth


def joined(booth: OnScreen) -> str:
    """What the screen shows, as if its lines were one."""
    return " ".join(" ".join(booth.lines()).split())


async def type_into(booth: OnScreen, field: str, text: str) -> None:
    """Replace what a field holds."""
    booth.app.screen.query_one(f"#edit-{field}").focus()
    await booth.press("end", "ctrl+u")
    await booth.type(text)
