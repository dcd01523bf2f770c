"""What is wrong now: the rules over a snapshot, and over what was wrong before."""

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


def evaluate_rules(seen: KioskSnapshot, settings: AlertSettings, before: Mapping[str, Alert]) -> list[Alert]:
    """What is wrong, what matters most first; what was wrong *before* has the time since when it is."""
    found = []
    for cause, (rule, switch) in RULES.items():
        finding, known = rule(seen, settings), before.get(cause)
        if not getattr(settings, switch) or finding.is_raised is False:
            continue
        if finding.is_raised:
            since = known.since if known else seen.now
            found.append(Alert(cause, finding.sentence, finding.advice, since, id=known.id if known else ""))
        elif known and finding.sentence:
            found.append(replace(known, sentence=finding.sentence, advice=finding.advice))
        elif known:
            found.append(known)
    return found


def read_alerts(db: Store, settings: Settings, clock: Clock) -> list[Alert]:
    """
    What is wrong now, what matters most first; nothing is written.

    While a kiosk or a worker runs, that looks for what takes long to see, and writes it down; only what costs
    nothing is looked at here. Where nobody looks, this does.
    """
    is_looked_after = is_holder_alive(settings.worker_lock) or is_lock_held(settings.kiosk_lock)
    look = take_quick_snapshot if is_looked_after else take_full_snapshot
    return evaluate_rules(look(db, settings, clock), settings.alerts, alerts.read_open_alerts(db))
