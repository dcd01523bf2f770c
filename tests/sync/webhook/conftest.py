"""Fixtures of the webhook's tests."""

from collections.abc import Iterator

import pytest

from tests.sync.scripted_server import ScriptedServer


@pytest.fixture
def receiver() -> Iterator[ScriptedServer]:
    """A scripted receiver."""
    made = ScriptedServer()
    yield made
    made.stop()
