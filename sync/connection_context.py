"""The context that every connector gets besides its own settings."""

from dataclasses import dataclass, field
from pathlib import Path

from sync.rate_limiter import Rate, RateLimiter
from sync.settings.network import NetworkSettings


@dataclass(frozen=True, slots=True)
class ConnectionContext:
    """How connections to the CRM are made, and where calls are counted."""

    network: NetworkSettings = field(default_factory=NetworkSettings)
    folder: Path | None = None
    """The kiosk's data folder; without one, calls are counted in this process only."""

    def make_rate_limiter(self, destination: str, rate: Rate) -> RateLimiter:
        """Return a limiter that keeps the calls to *destination* within *rate*."""
        return RateLimiter(destination, rate, self.folder / "pace.db" if self.folder else None)
