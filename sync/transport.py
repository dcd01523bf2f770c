"""The way to the CRM: through which proxy, trusting whom, and how soon a connection that died is noticed."""

import socket
import ssl
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

from sync.settings.network import NetworkSettings
from sync.settings.urls import is_local_address

_DEAD_CONNECTION_SECONDS = 8
"""After which a connection is given up on which nothing is heard any more, not even from the other kernel: tcp(7)."""

SOCKET_OPTIONS = {
    "TCP_KEEPIDLE": 3,  # before the other kernel is asked whether it is there, while a CRM takes its time
    "TCP_KEEPINTVL": 2,
    "TCP_KEEPCNT": 3,
    "TCP_USER_TIMEOUT": _DEAD_CONNECTION_SECONDS * 1000,
}
"""A CRM that is slow is waited for as long as its kernel answers; a WiFi that went away is not."""


def make_transport(network: NetworkSettings, url: str) -> httpx.AsyncHTTPTransport:
    """
    Connections to the origin of *url*.

    Raises:
        ValueError: there is no such way, for the reason that it says.
    """
    proxy = find_proxy(network.proxy, url)
    if proxy and urlsplit(proxy).scheme not in ("http", "https"):
        raise ValueError(f"the proxy {redact_proxy(proxy)} is no HTTP proxy: set network.proxy to another")
    options = [
        (socket.IPPROTO_TCP, getattr(socket, name), value)
        for name, value in SOCKET_OPTIONS.items()
        if has_socket_option(name)
    ]
    return httpx.AsyncHTTPTransport(
        verify=_make_ssl_context(network.ca_file),
        proxy=proxy,
        socket_options=[(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1), *options],
    )


def has_socket_option(name: str) -> bool:
    """Whether this system knows a socket option."""
    return hasattr(socket, name)


def find_proxy(setting: str, url: str) -> str | None:
    """The URL of the proxy through which *url* is reached, as `[network] proxy` says; None where there is none."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if setting == "none" or is_local_address(host):
        return None
    if setting != "system":
        return setting
    found = getproxies()
    proxy = "" if proxy_bypass(host) else found.get(parts.scheme) or found.get("all") or ""
    return proxy if "://" in proxy else f"http://{proxy}" if proxy else None


def redact_proxy(proxy: str) -> str:
    """A proxy by its name alone: its URL may hold a password."""
    return proxy.rpartition("@")[2].rpartition("/")[2] if proxy else ""


def _make_ssl_context(ca_file: str) -> ssl.SSLContext:
    """
    Trust the certificates in *ca_file* besides the usual ones.

    Raises:
        ValueError: there are none to be had.
    """
    try:
        context = httpx.create_ssl_context()
        if ca_file:
            context.load_verify_locations(Path(ca_file).expanduser())
            # Python 3.13 refuses authorities for want of a formality that those of companies often lack.
            context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    except OSError as error:
        name = f"network.ca_file: {ca_file}" if ca_file else "SSL_CERT_FILE or SSL_CERT_DIR of the environment"
        raise ValueError(f"{name} holds no certificate that can be read") from error
    return context
