"""The `[api]` table of kiosk.toml: the HTTP API for other devices."""

from dataclasses import dataclass
from pathlib import Path

from data.language import _
from sync.settings.checks import check_range
from sync.settings.quoting import quote_path
from sync.settings.urls import is_local_address


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """The `[api]` table."""

    enabled: bool = False
    """Whether `kiosk run` starts the API; `kiosk serve` runs it alone."""
    host: str = "127.0.0.1"
    """The address to listen on. The default is reachable from this device only; `0.0.0.0` is all addresses."""
    port: int = 8770
    tls: bool = True
    """Whether to use HTTPS; never used while only this device can connect."""
    cert_file: str = ""
    """The certificate (PEM); empty: the kiosk makes its own."""
    key_file: str = ""
    """Its private key (PEM); only its owner may have access."""
    max_body: int = 1_000_000
    """Largest request body in bytes."""
    calls_per_second: float = 50.0
    """Rate limit of each device; twice as many are allowed at once."""
    queue: int = 2000
    """How many requests may wait to be saved; further ones are asked to try again in a second."""

    @property
    def is_local(self) -> bool:
        """Whether only this device can connect."""
        return self.host in ("localhost", "::1") or self.host.startswith("127.")

    @property
    def uses_tls(self) -> bool:
        """Whether the API uses HTTPS."""
        return self.tls and not self.is_local

    def check(self) -> None:
        """
        Check what the types alone do not.

        Raises:
            ValueError: a value cannot work; the key comes first.
        """
        if not self.is_local and self.host not in ("0.0.0.0", "::") and not is_local_address(self.host):
            raise ValueError(
                _("host: must be an address of this device in its own network, or 0.0.0.0 for all addresses.")
            )
        if not 0 <= self.port <= 65535:
            raise ValueError(_("port: must be from 0 to 65535; 0 chooses any free port."))
        if bool(self.cert_file) != bool(self.key_file):
            raise ValueError(_("cert_file: a certificate needs its key_file, and a key its cert_file."))
        for key in ("cert_file", "key_file"):
            if (name := getattr(self, key)) and not Path(name).expanduser().is_file():
                raise ValueError(_("{key}: there is no file {name}.").format(key=key, name=quote_path(name)))
        if not 1_000 <= self.max_body <= 100_000_000:
            raise ValueError(_("max_body: must be from 1000 to 100000000 bytes."))
        check_range("calls_per_second", self.calls_per_second, 0.1, 100_000)
        check_range("queue", self.queue, 1, 100_000)
