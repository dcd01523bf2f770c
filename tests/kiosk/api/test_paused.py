"""While sending is paused the API saves leads, says so, and promises no attempt."""

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

from data import pause
from data.clock import SystemClock
from data.store import open_store
from kiosk.api.wire.responses import LeadDetailsJson, ProblemDetails, StatusJson
from tests.kiosk.api.api import Api
from tests.support.waiting import wait_until


@pytest.fixture
def api(api_with: Callable[..., Api]) -> Iterator[Api]:
    """An API at a booth where Ana has paused sending."""
    found = api_with().start()
    with closing(open_store(found.store)) as db:
        pause.pause_sending(db, "Ana", SystemClock())
    yield found


def resume(api: Api) -> None:
    """Resume sending."""
    with closing(open_store(api.store)) as db:
        pause.resume_sending(db)


def asked(api: Api) -> bool:
    """Return whether the worker was woken."""
    return (api.store.parent / "huey.db").exists()


def gauge(api: Api, name: str) -> Any:
    """Return one metric."""
    answer = api.call("GET", "/metrics", role="read").text
    return next(family.samples[0].value for family in text_string_to_metric_families(answer) if family.name == name)


def test_the_status_says_who_paused_and_when(api: Api) -> None:
    """As documented; null after sending is resumed."""
    during = api.call("GET", "/api/v1/sync/status", role="read")
    resume(api)

    status = msgspec.json.decode(during.content, type=StatusJson)
    assert status.paused is not None and status.paused.operator == "Ana"
    assert status.now - 60 < status.paused.since <= status.now
    assert "Sending has been paused since" in status.sentence and "sending paused" in status.crm
    assert status.cause == ""
    wait_until(lambda: api.call("GET", "/api/v1/sync/status", role="read").json()["paused"] is None)


def test_sync_is_refused_while_paused_with_reason_and_advice(api: Api) -> None:
    """409, and the worker is not woken. After sending is resumed it is accepted again."""
    during = api.call("POST", "/api/v1/sync")
    unasked = not asked(api)
    resume(api)
    with api.sender():
        after = api.call("POST", "/api/v1/sync")

    error = msgspec.json.decode(during.content, type=ProblemDetails)
    assert (during.status_code, unasked) == (409, True)
    assert error.detail.startswith("Not tried. Sending has been paused since")
    assert "`kiosk resume`" in error.detail
    assert (after.status_code, asked(api)) == (202, True)


def test_leads_are_saved_while_paused_and_say_why_they_wait(api: Api) -> None:
    """As always, 201 means that the lead is on the disk."""
    posted = api.post({"client_id": "t-1", "name": "Bo Ek"})

    lead = msgspec.json.decode(
        api.call("GET", "/api/v1/contacts/t-1", role="manage").content, type=LeadDetailsJson, strict=True
    )

    assert posted.status_code == 201
    assert (
        lead.state,
        lead.why,
        lead.attempts,
    ) == ("waiting", "Sending is paused; the lead is safe on this device.", 0)


def test_a_pause_is_in_the_metrics(api: Api) -> None:
    """It has a metric of its own, because the gate is open."""
    during = gauge(api, "kiosk_sending_paused"), gauge(api, "kiosk_gate_open")
    resume(api)

    assert during == (1.0, 1.0)
    wait_until(lambda: gauge(api, "kiosk_sending_paused") == 0.0)  # a reading is told again for a moment
