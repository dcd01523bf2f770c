"""What every connector gets besides its own settings."""

from dataclasses import dataclass, field
from pathlib import Path

from sync.rate_limiter import Rate, RateLimiter
from sync.settings.network import NetworkSettings


@dataclass(frozen=True, slots=True)
class ConnectionContext:
    """The way to the CRM, and where the calls on it are counted."""

    network: NetworkSettings = field(default_factory=NetworkSettings)
    folder: Path | None = None
    """The kiosk's own; without one, calls are counted in this process alone."""

    def make_rate_limiter(self, destination: str, rate: Rate) -> RateLimiter:
        """What keeps the calls to *destination* within *rate*."""
        return RateLimiter(destination, rate, self.folder / "pace.db" if self.folder else None)
