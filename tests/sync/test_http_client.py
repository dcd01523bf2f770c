"""HTTP against servers that misbehave, each a real socket on loopback."""

import asyncio
import gzip
import shutil
import socket
import ssl
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from sync import http_client
from sync.connectors.base import Delivered, Outcome, OutgoingLead, Retry
from sync.connectors.practice import build_practice_settings
from sync.connectors.rest.connector import RestConnector
from sync.errors import (
    BatchRefused,
    ConfigurationFault,
    CrmDown,
    LoginPage,
    NotAuthorised,
    Offline,
    OutcomeUnknown,
    SyncError,
    Throttled,
    Unreachable,
)
from sync.http_client import CrmResponse, HttpClient
from sync.response_body import MAX_BODY_BYTES

TOKEN = "s3cret-of-the-booth"
LEAD = OutgoingLead("0190-ana", 1, {"name": "Ana Lopez", "email": "ana@initech.com"})
TAKEN = b'{"results": [{"client_id": "0190-ana", "status": "created", "id": "P-000001", "error": null}]}'
PAGE = b"<!DOCTYPE html><title>Expo WiFi</title><h1>Sign in</h1>"

CERTIFY = [
    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
    "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
]  # fmt: skip

Handler = Callable[[socket.socket], None]


class RawServer:
    """Reads one request a connection, and then does with it what a test wants."""

    def __init__(self, handler: Handler) -> None:
        self.handler = handler
        self.requests: list[bytes] = []
        self.is_stopping = False
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self) -> None:
        """Serve until stopped."""
        while True:
            connection, _ = self.listener.accept()
            with connection:
                if self.is_stopping:
                    return
                with suppress(OSError):
                    if request := whole_request(connection):
                        self.requests.append(request)
                        self.handler(connection)

    def stop(self) -> None:
        """Stop, and let go of the socket."""
        self.is_stopping = True
        socket.create_connection(("127.0.0.1", self.port)).close()
        self.thread.join(10)
        self.listener.close()


def whole_request(connection: socket.socket) -> bytes:
    """The head and the body of a request; nothing where the caller hung up."""
    received = b""
    while b"\r\n\r\n" not in received:
        piece = connection.recv(65536)
        if not piece:
            return b""
        received += piece
    head, _, rest = received.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    missing = int(lengths[0].split(b":")[1]) - len(rest) if lengths else 0
    while missing > 0:
        piece = connection.recv(65536)
        received, missing = received + piece, missing - len(piece)
    return received


