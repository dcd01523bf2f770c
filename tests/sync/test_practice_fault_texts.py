"""Faults as people type them behind `--fault`."""

from typing import Any

import pytest

from sync.practice_crm.faults import Faults


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ([], {}),
        (["down"], {"down": True}),
        (["off=no"], {"down": False}),
        (["delay=2"], {"delay": (2.0, 2.0)}),
        (["delay=2-5", "off"], {"delay": (2.0, 5.0), "down": True}),
        (["delay=2", "delay=0.5-1"], {"delay": (0.5, 1.0)}),
        (["lost_answers"], {"lost_answers": 1.0}),
        (["lost-answers=0.25"], {"lost_answers": 0.25}),
        (["lost_answers=3"], {"lost_answers": 3.0}),
        (["refuse"], {"refuse": "all"}),
        (["refuse=ana@"], {"refuse": "ana@"}),
        (["fail=a=b"], {"fail": "a=b"}),
        (["login_page", "redirect", "unauthorised"], {"login_page": True, "redirect": True, "unauthorised": True}),
        (["throttle", "rate_limit=7"], {"throttle": True, "rate_limit": 7}),
    ],
    ids=str,
)
def test_faults_are_read_as_typed(texts: list[str], expected: dict[str, Any]) -> None:
    """What is not named is as it is in a CRM that behaves well."""
    usual = Faults().as_json()

    assert Faults.from_texts(texts).as_json() == {**usual, **expected}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("dow", "There is no fault 'dow': did you mean down?"),
        ("dealy=3", "There is no fault 'dealy': did you mean delay?"),
        ("delay", "The fault delay needs a value: seconds up to 600, or a range such as delay=2-5."),
        ("delay=5-2", "The fault delay cannot be '5-2': it takes seconds up to 600, or a range such as delay=2-5."),
        ("delay=-1", "The fault delay cannot be '-1': it takes seconds up to 600, or a range such as delay=2-5."),
        ("delay=nan", "The fault delay cannot be 'nan': it takes seconds up to 600, or a range such as delay=2-5."),
        ("off=perhaps", "The fault down cannot be 'perhaps': it takes yes or no."),
        ("rate_limit=x",
         "The fault rate_limit cannot be 'x': it takes a whole number of calls in ten seconds, 0 or more."),
        ("duplicates=never", "The fault duplicates cannot be 'never': it takes warn, block or no."),
        ("off=\x1b[2J", "The fault down cannot be '\\x1b[2J': it takes yes or no."),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_in_one_sentence(text: str, sentence: str) -> None:
    """It says what was given, and what would do; a control sequence is shown, not obeyed."""
    with pytest.raises(ValueError) as caught:
        Faults.from_texts([text])

    assert str(caught.value) == sentence


def test_a_name_like_none_is_answered_with_all_there_are() -> None:
    """Where nothing is near, all are named."""
    with pytest.raises(
        ValueError, match="choose from daily_calls, delay, down, duplicates, fail, forbidden, login_page"
    ):
        Faults.from_texts(["###"])


@pytest.mark.parametrize(
    "values",
    [{"delay": []}, {"delay": [1, 2, 3]}, {"delay": None}, {"delay": True}, {"delay": 601}, {"delay": 10**400},
     {"lost_answers": 1.5}, {"lost_answers": -0.1}, {"lost_answers": None}, {"lost_answers": float("inf")},
     {"refuse": None}, {"fail": 7}, {"rate_limit": 2.7}, {"rate_limit": True}, {"rate_limit": -1}, {"down": 2},
     {"duplicates": 1}],
    ids=lambda values: str(values)[:40],
)  # fmt: skip
def test_a_value_of_another_kind_is_refused(values: dict[str, Any]) -> None:
    """As JSON brings it; nothing is guessed, and the sentence stays short."""
    with pytest.raises(ValueError, match=r"cannot be|needs a value") as caught:
        Faults().with_changes(values)

    assert len(str(caught.value)) < 200


def test_faults_that_were_reported_can_be_set_again() -> None:
    """What `as_json` says is what `changed` takes."""
    faults = Faults.from_texts(["delay=2-5", "lost_answers=3", "refuse=ana@", "throttle", "rate_limit=0"])

    assert Faults().with_changes(faults.as_json()) == faults
