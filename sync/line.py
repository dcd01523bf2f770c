"""What every connector gets besides its own settings."""

from dataclasses import dataclass, field
from pathlib import Path

from sync.pace import Pace, Rate
from sync.settings.network import NetworkSettings


@dataclass(frozen=True, slots=True)
class Line:
    """The way to the CRM, and where the calls on it are counted."""

    network: NetworkSettings = field(default_factory=NetworkSettings)
    folder: Path | None = None
    """The kiosk's own; without one, calls are counted in this process alone."""

    def pace(self, destination: str, rate: Rate) -> Pace:
        """What keeps the calls to *destination* within *rate*."""
        return Pace(destination, rate, self.folder / "pace.db" if self.folder else None)
