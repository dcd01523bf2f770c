"""The limits in HubSpot's headers are respected."""

import asyncio
from typing import Any

import pytest

from sync.connectors.hubspot import HubSpotConnector
from sync.errors import QuotaExceeded
from tests.sync.hubspot.conftest import TOKEN, ScriptedHubSpot, push_batches
from tests.sync.hubspot.factories import make_settings
from tests.sync.hubspot.responses import ANA, BOB, make_batch_response, make_result

LIMITS = {"X-HubSpot-RateLimit-Max": "50", "X-HubSpot-RateLimit-Remaining": "48",
          "X-HubSpot-RateLimit-Interval-Milliseconds": "10000"}  # fmt: skip


def test_the_last_call_of_the_day_is_the_last(hubspot: ScriptedHubSpot) -> None:
    """The next call is not made; the one after that asks HubSpot whether the day is over."""
    body = make_batch_response(make_result("6", "0190-ana"), make_result("7", "0190-bob"))
    hubspot.respond = lambda sent: (200, body, {"X-HubSpot-RateLimit-Daily-Remaining": "0"})
    connector = HubSpotConnector(make_settings(hubspot), read_token=lambda: TOKEN)

    async def thrice() -> list[Any]:
        ends: list[Any] = []
        for _ in range(3):
            try:
                ends.append(len(await connector.push("batch", [ANA, BOB])))
            except QuotaExceeded as quota:
                ends.append((str(quota)[:7], len(hubspot.asked)))
        await connector.aclose()
        return ends

    assert asyncio.run(thrice()) == [2, ("Today's", 1), 2]


@pytest.mark.parametrize(
    ("headers", "rate"),
    [
        (LIMITS, (50, 10.0)),
        ({**LIMITS, "X-HubSpot-RateLimit-Max": "190"}, (100, 10.0)),
        ({**LIMITS, "X-HubSpot-RateLimit-Interval-Milliseconds": "1000"}, (10, 1.0)),
        ({**LIMITS, "X-HubSpot-RateLimit-Max": "many"}, (100, 10.0)),
        ({}, (100, 10.0)),
    ],
)
def test_the_rate_follows_hubspots_headers_and_never_exceeds_the_setting(
    hubspot: ScriptedHubSpot, headers: dict[str, str], rate: tuple[int, float]
) -> None:
    """Limits differ by plan, and plans change."""
    hubspot.respond = lambda sent: (
        200,
        make_batch_response(make_result("6", "0190-ana"), make_result("7", "0190-bob")),
        headers,
    )
    connector = HubSpotConnector(make_settings(hubspot), read_token=lambda: TOKEN)

    push_batches(connector, [ANA, BOB])

    assert (connector.http.rate_limiter.rate.calls, connector.http.rate_limiter.rate.seconds) == rate
