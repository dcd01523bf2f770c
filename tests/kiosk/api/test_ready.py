"""Readiness checks are true, and cheap."""

import asyncio
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from starlette.requests import Request

from data.clock import SystemClock
from data.store import open_store
from kiosk.api.context import ApiContext
from kiosk.api.ingest.group_commit import GroupCommit
from kiosk.api.ingest.save import ContactSaver
from kiosk.api.routes.health import HealthRoutes
from kiosk.api.routes.status import StatusReader
from kiosk.config.load import Settings
from kiosk.config.tables import DataSettings
from tests.kiosk.api.api import Api

LITTLE_ROOM = """
import shutil
shutil.disk_usage = lambda path: shutil._ntuple_diskusage(10**9, 10**9 - 3_000_000, 3_000_000)
"""
"""A disk on which a page still fits into the log, and no lead after the next."""


def test_a_server_that_can_write_is_ready(api: Api) -> None:
    """No token is needed, because service managers have none."""
    with api.stranger() as client:
        answer = client.get("/readyz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})


def test_a_nearly_full_disk_is_not_ready(api_with: Callable[..., Api]) -> None:
    """Although the test write would fit; it is still alive."""
    api = api_with().start(LITTLE_ROOM)
    with api.stranger() as client:
        ready, lives = client.get("/readyz"), client.get("/healthz")

    assert (ready.status_code, lives.status_code) == (507, 200)
    assert (
        ready.json()["detail"]
        == "The disk is full: nothing was saved. Free some space; saving then resumes automatically."
    )
    assert "Retry-After" in ready.headers


def test_concurrent_readiness_checks_share_a_write(tmp_path: Path) -> None:
    """A hundred concurrent checks take one place in the queue and cost one flush."""
    settings, clock = Settings(data=DataSettings(str(tmp_path))), SystemClock()
    open_store(settings.database_file).close()
    taking = ContactSaver(settings.event, settings.badges, clock)
    writer = GroupCommit(settings.database_file, 10, taking.save_new_people, taking.save_isolated)
    parts = ApiContext(settings, clock, writer, taking)

    async def ask(number: int) -> list[int]:
        health = HealthRoutes(parts, StatusReader(parts))
        answers = await asyncio.gather(*(health.get_readiness(Request({"type": "http"})) for _ in range(number)))
        await writer.finish()
        return [answer.status_code for answer in answers]

    found = asyncio.run(ask(100))
    parts.close()

    assert found == [200] * 100
    with closing(open_store(settings.database_file)) as db:
        assert db.execute("pragma user_version").fetchone()[0] == 1
