"""Where personal data may be sent."""

import ipaddress
from urllib.parse import urlsplit

from sync.settings.quoting import quote_url


def check_url(key: str, url: str) -> None:
    """Raise ValueError unless personal data may be sent to *url*: by HTTPS, or without leaving this network."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        # What Python says quotes the part that it cannot read, which may be a password.
        raise ValueError(f"{key}: it is not a URL: its host or its port cannot be read.") from None
    if parts.scheme not in ("https", "http") or not host:
        raise ValueError(f"{key}: {quote_url(url)} is not a URL that begins with https:// and names a host.")
    if parts.username or parts.password:
        raise ValueError(f"{key}: secrets do not belong into a URL; use token_env or token_file.")
    if parts.scheme == "http" and not is_local_address(host):
        raise ValueError(f"{key}: {host} would get personal data unencrypted; use https://.")


def parse_origin(url: str) -> tuple[str, str | None, int | None]:
    """What must stay the same for personal data to be sent on: scheme, host and port."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port


def is_local_address(host: str) -> bool:
    """Whether *host* is this device or an address of its own network."""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return host == "localhost"
