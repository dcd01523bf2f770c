"""What the tests of the webhook share."""

from collections.abc import Iterator

import pytest

from tests.sync.told import Told


@pytest.fixture
def receiver() -> Iterator[Told]:
    """A receiver that answers as it is told."""
    made = Told()
    yield made
    made.stop()
