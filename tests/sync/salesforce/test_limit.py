"""The org's calls in 24 hours: a tenth of them is kept for other programs."""

from dataclasses import replace
from typing import Any

import pytest

from sync.connectors.salesforce.call_limit import USAGE_FRESH_SECONDS, CallLimit
from sync.connectors.salesforce.connector import SalesforceConnector
from sync.errors import QuotaExceeded
from sync.settings.salesforce import SalesforceSettings
from tests.sync.salesforce.helpers import make_lead, use_connector
from tests.sync.salesforce.scripted_org import OrgResponse, ScriptedOrg, accept_all, refuse_call


def report_usage(usage: str) -> Any:
    """Make an org that works, and reports this usage."""
    return lambda asked: OrgResponse(200, accept_all(asked).body, {"Sforce-Limit-Info": usage})


def pushed_twice(org: ScriptedOrg, settings: SalesforceSettings) -> None:
    """Send two batches, one after the other."""

    async def twice(connector: SalesforceConnector) -> None:
        for number in range(2):
            assert len(await connector.push("batch", [make_lead(number)])) == 1

    use_connector(settings, twice)


@pytest.mark.parametrize(
    "usage",
    ["api-usage=4500/5000", "api-usage=5000/5000; per-app-api-usage=17/250(appName=booth)",
     "per-app-api-usage=1/9(appName=a); api-usage=4999/5000"],
)  # fmt: skip
def test_at_nine_tenths_no_more_call_is_made(org: ScriptedOrg, settings: SalesforceSettings, usage: str) -> None:
    """The batch with that response is delivered; the next one waits, and the sentence has the figures."""
    org.api = report_usage(usage)

    with pytest.raises(QuotaExceeded) as caught:
        pushed_twice(org, settings)

    assert " calls in 24 hours are used; the rest are kept for other programs." in str(caught.value)
    assert str(caught.value).endswith(" Sending resumes as calls become available.")
    assert len(org.calls) == 1


@pytest.mark.parametrize(
    "usage", ["api-usage=4499/5000", "per-app-api-usage=250/250(appName=a)", "nonsense", "", "api-usage=0/0"]
)
def test_below_the_limit_leads_are_sent(org: ScriptedOrg, settings: SalesforceSettings, usage: str) -> None:
    """Also if the header contains nothing usable."""
    org.api = report_usage(usage)

    pushed_twice(org, settings)

    assert len(org.calls) == 2


def test_the_share_is_a_setting(org: ScriptedOrg, settings: SalesforceSettings) -> None:
    """For an org whose other programs need more."""
    org.api = report_usage("api-usage=50/100")

    with pytest.raises(QuotaExceeded):
        pushed_twice(org, replace(settings, stop_at_percent=50))


def test_refused_calls_report_the_limit_too(org: ScriptedOrg, settings: SalesforceSettings) -> None:
    """The first sentence is the org's; the next try makes no call."""
    org.api = lambda asked: refuse_call(
        403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", **{"Sforce-Limit-Info": "api-usage=5000/5000"}
    )

    async def twice(connector: SalesforceConnector) -> None:
        for _ in range(2):
            with pytest.raises(QuotaExceeded):
                await connector.push("batch", [make_lead()])

    use_connector(settings, twice)

    assert len(org.calls) == 1


def test_after_a_while_one_call_is_tried_again() -> None:
    """The day is the last 24 hours, so calls become available all the time, and a figure goes out of date."""
    now = [1000.0]
    limit = CallLimit(90, clock=lambda: now[0])
    limit.record_usage({"sforce-limit-info": "api-usage=95/100"})

    now[0] += USAGE_FRESH_SECONDS - 1
    with pytest.raises(QuotaExceeded):
        limit.require_call_left()
    now[0] += 1
    limit.require_call_left()
    limit.record_usage({"sforce-limit-info": "api-usage=60/100"})
    limit.require_call_left()
