"""Which URLs personal data may be sent to."""

import ipaddress
from urllib.parse import urlsplit

from data.language import _
from sync.settings.quoting import quote_url


def check_url(key: str, url: str) -> None:
    """Raise ValueError unless personal data may be sent to *url*: by HTTPS, or without leaving this network."""
    if not url:
        raise ValueError(_("{key}: the address is missing; it begins with https://.").format(key=key))
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        # Python's own message quotes the part that it cannot parse, which may be a password.
        raise ValueError(_("{key}: this is not a URL: its host or its port is invalid.").format(key=key)) from None
    if parts.scheme not in ("https", "http") or not host:
        sentence = _("{key}: {url} is not a URL that begins with https:// and names a host.")
        raise ValueError(sentence.format(key=key, url=quote_url(url)))
    if parts.username or parts.password:
        raise ValueError(_("{key}: secrets do not belong in a URL; use token_env or token_file.").format(key=key))
    if parts.scheme == "http" and not is_local_address(host):
        sentence = _("{key}: {host} would get personal data unencrypted; use https://.")
        raise ValueError(sentence.format(key=key, host=host))


def parse_origin(url: str) -> tuple[str, str | None, int | None]:
    """Return the origin of *url*: scheme, host and port, outside of which no personal data is sent."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port


def is_local_address(host: str) -> bool:
    """Return whether *host* is this device or an address of a private network."""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return host == "localhost"
