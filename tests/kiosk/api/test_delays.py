"""Nobody is delayed by others: slow reads, a locked database, split packets, a shutdown."""

import asyncio
import signal
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import pytest

from tests.kiosk.api.api import Api, read_answer, request
from tests.kiosk.api.crowd import Answer, crowd

SHORT = "import kiosk.api.server.connection_limits as p; p.HEAD_TIMEOUT_SECONDS = p.BODY_TIMEOUT_SECONDS = 1.0"

SLOW_READS = """
import time
import kiosk.api.routes.lead_json as lead_json, kiosk.api.routes.status as status, kiosk.api.context as context
listed, stood, context.MAX_PENDING_READS = lead_json.read_lead_page, status.read_status_json, 5
def slow_list(*given):
    time.sleep(0.5)
    return listed(*given)
def slow_status(*given):
    time.sleep(0.5)
    return stood(*given)
lead_json.read_lead_page, status.read_status_json = slow_list, slow_status
"""


@contextmanager
def held(api: Api) -> Iterator[sqlite3.Connection]:
    """Lock the database as another program."""
    with closing(sqlite3.connect(api.store, isolation_level=None)) as other:
        other.execute("begin immediate")
        yield other


def test_a_post_in_two_packets_has_no_shorter_timeout(api_with: Callable[..., Api]) -> None:
    """The second packet is not taken for a blank line before the next request, which has a shorter timeout."""
    api = api_with().start(SHORT)
    token, body = api.token("post"), b'{"name": "Tw O"}'
    head = request("POST", "/api/v1/contacts", token, None, f"Content-Length: {len(body)}")
    with held(api) as other, api.connect() as line:
        line.sendall(head)
        time.sleep(0.1)
        line.sendall(body)
        time.sleep(2.0)  # twice the timeout that it must not have
        other.execute("rollback")

        status, _, _ = read_answer(line)

    assert status == 201


def test_shutdown_while_the_database_is_locked_answers_everybody(api_with: Callable[..., Api]) -> None:
    """Everybody gets a clear error, nothing is acknowledged, and the server ends."""
    api = api_with("calls_per_second = 100_000").start(
        "import kiosk.api.ingest.group_commit as w; w.SHUTDOWN_SECONDS = 1.0"
    )
    api.token("post")

    async def flood() -> list[Answer]:
        async with crowd(api, 200) as lines:
            posts = [
                line.post({"client_id": f"e{number}", "name": f"E Nd {number}"}) for number, line in enumerate(lines)
            ]
            waiting = asyncio.gather(*posts)
            await asyncio.sleep(1.5)
            assert api.process is not None
            api.process.send_signal(signal.SIGTERM)
            return await waiting

    with held(api):
        answers = asyncio.run(flood())
        began = time.monotonic()
        api.stop()

    assert {(one.status, one.headers["content-type"]) for one in answers} == {(503, "application/problem+json")}
    assert time.monotonic() - began < 20
    assert api.count("leads") == 0


def test_slow_reads_do_not_delay_posts(api_with: Callable[..., Api]) -> None:
    """Lists are read one after the other, and tokens are looked up beside them."""
    api = api_with("calls_per_second = 100_000").start(SLOW_READS)
    api.token("read")
    api.token("post", "another")
    ends: list[tuple[float, int]] = []

    def read() -> None:
        answer = api.call("GET", "/api/v1/contacts", role="read")
        ends.append((time.monotonic(), answer.status_code))

    readers = [threading.Thread(target=read) for _ in range(12)]
    for reader in readers:
        reader.start()
    time.sleep(0.5)
    with api.client("post", "another") as client:
        posted = client.post("/api/v1/contacts", json={"name": "Po St"})
    posted_at = time.monotonic()
    for reader in readers:
        reader.join()

    statuses = Counter(status for _, status in ends)
    assert posted.status_code == 201
    assert posted_at < max(at for at, _ in ends)
    assert set(statuses) == {200, 503}
    assert statuses[200] >= 5


def test_concurrent_status_requests_share_a_read(api_with: Callable[..., Api]) -> None:
    """A read takes half a second here, and only five may wait."""
    api = api_with("calls_per_second = 100_000").start(SLOW_READS)
    api.token("read")
    statuses: list[int] = []
    readers = [
        threading.Thread(target=lambda path=path: statuses.append(api.call("GET", path, role="read").status_code))
        for path in ("/metrics", "/api/v1/sync/status") * 10
    ]

    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()

    assert statuses == [200] * 20


@pytest.mark.parametrize("bad", [rb'"cut \ud83d"', rb'"\ud83d\ud83d\ude00 \udc00"'], ids=["cut", "mixed"])
def test_a_lone_surrogate_in_one_item_does_not_fail_the_others(api: Api, bad: bytes) -> None:
    """JavaScript sends it for a text that was cut in the middle of an emoji; the rest of the text is kept."""
    mark = f"half-{len(bad)}"
    body = b'{"contacts": [{"client_id": "%s-1", "name": "Go Od"}, {"client_id": "%s-2", "name": %s}]}' % (
        mark.encode(), mark.encode(), bad,
    )  # fmt: skip

    answer = api.call("POST", "/api/v1/contacts/bulk", role="post", content=body)

    assert [result["status"] for result in answer.json()["results"]] == [201, 201]
    names = {
        name
        for (name,) in api.rows(f"select name from leads join posted on lead_id = id where client_id like '{mark}-%'")
    }
    assert {"Go Od", {b'"cut \\ud83d"': "cut"}.get(bad, "\N{GRINNING FACE}")} == names


def test_a_number_that_is_too_large_fails_only_its_item(api: Api) -> None:
    """The error names the field."""
    body = b'{"contacts": [{"client_id": "n1", "name": "Nu M"}, {"client_id": "n2", "name": "Nu N", "rating": 1e400}]}'

    first, second = api.call("POST", "/api/v1/contacts/bulk", role="post", content=body).json()["results"]

    assert (first["status"], second["status"], second["error"]["field"]) == (201, 422, "rating")


@pytest.mark.parametrize("body", [b'{"name": NaN}', b'{"name": "x", }', b"\xff\xfe{}", b'{"rating": Infinity}'])
def test_lenient_parsing_still_refuses_invalid_json(api: Api, body: bytes) -> None:
    """400, and nothing is saved."""
    assert api.call("POST", "/api/v1/contacts", role="post", content=body).status_code == 400


FULL_LATER = """
import kiosk.api.ingest.save as t
from data.errors import DiskFull
take, calls = t.ContactSaver.save_many, []
def full_later(self, db, posts):
    calls.append(posts)
    if len(calls) == 2:
        raise DiskFull("The disk is full.")
    return take(self, db, posts)
t.ContactSaver.save_many = full_later
"""


def test_a_bulk_request_that_fails_halfway_reports_each_item(api_with: Callable[..., Api]) -> None:
    """Repeating the request saves the rest."""
    api = api_with().start(FULL_LATER)
    items = [{"client_id": f"q{number}", "name": f"Qu Eue {number}"} for number in range(100)]

    first = [result["status"] for result in api.bulk(items).json()["results"]]
    after_first = api.count("leads")
    again = [result["status"] for result in api.bulk(items).json()["results"]]

    assert first == [201] * 25 + [507] * 75
    assert after_first == 25
    assert again == [200] * 25 + [201] * 75
    assert api.count("leads") == 100
