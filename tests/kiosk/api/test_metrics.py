"""The metrics have everything that the status has, in Prometheus' format."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from data import batches, gates, outbox
from data.batches import Receipt
from data.clock import SystemClock
from data.gates import Gate
from data.store import open_store, write_transaction
from tests.kiosk.api.api import Api

CLOCK = SystemClock()


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    """An API with two leads, one delivered at the second attempt, and a closed gate."""
    api = Api(tmp_path).start()
    first, second = (api.post({"client_id": name, "name": name}).json()["id"] for name in ("Ana", "Bob"))
    with closing(open_store(api.store)) as db:
        for ends in ({first: "unsure"}, {first: "delivered", second: "rejected"}, {second: "offline"}):
            batch = batches.start_batch(db, "practice", dict.fromkeys(ends, 1), CLOCK)
            with write_transaction(db):
                batches.end_batch(
                    db, batch, 0.25, [Receipt(lead, 1, end) for lead, end in ends.items()], CLOCK.wall_time()
                )
        with write_transaction(db):
            outbox.settle_lead(db, first, 1, "C-1", CLOCK.wall_time())
            gates.write_gate(db, Gate("practice", False, "offline", 'The "network"\nis down.', CLOCK.wall_time()))
    yield api
    api.stop()


def metrics(api: Api) -> dict[str, dict[tuple[str, ...], float]]:
    """Parse the metrics: by name, the value by labels; each combination exists once."""
    answer = api.call("GET", "/metrics", role="read")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(answer.text):
        assert family.name not in found and family.documentation, family.name
        found[family.name] = {}
        for sample in family.samples:
            labels = tuple(sample.labels.values())
            assert labels not in found[family.name]
            found[family.name][labels] = sample.value
    return found


def test_the_metrics_match_the_status(api: Api) -> None:
    """Leads, attempts, rates, response times, the gate, leads per hour, devices."""
    found = metrics(api)
    status = api.call("GET", "/api/v1/sync/status").json()

    assert found["kiosk_leads"] == {("waiting",): 1, ("needs_you",): 0, ("delivered",): 1, ("discarded",): 0}
    assert found["kiosk_delivery_attempts"] == {("unsure",): 1, ("delivered",): 1, ("rejected",): 1, ("offline",): 1}
    assert found["kiosk_gate_open"] == {("offline",): 0}
    assert found["kiosk_delivery_success_ratio"] == {(): 0.25}
    assert found["kiosk_delivery_error_ratio"] == {(): 0.5}
    assert {(): 0.25} == found["kiosk_crm_answer_seconds_median"] == found["kiosk_crm_answer_seconds_p95"]
    assert found["kiosk_leads_last_hour"] == {(): 2}
    assert found["kiosk_sender_up"] == {(): 0}
    assert 0 <= found["kiosk_oldest_waiting_seconds"][()] <= status["oldest_waiting"]
    assert {"a post device"} <= {name for name, _ in found["kiosk_device_seen_timestamp_seconds"]}


def test_each_alert_has_a_sample(api: Api) -> None:
    """A rejected key raises an alert, whatever the state of this machine."""
    with closing(open_store(api.store)) as db, write_transaction(db):
        gates.write_gate(db, Gate("practice", False, "not authorised", "The key is wrong.", CLOCK.wall_time()))

    found = metrics(api)
    status = api.call("GET", "/api/v1/sync/status").json()

    assert found["kiosk_alert"][("sign-in",)] == 1
    assert found["kiosk_alert"] == {(one["cause"],): 1 for one in status["alerts"]}


def test_devices_with_the_same_name_have_separate_samples(api: Api) -> None:
    """Names are not unique, and the scrape stays valid."""
    for _ in range(2):
        api.tokens.clear()
        api.post({"client_id": "x", "name": "Eve"}, role="post")
    api.tokens.clear()

    seen = metrics(api)["kiosk_device_seen_timestamp_seconds"]

    assert len([labels for labels in seen if "a post device" in labels]) == 3


def test_a_device_name_cannot_inject_a_line(api: Api) -> None:
    """Devices choose their own name when they are paired."""
    name = 'a"} 1\nkiosk_evil 1 # {b="'
    api.call("GET", "/api/v1/sync/status", role="read")
    with closing(open_store(api.store)) as db, write_transaction(db):
        db.execute("update devices set name = ?, seen_at = 1.0 where role = 'read'", (name,))

    found = metrics(api)

    assert "kiosk_evil" not in found
    assert any(name in labels for labels in found["kiosk_device_seen_timestamp_seconds"])
