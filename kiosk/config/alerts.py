"""The `[alerts]` table of kiosk.toml: the limits above which something is wrong, and where alerts are posted."""

from dataclasses import dataclass

from data.language import _
from sync.settings.checks import check_range
from sync.settings.secret import Secret
from sync.settings.urls import check_url

_VALUE_RANGES = {
    "error_percent": (0, 100),
    "error_minutes": (1, 24 * 60),
    "error_leads": (1, 100_000),
    "queue_minutes": (0, 7 * 24 * 60),
    "sender_seconds": (0, 24 * 3600),
    "disk_free_mb": (0, 10_000_000),
    "damage_hours": (0, 30 * 24),
    "clock_seconds": (0, 7 * 24 * 3600),
}
"""The least and the greatest value of each key; 0 switches its alert off."""


@dataclass(frozen=True, slots=True)
class AlertSettings:
    """The `[alerts]` table; an alert whose value is 0 or false is switched off."""

    error_percent: int = 30
    """The percentage of leads sent within `error_minutes` that the CRM did not accept."""
    error_minutes: int = 15
    error_leads: int = 10
    """How many leads must have been sent in that time: two failures out of three prove nothing."""
    queue_minutes: int = 60
    """How long a lead may wait to be sent."""
    sender_seconds: int = 60
    """How long there may be no worker."""
    disk_free_mb: int = 500
    """The least free space, in megabytes, on the disk that holds the leads."""
    damage_hours: int = 24
    """How long the alert about a damaged database stays."""
    clock_seconds: int = 120
    """By how much this device's clock may be wrong."""
    sign_in: bool = True
    """Whether it is an alert that the CRM rejects the key or the kiosk's configuration."""
    webhook_url: str = ""
    """Where alerts are posted when they are raised and when they are over; empty: nowhere."""
    webhook_secret_env: str = ""
    """The environment variable that holds the secret with which posts are signed."""
    webhook_secret_file: str = ""
    """Or the file that holds it, which only its owner may be able to read."""

    def check(self) -> None:
        """Raise ValueError, starting with the key, for a value that cannot work."""
        for key, (least, most) in _VALUE_RANGES.items():
            check_range(key, getattr(self, key), least, most)
        if self.webhook_url:
            check_url("webhook_url", self.webhook_url)
        elif self.secret.is_set:
            raise ValueError(_("webhook_url: there is a secret for signing, but no address to post alerts to."))

    @property
    def secret(self) -> Secret:
        """Where the secret for signing is stored."""
        return Secret("webhook_secret", self.webhook_secret_env, self.webhook_secret_file)
