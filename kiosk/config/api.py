"""The `[api]` table of kiosk.toml: leads from other devices, over HTTP."""

from dataclasses import dataclass
from pathlib import Path

from sync.settings.quoting import quote_path
from sync.settings.urls import is_local_address


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """The `[api]` table."""

    enabled: bool = False
    """Whether `kiosk run` starts the server; `kiosk serve` runs it alone."""
    host: str = "127.0.0.1"
    """The address to listen at: this device alone, unless another is named (`0.0.0.0` is all of them)."""
    port: int = 8770
    tls: bool = True
    """Whether other devices speak HTTPS; on this device alone it is not needed, and not used."""
    cert_file: str = ""
    """The certificate (PEM); empty makes one, whose fingerprint `kiosk serve` shows."""
    key_file: str = ""
    """Its private key (PEM), readable by its owner only."""
    max_body: int = 1_000_000
    """Bytes that one call may send."""
    calls_per_second: float = 50.0
    """Calls that one device may make, on and on; twice as many at once."""
    queue: int = 2000
    """Calls that may wait to be written; more are asked to come again in a second."""

    @property
    def is_local(self) -> bool:
        """Whether this device alone can reach it."""
        return self.host in ("localhost", "::1") or self.host.startswith("127.")

    @property
    def uses_tls(self) -> bool:
        """Whether it speaks HTTPS."""
        return self.tls and not self.is_local

    def check(self) -> None:
        """Raise ValueError, with the key in front, for what cannot work."""
        if not self.is_local and self.host not in ("0.0.0.0", "::") and not is_local_address(self.host):
            raise ValueError("host: it must be an address of this device in its own network, or 0.0.0.0 for all.")
        if not 0 <= self.port <= 65535:
            raise ValueError("port: it must be from 0 to 65535, where 0 is any free one.")
        if bool(self.cert_file) != bool(self.key_file):
            raise ValueError("cert_file: a certificate needs its key_file, and a key its cert_file.")
        for key in ("cert_file", "key_file"):
            if (name := getattr(self, key)) and not Path(name).expanduser().is_file():
                raise ValueError(f"{key}: there is no file {quote_path(name)}.")
        if not 1_000 <= self.max_body <= 100_000_000:
            raise ValueError("max_body: it must be from 1000 to 100000000 bytes.")
        if not 0.1 <= self.calls_per_second <= 100_000:
            raise ValueError("calls_per_second: it must be from 0.1 to 100000.")
        if not 1 <= self.queue <= 100_000:
            raise ValueError("queue: it must be from 1 to 100000.")
