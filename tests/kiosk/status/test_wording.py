"""How the kiosk says where a lead is, and which characters of outside text may reach a terminal."""

import unicodedata
from dataclasses import replace
from time import mktime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.contact import Contact
from data.gates import Gate
from data.lead import Lead
from data.pause import SendingPause
from data.pending import PendingEntry
from kiosk.status.wording import (
    describe_cause,
    describe_next_try,
    describe_pause,
    explain_state,
    format_duration,
    format_lead_count,
    sanitize_text,
)

OPEN = Gate("practice")
DOWN = Gate("practice", False, "offline", "The network is down.")
LEAD = Lead("0", "Expo", "vcard", Contact("Ana"))
WAITING = PendingEntry(LEAD, "waiting", "", "", 0, 0.0, None, None, None, 0.0, "ana", 0.0)


@given(st.text())
def test_sanitized_text_has_no_line_breaks_and_no_controls(text: str) -> None:
    """Whatever it contains; its readable characters stay."""
    shown = sanitize_text(text)

    assert not {unicodedata.category(character) for character in shown} & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert [c for c in text if c.isalnum()] == [c for c in shown if c.isalnum()]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("two\r\nlines\tand a tab", "two  lines and a tab"),
        ("\u202eevil\u2066 \ufeff\u200b\u2028x\x9b2J\x7f\0", "evil x2J"),
        ("山田 太郎 عمر Zoë 😀", "山田 太郎 عمر Zoë 😀"),
    ],
)
def test_invisible_characters_are_removed(text: str, shown: str) -> None:
    """Line breaks become spaces; control characters and bidi overrides are removed."""
    assert sanitize_text(text) == shown


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-5, "0 s"), (0, "0 s"), (0.4, "0 s"), (89, "89 s"), (90, "2 min"), (5399, "90 min"), (5400, "2 h"),
     (36 * 3600 - 1, "36 h"), (36 * 3600, "2 days"), (864000, "10 days")],
)  # fmt: skip
def test_a_duration_is_written_as_people_say_it(seconds: float, said: str) -> None:
    """Never more exact than anybody needs."""
    assert format_duration(seconds) == said


def test_counts_have_a_singular() -> None:
    """`1 lead`."""
    assert [format_lead_count(number) for number in range(3)] == ["0 leads", "1 lead", "2 leads"]


@pytest.mark.parametrize(
    ("entry", "gate", "sender_runs", "is_paused", "said"),
    [
        (WAITING, OPEN, True, False, "It is sent next."),
        (WAITING, DOWN, True, False, "The network is down."),
        (WAITING, OPEN, False, False, "Sending is not running; the lead is safe on this device."),
        (replace(WAITING, reason="The CRM failed."), OPEN, True, False, "The CRM failed."),
        (replace(WAITING, reason="The CRM failed."), DOWN, True, False, "The network is down."),
        (replace(WAITING, state="needs you", reason="Who is it?"), DOWN, False, False, "Who is it?"),
        (replace(WAITING, state="delivered"), DOWN, False, False, "In the CRM."),
        (replace(WAITING, state="discarded", reason="a test"), OPEN, True, False, "Discarded: a test"),
        (replace(WAITING, state="discarded"), OPEN, True, False, "Discarded."),
        (
            replace(WAITING, reason="The CRM failed."),
            DOWN,
            False,
            True,
            "Sending is paused; the lead is safe on this device.",
        ),
        (replace(WAITING, state="needs you", reason="Who is it?"), OPEN, True, True, "Who is it?"),
        (replace(WAITING, state="delivered"), OPEN, True, True, "In the CRM."),
    ],
)
def test_the_reason_for_each_state(
    entry: PendingEntry, gate: Gate, sender_runs: bool, is_paused: bool, said: str
) -> None:
    """What holds up all leads comes before what holds up one, and a person's task before what happens by itself."""
    assert explain_state(entry, gate, sender_runs, is_paused) == said


@pytest.mark.parametrize(
    ("entry", "gate", "gate_seconds", "said"),
    [
        (WAITING, OPEN, 0.0, "now"),
        (replace(WAITING, seconds_left=30.0), OPEN, 500.0, "in 30 s"),
        (replace(WAITING, seconds_left=30.0), DOWN, 300.0, "in 5 min"),
        (replace(WAITING, seconds_left=30.0), DOWN, 3.0, "in 30 s"),
        (replace(WAITING, state="needs you"), OPEN, 0.0, ""),
        (replace(WAITING, state="delivered"), OPEN, 0.0, ""),
    ],
)
def test_each_waiting_lead_says_when_it_is_tried_next(
    entry: PendingEntry, gate: Gate, gate_seconds: float, said: str
) -> None:
    """The later of its own time and the gate's; other states wait for a person, or for nothing."""
    assert describe_next_try(entry, gate, gate_seconds, is_worker_running=True, is_paused=False) == said


@pytest.mark.parametrize(("state", "said"), [("waiting", "paused"), ("needs you", ""), ("delivered", "")])
def test_while_sending_is_paused_no_next_try_is_promised(state: str, said: str) -> None:
    """Whatever its own time and the gate's are."""
    entry = replace(WAITING, state=state, seconds_left=30.0)
    assert describe_next_try(entry, DOWN, 300.0, is_worker_running=True, is_paused=True) == said


def test_while_sending_is_not_running_no_time_is_promised() -> None:
    """Whatever its own time and the gate's are."""
    found = describe_next_try(WAITING, OPEN, 0.0, is_worker_running=False, is_paused=False)
    assert found == "when sending runs"


@pytest.mark.parametrize(
    ("cause", "said"),
    [("throttled", "CRM asked to wait"), ("quota", "daily limit reached"), ("not authorised", "key rejected"),
     ("set-up", "wrong setup"), ("offline", "offline"), ("", "")],
)  # fmt: skip
def test_causes_are_shown_in_the_words_of_staff(cause: str, said: str) -> None:
    """Those that are stored stay as they are."""
    assert describe_cause(cause) == said


def test_a_pause_says_since_when_and_by_whom() -> None:
    """With the day if it was not today; a long name cannot push the advice off the screen."""
    noon = mktime((2027, 5, 12, 12, 5, 0, 0, 0, -1))
    said = [describe_pause(SendingPause(noon, who), noon + 60) for who in ("Ana", "", "A\x1b\n" * 99)]

    assert said[:2] == ["Sending has been paused since 12:05 by Ana.", "Sending has been paused since 12:05."]
    assert said[2] == f"Sending has been paused since 12:05 by {('A ' * 99)[:30]}."
    assert (
        describe_pause(SendingPause(noon, "Ana"), noon + 86400) == "Sending has been paused since 12 May 12:05 by Ana."
    )
