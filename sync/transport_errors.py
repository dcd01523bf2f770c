"""What a failed connection means: can anything have arrived, and who is at fault?"""

import socket
import ssl
import time
from datetime import UTC, datetime, timedelta

import httpx

from data.language import N_, _, format_date
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

UNSENDABLE_MESSAGE = N_("A header or the token contains a character that cannot be sent: correct kiosk.toml.")

INVALID_REQUEST_MESSAGE = N_("The CRM cannot be called with these settings ({error}): correct kiosk.toml.")

LOGIN_PAGE_MESSAGE = N_("The WiFi here requires a sign-in: open a browser on this device and sign in.")

_UNKNOWN_CONNECTIVITY = Connectivity()


def translate_error(
    error: httpx.HTTPError, host: str, connectivity: Connectivity = _UNKNOWN_CONNECTIVITY, proxy: str = ""
) -> SyncError:
    """Return our error for *error*, with which a call to *host* (through *proxy*) ended, given the *connectivity*."""
    contacted = _("the proxy {proxy}").format(proxy=proxy) if proxy else host
    match error:
        case httpx.ConnectError():
            return _classify_connect_error(error, host, contacted, connectivity)
        case httpx.ConnectTimeout() | httpx.PoolTimeout():
            sentence = _("The CRM cannot be reached: {contacted} does not respond.")
            return _classify_unreachable(sentence.format(contacted=contacted), host, connectivity)
        case httpx.ProxyError():
            sentence = _("The CRM cannot be reached: {contacted} does not let the kiosk through.")
            return Offline(sentence.format(contacted=contacted))
        case httpx.WriteTimeout():
            # The request is incomplete, so the CRM cannot have accepted it.
            return Offline(_("The network stopped while sending."))
        case httpx.LocalProtocolError():
            return ConfigurationFault(_(UNSENDABLE_MESSAGE))
        case httpx.UnsupportedProtocol():
            return ConfigurationFault(_(INVALID_REQUEST_MESSAGE).format(error=error))
        case httpx.ReadTimeout():
            return OutcomeUnknown(_("The CRM did not respond in time."))
        case httpx.DecodingError():
            return OutcomeUnknown(_(DAMAGED_MESSAGE))
    return OutcomeUnknown(_(BROKEN_MESSAGE))


def _classify_connect_error(
    error: httpx.ConnectError, host: str, contacted: str, connectivity: Connectivity
) -> SyncError:
    """Return why there is no connection to *host*; *contacted* is the first hop. Nothing was sent in any case."""
    cause = _find_root_cause(error)
    if isinstance(cause, ssl.SSLCertVerificationError):
        return _classify_certificate_error(cause, host, connectivity)
    if isinstance(cause, ssl.SSLError):
        # Something that does not speak TLS answers on this port: a captive portal.
        return LoginPage(_(LOGIN_PAGE_MESSAGE))
    if isinstance(cause, ConnectionRefusedError):
        sentence = _("The CRM cannot be reached: {contacted} refuses the connection.")
        return _classify_unreachable(sentence.format(contacted=contacted), host, connectivity)
    if isinstance(cause, socket.gaierror):
        sentence = _("The CRM cannot be reached: this network knows no address for {contacted}.")
        fault = _classify_unreachable(sentence.format(contacted=contacted), host, connectivity)
        return NoAddress(str(fault)) if isinstance(fault, Unreachable) and connectivity.internet == "yes" else fault
    sentence = _("The CRM cannot be reached: there is no route to {contacted} from this network.")
    return _classify_unreachable(sentence.format(contacted=contacted), host, connectivity)


def _classify_unreachable(sentence: str, host: str, connectivity: Connectivity) -> SyncError:
    """Return whose fault it is that *host* cannot be reached; *sentence* describes it if it is the CRM's."""
    if not is_local_address(host):
        if not has_network():
            return Offline(_("No network: this device is not connected."))
        if connectivity.internet == "no":
            return NoInternet(_("This network has no internet access."))
        if connectivity.internet == "login page":  # not shown: a state in code
            return LoginPage(_(LOGIN_PAGE_MESSAGE))
    return Unreachable(sentence)


def _classify_certificate_error(
    error: ssl.SSLCertVerificationError, host: str, connectivity: Connectivity
) -> SyncError:
    """Return what a certificate means that could not be verified."""
    reason = error.verify_message.lower()
    if "expired" in reason or "not yet valid" in reason:  # not shown: OpenSSL's words
        return Offline(_describe_wrong_date(host, connectivity))
    if "mismatch" in reason or "not valid for" in reason:  # not shown: OpenSSL's words
        return LoginPage(_(LOGIN_PAGE_MESSAGE))
    sentence = _("This network intercepts encrypted traffic, or {host}'s certificate is not trusted; nothing was sent.")
    return Offline(sentence.format(host=host))


def _describe_wrong_date(host: str, connectivity: Connectivity) -> str:
    """Return what to do about a certificate of *host* that is not valid today; a contradicting date is named."""
    now = datetime.now(UTC)
    today = format_date(time.localtime(now.timestamp()))
    others = connectivity.server_time
    if others is None or abs(others - now) < timedelta(days=1):
        sentence = _(
            "This device's clock says {today}, and {host}'s certificate is not valid on that day: correct the clock if "
            "it is wrong."
        )
        return sentence.format(today=today, host=host)
    sentence = _("This device's clock says {today}, but other servers say {date}: correct the clock.")
    return sentence.format(today=today, date=format_date(others.timetuple()))


def _find_root_cause(error: BaseException) -> BaseException:
    """Return the first error in the chain that led to *error*."""
    while (deeper := error.__cause__ or error.__context__) is not None:
        error = deeper
    return error
