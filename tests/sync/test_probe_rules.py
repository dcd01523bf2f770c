"""The tables of docs/worker.md: when a closed gate is tried early, and when the worker wakes by itself."""

import re
from math import inf
from pathlib import Path

import pytest

from sync.probe_rules import (
    CREDENTIAL_POLL_SECONDS,
    MIN_DRAIN_INTERVAL_SECONDS,
    WorkerFacts,
    seconds_until_drain,
    should_probe,
)

DOCUMENT = Path(__file__).parents[2] / "docs" / "worker.md"

NETWORK = ("offline", "no internet", "CRM unreachable", "login page", "CRM down")

PROBES: list[tuple[int, WorkerFacts, bool]] = [
    (1, WorkerFacts("throttled", is_probe_pending=True), True),
    (2, WorkerFacts("set-up", is_first_drain=True), True),
    (2, WorkerFacts("not authorised", is_first_drain=True), True),
    (3, WorkerFacts("not authorised", has_network_changed=True), False),
    (3, WorkerFacts("not authorised", has_credential_changed=True), True),
    *((4, WorkerFacts(cause, has_network_changed=True), True) for cause in NETWORK),
    *((5, WorkerFacts(cause), False) for cause in NETWORK),
    *(
        (5, WorkerFacts(cause, is_first_drain=True, has_network_changed=True), False)
        for cause in ("throttled", "quota")
    ),
    (5, WorkerFacts("set-up", has_network_changed=True), False),
    (5, WorkerFacts("", has_network_changed=True), False),
]

WAKES: list[tuple[int, WorkerFacts, float | None, float, float]] = [
    (6, WorkerFacts("offline", has_network_changed=True), 1.0, 4.0, inf),
    (7, WorkerFacts(""), None, 0.0, inf),
    (8, WorkerFacts("not authorised"), 0.0, 600.0, CREDENTIAL_POLL_SECONDS),
    (8, WorkerFacts("not authorised"), None, 2.0, 2.0),
    (9, WorkerFacts(""), 60.0, 0.0, 60.0),
    (9, WorkerFacts("CRM down"), 1.0, 30.0, 30.0),
    (9, WorkerFacts("CRM down"), None, 30.0, 30.0),
    (9, WorkerFacts(""), -5.0, 0.0, MIN_DRAIN_INTERVAL_SECONDS),
]


@pytest.mark.parametrize(("rule", "facts", "tries"), PROBES)
def test_a_closed_gate_is_tried_by_the_rules(rule: int, facts: WorkerFacts, tries: bool) -> None:
    """The first table."""
    assert should_probe(facts) is tries


@pytest.mark.parametrize(("rule", "facts", "due", "retry", "seconds"), WAKES)
def test_the_worker_wakes_by_the_rules(
    rule: int, facts: WorkerFacts, due: float | None, retry: float, seconds: float
) -> None:
    """The second table."""
    assert seconds_until_drain(facts, due, retry) == seconds


def test_each_rule_has_a_case() -> None:
    """None of the document is left out here."""
    rules = {int(rule) for rule in re.findall(r"^\| (\d+) \|", DOCUMENT.read_text("utf-8"), re.MULTILINE)}

    assert {case[0] for case in (*PROBES, *WAKES)} == rules
