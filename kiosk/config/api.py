"""The `[api]` table of kiosk.toml: leads from other devices, over HTTP."""

from dataclasses import dataclass
from pathlib import Path

from data.language import _
from sync.settings.quoting import quote_path
from sync.settings.urls import is_local_address


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """The `[api]` table."""

    enabled: bool = False
    """Whether `kiosk run` starts the server; `kiosk serve` runs it on its own."""
    host: str = "127.0.0.1"
    """The address to listen on: by default, only this device can connect; `0.0.0.0` means all its addresses."""
    port: int = 8770
    tls: bool = True
    """Whether to use HTTPS with other devices; with this device alone it is neither needed nor used."""
    cert_file: str = ""
    """The certificate (PEM); empty: one is generated, whose fingerprint `kiosk serve` shows."""
    key_file: str = ""
    """Its private key (PEM), readable by its owner only."""
    max_body: int = 1_000_000
    """The largest request body, in bytes."""
    calls_per_second: float = 50.0
    """Sustained requests per second of one device; a burst may be twice as large."""
    queue: int = 2000
    """How many requests may wait to be saved; further ones are asked to retry after a second."""

    @property
    def is_local(self) -> bool:
        """Whether only this device can connect."""
        return self.host in ("localhost", "::1") or self.host.startswith("127.")

    @property
    def uses_tls(self) -> bool:
        """Whether the server uses HTTPS."""
        return self.tls and not self.is_local

    def check(self) -> None:
        """Raise ValueError, starting with the key, for a value that cannot work."""
        if not self.is_local and self.host not in ("0.0.0.0", "::") and not is_local_address(self.host):
            raise ValueError(
                _("host: must be an address of this device in its own network, or 0.0.0.0 for all of them.")
            )
        if not 0 <= self.port <= 65535:
            raise ValueError(_("port: must be between 0 and 65535; 0 chooses any free port."))
        if bool(self.cert_file) != bool(self.key_file):
            raise ValueError(_("cert_file: set cert_file and key_file together."))
        for key in ("cert_file", "key_file"):
            if (name := getattr(self, key)) and not Path(name).expanduser().is_file():
                raise ValueError(_("{key}: there is no file {path}.").format(key=key, path=quote_path(name)))
        message = _("{key}: must be between {least} and {most}.")
        if not 1_000 <= self.max_body <= 100_000_000:
            raise ValueError(message.format(key="max_body", least=1_000, most=100_000_000))
        if not 0.1 <= self.calls_per_second <= 100_000:
            raise ValueError(message.format(key="calls_per_second", least=0.1, most=100_000))
        if not 1 <= self.queue <= 100_000:
            raise ValueError(message.format(key="queue", least=1, most=100_000))
