"""What it means when a call broke: whether anything can have arrived, and who is at fault."""

import socket
import ssl
from datetime import UTC, datetime, timedelta

import httpx

from sync.connectivity import Connectivity, has_network
from sync.errors import (
    ConfigurationFault,
    LoginPage,
    NoAddress,
    NoInternet,
    Offline,
    OutcomeUnknown,
    SyncError,
    Unreachable,
)
from sync.response_body import BROKEN_MESSAGE, DAMAGED_MESSAGE
from sync.settings.urls import is_local_address

UNSENDABLE_MESSAGE = "A header or the token holds a character that cannot be sent: correct kiosk.toml."

LOGIN_PAGE_MESSAGE = "The hall's WiFi wants a sign-in: open a browser on this network."

_UNKNOWN_CONNECTIVITY = Connectivity()


def translate_error(
    error: httpx.HTTPError, host: str, connectivity: Connectivity = _UNKNOWN_CONNECTIVITY, proxy: str = ""
) -> SyncError:
    """The member of our family for *error*, which a call to *host* (through *proxy*) ended with, as *connectivity* tells."""
    met = f"the proxy {proxy}" if proxy else host
    match error:
        case httpx.ConnectError():
            return _classify_connect_error(error, host, met, connectivity)
        case httpx.ConnectTimeout() | httpx.PoolTimeout():
            return _classify_unreachable(f"{met} does not answer.", host, connectivity)
        case httpx.ProxyError():
            return Offline(f"The CRM cannot be reached: {met} does not let us through.")
        case httpx.WriteTimeout():
            return Offline("The network stopped while sending.")
        case httpx.LocalProtocolError():
            return ConfigurationFault(UNSENDABLE_MESSAGE)
        case httpx.UnsupportedProtocol():
            return ConfigurationFault(f"The CRM cannot be called as it is set up ({error}): correct kiosk.toml.")
        case httpx.ReadTimeout():
            return OutcomeUnknown("The CRM did not answer in time.")
        case httpx.DecodingError():
            return OutcomeUnknown(DAMAGED_MESSAGE)
    return OutcomeUnknown(BROKEN_MESSAGE)


def _classify_connect_error(
    error: httpx.ConnectError, host: str, contacted: str, connectivity: Connectivity
) -> SyncError:
    """Why no connection to *host* came about, with whoever was *contacted* first: nothing was sent in any case."""
    cause = _find_root_cause(error)
    if isinstance(cause, ssl.SSLCertVerificationError):
        return _classify_certificate_error(cause, host, connectivity)
    if isinstance(cause, ssl.SSLError):
        return LoginPage(LOGIN_PAGE_MESSAGE)
    if isinstance(cause, ConnectionRefusedError):
        return _classify_unreachable(f"{contacted} refuses the connection.", host, connectivity)
    if isinstance(cause, socket.gaierror):
        fault = _classify_unreachable(f"this network knows no address for {contacted}.", host, connectivity)
        return NoAddress(str(fault)) if isinstance(fault, Unreachable) and connectivity.internet == "yes" else fault
    return _classify_unreachable(f"there is no way to {contacted} from this network.", host, connectivity)


def _classify_unreachable(sentence: str, host: str, connectivity: Connectivity) -> SyncError:
    """Whose fault it is that *host* cannot be reached."""
    if not is_local_address(host):
        if not has_network():
            return Offline("No network: this device is not connected.")
        if connectivity.internet == "no":
            return NoInternet("This network has no internet.")
        if connectivity.internet == "login page":
            return LoginPage(LOGIN_PAGE_MESSAGE)
    return Unreachable(f"The CRM cannot be reached: {sentence}")


def _classify_certificate_error(
    error: ssl.SSLCertVerificationError, host: str, connectivity: Connectivity
) -> SyncError:
    """What a certificate that proves nothing means."""
    reason = error.verify_message.lower()
    if "expired" in reason or "not yet valid" in reason:
        return Offline(f"This device's clock says {format_today()}, and {_advise_on_clock(host, connectivity)}.")
    if "mismatch" in reason or "not valid for" in reason:
        return LoginPage(LOGIN_PAGE_MESSAGE)
    return Offline(f"This network opens encrypted traffic, or {host}'s certificate is not trusted; nothing was sent.")


def format_today() -> str:
    """This device's date, as people write it."""
    return f"{datetime.now():%-d %b %Y}"


def _advise_on_clock(host: str, connectivity: Connectivity) -> str:
    """What to do about a certificate of *host* that is not valid today; another date than ours is named."""
    if connectivity.server_time is None or abs(connectivity.server_time - datetime.now(UTC)) < timedelta(days=1):
        return f"{host}'s certificate is not valid on that day: correct the clock where it is wrong"
    return f"others say {connectivity.server_time:%-d %b %Y}: correct the clock"


def _find_root_cause(error: BaseException) -> BaseException:
    """The first in the chain of errors that led to this one."""
    while (deeper := error.__cause__ or error.__context__) is not None:
        error = deeper
    return error
