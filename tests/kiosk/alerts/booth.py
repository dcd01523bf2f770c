"""A kiosk whose current alerts a test reads."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from data.alerts import Alert
from data.store import Store
from kiosk.alerts.current import read_alerts
from kiosk.config.alerts import AlertSettings
from kiosk.config.load import Settings
from kiosk.config.tables import DataSettings, EventSettings
from tests.kiosk.conftest import Counter, vcard
from tests.support.clock import FakeClock


class Looked:
    """A kiosk, and its current alerts."""

    def __init__(self, folder: Path) -> None:
        self.settings = Settings(
            event=EventSettings("Expo 2026"),
            data=DataSettings(str(folder)),
            alerts=AlertSettings(disk_free_mb=0),
        )
        self.counter = Counter(self.settings.database_file).open()

    @property
    def clock(self) -> FakeClock:
        """The clock of the counter."""
        return self.counter.clock

    @property
    def db(self) -> Store:
        """The database of the counter."""
        return self.counter.db

    def scan(self, *names: str) -> list[str]:
        """Show badges, and return the ids of their leads."""
        found = [self.counter.show(vcard(name, f"{name}@x.example")).lead for name in names]
        return [lead.id for lead in found if lead]

    def wrong(self, **values: Any) -> list[Alert]:
        """Return the current alerts, with *values* in `[alerts]`."""
        return read_alerts(self.db, self.with_settings(**values), self.clock)

    def causes(self, **values: Any) -> list[str]:
        """Return the causes of the current alerts, with *values* in `[alerts]`."""
        return [alert.cause for alert in self.wrong(**values)]

    def with_settings(self, **values: Any) -> Settings:
        """Return the settings with *values* in `[alerts]`."""
        return replace(self.settings, alerts=replace(self.settings.alerts, **values))
