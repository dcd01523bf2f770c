"""The decision table of docs/fault-isolation.md: every rule of it, against the function that decides."""

import re
from pathlib import Path

import pytest

from sync.connectors.base import Rejected
from sync.errors import (
    BatchRefused,
    ConfigurationFault,
    CrmDown,
    LoginPage,
    NotAuthorised,
    Offline,
    OutcomeUnknown,
    QuotaExceeded,
    SyncError,
    Throttled,
)
from sync.isolation_steps import MAX_FAILING_LEADS, MAX_OTHER_LEADS, History, Step, next_step
from sync.repeated_refusals import AllLeadsRefused, _describe_refusal

DOCUMENT = Path(__file__).parents[2] / "docs" / "fault-isolation.md"

REFUSED, TOO_BIG = BatchRefused("No."), BatchRefused("No.", is_too_big=True)
UNKNOWN, NO_PROOF = OutcomeUnknown("No answer."), OutcomeUnknown("Yes.", lacks_proof=True)
DOWN, SETUP, KEY = CrmDown("Trouble."), ConfigurationFault("Wrong."), NotAuthorised("Wrong key.")

ONE, MANY = History(1), History(20)
RESENT_ONE, RESENT_MANY = History(1, was_resent=True), History(20, was_resent=True)


def make_history(size: int, **facts: object) -> History:
    """A history of a batch that was sent twice, with a CRM that worked minutes ago."""
    return History(size, was_resent=True, **facts)  # type: ignore[arg-type]


CASES: list[tuple[int, SyncError, History, Step]] = [
    *((1, error, MANY, Step.CLOSE_GATE) for error in (Offline(""), LoginPage(""), Throttled(""), QuotaExceeded(""))),
    (1, AllLeadsRefused(""), ONE, Step.CLOSE_GATE),
    (2, REFUSED, ONE, Step.PARK_REFUSED),
    (2, TOO_BIG, ONE, Step.PARK_REFUSED),
    (3, TOO_BIG, MANY, Step.LIMIT_BATCH_SIZE),
    (4, REFUSED, MANY, Step.HALVE_REFUSED),
    (5, NO_PROOF, History(1, gate_cause="set-up", has_worked_recently=False), Step.CLOSE_GATE_AFTER_TRIALS),
    (6, UNKNOWN, ONE, Step.RESEND),
    (6, UNKNOWN, History(1, gate_cause="set-up"), Step.RESEND),
    (6, NO_PROOF, MANY, Step.RESEND),
    (7, NO_PROOF, make_history(20, has_worked_recently=False), Step.CLOSE_GATE_AFTER_TRIALS),
    (8, DOWN, History(1, failing_leads=MAX_FAILING_LEADS, has_other_worked=True), Step.CLOSE_GATE_AFTER_TRIALS),
    (9, DOWN, History(1, has_other_worked=True), Step.CHARGE_FAILURE),
    (9, DOWN, History(1, others_failed=1, has_recent_worked=True), Step.CHARGE_FAILURE),
    (9, UNKNOWN, make_history(1, has_other_worked=True), Step.CHARGE_FAILURE),
    (10, DOWN, History(20, has_other_worked=True), Step.SPLIT),
    (10, NO_PROOF, make_history(20, has_recent_worked=True), Step.SPLIT),
    (11, DOWN, MANY, Step.TRY_OTHER_LEAD),
    (11, UNKNOWN, RESENT_MANY, Step.TRY_OTHER_LEAD),
    (12, DOWN, History(1, is_other_left=False), Step.TRY_RECENT_LEAD),
    (12, DOWN, History(20, others_failed=1), Step.TRY_RECENT_LEAD),
    (13, DOWN, History(1, is_other_left=False, has_recent_worked=False), Step.CLOSE_GATE_AFTER_TRIALS),
    (13, UNKNOWN, make_history(20, others_failed=1, has_recent_worked=False), Step.CLOSE_GATE_AFTER_TRIALS),
    (14, SETUP, History(1, has_ever_worked=False), Step.CLOSE_GATE_AFTER_TRIALS),
    (14, KEY, History(1, has_ever_worked=False), Step.CLOSE_GATE_AFTER_TRIALS),
    (15, KEY, MANY, Step.CLOSE_GATE_AFTER_TRIALS),
    (15, KEY, History(1, has_worked_recently=False), Step.CLOSE_GATE_AFTER_TRIALS),
    (16, SETUP, History(1, has_other_worked=True), Step.PARK_MISCONFIGURED),
    (16, KEY, History(1, others_failed=2, has_recent_worked=True), Step.PARK_MISCONFIGURED),
    (17, SETUP, History(20, has_other_worked=True), Step.SPLIT),
    (18, SETUP, MANY, Step.TRY_OTHER_LEAD),
    (18, SETUP, History(1, has_worked_recently=False), Step.TRY_OTHER_LEAD),
    (18, KEY, History(1, others_failed=MAX_OTHER_LEADS - 1), Step.TRY_OTHER_LEAD),
    (19, SETUP, History(1, is_other_left=False), Step.TRY_RECENT_LEAD),
    (19, KEY, History(1, others_failed=MAX_OTHER_LEADS), Step.TRY_RECENT_LEAD),
    (20, SETUP, History(20, others_failed=MAX_OTHER_LEADS, has_recent_worked=False), Step.CLOSE_GATE_AFTER_TRIALS),
]


def documented_steps() -> dict[int, str]:
    """The step of each rule, as the document's table has it."""
    rows = re.findall(r"^\| (\d+) \|.*\| (\w+) \|$", DOCUMENT.read_text("utf-8"), re.MULTILINE)
    return {int(rule): step for rule, step in rows}


@pytest.mark.parametrize(("rule", "outcome", "history", "step"), CASES)
def test_each_rule_decides(rule: int, outcome: SyncError, history: History, step: Step) -> None:
    """With the step that the document names for it."""
    assert next_step(history, outcome) is step
    assert documented_steps()[rule] == step.name


def test_each_rule_has_a_case() -> None:
    """None of the document is left out here."""
    assert {rule for rule, _outcome, _history, _step in CASES} == set(documented_steps())


def test_each_step_is_documented() -> None:
    """In the second table."""
    names = set(re.findall(r"^\| ([A-Z_]+) \|", DOCUMENT.read_text("utf-8"), re.MULTILINE))

    assert names == {step.name for step in Step}


@pytest.mark.parametrize(
    ("rejected", "sentence"),
    [
        (
            Rejected("The CRM rejected it: no owner."),
            "The CRM rejects every lead for the same reason: no owner.",
        ),
        (
            Rejected("HubSpot rejected it: no owner.", field="owner"),
            "The CRM rejects every lead for the same reason: no owner. The field is owner.",
        ),
        (Rejected("It has one."), "The CRM rejects every lead for the same reason: It has one."),
    ],
)
def test_a_refusal_of_every_lead_is_not_about_one(rejected: Rejected, sentence: str) -> None:
    """The reason of one lead begins with "rejected it", which is nothing here."""
    assert _describe_refusal(rejected) == sentence
