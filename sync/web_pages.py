"""
What a web page or a redirect means where an API would answer with data.

Over HTTPS with a verified certificate, only the CRM's host can have sent it; otherwise a captive portal may have. A
redirect is never followed: whoever it leads to would be handed the visitors' data.
"""

import re
from urllib.parse import urljoin, urlsplit

from data.language import _
from sync.crm_messages import extract_page_text, extract_title
from sync.errors import ConfigurationFault, CrmDown, LoginPage, SyncError
from sync.http_client import CrmResponse
from sync.settings.urls import parse_origin
from sync.transport_errors import LOGIN_PAGE_MESSAGE

# What a page of a CRM says that is down for maintenance.
_MAINTENANCE_PATTERN = re.compile(
    r"\bmainten|\bwartung|\bmantenimiento|\bmanutenzione|\bmanutenção"
    r"|\bbe (right )?back\b|\bback (soon|shortly|online)\b"
    r"|\btemporarily (unavailable|down|offline)|\bunavailable\b|\bout of service\b|\boffline for\b"
    r"|\b(system|scheduled|planned) (upgrade|update|downtime|outage)|\bupgrading\b|\bdowntime\b|\bunder construction\b"
    r"|\btry again (later|in a)\b|\bdown for\b|\bstarting up\b|\bis sleeping\b"
    r"|\bhibernat|\bwaking up\b|\bspinning up\b|\binstance is (offline|asleep)\b",
    re.IGNORECASE,
)

_FIREWALL_PATTERN = re.compile(
    r"cloudflare|\bray id\b|attention required|just a moment|checking your browser|access denied|request blocked"
    r"|web application firewall|\bwaf\b|incapsula|imperva|akamai|sucuri|mod_?security|captcha|bot detect|\bblocked\b"
    r"|\bforbidden\b",
    re.IGNORECASE,
)
_SIGN_IN_PATH_PATTERN = re.compile(
    r"log[-_]?in|sign[-_]?in|\bsso\b|oauth|\bauth\b|\baccounts?\b|saml|frontdoor", re.IGNORECASE
)
# A segment of a path that nobody can guess, as in the addresses of automation tools' webhooks.
_SECRET_SEGMENT_PATTERN = re.compile(r"(?=.*\d)[A-Za-z0-9_.~-]{16,}")

_DOWN_PATH_PATTERN = re.compile(r"mainten|unavailable|sorry|\bstatus\b|\bdown\b|outage", re.IGNORECASE)


def classify_page(response: CrmResponse) -> SyncError:
    """Return the error for a *response* with a 2xx status that is a web page."""
    if response.is_captive_portal or not response.is_host_verified:
        return LoginPage(_(LOGIN_PAGE_MESSAGE))
    if "retry-after" in response.headers or _is_maintenance_page(response):
        return _build_maintenance_error(response)
    sentence = _("CRM setup: this address returns a web page, not an API's data: correct the url in kiosk.toml.")
    return ConfigurationFault(_add_title(sentence, response))


def classify_error_page(response: CrmResponse) -> SyncError | None:
    """Return the error for a page with an error status; None if the status alone says enough."""
    if response.status == 511 or response.is_captive_portal:
        return LoginPage(_(LOGIN_PAGE_MESSAGE))
    is_challenge = response.headers.get("cf-mitigated", "").lower() == "challenge"
    is_page = response.is_html and response.status in (403, 405, 406, 429, 503)
    if is_challenge or (is_page and response.status == 403 and _is_firewall_page(response)):
        sentence = _(
            "CRM setup: a firewall in front of the CRM blocks this device or its network: try another network, or ask "
            "the CRM's administrators to let it through."
        )
        return ConfigurationFault(
            _add_title(sentence, response),
            about_lead=_add_title(_("a firewall in front of the CRM blocks it."), response),
        )
    if response.is_html and 400 <= response.status < 500 and _is_maintenance_page(response):
        return _build_maintenance_error(response)
    return None


