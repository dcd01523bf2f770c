"""The transport to the CRM: its proxy, its trusted certificates, and how soon a dead connection is noticed."""

import socket
import ssl
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

from data.language import _
from sync.settings.network import NetworkSettings
from sync.settings.urls import is_local_address

# How long a connection is kept when not even the other kernel answers any more (tcp(7)).
_DEAD_CONNECTION_SECONDS = 8

# Socket options that detect a dead connection: a slow CRM is waited for as long as its kernel answers, a WiFi that is
# gone is not.
_SOCKET_OPTIONS = {
    "TCP_KEEPIDLE": 3,  # seconds of silence before the other kernel is probed
    "TCP_KEEPINTVL": 2,
    "TCP_KEEPCNT": 3,
    "TCP_USER_TIMEOUT": _DEAD_CONNECTION_SECONDS * 1000,
}


def make_transport(network: NetworkSettings, url: str) -> httpx.AsyncHTTPTransport:
    """
    Return the transport for the origin of *url*.

    Raises:
        ValueError: the proxy or the certificates of kiosk.toml cannot be used.
    """
    proxy = find_proxy(network.proxy, url)
    if proxy and urlsplit(proxy).scheme not in ("http", "https"):
        sentence = _("the proxy {proxy} is not an HTTP proxy: change network.proxy")
        raise ValueError(sentence.format(proxy=redact_proxy(proxy)))
    options = [
        (socket.IPPROTO_TCP, getattr(socket, name), value)
        for name, value in _SOCKET_OPTIONS.items()
        if _has_socket_option(name)
    ]
    return httpx.AsyncHTTPTransport(
        verify=_make_ssl_context(network.ca_file),
        proxy=proxy,
        socket_options=[(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1), *options],
    )


def _has_socket_option(name: str) -> bool:
    """Return whether this system has the socket option *name*."""
    return hasattr(socket, name)


def find_proxy(setting: str, url: str) -> str | None:
    """Return the URL of the proxy for *url*, by *setting*, which is `[network] proxy`; None for a direct connection."""
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
    """Return the host and port of a proxy: its URL may contain a password."""
    return proxy.rpartition("@")[2].rpartition("/")[2] if proxy else ""


def _make_ssl_context(ca_file: str) -> ssl.SSLContext:
    """
    Return a TLS context that trusts the certificates in *ca_file* besides the usual ones.

    Raises:
        ValueError: there are none that can be read.
    """
    try:
        context = httpx.create_ssl_context()
        if ca_file:
            context.load_verify_locations(Path(ca_file).expanduser())
            # Python 3.13 refuses authorities without an extension that those of companies often lack.
            context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    except OSError as error:
        if ca_file:
            sentence = _("network.ca_file: {path} contains no readable certificate").format(path=ca_file)
        else:
            sentence = _("SSL_CERT_FILE or SSL_CERT_DIR of the environment contains no readable certificate")
        raise ValueError(sentence) from error
    return context