def build_reply(status: str, body: bytes = b"", *headers: str, length: int | None = None) -> bytes:
    """An answer, whose length may be a lie."""
    size = len(body) if length is None else length
    head = [f"HTTP/1.1 {status}", f"Content-Length: {size}", "Connection: close", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def serve_reply(answer: bytes) -> Handler:
    """A server that answers so."""
    return lambda connection: connection.sendall(answer)


def reset_connection(connection: socket.socket) -> None:
    """A connection that is torn down."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def drip_reply(connection: socket.socket) -> None:
    """An answer that comes byte by byte and would take very long."""
    connection.sendall(build_reply("200 OK", b"", "Content-Type: application/json", length=100_000))
    for _ in range(1000):
        connection.sendall(b" ")
        time.sleep(0.02)


def flood_reply(connection: socket.socket) -> None:
    """An answer without an end."""
    connection.sendall(build_reply("200 OK", b"", "Content-Type: application/json", length=10**12))
    while True:
        connection.sendall(b" " * 1_000_000)


def stay_silent(connection: socket.socket) -> None:
    """No answer, until the caller hangs up."""
    connection.recv(1)


@pytest.fixture
def serving() -> Iterator[Callable[[Handler], RawServer]]:
    """Starts a server that misbehaves."""
    servers: list[RawServer] = []

    def start(handler: Handler) -> RawServer:
        servers.append(RawServer(handler))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


def push_lead(url: str) -> dict[str, Outcome]:
    """Deliver one lead in bulk to a CRM at *url*."""

    async def run() -> dict[str, Outcome]:
        connector = RestConnector(build_practice_settings(url), read_token=lambda: TOKEN)
        try:
            return await connector.push("batch-1", [LEAD])
        finally:
            await connector.aclose()

    return asyncio.run(run())


def catch_failure(url: str) -> SyncError:
    """How the delivery to *url* fails; no failure ever tells the token."""
    with pytest.raises(SyncError) as caught:
        push_lead(url)
    assert TOKEN not in str(caught.value)
    assert str(caught.value).isprintable()
    return caught.value


JSON = "Content-Type: application/json"
HTML = "Content-Type: text/html; charset=utf-8"
ELSEWHERE = "Location: http://wifi.example.net/login"

ANSWERS: list[tuple[str, bytes, type[SyncError]]] = [
    ("login page", build_reply("200 OK", PAGE, HTML), LoginPage),
    ("login page that claims to be JSON", build_reply("200 OK", b"\n " + PAGE, JSON), LoginPage),
    ("login page in XHTML", build_reply("200 OK", b"<?xml?><html/>", "Content-Type: application/xhtml+xml"), LoginPage),
    ("302", build_reply("302 Found", PAGE, HTML, ELSEWHERE), LoginPage),
    ("303", build_reply("303 See Other", b"", ELSEWHERE), LoginPage),
    ("307", build_reply("307 Temporary Redirect", b"", ELSEWHERE), LoginPage),
    ("308 elsewhere", build_reply("308 Permanent Redirect", b"", ELSEWHERE), LoginPage),
    ("308 to two slashes", build_reply("308 Permanent Redirect", b"", "Location: //wifi.example.net/"), LoginPage),
    ("302 nowhere", build_reply("302 Found"), LoginPage),
    ("302 to nonsense", build_reply("302 Found", b"", "Location: http://[half"), LoginPage),
    ("308 on the same host", build_reply("308 Permanent Redirect", b"", "Location: /api/v2/contacts"),
     ConfigurationFault),
    ("511", build_reply("511 Network Authentication Required", PAGE, HTML), LoginPage),
    ("cut JSON", build_reply("200 OK", TAKEN[:40], JSON), OutcomeUnknown),
    ("no body", build_reply("200 OK", b"", JSON), OutcomeUnknown),
    ("204", b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n", OutcomeUnknown),
    ("a number", build_reply("200 OK", b"7", JSON), OutcomeUnknown),
    ("other results", build_reply("200 OK", b'{"results": {}}', JSON), OutcomeUnknown),
    ("bytes that are no text", build_reply("200 OK", b"\xff\xfe\x00", JSON), OutcomeUnknown),
    ("JSON nested too deeply", build_reply("200 OK", b"[" * 200_000, JSON), OutcomeUnknown),
    ("broken gzip", build_reply("200 OK", b"not gzip at all", JSON, "Content-Encoding: gzip"), OutcomeUnknown),
    ("cut gzip", build_reply("200 OK", gzip.compress(TAKEN)[:-30], JSON, "Content-Encoding: gzip"), OutcomeUnknown),
    ("cut answer", build_reply("200 OK", TAKEN, JSON, length=len(TAKEN) + 10), OutcomeUnknown),
    ("not HTTP", b"220 smtp.example.net ESMTP\r\n", OutcomeUnknown),
    ("400", build_reply("400 Bad Request", b'{"error": "no"}', JSON), BatchRefused),
    ("401", build_reply("401 Unauthorized", PAGE, HTML), NotAuthorised),
    ("403", build_reply("403 Forbidden", b'{"error": {"message": "scope"}}', JSON), ConfigurationFault),
    ("404", build_reply("404 Not Found", PAGE, HTML), ConfigurationFault),
    ("407", build_reply("407 Proxy Authentication Required"), Offline),
    ("408", build_reply("408 Request Timeout"), OutcomeUnknown),
    ("413", build_reply("413 Content Too Large"), BatchRefused),
    ("429", build_reply("429 Too Many Requests", b"", "Retry-After: 17"), Throttled),
    ("420", build_reply("420 Enhance Your Calm"), Throttled),
    ("430, shopify-api-js#1030", build_reply("430 Shopify Security Rejection", b"<p>Try later", HTML), Throttled),
    ("440 of IIS", build_reply("440 Login Time-out", b"", JSON), NotAuthorised),
    ("498 of ArcGIS", build_reply("498 Invalid Token", b'{"error": "no"}', JSON), NotAuthorised),
    ("499 of nginx", build_reply("499 Client Closed Request"), OutcomeUnknown),
    ("400, posthog#64985", build_reply("400 Bad Request", b'{"message": "Migration in progress"}', JSON), CrmDown),
    ("500", build_reply("500 Internal Server Error", PAGE, HTML), CrmDown),
    ("502", build_reply("502 Bad Gateway"), CrmDown),
    ("503", build_reply("503 Service Unavailable"), CrmDown),
    ("503 with a time", build_reply("503 Service Unavailable", b"", "Retry-After: 17"), Throttled),
    ("a status of its own", build_reply("599 Whatever"), CrmDown),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "error"), [case[1:] for case in ANSWERS], ids=[case[0] for case in ANSWERS])
def test_each_answer_is_the_right_kind_of_failure(
    serving: Callable[[Handler], RawServer], answer: bytes, error: type[SyncError]
) -> None:
    """No answer but a well-formed one that names the lead delivers; the request is made once."""
    server = serving(serve_reply(answer))

    caught = catch_failure(server.url)

    assert type(caught) is error
    assert len(server.requests) == 1


def test_a_well_formed_answer_delivers(serving: Callable[[Handler], RawServer]) -> None:
    """Also with a byte order mark, zipped, and under a content type that says nothing."""
    plain = serving(serve_reply(build_reply("200 OK", TAKEN, JSON)))
    marked = serving(serve_reply(build_reply("200 OK", b"\xef\xbb\xbf" + TAKEN, "Content-Type: text/plain")))
    zipped = serving(serve_reply(build_reply("200 OK", gzip.compress(TAKEN), JSON, "Content-Encoding: gzip")))

    found = [push_lead(server.url)[LEAD.id] for server in (plain, marked, zipped)]

    assert [getattr(outcome, "remote_id", None) for outcome in found] == ["P-000001"] * 3


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
def test_a_redirect_is_never_followed(serving: Callable[[Handler], RawServer], status: str) -> None:
    """Neither the visitor's data nor the token reach whoever the redirect names."""
    other = serving(serve_reply(build_reply("200 OK", TAKEN, JSON)))
    portal = serving(serve_reply(build_reply(status, b"", f"Location: {other.url}/api/v1/contacts/bulk")))

    caught = catch_failure(portal.url)

    assert type(caught) is LoginPage
    assert (len(portal.requests), other.requests) == (1, [])


def test_a_refused_connection_is_offline() -> None:
    """Nobody listens: nothing was sent, and the sentence says whom it was about."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    caught = catch_failure(f"http://127.0.0.1:{port}")

    assert (type(caught), "127.0.0.1 refuses the connection" in str(caught)) == (Unreachable, True)


@pytest.mark.parametrize("handler", [reset_connection, lambda connection: None], ids=["reset", "closed"])
def test_a_connection_lost_after_the_request_leaves_it_open_what_happened(
    serving: Callable[[Handler], RawServer], handler: Handler
) -> None:
    """The CRM may have the lead: it was sent whole, and it is not sent again unasked."""
    server = serving(handler)

    caught = catch_failure(server.url)

    assert type(caught) is OutcomeUnknown
    assert len(server.requests) == 1
    assert b"ana@initech.com" in server.requests[0]


def test_a_server_that_says_nothing_is_given_up(
    serving: Callable[[Handler], RawServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the time for a sign of life; the CRM may have the lead."""
    monkeypatch.setattr(http_client, "HTTP_TIMEOUT", httpx.Timeout(0.3))

    assert type(catch_failure(serving(stay_silent).url)) is OutcomeUnknown


def test_an_answer_that_drips_is_given_up(
    serving: Callable[[Handler], RawServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Progress does not keep a call alive indefinitely."""
    monkeypatch.setattr(http_client, "CALL_DEADLINE_SECONDS", 0.5)
    started = time.monotonic()

    caught = catch_failure(serving(drip_reply).url)

    assert (type(caught), str(caught)) == (OutcomeUnknown, "The CRM took too long to respond.")
    assert time.monotonic() - started < 10


def test_an_answer_without_end_is_not_read_to_its_end(serving: Callable[[Handler], RawServer]) -> None:
    """No CRM sends so much."""
    assert type(catch_failure(serving(flood_reply).url)) is CrmDown


def test_a_small_answer_that_unpacks_to_a_huge_one_is_not_read_to_its_end(
    serving: Callable[[Handler], RawServer],
) -> None:
    """What counts is what it unpacks to."""
    bomb = gzip.compress(b" " * (MAX_BODY_BYTES * 4))

    caught = catch_failure(serving(serve_reply(build_reply("200 OK", bomb, JSON, "Content-Encoding: gzip"))).url)

    assert type(caught) is CrmDown


@pytest.mark.parametrize("charset", ["latin-1", "utf-16", "no such thing"])
def test_a_charset_that_is_claimed_changes_nothing(serving: Callable[[Handler], RawServer], charset: str) -> None:
    """Send UTF-16, although JSON is UTF-8."""
    server = serving(serve_reply(build_reply("200 OK", TAKEN, f"Content-Type: application/json; charset={charset}")))

    assert list(push_lead(server.url)) == [LEAD.id]


def test_tls_to_whom_nobody_vouches_for_is_not_used(certificate: Path) -> None:
    """A network that opens encrypted traffic gets nothing; it says so in words of its own."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    reached: list[str] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def meet() -> None:
        connection, _ = listener.accept()
        try:
            context.wrap_socket(connection, server_side=True).close()
            reached.append("TLS")
        except OSError:
            connection.close()

    thread = threading.Thread(target=meet)
    thread.start()
    caught = catch_failure(f"https://127.0.0.1:{listener.getsockname()[1]}")
    thread.join(10)
    listener.close()

    assert (type(caught), "certificate is not trusted" in str(caught), reached) == (Offline, True, [])


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A self-signed certificate for 127.0.0.1, with its key."""
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("openssl makes the certificate, and is not here")
    path = tmp_path / "unknown.pem"
    command = [program, *CERTIFY, "-keyout", path, "-out", tmp_path / "certificate.pem"]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    path.write_bytes(path.read_bytes() + (tmp_path / "certificate.pem").read_bytes())
    return path


def test_a_port_that_speaks_no_tls_is_a_login_page() -> None:
    """A portal that answers HTTP where HTTPS was asked for."""

    listener = socket.create_server(("127.0.0.1", 0))

    def meet() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(10)
            connection.sendall(build_reply("302 Found", b"", ELSEWHERE))

    thread = threading.Thread(target=meet)
    thread.start()
    caught = catch_failure(f"https://127.0.0.1:{listener.getsockname()[1]}")
    thread.join(10)
    listener.close()

    assert type(caught) is LoginPage


def send_request(base: str, url: str, headers: dict[str, str]) -> CrmResponse:
    """One request by hand."""

    async def run() -> CrmResponse:
        connection = HttpClient(base, headers)
        try:
            return await connection.send("POST", url, {}, {})
        finally:
            await connection.aclose()

    return asyncio.run(run())


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:{other}/x", "http://localhost:{port}/x", "https://127.0.0.1:{port}/x"],
    ids=["port", "host", "scheme"],
)
def test_nothing_goes_to_another_origin_than_the_first(serving: Callable[[Handler], RawServer], url: str) -> None:
    """The token and the visitors' data are for one CRM."""
    server, other = serving(serve_reply(build_reply("200 OK"))), serving(serve_reply(build_reply("200 OK")))

    with pytest.raises(ConfigurationFault, match="different hosts"):
        send_request(server.url, url.format(port=server.port, other=other.port), {})

    assert server.requests + other.requests == []


@pytest.mark.parametrize(
    "token", ["s3cret\nof-the-booth", "s3cret-öf-the-booth", "s3cret-of-the-booth\0", "s3cret–of-the-booth"]
)
def test_a_token_that_cannot_be_sent_is_not_told(serving: Callable[[Handler], RawServer], token: str) -> None:
    """The set-up is at fault, and its sentence may end up on a screen."""
    server = serving(serve_reply(build_reply("200 OK")))

    with pytest.raises(ConfigurationFault) as caught:
        send_request(server.url, server.url, {"Authorization": f"Bearer {token}"})

    assert str(caught.value) == "A header or the token contains a character that cannot be sent: correct kiosk.toml."
    assert server.requests == []


def test_a_token_that_the_crm_repeats_is_not_told(serving: Callable[[Handler], RawServer]) -> None:
    """Some CRMs quote the key that they refuse; our sentence does not."""
    words = f'{{"error": "key {TOKEN} may not write"}}'.encode()

    caught = catch_failure(serving(serve_reply(build_reply("403 Forbidden", words, JSON))).url)

    assert (type(caught), "may not write" in str(caught)) == (ConfigurationFault, True)


def test_words_of_the_crm_are_one_printable_line(serving: Callable[[Handler], RawServer]) -> None:
    """What a CRM says can neither steer a terminal nor look like a line of our own, and is cut to be read."""
    words = b'{"error": "\\u001b[2Jno\\r\\n2026 INFO all delivered\\u202e \\ud800 \\u009b' + b"x" * 5000 + b'"}'

    caught: Any = catch_failure(serving(serve_reply(build_reply("400 Bad Request", words, JSON))).url)

    assert str(caught).isprintable()
    assert "no 2026 INFO all delivered" in str(caught)
    assert len(str(caught)) < 400


NO_IDS = [
    '""', "null", "true", "[]", '"\\ud800"', '"a\\u001b[2J"', '"' + "x" * 5000 + '"', "0", "-1", '"0"', '"undefined"',
    '"00000000-0000-0000-0000-000000000000"', '"[object Object]"', '"None"',
]  # fmt: skip


@pytest.mark.parametrize("remote_id", NO_IDS)
def test_an_id_that_is_none_proves_nothing(serving: Callable[[Handler], RawServer], remote_id: str) -> None:
    """A lead without a proper id at the CRM is not delivered: many programs write 0 for what was not made."""
    item = f'{{"client_id": "{LEAD.id}", "status": "created", "id": {remote_id}, "error": null}}'

    outcomes = push_lead(serving(serve_reply(build_reply("200 OK", f'{{"results": [{item}]}}'.encode(), JSON))).url)

    assert type(outcomes[LEAD.id]) is Retry


def test_data_that_is_called_html_is_data(serving: Callable[[Handler], RawServer]) -> None:
    """espocrm#1700: JSON with the type of a page; a WiFi's login page never looks like that."""
    item = f'{{"client_id": "{LEAD.id}", "status": "created", "id": "r1", "error": null}}'
    answer = build_reply("200 OK", f'{{"results": [{item}]}}'.encode(), "Content-Type: text/html;charset=UTF-8")

    outcomes = push_lead(serving(serve_reply(answer)).url)

    assert {LEAD.id: Delivered("r1", 200)} == outcomes
