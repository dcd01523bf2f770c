"""What the tests of the webhook share."""

from collections.abc import Iterator

import pytest

from tests.sync.scripted_server import ScriptedServer


@pytest.fixture
def receiver() -> Iterator[ScriptedServer]:
    """A receiver that answers as it is told."""
    made = ScriptedServer()
    yield made
    made.stop()
