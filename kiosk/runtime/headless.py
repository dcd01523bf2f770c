"""The kiosk without a screen: it scans, saves, drains and writes a log, as a service or on a Pi in a box."""

import logging
import queue
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from camera.events import Trouble, Working
from data.clock import Clock
from data.errors import StoreError
from data.store import Store, asked, open_store
from kiosk.config.load import Settings
from kiosk.runtime.crash import thread_crashes_to
from kiosk.scanning.camera_scanner import Scanner, Told
from kiosk.scanning.capture import Captured, left_over
from kiosk.status.status import Standing, read_standing
from kiosk.status.wording import leads_count, plain
from sync.nudge import Nudge

log = logging.getLogger(__name__)

LAST_DRAIN = 90.0
"""Seconds that the last leads get to reach the CRM, after the source has ended."""

LOOK_SECONDS = 0.2
"""How often it is looked whether the end has come, while nothing is told."""

Ear: TypeAlias = "queue.SimpleQueue[Told | None]"
"""Where the scanner's thread tells what happens; None is a signal that says stop."""


def run_headless(settings: Settings, clock: Clock) -> bool:
    """
    Scan until the source ends or SIGTERM or SIGINT comes; whether nothing is left to do then.

    A thread that crashes ends it, too, and is raised here.
    """
    ear: Ear = queue.SimpleQueue()
    crashes: list[BaseException] = []

    def end_with(crash: BaseException) -> None:
        crashes.append(crash)
        ear.put(None)

    with thread_crashes_to(end_with):
        is_done = scan_until_the_end(settings, clock, ear)
    if crashes:
        raise RuntimeError("a thread crashed") from crashes[0]
    return is_done


def scan_until_the_end(settings: Settings, clock: Clock, ear: Ear) -> bool:
    """The same, without looking for crashes."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ear.put(None))  # unlike an Event, it may be used while it is being used
    db = open_store(settings.store, create=False)
    if settings.is_practice:
        log.info("This is a practice: leads go to the practice CRM on this device and nowhere else.")
    scanner = Scanner(settings, clock, Nudge(settings.queue), ear.put, endless=False)
    scanner.start()
    goes_on = listen(ear, lambda: not scanner.thread.is_alive())
    scanner.stop()
    until = time.monotonic() + (LAST_DRAIN if goes_on else 0.0)
    listen(ear, lambda: time.monotonic() > until or is_settled(standing_or_trouble(db, settings, clock)))
    standing = standing_or_trouble(db, settings, clock)
    db.close()
    sum_up(standing, scanner.held, scanner.kept_in)
    return isinstance(standing, Standing) and standing.is_safe_to_pack and not scanner.held


def standing_or_trouble(db: Store, settings: Settings, clock: Clock) -> Standing | StoreError:
    """How everything stands, or why that cannot be read."""
    try:
        return asked(db, lambda db: read_standing(db, settings, clock))
    except StoreError as error:
        return error


def is_settled(standing: Standing | StoreError) -> bool:
    """Whether there is nothing to wait for: nothing waits, or a person has paused sending."""
    return isinstance(standing, Standing) and (standing.is_safe_to_pack or standing.paused is not None)


def listen(ear: Ear, is_over: Callable[[], bool]) -> bool:
    """Write down what is told, until it *is_over* and all is written; False where a signal came first."""
    while True:
        last = is_over()
        try:
            event = ear.get(timeout=LOOK_SECONDS)
        except queue.Empty:
            if last:
                return True
            continue
        if event is None:
            return False
        write_down(event)


def write_down(event: Told) -> None:
    """One line in the log for what staff would see on a screen."""
    match event:
        case Captured(kind, headline, sentence):
            level = logging.ERROR if kind == "not saved" else logging.INFO
            log.log(level, "%s: %s", headline, plain(sentence))
        case Working(name):
            log.info("Camera: %s works.", plain(name))
        case Trouble(sentence):
            log.warning("Camera: %s", plain(sentence))


def sum_up(standing: Standing | StoreError, held: int, kept_in: Path | None) -> None:
    """Say how everything stands, and where the badges are that were not saved."""
    if isinstance(standing, StoreError):
        log.error("How many leads are on this device cannot be read. %s", standing)
    else:
        sum_up_leads(standing)
    if held:
        log.error("NOT SAVED: %s", left_over(held, kept_in))


def sum_up_leads(standing: Standing) -> None:
    """Say where the leads are."""
    counts = standing.counts
    log.info(
        "%s on this device: %d in the CRM, %d waiting, %d need you, %d discarded. %s",
        leads_count(counts.leads),
        counts.delivered,
        counts.waiting,
        counts.needs_you,
        counts.discarded,
        standing.sentence,
    )
