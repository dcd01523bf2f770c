"""SIGKILL under load: everything acknowledged is in the database, and nothing is there twice."""

import asyncio
import random
import signal
import time
from collections.abc import Callable

import pytest

from tests.kiosk.api.api import Api
from tests.kiosk.api.crowd import Answer, Line, crowd
from tests.support.booth import SHORT

CLIENTS = 20

WHOLE = """
    select posted.client_id, leads.id
      from leads
      join posted on posted.lead_id = leads.id
      join outbox on outbox.lead_id = leads.id and outbox.revision = leads.revision
      join scans on scans.lead_id = leads.id
"""


async def load(api: Api, run: int, said: dict[str, str], sent: set[str]) -> None:
    """Post from many clients, single and bulk, until the server is killed; record what it acknowledged."""

    async def client(number: int, line: Line) -> None:
        for turn in range(100_000):
            people = [person(f"{run}.{number}.{turn}.{place}") for place in range(1 if number % 2 else 10)]
            sent.update(one["client_id"] for one in people)
            try:
                answer = await line.post({"contacts": people}, "/api/v1/contacts/bulk")
            except (OSError, EOFError):
                return
            said.update({one["client_id"]: one["id"] for one in answer.document["results"]})

    async with crowd(api, CLIENTS) as lines:
        await asyncio.gather(*(client(number, line) for number, line in enumerate(lines)))


def person(name: str) -> dict[str, str]:
    """Make up a unique person."""
    return {"client_id": name, "name": f"K {name}", "email": f"k{name}@x.example"}


def killed_under_load(api: Api, kills: int) -> tuple[dict[str, str], set[str]]:
    """Return what was acknowledged before the kills, and everything that was sent."""
    said: dict[str, str] = {}
    sent: set[str] = set()
    dice = random.Random()
    for run in range(kills):
        api.start()
        api.token("post")

        async def attack(run: int = run) -> None:
            posting = asyncio.create_task(load(api, run, said, sent))
            await asyncio.sleep(dice.uniform(0.2, 1.0))
            api.stop(signal.SIGKILL)
            await posting

        asyncio.run(attack())
    return said, sent


def check(api: Api, kills: int) -> None:
    """Kill the server *times* times, check the database, and send everything again."""
    said, sent = killed_under_load(api, kills)
    whole = api.rows(WHOLE)
    found = dict(whole)

    assert len(said) > kills * CLIENTS
    assert {name: found.get(name) for name in said} == said
    assert len(whole) == len(found) == api.count("leads") == api.count("scans") == api.count("outbox")
    assert api.rows("pragma integrity_check") == [("ok",)]
    api.start()
    for place in range(0, len(lost := sorted(sent - said.keys())), 100):
        people = [
            {"client_id": name, "name": f"K {name}", "email": f"k{name}@x.example"}
            for name in lost[place : place + 100]
        ]
        assert {200, 201} >= {one["status"] for one in api.bulk(people).json()["results"]}
    assert {name for (name,) in api.rows("select client_id from posted")} == sent
    assert len(sent) == api.count("leads")


def test_a_killed_server_neither_loses_nor_duplicates(api_with: Callable[..., Api]) -> None:
    """After three kills, clients without a response post again, and each has one lead."""
    check(api_with("calls_per_second = 100_000"), 3)


@pytest.mark.soak
@pytest.mark.timeout(1500)
def test_fifty_kills_neither_lose_nor_duplicate(api_with: Callable[..., Api]) -> None:
    """The same fifty times."""
    check(api_with("calls_per_second = 100_000"), 10 if SHORT else 50)


def test_sigterm_answers_requests_under_way(api_with: Callable[..., Api]) -> None:
    """Every request that had begun gets a true response, and the server ends soon with status 0."""
    slow = """
import time
from data import devices
noted = devices.record_last_seen
devices.record_last_seen = lambda *given: (time.sleep(0.5), noted(*given))
"""
    api = api_with("calls_per_second = 100_000").start(slow)

    async def stop_meanwhile() -> list[Answer]:
        async with crowd(api, 50) as lines:
            posting = [asyncio.create_task(line.post(person(str(number)))) for number, line in enumerate(lines)]
            await asyncio.sleep(0.3)
            stopping = asyncio.create_task(asyncio.to_thread(api.stop))
            answers = await asyncio.gather(*posting)
            assert await stopping == 0
            return answers

    began = time.monotonic()
    answers = asyncio.run(stop_meanwhile())

    assert [answer.status for answer in answers] == [201] * 50
    assert {answer.document["id"] for answer in answers} == {name for (name,) in api.rows("select id from leads")}
    assert time.monotonic() - began < 25
    assert "Traceback" not in api.log
