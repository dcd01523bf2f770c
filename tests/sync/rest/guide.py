"""The examples of docs/rest.md, pointed at a test's server."""

import re
from pathlib import Path

from kiosk.config.load import load_settings
from sync.settings.rest import RestSettings
from tests.sync.rest.crm_replicas import KEY

GUIDE = Path(__file__).parents[3] / "docs" / "rest.md"

EXAMPLE_HOSTS = re.compile(r"https://(crm|api|org|login)\.example\.com")


def read_example(heading: str) -> str:
    """Return the TOML below the heading that begins with *heading*."""
    found = re.search(rf"^## {re.escape(heading)}.*?^```toml\n(.*?)^```", GUIDE.read_text(), re.DOTALL | re.MULTILINE)
    assert found, heading
    return found[1]


def load_example_settings(heading: str, url: str, folder: Path, key: str = KEY) -> RestSettings:
    """Load the example for a CRM at *url* as the kiosk loads kiosk.toml; the key is in a file."""
    secret = folder / "key"
    secret.write_text(key)
    secret.chmod(0o600)
    text = EXAMPLE_HOSTS.sub(url, read_example(heading))
    text = re.sub(r'token_(env|file) = ".*"', f'token_file = "{secret}"', text)
    path = folder / "kiosk.toml"
    path.write_text(text)
    return load_settings(path).crm.rest
