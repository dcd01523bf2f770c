"""Every endpoint needs the documented role, and private ones need a token."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from data.devices import ROLES
from kiosk.api.context import ApiContext
from kiosk.api.ingest.group_commit import GroupCommit
from kiosk.api.ingest.save import ContactSaver
from kiosk.api.server.app import create_routes
from kiosk.api.wire.throttle import SignInThrottle
from kiosk.config.load import Settings
from tests.kiosk.api.api import Api
from tests.support.clock import FakeClock

NEEDS = {
    ("POST", "/api/v1/contacts"): "post",
    ("POST", "/api/v1/contacts/bulk"): "post",
    ("GET", "/api/v1/contacts"): "read",
    ("GET", "/api/v1/contacts/{id:path}"): "read",
    ("PATCH", "/api/v1/contacts/{id:path}"): "manage",
    ("POST", "/api/v1/contacts/{id:path}/retry"): "manage",
    ("POST", "/api/v1/contacts/{id:path}/discard"): "manage",
    ("POST", "/api/v1/contacts/{id:path}/restore"): "manage",
    ("GET", "/api/v1/sync/status"): "read",
    ("POST", "/api/v1/sync"): "manage",
    ("GET", "/api/v1/events"): "read",
    ("GET", "/metrics"): "read",
}
"""What each endpoint takes."""

OPEN = {
    ("GET", "/"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("POST", "/api/v1/pair"),
    ("GET", "/numbers"),
    ("GET", "/docs"),
    ("GET", "/openapi.json"),
    ("GET", "/static/messages.json"),
    ("GET", "/static/{name}"),
}
"""What anybody may call: it tells nothing of anybody."""

BODIES = {"/api/v1/contacts": {"name": "Ro Le"}, "/api/v1/contacts/bulk": {"contacts": []}}


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """An API without a limit on wrong tokens."""
    found = Api(tmp_path_factory.mktemp("api"), "calls_per_second = 100_000")
    found.start("import kiosk.api.wire.throttle as throttle; throttle.MAX_FAILURES = 1_000_000")
    with found.sender():
        yield found
    found.stop(signal.SIGKILL)


def filled(path: str) -> str:
    """Fill in *path* with an unknown lead."""
    return path.replace("{id:path}", "nobody").replace("{name}", "icon.svg")


def test_every_endpoint_is_listed_with_its_role(tmp_path: Path) -> None:
    """A new endpoint that is not in these tables fails here."""
    settings, clock = Settings(), FakeClock()
    taking = ContactSaver(settings.event, settings.badges, clock)
    parts = ApiContext(
        settings, clock, GroupCommit(tmp_path / "kiosk.db", 1, taking.save_new_people, taking.save_isolated), taking
    )

    found = {
        (method, route.path)
        for route in create_routes(parts, lambda: None, lambda device: None, SignInThrottle())
        for method in route.methods or ()
        if method != "HEAD"
    }

    assert NEEDS.keys() | OPEN == found


@pytest.mark.parametrize("endpoint", NEEDS, ids=" ".join)
@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": ""}, {"Authorization": "Bearer"}, {"Authorization": "Bearer bk_0a1b2c3d_wrong"},
     {"Authorization": "Basic YTpi"}, {"Authorization": "Bearer \xe4\xff"}, {"Cookie": "token=x"}],
    ids=repr,
)  # fmt: skip
def test_every_private_endpoint_needs_a_token(api: Api, endpoint: tuple[str, str], headers: dict[str, str]) -> None:
    """401 (RFC 6750), whether or not the lead exists; not even wrong fields are named."""
    method, path = endpoint
    with api.stranger() as stranger:
        sent = {name: value.encode("latin-1") for name, value in headers.items()}
        answer = stranger.request(method, filled(path), headers=sent, content=b'{"rubbish": 1}')

    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert answer.json().keys() == {"type", "title", "status", "detail"}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("endpoint", NEEDS, ids=" ".join)
def test_each_role_allows_exactly_its_endpoints(api: Api, endpoint: tuple[str, str], role: str) -> None:
    """403 says which role is needed; an allowed request gets a result, or 404 for the unknown lead."""
    method, path = endpoint
    may = ROLES.index(role) >= ROLES.index(NEEDS[endpoint])
    with api.client(role) as client, client.stream(method, filled(path), json=BODIES.get(path, {})) as answer:
        if may:
            assert answer.status_code in (200, 201, 202, 404, 422)  # by endpoint; it is only not about the role
        else:
            assert answer.status_code == 403
            assert NEEDS[endpoint] in answer.read().decode()


@pytest.mark.parametrize("endpoint", sorted(OPEN), ids=" ".join)
def test_public_endpoints_reveal_nobody(api: Api, endpoint: tuple[str, str]) -> None:
    """No name and no token is in the responses."""
    api.post({"client_id": "open", "name": "Oona Pen", "email": "oona@x.example"})
    method, path = endpoint
    with api.stranger() as stranger:
        answer = stranger.request(method, filled(path), content=b"{}" if method == "POST" else None)

    assert answer.status_code < 500
    assert b"Oona" not in answer.content


LOOKALIKES = (
    "/healthzz", "/api/v1/pairs", "/api/v1/pair/x", "/docs/../metrics", "/numbersx", "//metrics", "/api/v1", "/admin",
    "/static", "/%6detrics", "/metrics/", "/static/../metrics", "/static/%2e%2e/metrics",
)  # fmt: skip


@pytest.mark.parametrize("path", LOOKALIKES)
def test_paths_that_resemble_public_ones_are_private(api: Api, path: str) -> None:
    """Only exact paths are public, after decoding."""
    raw = api.raw(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())

    assert raw.startswith(b"HTTP/1.1 404 " if path.startswith("/static/") else b"HTTP/1.1 401 ")


@pytest.mark.parametrize("method", ["OPTIONS", "HEAD", "PUT", "DELETE", "TRACE"])
def test_other_methods_are_405_and_there_is_no_cors(api: Api, method: str) -> None:
    """405 lists the supported methods, and no response allows other origins."""
    asks = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    before = api.count("leads")
    answer = api.call(method, "/api/v1/contacts", headers=asks)

    assert answer.status_code == (200 if method == "HEAD" else 405)
    assert answer.content == b"" or method != "HEAD"
    assert [name for name in answer.headers if name.startswith("access-control")] == []
    if method != "HEAD":
        assert {"GET", "POST"} <= set(answer.headers["allow"].split(", "))
    assert api.count("leads") == before


def test_responses_have_no_cors_headers(api: Api) -> None:
    """Successful ones as well."""
    answer = api.post({"client_id": "cors", "name": "Cor S"}, headers={"Origin": "https://evil.example"})

    assert answer.status_code == 201
    assert [name for name in answer.headers if name.startswith("access-control")] == []
