"""Fixtures of the Odoo connector's tests."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sync.connectors.base import Outcome, OutgoingLead
from sync.connectors.odoo.connector import OdooConnector
from sync.settings.odoo import OdooSettings
from tests.sync.scripted_server import ScriptedServer

KEY = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    """A scripted Odoo."""
    made = ScriptedServer()
    yield made
    made.stop()


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> str:
    """The key, set in the environment."""
    monkeypatch.setenv("BOOTH_TEST_KEY", KEY)
    return KEY


@pytest.fixture
def json2(server: ScriptedServer, key: str) -> OdooSettings:
    """Settings for *server* as Odoo 19 or later."""
    return OdooSettings(server.url, key_env="BOOTH_TEST_KEY", database="show")


@pytest.fixture
def jsonrpc(server: ScriptedServer, key: str) -> OdooSettings:
    """Settings for *server* as an Odoo before 19."""
    return OdooSettings(server.url, api="jsonrpc", database="show", login="booth@example.com", key_env="BOOTH_TEST_KEY")


@pytest.fixture
def with_odoo() -> Callable[..., Any]:
    """Run something with a connector, and close it: `with_odoo(settings, lambda odoo: odoo.check_setup())`."""

    def run(settings: OdooSettings, work: Callable[[OdooConnector], Any]) -> Any:
        settings.check()

        async def done() -> Any:
            connector = OdooConnector(settings)
            try:
                return await work(connector)
            finally:
                await connector.aclose()

        return asyncio.run(done())

    return run


@pytest.fixture
def push(with_odoo: Callable[..., Any]) -> Callable[..., dict[str, Outcome]]:
    """Make one push: `push(settings, *leads)`."""

    def pushed(settings: OdooSettings, *leads: OutgoingLead) -> dict[str, Outcome]:
        outcomes: dict[str, Outcome] = with_odoo(settings, lambda odoo: odoo.push("batch-1", leads))
        return outcomes

    return pushed
