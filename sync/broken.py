"""What it means when a call broke: whether anything can have arrived, and who is at fault."""

import socket
import ssl
from datetime import UTC, datetime, timedelta

import httpx

from sync.decoding import BROKEN, DAMAGED
from sync.errors import LoginPage, NoAddress, NoInternet, Offline, SetUpFault, SyncError, Unreachable, Unsure
from sync.internet import Surroundings, has_network
from sync.settings.urls import is_near

UNSENDABLE = "A header or the token holds a character that cannot be sent: correct kiosk.toml."

PORTAL = "The hall's WiFi wants a sign-in: open a browser on this network."

NOTHING_KNOWN = Surroundings()


def translated(error: httpx.HTTPError, host: str, around: Surroundings = NOTHING_KNOWN, proxy: str = "") -> SyncError:
    """The member of our family for *error*, which a call to *host* (through *proxy*) ended with, as *around* tells."""
    met = f"the proxy {proxy}" if proxy else host
    match error:
        case httpx.ConnectError():
            return no_connection(error, host, met, around)
        case httpx.ConnectTimeout() | httpx.PoolTimeout():
            return unreachable(f"{met} does not answer.", host, around)
        case httpx.ProxyError():
            return Offline(f"The CRM cannot be reached: {met} does not let us through.")
        case httpx.WriteTimeout():
            return Offline("The network stopped while sending.")
        case httpx.LocalProtocolError():
            return SetUpFault(UNSENDABLE)
        case httpx.UnsupportedProtocol():
            return SetUpFault(f"The CRM cannot be called as it is set up ({error}): correct kiosk.toml.")
        case httpx.ReadTimeout():
            return Unsure("The CRM did not answer in time.")
        case httpx.DecodingError():
            return Unsure(DAMAGED)
    return Unsure(BROKEN)


def no_connection(error: httpx.ConnectError, host: str, met: str, around: Surroundings) -> SyncError:
    """Why no connection to *host* came about, with whoever was *met* first: nothing was sent in any case."""
    cause = root(error)
    if isinstance(cause, ssl.SSLCertVerificationError):
        return untrusted(cause, host, around)
    if isinstance(cause, ssl.SSLError):
        return LoginPage(PORTAL)
    if isinstance(cause, ConnectionRefusedError):
        return unreachable(f"{met} refuses the connection.", host, around)
    if isinstance(cause, socket.gaierror):
        fault = unreachable(f"this network knows no address for {met}.", host, around)
        return NoAddress(str(fault)) if isinstance(fault, Unreachable) and around.internet == "yes" else fault
    return unreachable(f"there is no way to {met} from this network.", host, around)


def unreachable(sentence: str, host: str, around: Surroundings) -> SyncError:
    """Whose fault it is that *host* cannot be reached."""
    if not is_near(host):
        if not has_network():
            return Offline("No network: this device is not connected.")
        if around.internet == "no":
            return NoInternet("This network has no internet.")
        if around.internet == "login page":
            return LoginPage(PORTAL)
    return Unreachable(f"The CRM cannot be reached: {sentence}")


def untrusted(error: ssl.SSLCertVerificationError, host: str, around: Surroundings) -> SyncError:
    """What a certificate that proves nothing means."""
    reason = error.verify_message.lower()
    if "expired" in reason or "not yet valid" in reason:
        return Offline(f"This device's clock says {today()}, and {right_date(host, around)}.")
    if "mismatch" in reason or "not valid for" in reason:
        return LoginPage(PORTAL)
    return Offline(f"This network opens encrypted traffic, or {host}'s certificate is not trusted; nothing was sent.")


def today() -> str:
    """This device's date, as people write it."""
    return f"{datetime.now():%-d %b %Y}"


def right_date(host: str, around: Surroundings) -> str:
    """What to do about a certificate of *host* that is not valid today; another date than ours is named."""
    if around.now is None or abs(around.now - datetime.now(UTC)) < timedelta(days=1):
        return f"{host}'s certificate is not valid on that day: correct the clock where it is wrong"
    return f"others say {around.now:%-d %b %Y}: correct the clock"


def root(error: BaseException) -> BaseException:
    """The first in the chain of errors that led to this one."""
    while (deeper := error.__cause__ or error.__context__) is not None:
        error = deeper
    return error
