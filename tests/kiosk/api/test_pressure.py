"""Under pressure (full queue, locked database, full disk) the API refuses clearly and loses nothing."""

import asyncio
import resource
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from tests.kiosk.api.api import Api
from tests.kiosk.api.crowd import Answer, Line, crowd

BUSY = "import data.store as s; s.BUSY_TIMEOUT_SECONDS = 0.5"

SLOW = """
import time
from data import devices
noted = devices.record_last_seen
def slowly(*given):
    time.sleep(0.05)
    noted(*given)
devices.record_last_seen = slowly
"""


async def flood(api: Api, number: int) -> list[Answer]:
    """Send *number* posts at the same moment."""
    bodies = [{"client_id": f"f{place}", "name": f"Flo Od {place}"} for place in range(number)]
    async with crowd(api, number) as lines:
        return await asyncio.gather(*(line.post(body) for line, body in zip(lines, bodies, strict=True)))


def test_a_full_queue_asks_to_retry(api_with: Callable[..., Api]) -> None:
    """503 with Retry-After; exactly the acknowledged leads are in the database, and memory stays bounded."""
    api = api_with("queue = 5\ncalls_per_second = 100_000").start(SLOW)
    asyncio.run(flood(api, 50))
    before = api.memory()
    answers = [answer for _ in range(5) for answer in asyncio.run(flood(api, 200))]

    refused = [answer for answer in answers if answer.status == 503]
    assert {200, 201, 503} >= {answer.status for answer in answers}
    assert refused
    assert {(answer.headers["retry-after"], answer.headers["content-type"]) for answer in refused} == {
        ("1", "application/problem+json")
    }
    saved = {answer.document["id"] for answer in answers if answer.status != 503}
    assert saved <= {name for (name,) in api.rows("select id from leads")}
    assert api.memory() - before < 40_000_000


def test_a_locked_database_is_reported(api_with: Callable[..., Api]) -> None:
    """503 with Retry-After, single and bulk; nothing is acknowledged, and it works again once the lock is released."""
    api = api_with().start(BUSY)
    api.post({"client_id": "before", "name": "Be Fore"})
    api.token("manage")
    with closing(sqlite3.connect(api.store, isolation_level=None)) as other:
        other.execute("begin immediate")
        single = api.post({"client_id": "b-1", "name": "Bu Sy"})
        many = api.bulk([{"client_id": "b-2", "name": "Bu Sy Too"}])
        ready, read = api.call("GET", "/readyz"), api.call("GET", "/api/v1/contacts/before")
        other.execute("rollback")

    for answer in (single, many, ready):
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        assert "Another program is using the database" in answer.json()["detail"]
    assert read.status_code == 200
    assert api.count("leads") == 1
    assert api.post({"client_id": "b-1", "name": "Bu Sy"}).status_code == 201
    assert api.call("GET", "/readyz").status_code == 200


def test_a_full_disk_is_reported(api_with: Callable[..., Api]) -> None:
    """507 with Retry-After; nothing is acknowledged, reading works, and so does writing once there is room."""
    api = api_with().start()
    api.post({"client_id": "before", "name": "Be Fore"})
    api.token("manage")
    # The kernel writes nothing behind the first page of any file, as on a disk that is full.
    resource.prlimit(api.pid, resource.RLIMIT_FSIZE, (4096, -1))
    notes = [{"client_id": f"d{n}", "name": f"Di Sk {n}", "note": "n" * 9000} for n in range(100)]
    many, single = api.bulk(notes), api.post({"client_id": "d-1", "name": "Di Sk", "note": "n" * 10_000})
    ready, read = api.call("GET", "/readyz"), api.call("GET", "/api/v1/contacts/before")
    resource.prlimit(api.pid, resource.RLIMIT_FSIZE, (-1, -1))

    for answer in (many, single, ready):
        assert (
            answer.status_code, answer.headers.get("retry-after"), answer.headers["content-type"],
        ) == (507, "10", "application/problem+json")  # fmt: skip
        assert "full" in answer.json()["detail"]
    assert read.status_code == 200
    assert api.count("leads") == 1
    assert {one["status"] for one in api.bulk(notes).json()["results"]} == {201}


def test_an_internal_error_is_logged_and_hidden_from_the_client(api_with: Callable[..., Api]) -> None:
    """500 as problem+json; the log has the traceback, and not the token."""
    api = api_with().start("import kiosk.api.routes.contacts as c; c.read_lead_details = lambda *given: 1 / 0")
    api.post({"client_id": "x", "name": "X"})
    answer = api.call("GET", "/api/v1/contacts/x")

    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert "division" not in answer.text
    assert "ZeroDivisionError" in api.log
    assert [name for name in api.holds(api.token("manage")) if name.endswith(".log")] == []


def test_posts_are_saved_while_the_screen_saves_too(api: Api) -> None:
    """Two processes share the database: a hundred posts and a hundred badges are all saved."""
    from data.clock import SystemClock
    from kiosk.badges.profile import BadgeProfile
    from kiosk.config.tables import EventSettings
    from kiosk.scanning.capture import Capture

    captured: list[Any] = []

    def scan() -> None:
        capture = Capture(api.store, EventSettings("Expo"), BadgeProfile(), SystemClock(), wait_seconds=30)
        for number in range(100):
            card = f"MECARD:N:Scan {number};EMAIL:scan{number}@x.example;;"
            captured.append(capture.save_payload(card.encode(), card, "qr", "camera"))
        capture.db.close()

    scanner = threading.Thread(target=scan)
    scanner.start()
    answers = asyncio.run(flood(api, 100))
    scanner.join()

    assert [answer.status for answer in answers] == [201] * 100
    assert all(one.is_saved for one in captured)
    assert api.rows("select count(*) from leads where email like 'scan%'") == [(100,)]


WHOLE = """
    select leads.id, leads.email
      from leads
      join outbox on outbox.lead_id = leads.id
      join scans on scans.lead_id = leads.id
"""


async def fifty(line: Line, start: int, is_bulk: bool) -> dict[str, str]:
    """Post fifty people in order and return their ids; each response names its own client id."""
    names = [f"{start}.{number}" for number in range(50)]
    people = [{"client_id": name, "name": f"P {name}", "email": f"p{name}@x.example"} for name in names]
    if is_bulk:
        answers = (await line.post({"contacts": people}, "/api/v1/contacts/bulk")).document["results"]
    else:
        answers = [(await line.post(person)).document for person in people]
    assert [one["client_id"] for one in answers] == names
    return {one["client_id"]: one["id"] for one in answers}


@pytest.mark.parametrize("is_bulk", [False, True], ids=["single", "bulk"])
def test_a_hundred_clients_each_get_their_own_response(api_with: Callable[..., Api], is_bulk: bool) -> None:
    """Fifty leads from each at the same time: all are there exactly once, with the right person."""
    api = api_with("calls_per_second = 100_000").start()

    async def everybody() -> list[dict[str, str]]:
        async with crowd(api, 100) as lines:
            return await asyncio.gather(*(fifty(line, number, is_bulk) for number, line in enumerate(lines)))

    said = {name: lead for answers in asyncio.run(everybody()) for name, lead in answers.items()}

    assert 5000 == len(said) == len(set(said.values()))
    assert dict(api.rows("select client_id, lead_id from posted")) == said  # type: ignore[arg-type]
    assert {(lead, f"p{name}@x.example") for name, lead in said.items()} == set(api.rows(WHOLE))
    assert len(api.rows(WHOLE)) == 5000
