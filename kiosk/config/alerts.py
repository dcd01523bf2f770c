"""The `[alerts]` table of kiosk.toml: from when on something is wrong, and who is told."""

from dataclasses import dataclass

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
"""From and to; 0 switches a rule off."""


@dataclass(frozen=True, slots=True)
class AlertSettings:
    """The `[alerts]` table; a rule whose number is 0, or that is false, is switched off."""

    error_percent: int = 30
    """Of the leads that were sent within `error_minutes`, how many the CRM did not take."""
    error_minutes: int = 15
    error_leads: int = 10
    """So many must have been sent in that time: two of three prove nothing."""
    queue_minutes: int = 60
    """How long a lead waits to be sent."""
    sender_seconds: int = 60
    """How long there is no worker."""
    disk_free_mb: int = 500
    """The room on the disk that holds the leads, in millions of bytes."""
    damage_hours: int = 24
    """How long it is said that a damaged database was set aside."""
    clock_seconds: int = 120
    """How far this device's clock is off."""
    sign_in: bool = True
    """Whether the CRM's refusal of the key, or of how the kiosk is set up, is an alert."""
    webhook_url: str = ""
    """Where alerts are posted, when they are raised and when they are over; empty: nowhere."""
    webhook_secret_env: str = ""
    """The environment variable that holds the secret with which they are signed."""
    webhook_secret_file: str = ""
    """Or the file that holds it; only its owner may be able to read it."""

    def check(self) -> None:
        """Raise ValueError, with the key in front, for what cannot work."""
        for key, (least, most) in _VALUE_RANGES.items():
            if not least <= getattr(self, key) <= most:
                raise ValueError(f"{key}: it must be from {least} to {most}.")
        if self.webhook_url:
            check_url("webhook_url", self.webhook_url)
        elif self.secret.is_set:
            raise ValueError("webhook_url: there is a secret to sign with, and no address to post alerts to.")

    @property
    def secret(self) -> Secret:
        """Where the secret is."""
        return Secret("webhook_secret", self.webhook_secret_env, self.webhook_secret_file)
