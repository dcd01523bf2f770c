"""Run the kiosk without a screen, as a service or on a Pi in a box: it scans, saves, sends and writes a log."""

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
"""How long to wait for the last leads to reach the CRM after the source has ended."""

_POLL_SECONDS = 0.2
"""Poll interval for the exit condition while no events arrive."""

_EventQueue: TypeAlias = "queue.SimpleQueue[ScannerEvent | None]"
"""Events from the scanner's thread; None asks to stop (a signal, or a crashed thread)."""


def run_headless(settings: Settings, clock: Clock) -> bool:
    """
    Scan until the source ends, or until SIGTERM or SIGINT arrives; return whether every lead was sent and saved.

    Raises:
        RuntimeError: a thread crashed.
    """
    events: _EventQueue = queue.SimpleQueue()
    crashes: list[BaseException] = []

    def end_with(crash: BaseException) -> None:
        crashes.append(crash)
        events.put(None)

    with report_thread_crashes(end_with):
        is_done = _scan_until_done(settings, clock, events)
    if crashes:
        raise RuntimeError("a thread crashed") from crashes[0]
    return is_done


def _scan_until_done(settings: Settings, clock: Clock, events: _EventQueue) -> bool:
    """Scan, wait for the last leads to be sent, and log a summary; return whether every lead was sent and saved."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: events.put(None))  # unlike an Event, a SimpleQueue is reentrant
    db = open_store(settings.database_file, may_create=False)
    if settings.is_practice:
        log.info("Practice mode: leads only go to the practice CRM on this device.")
    scanner = CameraScanner(
        settings, clock, WorkerWaker(settings.queue_file), events.put, endless=False, is_on_screen=False
    )
    scanner.start()
    # Without a camera there is nothing that could end: only the services work, until somebody stops the kiosk.
    has_ended = _log_events(events, lambda: not settings.camera.is_none and not scanner.thread.is_alive())
    scanner.stop()
    until = time.monotonic() + (FINAL_DRAIN_SECONDS if has_ended else 0.0)
    _log_events(events, lambda: time.monotonic() > until or _is_settled(_read_status_or_error(db, settings, clock)))
    status = _read_status_or_error(db, settings, clock)
    db.close()
    _log_summary(status, scanner.held_count, scanner.held_file)
    return isinstance(status, KioskStatus) and status.has_nothing_waiting and not scanner.held_count


def _read_status_or_error(db: Store, settings: Settings, clock: Clock) -> KioskStatus | StoreError:
    """Return the kiosk's status, or the error that kept it from being read."""
    try:
        return run_query(db, lambda db: read_kiosk_status(db, settings, clock))
    except StoreError as error:
        return error


def _is_settled(status: KioskStatus | StoreError) -> bool:
    """Return whether there is nothing to wait for: no lead waits, or a person has paused sending."""
    return isinstance(status, KioskStatus) and (status.has_nothing_waiting or status.paused is not None)


def _log_events(events: _EventQueue, is_over: Callable[[], bool]) -> bool:
    """Log events until *is_over* and the queue is empty; return False if it was asked to stop before that."""
    while True:
        is_last = is_over()  # asked first: events may arrive until then
        try:
            event = events.get(timeout=_POLL_SECONDS)
        except queue.Empty:
            if is_last:
                return True
            continue
        if event is None:
            return False
        log_event(event)


def log_event(event: ScannerEvent) -> None:
    """Log one line for what staff would see on a screen."""
    match event:
        case ScanResult(kind, headline, sentence):
            level = logging.ERROR if kind == "not saved" else logging.INFO  # not shown: a kind of result
            log.log(level, "%s: %s", headline, sanitize_text(sentence))
        case SourceWorking(name):
            log.info("Camera ready: %s.", sanitize_text(name))
        case SourceFailed(sentence):
            log.warning("Camera: %s", sanitize_text(sentence))


def _log_summary(status: KioskStatus | StoreError, held_count: int, held_file: Path | None) -> None:
    """Log how many leads are where, and where the badges are that were not saved."""
    if isinstance(status, StoreError):
        log.error("Cannot read how many leads are on this device. %s", status)
    else:
        _log_lead_counts(status)
    if held_count:
        log.error("NOT SAVED: %s", describe_unsaved(held_count, held_file))


def _log_lead_counts(status: KioskStatus) -> None:
    """Log how many leads are in each state."""
    counts = status.counts
    log.info(
        "%s on this device: %d delivered, %d waiting, %d need you, %d discarded. %s",
        format_lead_count(counts.total),
        counts.delivered,
        counts.waiting,
        counts.needs_you,
        counts.discarded,
        status.sentence,
    )
