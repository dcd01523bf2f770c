"""What the tests of the rest connector share."""

from collections.abc import Iterator

import pytest

from tests.sync.rest.api import Api, running


@pytest.fixture
def api() -> Iterator[Api]:
    """A JSON API of contacts."""
    with running() as made:
        yield made
