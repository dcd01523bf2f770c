"""
What a page for people or a redirect means, where an API would answer with data.

Whose it is decides: over HTTPS with a verified certificate nobody but the CRM's host can have sent it. Otherwise a
WiFi's login page may have. A redirect is never followed: whoever it leads to would be handed the visitors' data.
"""

import re
from urllib.parse import urljoin, urlsplit

from sync.crm_messages import extract_page_text, extract_title
from sync.errors import ConfigurationFault, CrmDown, LoginPage, SyncError
from sync.http_client import CrmResponse
from sync.settings.urls import parse_origin
from sync.transport_errors import LOGIN_PAGE_MESSAGE

_MAINTENANCE_PATTERN = re.compile(
    r"\bmainten|\bwartung|\bmantenimiento|\bmanutenzione|\bmanutenção"
    r"|\bbe (right )?back\b|\bback (soon|shortly|online)\b"
    r"|\btemporarily (unavailable|down|offline)|\bunavailable\b|\bout of service\b|\boffline for\b"
    r"|\b(system|scheduled|planned) (upgrade|update|downtime|outage)|\bupgrading\b|\bdowntime\b|\bunder construction\b"
    r"|\btry again (later|in a)\b|\bdown for\b|\bstarting up\b|\bis sleeping\b"
    r"|\bhibernat|\bwaking up\b|\bspinning up\b|\binstance is (offline|asleep)\b",
    re.IGNORECASE,
)
"""What a page says of a CRM that is down for a while."""

_FIREWALL_PATTERN = re.compile(
    r"cloudflare|\bray id\b|attention required|just a moment|checking your browser|access denied|request blocked"
    r"|web application firewall|\bwaf\b|incapsula|imperva|akamai|sucuri|mod_?security|captcha|bot detect|\bblocked\b"
    r"|\bforbidden\b",
    re.IGNORECASE,
)
_SIGN_IN_PATH_PATTERN = re.compile(
    r"log[-_]?in|sign[-_]?in|\bsso\b|oauth|\bauth\b|\baccounts?\b|saml|frontdoor", re.IGNORECASE
)
_SECRET_SEGMENT_PATTERN = re.compile(r"(?=.*\d)[A-Za-z0-9_.~-]{16,}")
"""A step of a path that nobody can guess, as the addresses of automation tools' webhooks have it."""

_DOWN_PATH_PATTERN = re.compile(r"mainten|unavailable|sorry|\bstatus\b|\bdown\b|outage", re.IGNORECASE)


def classify_page(answer: CrmResponse) -> SyncError:
    """What it means that *answer*, which says yes, is a page."""
    if answer.is_captive_portal or not answer.is_host_verified:
        return LoginPage(LOGIN_PAGE_MESSAGE)
    if "retry-after" in answer.headers or _is_maintenance_page(answer):
        return CrmDown(
            f"The CRM answers with a page in place of data{_format_title(answer)}. It seems to be down for a while."
        )
    return ConfigurationFault(
        f"CRM set-up: this address gives a page for people{_format_title(answer)}, not an API's data: "
        "correct the url in kiosk.toml."
    )


def classify_error_page(answer: CrmResponse) -> SyncError | None:
    """What a page means that comes with a status that says no; None where the status says enough."""
    if answer.status == 511 or answer.is_captive_portal:
        return LoginPage(LOGIN_PAGE_MESSAGE)
    is_challenge = answer.headers.get("cf-mitigated", "").lower() == "challenge"
    is_page = answer.is_html and answer.status in (403, 405, 406, 429, 503)
    if is_challenge or (is_page and answer.status == 403 and _is_firewall_page(answer)):
        return ConfigurationFault(
            f"CRM set-up: a firewall in front of the CRM blocks this device or its network{_format_title(answer)}: "
            "try another network, or have the CRM's people let it through."
        )
    if answer.is_html and 400 <= answer.status < 500 and _is_maintenance_page(answer):
        return CrmDown(
            f"The CRM answers with a page in place of data{_format_title(answer)}. It seems to be down for a while."
        )
    return None


def classify_redirect(answer: CrmResponse) -> SyncError:
    """What a redirect means."""
    target = _resolve_redirect(answer)
    if not answer.is_host_verified or answer.is_captive_portal:
        is_same = bool(target) and _parse_origin_with_port(target) == _parse_origin_with_port(answer.url)
        if is_same and answer.status in (301, 308) and not answer.is_captive_portal:
            return _build_moved_fault(answer, target)
        return LoginPage(LOGIN_PAGE_MESSAGE)
    if not target:
        return ConfigurationFault(
            f"CRM set-up: the CRM sends us elsewhere (it answers {answer.status}) and does not say where: "
            "correct the url in kiosk.toml."
        )
    parts = urlsplit(target)
    if _DOWN_PATH_PATTERN.search(f"{parts.hostname or ''}{parts.path}"):
        return CrmDown(
            f"The CRM sends us to {_redact_url(target)} in place of an answer. It seems to be down for a while."
        )
    if _SIGN_IN_PATH_PATTERN.search(parts.path):
        return ConfigurationFault(
            f"CRM set-up: the CRM sends us to its sign-in page for people ({_redact_url(target)}): this url is not its "
            "API's, or it does not accept our key; correct kiosk.toml."
        )
    return _build_moved_fault(answer, target)


def _build_moved_fault(answer: CrmResponse, target: str) -> ConfigurationFault:
    """That an address is another one now."""
    if _parse_origin_with_port(target) == _parse_origin_with_port(answer.url):
        return ConfigurationFault(
            f"CRM set-up: the CRM's address has moved to {_redact_url(target)}: correct the url in kiosk.toml."
        )
    return ConfigurationFault(f"CRM set-up: the CRM sends us to {_redact_url(target)}: correct the url in kiosk.toml.")


def _redact_url(url: str) -> str:
    """*url* for a person: without its query and the parts of its path that may be secret, and not endless."""
    parts = urlsplit(url)
    path = "/".join("…" if _SECRET_SEGMENT_PATTERN.fullmatch(step) else step for step in parts.path.split("/"))
    text = f"{parts.scheme}://{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}{path}"
    printable = "".join(char for char in text if char.isprintable() and not char.isspace())
    return printable if len(printable) <= 120 else printable[:119] + "…"


def _resolve_redirect(answer: CrmResponse) -> str:
    """Where a redirect leads; empty where it names no place."""
    target = answer.headers.get("location", "").strip()
    try:
        joined = urljoin(answer.url, target) if target else ""
        return joined if joined and urlsplit(joined).hostname and urlsplit(joined).port != -1 else ""
    except ValueError:
        return ""


def _is_maintenance_page(answer: CrmResponse) -> bool:
    """Whether a page says that the CRM is down for a while."""
    return bool(_MAINTENANCE_PATTERN.search(extract_page_text(answer)))


def _is_firewall_page(answer: CrmResponse) -> bool:
    """Whether a page is one of a firewall's; a CRM itself refuses with data."""
    server = answer.headers.get("server", "")
    return bool(_FIREWALL_PATTERN.search(f"{extract_page_text(answer)} {server}"))


def _parse_origin_with_port(url: str) -> tuple[str, str | None, int | None]:
    """The origin of *url*, with the port that its scheme stands for."""
    scheme, host, port = parse_origin(url)
    return scheme, host, port or {"https": 443, "http": 80}.get(scheme)


def _format_title(answer: CrmResponse) -> str:
    """The page's title in brackets; empty where it has none."""
    title = extract_title(answer).rstrip(".")[:100]
    return f' ("{title}")' if title else ""
