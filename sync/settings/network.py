"""The `[network]` table of kiosk.toml: how the CRM is reached."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from data.language import _
from sync.settings.quoting import quote_path


@dataclass(frozen=True, slots=True)
class NetworkSettings:
    """The `[network]` table."""

    proxy: str = "system"
    """`system` uses the environment's proxy variables, `none` uses no proxy; otherwise the URL of one."""
    ca_file: str = ""
    """Certificates (PEM) that are trusted besides the system's, such as those of a company's own authority."""
    check_url: str = "http://nmcheck.gnome.org/check_network_status.txt"
    """
    Requested, without any data, when the CRM cannot be reached: is it the CRM, the internet, or a login page?

    It must answer 204, or 200 with a few words of plain text. Empty: no such check is made.
    """

    def check(self) -> None:
        """Raise ValueError, with the key in front, for settings that cannot work."""
        if self.proxy not in ("system", "none") and urlsplit(self.proxy).scheme not in ("http", "https"):
            raise ValueError(_("proxy: must be system, none, or a URL such as http://proxy.example.com:3128."))
        if self.ca_file and not Path(self.ca_file).expanduser().is_file():
            raise ValueError(_("ca_file: there is no file {path}.").format(path=quote_path(self.ca_file)))
        if self.check_url and urlsplit(self.check_url).scheme not in ("http", "https"):
            raise ValueError(_("check_url: must be a URL, or empty."))
