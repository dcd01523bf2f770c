"""The OpenAPI document matches the application."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kiosk.api.context import ApiContext
from kiosk.api.docs.endpoints import ENDPOINTS
from kiosk.api.docs.openapi import build_openapi
from kiosk.api.ingest.group_commit import GroupCommit
from kiosk.api.ingest.save import ContactSaver
from kiosk.api.server.app import create_routes
from kiosk.api.wire.responses import (
    BulkResponse,
    LeadDetailsJson,
    LeadJson,
    LeadPageJson,
    ProblemDetails,
    SaveResponse,
    StatusJson,
    SyncResponse,
)
from kiosk.api.wire.static_files import STATIC_FILES
from kiosk.api.wire.throttle import SignInThrottle
from kiosk.config.load import Settings
from tests.kiosk.api.api import Api, request
from tests.support.clock import FakeClock

ANA = {"client_id": "phone/1", "name": "Ana", "email": "ana@initech.example", "scanned_at": "2026-11-24T09:00:00Z"}


@pytest.fixture
def routes(tmp_path: Path) -> set[tuple[str, str]]:
    """The methods and paths of the application."""
    settings, clock = Settings(), FakeClock()
    taking = ContactSaver(settings.event, settings.badges, clock)
    parts = ApiContext(
        settings, clock, GroupCommit(tmp_path / "kiosk.db", 1, taking.save_new_people, taking.save_isolated), taking
    )
    found = create_routes(parts, lambda: None, lambda device: None, SignInThrottle())
    return {
        (method, re.sub(":path}", "}", one.path)) for one in found for method in one.methods or () if method != "HEAD"
    }


def test_the_document_has_exactly_the_routes_that_exist(routes: set[tuple[str, str]]) -> None:
    """By method and path, in both directions."""
    told = {(method.upper(), path) for path, methods in build_openapi()["paths"].items() for method in methods}

    assert told == routes


def test_every_endpoint_needs_the_documented_role(api: Api) -> None:
    """401 without a token, 403 with a lower role; public endpoints need none."""
    below = {"read": "post", "manage": "read"}

    for one in ENDPOINTS:
        path = one.path.replace("{id}", "x").replace("{name}", "icon.svg")
        with api.stranger() as client:
            stranger = client.request(one.method, path).status_code
        assert (401 if one.role else stranger) == stranger, path
        assert one.role or stranger != 401, path
        if one.role in below:
            assert api.call(one.method, path, role=below[one.role]).status_code == 403, path


def test_the_document_is_served_to_anybody(api: Api) -> None:
    """As JSON of the stated version, in which every reference resolves."""
    with api.stranger() as client:
        answer = client.get("/openapi.json")
    document = answer.json()

    assert (answer.headers["content-type"], document["openapi"]) == ("application/json", "3.1.0")
    references = set(re.findall(r'"\$ref":\s*"#/([^"]+)"', answer.text))
    assert references
    for reference in references:
        place: Any = document
        for name in reference.split("/"):
            place = place[name]


def test_answers_are_what_the_document_says(api: Api) -> None:
    """Real responses match the response models exactly."""
    posted = api.post(ANA)
    page = api.call("GET", "/api/v1/contacts")
    with api.sender():
        tried = api.call("POST", "/api/v1/sync")

    for kind, answer in (
        (SaveResponse, posted),
        (LeadDetailsJson, api.call("GET", f"/api/v1/contacts/{posted.json()['id']}")),
        (LeadJson, api.call("PATCH", f"/api/v1/contacts/{posted.json()['id']}", {"note": "hi"})),
        (LeadDetailsJson, api.call("GET", f"/api/v1/contacts/{posted.json()['id']}")),
        (LeadPageJson, page),
        (BulkResponse, api.bulk([{**ANA, "client_id": "phone/2"}, {"name": 7}, None])),
        (StatusJson, api.call("GET", "/api/v1/sync/status")),
        (SyncResponse, tried),
        (ProblemDetails, api.post({"name": 7})),
        (ProblemDetails, api.bulk([{}] * 101)),
    ):
        assert isinstance(msgspec.json.decode(answer.content, type=kind), kind)


def test_endpoint_specific_errors_are_in_the_document(api: Api) -> None:
    """A client id in use, an invalid code, too many of them, an unknown lead."""
    api.post(ANA)
    guess = {"code": "wrong"}
    answers = {
        ("post", "/api/v1/contacts"): [api.post({**ANA, "name": "Eve", "email": "eve@initech.example"})],
        ("get", "/api/v1/contacts/{id}"): [api.call("GET", "/api/v1/contacts/nobody")],
        ("post", "/api/v1/pair"): [api.call("POST", "/api/v1/pair", guess) for _ in range(25)],
    }

    assert [{one.status_code for one in found} for found in answers.values()] == [{409}, {404}, {403, 429}]
    for (method, path), found in answers.items():
        told = build_openapi()["paths"][path][method]["responses"]
        assert {str(one.status_code) for one in found} <= set(told)


def test_the_examples_are_accepted(api: Api) -> None:
    """The example bodies are valid."""
    shown = [
        one for one in ENDPOINTS if one.example and one.path.startswith("/api/v1/contacts") and "{id}" not in one.path
    ]
    assert len(shown) == 2

    for one in shown:
        # 200 where another test, or the example before, has posted the same lead.
        assert api.call(one.method, one.path, one.example).status_code in (200, 201)
    lead = api.call("GET", "/api/v1/contacts/scanner-3/000017").json()["id"]
    for one in ENDPOINTS:
        if one.example and "{id}" in one.path:
            assert api.call(one.method, one.path.replace("{id}", lead), one.example).status_code == 200


@pytest.mark.parametrize("key", ["", "x" * 201, "caf\xe9", "a\tb"])
def test_an_invalid_idempotency_key_is_refused(api: Api, key: str) -> None:
    """Also with a client id in the body: the client learns that its key is useless."""
    answer = api.post(ANA, headers={"Idempotency-Key": key.encode("latin-1")})

    assert (answer.status_code, answer.json()["field"]) == (422, "Idempotency-Key")


def test_a_whole_number_may_have_a_decimal_point(api: Api) -> None:
    """JSON has one kind of number."""
    api.post({"client_id": "phone/4", "name": "Bo", "rating": 4.0})

    assert api.call("GET", "/api/v1/contacts/phone/4").json()["rating"] == 4
    assert api.call("PATCH", "/api/v1/contacts/phone/4", {"rating": 4.5}).status_code == 422


@pytest.mark.parametrize("wrong", [{"client_id": "a\n"}, {"email": "a@b.example\n"}, {"email": "a\u001fb@c.example"}])
def test_patterns_mean_the_same_in_python_and_javascript(api: Api, wrong: dict[str, str]) -> None:
    """The end of a text and blank characters are the same for both."""
    assert (422, next(iter(wrong))) == ((answer := api.post({**ANA, **wrong})).status_code, answer.json()["field"])


def test_405_lists_all_methods_of_a_path(api: Api) -> None:
    """`Allow` lists them."""
    paths = ("/api/v1/contacts", "/api/v1/contacts/x", "/api/v1/contacts/x/retry", "/api/v1/sync")

    answers = {path: api.call("DELETE", path) for path in paths}

    assert {answer.status_code for answer in answers.values()} == {405}
    assert [answer.headers["allow"] for answer in answers.values()] == [
        "GET, HEAD, POST",
        "GET, HEAD, PATCH",
        "GET, HEAD, PATCH, POST",
        "POST",
    ]
    assert {answer.headers["content-type"] for answer in answers.values()} == {"application/problem+json"}


class Reader(HTMLParser):
    """Collects what a page loads, links to, and can be linked to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.leads: set[str] = set()
        self.ids: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect the references of one element."""
        found = dict(attrs)
        self.ids.add(found.get("id") or "")
        if tag == "a":
            self.leads.add(found.get("href") or "")
        elif address := found.get("src") or found.get("href"):
            self.loads.append(address)
        assert not {"style", "onclick", "onload"} & set(found), "a policy forbids that"


def test_the_api_reference_needs_no_internet(api: Api) -> None:
    """It has every endpoint and type, loads only our files, and has no dead links."""
    with api.stranger() as client:
        answer = client.get("/docs")
        page = Reader(answer.text)
        loaded = [client.get(address) for address in page.loads]

    assert {one.status_code for one in loaded} == {200}
    assert loaded and all(address.startswith("/static/") for address in page.loads)
    assert {link[1:] for link in page.leads if link.startswith("#")} <= page.ids
    assert set(build_openapi()["components"]["schemas"]) <= page.ids
    assert not [one.path for one in ENDPOINTS if one.path not in answer.text]
    assert len(answer.content) < 100_000


def test_pages_have_a_strict_content_security_policy(api: Api) -> None:
    """Nothing from other origins is loaded, framing is forbidden, and types are not sniffed."""
    with api.stranger() as client:
        for path in ("/numbers", "/docs", "/static/numbers.js"):
            headers = client.get(path).headers
            policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
            assert {policy[key] for key in ("default-src", "frame-ancestors", "base-uri", "form-action")} == {"'none'"}
            assert {policy[key] for key in ("script-src", "style-src", "connect-src", "img-src")} == {"'self'"}
            assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "no-referrer")
    for path in ("/static/../pages.py", "/static/%2e%2e/pages.py", "/static/none.js", "/static/"):
        assert api.raw(request("GET", path, "", None, "Connection: close")).startswith(b"HTTP/1.1 404 "), path


def test_every_file_of_the_pages_is_there_and_is_served() -> None:
    """The table and the folder match, and the files are small."""
    folder = Path(__file__).parents[3] / "kiosk" / "api" / "page"

    assert sorted(file.file_name for file in STATIC_FILES.values()) == sorted(path.name for path in folder.iterdir())
    assert sum(path.stat().st_size for path in folder.iterdir()) < 60_000


def test_the_documents_examples_and_answers_are_json() -> None:
    """The document survives a round trip through JSON."""
    assert build_openapi() == json.loads(json.dumps(build_openapi()))
