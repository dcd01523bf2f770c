"""
Whose page or redirect it is, as public reports had it: the CRM's own name, through a proxy, over verified HTTPS.

While another address says that the internet is there. Nobody but the CRM's host can have answered then.
"""

from collections.abc import Callable, Iterator

import pytest

from sync.connectors.rest.connector import RestConnector
from sync.settings.network import NetworkSettings
from tests.sync.matrix.certificates import Authority
from tests.sync.matrix.fake_crm import FakeCrm, respond_with
from tests.sync.matrix.kiosk_under_test import UNTOUCHED, Kiosk, make_rest, require_all_arrived, require_plain
from tests.sync.matrix.proxy import CRM_HOST, Proxy
from tests.sync.matrix.wire import HTML, JSON, PAGE, build_response

Crms = Callable[..., FakeCrm]


@pytest.fixture
def far(crms: Crms, authority: Authority) -> FakeCrm:
    """A CRM that is reached through the proxy alone."""
    return crms(tls=authority.server(CRM_HOST))


@pytest.fixture
def proxy(far: FakeCrm) -> Iterator[Proxy]:
    """The proxy that finds it."""
    found = Proxy(far)
    yield found
    found.stop()


@pytest.fixture
def make(crms: Crms, authority: Authority, proxy: Proxy) -> Callable[..., RestConnector]:
    """The connector to it; `make(internet)` says what the address tells that is asked whether the internet is there."""

    def connector(internet: bytes = build_response("204 No Content")) -> RestConnector:
        witness = crms()
        witness.fault = respond_with(internet)
        network = NetworkSettings(
            proxy=f"http://{proxy.address}", ca_file=str(authority.file), check_url=f"{witness.url}/generate_204"
        )
        return make_rest(f"https://{CRM_HOST}", network)

    return connector


INDEX = b"<!doctype html><html><head><title>Acme CRM</title></head><body><div id=root></div></body></html>"
DOWN = b"<html><head><title>Scheduled maintenance</title></head><body><h1>We will be back soon</h1></body></html>"
CLOUD = (
    b"<!DOCTYPE html><html><head><title>Attention Required! | Cloudflare</title></head>"
    b"<body>Sorry, you have been blocked. Cloudflare Ray ID: 8c1</body></html>"
)
SLASH = "Location: /api/v1/contacts/bulk/"
AWAY = "Location: https://app.example.org/api?token=hunter2-hunter2"

