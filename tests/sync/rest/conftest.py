"""Fixtures of the rest connector's tests."""

from collections.abc import Iterator

import pytest

from tests.sync.rest.contacts_api import ContactsApi, run_api


@pytest.fixture
def api() -> Iterator[ContactsApi]:
    """A JSON API of contacts."""
    with run_api() as made:
        yield made
