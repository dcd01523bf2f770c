"""The rules of the alerts: when each is raised, when it ends, and when it stays as it was."""

from dataclasses import replace
from math import inf
from typing import Any

import pytest

from data.alert_queries import RecentDeliveries
from data.alerts import Alert
from data.gates import Gate
from kiosk.alerts.current import evaluate_rules
from kiosk.alerts.rules import RULES, STEADY_SECONDS
from kiosk.alerts.snapshot import KioskSnapshot
from kiosk.config.alerts import AlertSettings
from kiosk.status.wording import HOW_TO_RESUME
from sync.errors import DestinationFault

NOW = 1_800_000_000.0
CALM = KioskSnapshot(NOW, Gate("practice"), 9000.0, RecentDeliveries(50, 0), 0.0, 0.0, worker_up_seconds=3600.0)
"""All is known, and all is well."""

SETTINGS = AlertSettings()

CASES: dict[str, list[tuple[bool | None, dict[str, Any]]]] = {
    "errors": [
        (False, {"recent_attempts": RecentDeliveries(0, 0)}),
        (False, {"recent_attempts": RecentDeliveries(100, 24)}),
        (None, {"recent_attempts": RecentDeliveries(100, 25)}),
        (None, {"recent_attempts": RecentDeliveries(100, 29)}),
        (True, {"recent_attempts": RecentDeliveries(100, 30)}),
        (True, {"recent_attempts": RecentDeliveries(10, 3)}),
        (None, {"recent_attempts": RecentDeliveries(9, 9)}),
        (False, {"recent_attempts": RecentDeliveries(9, 1)}),
        (None, {"recent_attempts": None}),
    ],
    "queue": [
        (False, {"oldest_wait_seconds": 0.0}),
        (False, {"oldest_wait_seconds": 48 * 60.0}),
        (None, {"oldest_wait_seconds": 59 * 60.0}),
        (True, {"oldest_wait_seconds": 60 * 60.0}),
        (None, {"oldest_wait_seconds": None}),
    ],
    "sender": [
        (False, {"worker_up_seconds": STEADY_SECONDS}),
        (None, {"worker_up_seconds": STEADY_SECONDS - 1}),
        (None, {"worker_up_seconds": None}),
        (None, {"worker_up_seconds": None, "worker_gone_seconds": 59.0}),
        (True, {"worker_up_seconds": None, "worker_gone_seconds": 60.0}),
    ],
    "disk": [
        (False, {"disk_free_mb": 625.0}),
        (None, {"disk_free_mb": 624.0}),
        (None, {"disk_free_mb": 500.0}),
        (True, {"disk_free_mb": 499.9}),
        (True, {"disk_free_mb": 0.0}),
        (None, {"disk_free_mb": None}),
    ],
    "damage": [
        (False, {"seconds_since_damage": inf}),
        (False, {"seconds_since_damage": 24 * 3600.0}),
        (True, {"seconds_since_damage": 23 * 3600.0, "leads_rescued": 12}),
        (None, {"seconds_since_damage": None}),
    ],
    "clock": [
        (False, {"clock_ahead_seconds": 96.0}),
        (False, {"clock_ahead_seconds": -96.0}),
        (None, {"clock_ahead_seconds": -119.0}),
        (True, {"clock_ahead_seconds": 120.0}),
        (True, {"clock_ahead_seconds": -120.0}),
        (None, {"clock_ahead_seconds": None}),
    ],
    "sign-in": [
        (True, {"gate": Gate("practice", False, "not authorised")}),
        (None, {"gate": Gate("practice", False, "offline")}),
        (False, {"gate": Gate("practice")}),
    ],
    "set-up": [
        (True, {"gate": Gate("practice", False, "set-up")}),
        (None, {"gate": Gate("practice", False, "offline")}),
        (False, {"gate": Gate("practice")}),
    ],
}


def alert(cause: str) -> Alert:
    """Return an alert that was raised an hour ago."""
    return Alert(cause, "It was wrong.", "Do something.", NOW - 3600.0, id="an id")


def wrong(cause: str) -> KioskSnapshot:
    """Return a snapshot in which only *cause* is wrong."""
    return replace(CALM, **next(values for is_wrong, values in CASES[cause] if is_wrong))


@pytest.mark.parametrize(
    ("cause", "is_wrong", "values"),
    [
        pytest.param(cause, *case, id=f"{cause} {number}")
        for cause, cases in CASES.items()
        for number, case in enumerate(cases)
    ],
)
def test_a_rule_says_raised_over_or_unchanged(cause: str, is_wrong: bool | None, values: dict[str, Any]) -> None:
    """Between the two limits, an alert stays as it was."""
    seen = replace(CALM, **values)

    fresh = [found.cause for found in evaluate_rules(seen, SETTINGS, {})]
    again = [found.cause for found in evaluate_rules(seen, SETTINGS, {cause: alert(cause)})]

    assert RULES[cause][0](seen, SETTINGS).is_raised is is_wrong
    assert fresh == ([cause] if is_wrong else [])
    assert again == ([] if is_wrong is False else [cause])