ANSWERS = {
    "lionagi#1861: the app's page": (build_response("200 OK", INDEX, HTML), "set-up", "title of the page: Acme CRM."),
    "starlette#464: 307 to the slash": (build_response("307 Temporary Redirect", b"", SLASH), "set-up", "has moved to"),
    "the same with 302": (
        build_response("302 Found", b"", SLASH),
        "set-up",
        "has moved to https://crm.example.com/api",
    ),
    "the same with 301": (build_response("301 Moved Permanently", b"", SLASH), "set-up", "has moved to"),
    "IlluminatedCloud#1667: another host": (
        build_response("301 Moved Permanently", b"", AWAY),
        "set-up",
        "redirects the kiosk to https://app.example.org/api: correct the url",
    ),
    "303 to another host": (
        build_response("303 See Other", b"", AWAY),
        "set-up",
        "redirects the kiosk to https://app.example.org/api",
    ),
    "302 to its own sign-in": (
        build_response("302 Found", b"", "Location: /users/sign_in?next=%2Fapi"),
        "set-up",
        "login page",
    ),
    "302 without a place": (build_response("302 Found", b""), "set-up", "does not say where"),
    "inaturalist#1541: maintenance with 200": (
        build_response("200 OK", DOWN, HTML),
        "CRM down",
        "web page instead of data",
    ),
    "maintenance by redirect": (
        build_response("302 Found", b"", "Location: https://status.example.com/maintenance"),
        "CRM down",
        "temporarily down",
    ),
    "simple-salesforce#399: 411 with maintenance": (
        build_response("411 Length Required", DOWN, HTML),
        "CRM down",
        "web page instead of data",
    ),
    "forcedotcom/cli#2487: 503 with maintenance": (
        build_response("503 Service Unavailable", DOWN, HTML),
        "CRM down",
        "503",
    ),
    "worldmonitor#3146: a firewall's 403": (
        build_response("403 Forbidden", CLOUD, HTML),
        "set-up",
        "firewall in front of the",
    ),
    "a challenge": (
        build_response("503 Service Unavailable", CLOUD, HTML, "CF-Mitigated: challenge"),
        "set-up",
        "firewall in front of",
    ),
    "n8n#35040: not registered": (
        build_response(
            "404 Not Found",
            {
                "code": 404,
                "message": 'The requested webhook "POST booth" is not registered.',
                "hint": "The workflow must be active for a production URL to run successfully.",
            },
            JSON,
        ),
        "set-up",
        "is not registered. The workflow must be active",
    ),
    "emailengine#119: 410 with words": (
        build_response("410 Gone", {"status": "error", "message": "This hook was turned off."}, JSON),
        "set-up",
        "This hook was turned off.",
    ),
    "n8n#18268: 500 with words": (
        build_response("500 Internal Server Error", {"message": "Workflow could not be started!"}, JSON),
        "CRM down",
        "Workflow could not be started",
    ),
    "httrack#556: br unasked": (
        build_response("200 OK", b"\x0b\x02\x80{}\x03", JSON, "Content-Encoding: br"),
        "CRM down",
        "did not ask for (br)",
    ),
    "rate limit as 403": (
        build_response("403 Forbidden", {"error": {"message": "Rate limit exceeded for this user"}}, JSON),
        "throttled",
        "wait",
    ),
}


@pytest.mark.parametrize(("answer", "cause", "words"), ANSWERS.values(), ids=ANSWERS.keys())
def test_over_verified_https_it_is_from_the_crm(
    kiosk: Kiosk, far: FakeCrm, make: Callable[..., RestConnector], answer: bytes, cause: str, words: str
) -> None:
    """It is named as what it is, not as the venue's WiFi; no attempt is spent, and all are sent once it is over."""
    kiosk.add_leads(3)
    kiosk.use_connector(make())
    far.fault = respond_with(answer)

    kiosk.drain()

    assert (kiosk.gate.is_open, kiosk.gate.cause) == (False, cause), kiosk.gate.sentence
    assert words in kiosk.gate.sentence
    assert "WiFi" not in kiosk.gate.sentence
    assert "hunter2" not in kiosk.gate.sentence
    assert kiosk.read_rows() == UNTOUCHED
    far.fault = None
    require_all_arrived(kiosk, far)


@pytest.mark.parametrize(
    "internet", [build_response("200 OK", PAGE, HTML), build_response("302 Found", b"", "Location: http://w.test/")]
)
@pytest.mark.parametrize("answer", [build_response("200 OK", PAGE, HTML), build_response("302 Found", b"", AWAY)])
def test_with_a_login_page_in_between_it_is_from_the_wifi(
    kiosk: Kiosk, far: FakeCrm, make: Callable[..., RestConnector], internet: bytes, answer: bytes
) -> None:
    """That address says so: people have to sign in first, whatever the CRM's host answers meanwhile."""
    kiosk.add_leads(1)
    kiosk.use_connector(make(internet))
    far.fault = respond_with(answer)

    kiosk.drain()

    assert kiosk.gate.cause == "login page"
    assert require_plain(kiosk.gate.sentence)


@pytest.mark.parametrize("answer", [build_response("200 OK", INDEX, HTML), build_response("302 Found", b"", AWAY)])
def test_over_plain_http_a_page_may_come_from_anybody(kiosk: Kiosk, crm: FakeCrm, answer: bytes) -> None:
    """So it stays the WiFi's."""
    kiosk.add_leads(1)
    kiosk.use_connector(make_rest(crm.url))
    crm.fault = respond_with(answer)

    kiosk.drain()

    assert kiosk.gate.cause == "login page"
