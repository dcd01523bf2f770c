"""The kiosk without a screen: it scans, saves, drains and writes a log, as a service or on a Pi in a box."""

import logging
import queue
import signal
import threading
import time
from typing import Any

from camera.events import Ended, Trouble, Working
from data.clock import Clock
from data.store import open_store
from kiosk.capture import Captured
from kiosk.config import Settings
from kiosk.scanner import Scanner, Told
from kiosk.standing import Standing, read_standing
from kiosk.words import leads_count, plain
from sync.nudge import Nudge

log = logging.getLogger(__name__)

LAST_DRAIN = 90.0
"""Seconds that the last leads get to reach the CRM, after the source has ended."""


def run_headless(settings: Settings, clock: Clock) -> Standing:
    """Scan until the source ends or SIGTERM or SIGINT comes; then say how everything stands."""
    told: queue.SimpleQueue[Told | None] = queue.SimpleQueue()
    stopping = threading.Event()

    def stop(*_: Any) -> None:
        stopping.set()
        told.put(None)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    open_store(settings.store).close()
    scanner = Scanner(settings, clock, Nudge(settings.queue), told.put, endless=False)
    scanner.start()
    while (event := told.get()) is not None and not isinstance(event, Ended):
        write_down(event)
    scanner.thread.join(None if event is not None else 3.0)
    scanner.stop()
    return last_words(settings, clock, stopping)


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


def last_words(settings: Settings, clock: Clock, stopping: threading.Event) -> Standing:
    """Wait a while for the last leads to reach the CRM, and sum up."""
    db = open_store(settings.store)
    until = time.monotonic() + LAST_DRAIN
    while True:
        standing = read_standing(db, settings, clock)
        if standing.is_safe_to_pack or stopping.is_set() or time.monotonic() > until:
            break
        stopping.wait(0.2)
    db.close()
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
    return standing
