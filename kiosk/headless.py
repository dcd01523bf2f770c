"""The kiosk without a screen: it scans, saves, drains and writes a log, as a service or on a Pi in a box."""

import logging
import queue
import signal
import time
from collections.abc import Callable
from typing import TypeAlias

from camera.events import Trouble, Working
from data.clock import Clock
from data.store import open_store
from kiosk.capture import Captured
from kiosk.config import Settings
from kiosk.crash import thread_crashes_to
from kiosk.scanner import Scanner, Told
from kiosk.standing import Standing, read_standing
from kiosk.words import leads_count, plain
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
    db = open_store(settings.store)
    if settings.is_practice:
        log.info("This is a practice: leads go to the practice CRM on this device and nowhere else.")
    scanner = Scanner(settings, clock, Nudge(settings.queue), ear.put, endless=False)
    scanner.start()
    goes_on = listen(ear, lambda: not scanner.thread.is_alive())
    scanner.stop()
    until = time.monotonic() + (LAST_DRAIN if goes_on else 0.0)
    listen(ear, lambda: time.monotonic() > until or is_settled(read_standing(db, settings, clock)))
    standing = read_standing(db, settings, clock)
    db.close()
    sum_up(standing, scanner.held)
    return standing.is_safe_to_pack and not scanner.held


def is_settled(standing: Standing) -> bool:
    """Whether there is nothing to wait for: nothing waits, or a person has paused sending."""
    return standing.is_safe_to_pack or standing.paused is not None


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


def sum_up(standing: Standing, held: int) -> None:
    """Say how everything stands, and what could not be kept."""
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
    if held:
        what = "1 badge" if held == 1 else f"{held} badges"
        log.error("NOT SAVED: %s that could not be kept; show what was shown last again.", what)