def test_when_all_is_well_nothing_is_wrong() -> None:
    """Whatever was wrong before."""
    assert evaluate_rules(CALM, SETTINGS, {}) == []
    assert evaluate_rules(CALM, SETTINGS, {cause: alert(cause) for cause in RULES}) == []


@pytest.mark.parametrize("cause", RULES)
def test_a_value_at_its_limit_does_not_flap(cause: str) -> None:
    """Going to and fro across the limit, it is raised once."""
    between = replace(CALM, **next(values for is_wrong, values in CASES[cause] if is_wrong is None))
    before: dict[str, Alert] = {}
    raised = []
    for seen in (wrong(cause), between) * 5:
        before = {found.cause: found for found in evaluate_rules(seen, SETTINGS, before)}
        raised.append(sorted(before))

    assert raised == [[cause]] * 10


@pytest.mark.parametrize("cause", RULES)
def test_a_rule_can_be_switched_off(cause: str) -> None:
    """Then what it had raised is over."""
    switch = RULES[cause][1]
    off = replace(SETTINGS, **{switch: type(getattr(SETTINGS, switch))(0)})

    assert evaluate_rules(wrong(cause), off, {cause: alert(cause)}) == []


@pytest.mark.parametrize("cause", RULES)
def test_an_alert_says_what_is_wrong_and_what_to_do(cause: str) -> None:
    """In sentences that fit two lines of a small terminal."""

    (found,) = evaluate_rules(wrong(cause), SETTINGS, {})

    assert found.sentence.endswith(".") and found.advice.endswith(".")
    assert 30 < len(f"{found.sentence} {found.advice}") <= 150


def test_what_was_wrong_before_is_wrong_since_then() -> None:
    """With the current sentence if it is known, and under the id that the webhook knows."""
    full = replace(CALM, disk_free_mb=12.0)

    (known,) = evaluate_rules(full, SETTINGS, {"disk": alert("disk")})
    (new,) = evaluate_rules(full, SETTINGS, {})
    (as_before,) = evaluate_rules(replace(CALM, disk_free_mb=None), SETTINGS, {"disk": alert("disk")})

    assert (
        known.sentence,
        known.since,
        known.id,
    ) == ("The disk is almost full: 12 MB left.", NOW - 3600.0, "an id")
    assert (new.since, new.id) == (NOW, "")
    assert as_before == alert("disk")


def test_what_matters_most_comes_first() -> None:
    everything = replace(
        wrong("sender"),
        gate=wrong("sign-in").gate,
        disk_free_mb=1.0,
        seconds_since_damage=60.0,
        oldest_wait_seconds=1e5,
        recent_attempts=RecentDeliveries(9999, 9999),
        clock_ahead_seconds=1e5,
    )

    found = evaluate_rules(everything, SETTINGS, {})

    assert [alert.cause for alert in found] == ["sign-in", "damage", "disk", "sender", "queue", "errors", "clock"]


def causes(kind: type[DestinationFault] = DestinationFault) -> list[str]:
    """Every cause for which the gate closes."""
    return sorted({one for each in kind.__subclasses__() for one in (each.cause, *causes(each))})


@pytest.mark.parametrize("cause", causes())
def test_a_closed_gate_alone_is_no_alert_unless_a_person_must_act(cause: str) -> None:
    """WiFi comes and goes at a booth: the age of the queue shows when that takes too long."""
    closed = Gate("practice", False, cause, "The CRM said: ana@initech.example is nobody.")
    expected = {"not authorised": ["sign-in"], "set-up": ["set-up"]}.get(cause, [])

    found = evaluate_rules(replace(CALM, gate=closed), SETTINGS, {})

    assert [alert.cause for alert in found] == expected


@pytest.mark.parametrize("cause", causes())
def test_no_word_of_a_crm_or_a_person_gets_into_an_alert(cause: str) -> None:
    """The gate's sentence may quote the CRM, which may quote the lead."""
    closed = Gate("practice", False, cause, "The CRM said: ana@initech.example is nobody.")

    found = evaluate_rules(replace(CALM, gate=closed, oldest_wait_seconds=1e6), SETTINGS, {})

    assert found
    assert not any("ana" in f"{alert.sentence} {alert.advice}" for alert in found)


@pytest.mark.parametrize(("cause", "advice"), [("offline", "to a network"), ("CRM down", "The status line says why")])
def test_the_advice_for_leads_that_wait_for_a_network_is_to_find_one(cause: str, advice: str) -> None:
    seen = replace(CALM, oldest_wait_seconds=7200.0, gate=Gate("practice", False, cause))

    (found,) = evaluate_rules(seen, SETTINGS, {})

    assert f"({cause})" in found.sentence
    assert advice in found.advice


def test_leads_that_wait_because_sending_is_paused_say_so() -> None:
    """Whatever else is wrong: another network or F5 would move none of them."""
    seen = replace(CALM, oldest_wait_seconds=7200.0, gate=Gate("practice", False, "offline"), is_paused=True)

    (found,) = evaluate_rules(seen, SETTINGS, {})

    assert found.sentence.endswith("(sending is paused).")
    assert found.advice == HOW_TO_RESUME
