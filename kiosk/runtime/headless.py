"""The kiosk without a screen: it scans, saves, drains and writes a log, as a service or on a Pi in a box."""

import logging
import queue
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from camera.events import SourceFailed, SourceWorking
from data.clock import Clock
from data.errors import StoreError
from data.store import Store, open_store, run_query
from kiosk.config.load import Settings
from kiosk.runtime.crash import report_thread_crashes
from kiosk.scanning.camera_scanner import CameraScanner, ScannerEvent
from kiosk.scanning.scan_result import ScanResult, describe_unsaved
from kiosk.status.status import KioskStatus, read_kiosk_status
from kiosk.status.wording import format_lead_count, sanitize_text
from sync.wake import WorkerWaker

log = logging.getLogger(__name__)

FINAL_DRAIN_SECONDS = 90.0
"""Seconds that the last leads get to reach the CRM, after the source has ended."""

POLL_SECONDS = 0.2
"""How often it is looked whether the end has come, while nothing is told."""

_EventQueue: TypeAlias = "queue.SimpleQueue[ScannerEvent | None]"
"""Where the scanner's thread tells what happens; None is a signal that says stop."""


def run_headless(settings: Settings, clock: Clock) -> bool:
    """
    Scan until the source ends or SIGTERM or SIGINT comes; whether nothing is left to do then.

    A thread that crashes ends it, too, and is raised here.
    """
    ear: _EventQueue = queue.SimpleQueue()
    crashes: list[BaseException] = []

    def end_with(crash: BaseException) -> None:
        crashes.append(crash)
        ear.put(None)

    with report_thread_crashes(end_with):
        is_done = _scan_until_done(settings, clock, ear)
    if crashes:
        raise RuntimeError("a thread crashed") from crashes[0]
    return is_done


def _scan_until_done(settings: Settings, clock: Clock, ear: _EventQueue) -> bool:
    """The same, without looking for crashes."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ear.put(None))  # unlike an Event, it may be used while it is being used
    db = open_store(settings.database_file, may_create=False)
    if settings.is_practice:
        log.info("This is a practice: leads go to the practice CRM on this device and nowhere else.")
    scanner = CameraScanner(settings, clock, WorkerWaker(settings.queue_file), ear.put, endless=False)
    scanner.start()
    goes_on = _log_events(ear, lambda: not scanner.thread.is_alive())
    scanner.stop()
    until = time.monotonic() + (FINAL_DRAIN_SECONDS if goes_on else 0.0)
    _log_events(ear, lambda: time.monotonic() > until or _is_settled(_read_status_or_error(db, settings, clock)))
    standing = _read_status_or_error(db, settings, clock)
    db.close()
    _log_summary(standing, scanner.held_count, scanner.held_file)
    return isinstance(standing, KioskStatus) and standing.has_nothing_waiting and not scanner.held_count


def _read_status_or_error(db: Store, settings: Settings, clock: Clock) -> KioskStatus | StoreError:
    """How everything stands, or why that cannot be read."""
    try:
        return run_query(db, lambda db: read_kiosk_status(db, settings, clock))
    except StoreError as error:
        return error


def _is_settled(standing: KioskStatus | StoreError) -> bool:
    """Whether there is nothing to wait for: nothing waits, or a person has paused sending."""
    return isinstance(standing, KioskStatus) and (standing.has_nothing_waiting or standing.paused is not None)


def _log_events(ear: _EventQueue, is_over: Callable[[], bool]) -> bool:
    """Write down what is told, until it *is_over* and all is written; False where a signal came first."""
    while True:
        last = is_over()
        try:
            event = ear.get(timeout=POLL_SECONDS)
        except queue.Empty:
            if last:
                return True
            continue
        if event is None:
            return False
        log_event(event)


def log_event(event: ScannerEvent) -> None:
    """One line in the log for what staff would see on a screen."""
    match event:
        case ScanResult(kind, headline, sentence):
            level = logging.ERROR if kind == "not saved" else logging.INFO
            log.log(level, "%s: %s", headline, sanitize_text(sentence))
        case SourceWorking(name):
            log.info("Camera: %s works.", sanitize_text(name))
        case SourceFailed(sentence):
            log.warning("Camera: %s", sanitize_text(sentence))


def _log_summary(standing: KioskStatus | StoreError, held: int, kept_in: Path | None) -> None:
    """Say how everything stands, and where the badges are that were not saved."""
    if isinstance(standing, StoreError):
        log.error("How many leads are on this device cannot be read. %s", standing)
    else:
        _log_lead_counts(standing)
    if held:
        log.error("NOT SAVED: %s", describe_unsaved(held, kept_in))


def _log_lead_counts(standing: KioskStatus) -> None:
    """Say where the leads are."""
    counts = standing.counts
    log.info(
        "%s on this device: %d in the CRM, %d waiting, %d need you, %d discarded. %s",
        format_lead_count(counts.total),
        counts.delivered,
        counts.waiting,
        counts.needs_you,
        counts.discarded,
        standing.sentence,
    )
