"""What is wrong now: the rules over a snapshot, and over what was wrong before."""

from collections.abc import Mapping
from dataclasses import replace

from data import alerts
from data.alerts import Alert
from data.clock import Clock
from data.store import Store
from kiosk.alerts.rules import RULES
from kiosk.alerts.snapshot import Snapshot, glance, thorough
from kiosk.config.alerts import AlertSettings
from kiosk.config.load import Settings
from sync.heartbeat import is_alive
from sync.lock import is_held


def judged(seen: Snapshot, settings: AlertSettings, before: Mapping[str, Alert]) -> list[Alert]:
    """What is wrong, what matters most first; what was wrong *before* has the time since when it is."""
    found = []
    for cause, (rule, switch) in RULES.items():
        finding, known = rule(seen, settings), before.get(cause)
        if not getattr(settings, switch) or finding.is_wrong is False:
            continue
        if finding.is_wrong:
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
    is_looked_after = is_alive(settings.worker_lock) or is_held(settings.kiosk_lock)
    look = glance if is_looked_after else thorough
    return judged(look(db, settings, clock), settings.alerts, alerts.current(db))
