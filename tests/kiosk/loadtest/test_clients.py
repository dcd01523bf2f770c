"""The outcome of a load is what its clients see."""

import asyncio
import json

import pytest

from kiosk.loadtest import clients
from kiosk.loadtest.clients import ClientCrowd, CrowdOutcome
from tests.kiosk.loadtest.conftest import answering, http

SINGLE, BULK = "/api/v1/contacts", "/api/v1/contacts/bulk"


def seen(*answers: bytes, posts: int = 1, path: str = SINGLE) -> CrowdOutcome:
    """Return the outcome of one client of a server that sends *answers*."""
    with answering(*answers) as booth:
        return asyncio.run(ClientCrowd(booth, [[b"{}"] * posts], path, 0.0).post_all())


def results(*statuses: int) -> bytes:
    """Encode the response to a bulk post with these item statuses."""
    return http(200, json.dumps({"results": [{"status": status} for status in statuses]}).encode())


def test_every_saved_post_has_a_time() -> None:
    """Whether it was new or known; all use one connection."""
    outcome = seen(http(201), http(200), http(201), posts=3)

    assert (outcome.acknowledged, len(outcome.milliseconds), outcome.failures.total()) == (3, 3, 0)
    assert all(0 < time < 10_000 for time in outcome.milliseconds)


def test_a_refusal_is_a_failure_and_has_no_time() -> None:
    """It is named by its status, and the next post continues."""
    outcome = seen(http(500), http(201), posts=2)

    assert (outcome.acknowledged, len(outcome.milliseconds), dict(outcome.failures)) == (1, 1, {"status 500": 1})


@pytest.mark.parametrize("status", [429, 503])
def test_a_client_that_is_asked_to_retry_retries(status: int) -> None:
    """The wait counts as response time."""
    outcome = seen(http(status, b"{}", "retry-after: 1"), http(201))

    assert (outcome.acknowledged, outcome.retries, outcome.failures.total()) == (1, 1, 0)
    assert outcome.milliseconds[0] >= 1000


def test_a_client_refused_without_retry_after_does_not_retry() -> None:
    """It counts as a failure."""
    outcome = seen(http(503), http(201))

    assert (dict(outcome.failures), outcome.retries) == ({"status 503": 1}, 0)


def test_a_broken_connection_is_a_failure_and_is_replaced() -> None:
    """A server that closes the connection before the response has acknowledged nothing."""
    outcome = seen(b"", http(201), posts=2)

    assert (outcome.acknowledged, dict(outcome.failures)) == (1, {"the connection broke": 1})


def test_a_missing_response_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the client's timeout."""
    monkeypatch.setattr(clients, "POST_TIMEOUT_SECONDS", 0.2)

    outcome = seen(b"HTTP/1.1 201 Created\r\ncontent-length: 5\r\n\r\n{")

    assert (outcome.acknowledged, dict(outcome.failures)) == (0, {"no response in time": 1})


def test_each_item_of_a_bulk_post_counts() -> None:
    """A post with a bad item is a failure; its good items are saved all the same."""
    outcome = seen(results(201, 422, 200), results(201, 201), posts=2, path=BULK)

    assert (outcome.acknowledged, len(outcome.milliseconds), dict(outcome.failures)) == (4, 1, {"status 422": 1})


def test_nobody_listening_fails_every_post() -> None:
    """The load ends."""
    with answering(http(201)) as booth:
        pass

    outcome = asyncio.run(ClientCrowd(booth, [[b"{}"] * 2] * 3, SINGLE, 0.0).post_all())

    assert dict(outcome.failures) == {"the connection broke": 6}
