"""The current alerts: the rules applied to a snapshot of the kiosk and to the alerts that were open before."""

from collections.abc import Mapping
from dataclasses import replace

from data import alerts
from data.alerts import Alert
from data.clock import Clock
from data.store import Store
from kiosk.alerts.rules import RULES
from kiosk.alerts.snapshot import KioskSnapshot, take_full_snapshot, take_quick_snapshot
from kiosk.config.alerts import AlertSettings
from kiosk.config.load import Settings
from sync.file_lock import is_lock_held
from sync.heartbeat import is_holder_alive


def evaluate_rules(snapshot: KioskSnapshot, settings: AlertSettings, open_alerts: Mapping[str, Alert]) -> list[Alert]:
    """
    Return the alerts that hold now, the most important first.

    *open_alerts*, by cause, are those that were open before: an alert that is still open keeps its id and its start.
    """
    found = []
    for cause, (rule, switch) in RULES.items():
        result, known = rule(snapshot, settings), open_alerts.get(cause)
        if not getattr(settings, switch) or result.is_raised is False:
            continue
        # None means between the two limits: an open alert stays open, with the rule's newer sentence if it has one, and
        # no new one is raised.
        if result.is_raised:
            since = known.since if known else snapshot.now
            found.append(Alert(cause, result.sentence, result.advice, since, id=known.id if known else ""))
        elif known and result.sentence:
            found.append(replace(known, sentence=result.sentence, advice=result.advice))
        elif known:
            found.append(known)
    return found


def read_alerts(db: Store, settings: Settings, clock: Clock) -> list[Alert]:
    """
    Return the alerts that hold now, the most important first, without writing anything.

    While a worker or a kiosk runs, that process measures what is slow to measure and stores the alerts; then only the
    quick values are read again here. Otherwise everything is measured here.
    """
    is_monitored = is_holder_alive(settings.worker_lock) or is_lock_held(settings.kiosk_lock)
    take_snapshot = take_quick_snapshot if is_monitored else take_full_snapshot
    return evaluate_rules(take_snapshot(db, settings, clock), settings.alerts, alerts.read_open_alerts(db))