def classify_redirect(response: CrmResponse) -> SyncError:
    """Return the error for a redirect."""
    target = _resolve_redirect(response)
    if not response.is_host_verified or response.is_captive_portal:
        is_same = bool(target) and _parse_origin_with_port(target) == _parse_origin_with_port(response.url)
        if is_same and response.status in (301, 308) and not response.is_captive_portal:
            return _build_moved_fault(response, target)
        return LoginPage(_(LOGIN_PAGE_MESSAGE))
    if not target:
        sentence = _(
            "CRM setup: the CRM redirects the kiosk (status {status}) and does not say where: "
            "correct the url in kiosk.toml."
        )
        return ConfigurationFault(sentence.format(status=response.status))
    parts = urlsplit(target)
    if _DOWN_PATH_PATTERN.search(f"{parts.hostname or ''}{parts.path}"):
        sentence = _("The CRM seems to be temporarily down: it redirects the kiosk to {url}.")
        return CrmDown(sentence.format(url=_redact_url(target)))
    if _SIGN_IN_PATH_PATTERN.search(parts.path):
        sentence = _(
            "CRM setup: the CRM redirects the kiosk to its login page ({url}): this is not the address of its API, or "
            "it rejects the key; correct kiosk.toml."
        )
        return ConfigurationFault(sentence.format(url=_redact_url(target)))
    return _build_moved_fault(response, target)


def _build_maintenance_error(response: CrmResponse) -> CrmDown:
    """Return the error for the page of a CRM that is down for maintenance."""
    sentence = _("The CRM seems to be temporarily down: it responds with a web page instead of data.")
    return CrmDown(_add_title(sentence, response))


def _build_moved_fault(response: CrmResponse, target: str) -> ConfigurationFault:
    """Return the error for a redirect to another address, on the same host or elsewhere."""
    if _parse_origin_with_port(target) == _parse_origin_with_port(response.url):
        sentence = _("CRM setup: the CRM's address has moved to {url}: correct the url in kiosk.toml.")
    else:
        sentence = _("CRM setup: the CRM redirects the kiosk to {url}: correct the url in kiosk.toml.")
    return ConfigurationFault(sentence.format(url=_redact_url(target)))


def _redact_url(url: str) -> str:
    """Return *url* without its query and without secret segments of its path, at most 120 characters."""
    parts = urlsplit(url)
    path = "/".join("…" if _SECRET_SEGMENT_PATTERN.fullmatch(step) else step for step in parts.path.split("/"))
    text = f"{parts.scheme}://{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}{path}"
    printable = "".join(char for char in text if char.isprintable() and not char.isspace())
    return printable if len(printable) <= 120 else printable[:119] + "…"


def _resolve_redirect(response: CrmResponse) -> str:
    """Return the absolute URL that a redirect leads to; empty if it names none."""
    target = response.headers.get("location", "").strip()
    try:
        joined = urljoin(response.url, target) if target else ""
        return joined if joined and urlsplit(joined).hostname and urlsplit(joined).port != -1 else ""
    except ValueError:
        return ""


def _is_maintenance_page(response: CrmResponse) -> bool:
    """Return whether a page says that the CRM is down for maintenance."""
    return bool(_MAINTENANCE_PATTERN.search(extract_page_text(response)))


def _is_firewall_page(response: CrmResponse) -> bool:
    """Return whether a page comes from a web application firewall; a CRM itself refuses with data."""
    server = response.headers.get("server", "")
    return bool(_FIREWALL_PATTERN.search(f"{extract_page_text(response)} {server}"))


def _parse_origin_with_port(url: str) -> tuple[str, str | None, int | None]:
    """Return the origin of *url*, with its scheme's port if it names none."""
    scheme, host, port = parse_origin(url)
    return scheme, host, port or {"https": 443, "http": 80}.get(scheme)


def _add_title(sentence: str, response: CrmResponse) -> str:
    """Return *sentence* followed by the page's title, if it has one."""
    title = extract_title(response).rstrip(".")[:100]
    return sentence + " " + _("The title of the page: {title}.").format(title=title) if title else sentence
