"""Telling a USB scanner from a person, by the time between the keys alone."""

from collections.abc import Iterable

import pytest

from kiosk.typed import BUSY_GAP, CARD_GAP, ENTER_GAP, GAP, UNENDED_GAP, Scanned, Stroke, Typing

CARD = "BEGIN:VCARD\nVERSION:3.0\nFN:Zoë Müller\nORG:Süß\nEMAIL:zoe@suess.example\nEND:VCARD"


def decided(strokes: Iterable[tuple[str, float]]) -> list[str]:
    """What comes of keys, each with its moment, when all are struck and there is silence: `badge: …` or a key."""
    typing: Typing[None] = Typing()
    found: list[str] = []
    strokes = list(strokes)
    for (text, at), following in zip(strokes, [at for _, at in strokes[1:]] + [float("inf")], strict=True):
        told = typing.strike(Stroke(text, at, None))
        if typing.held and following - at > typing.patience:
            told += typing.rest()  # as the timer has it
        found += [f"badge: {one.text}" if isinstance(one, Scanned) else one.text for one in told]
    assert typing.held == []
    return found


def typed(text: str, gap: float, start: float = 100.0) -> list[tuple[str, float]]:
    """*text*, a key each *gap* seconds."""
    return [(character, start + number * gap) for number, character in enumerate(text)]


@pytest.mark.parametrize("gap", [0.0, 0.001, 0.016, 0.049])
@pytest.mark.parametrize("end", ["", "\n", "\n\n", "\t"], ids=ascii)
@pytest.mark.parametrize("badge", ["PZD97WTMFJ", "752327237937711035001", "7^Ana^López^a@b.example", CARD])
def test_keys_in_a_hurry_are_one_badge(badge: str, end: str, gap: float) -> None:
    """However many lines it has, and whether Enter is missing or doubled."""
    assert [f"badge: {badge}"] == decided(typed(badge + end, gap))


@pytest.mark.parametrize("prefix", ["s", "~", "]Q1", "àà"])
def test_a_prefix_is_part_of_what_is_read(prefix: str) -> None:
    """What stands before a badge is for the readers of badges."""
    assert [f"badge: {prefix}{CARD}"] == decided(typed(f"{prefix}{CARD}\n", 0.008))


def test_a_short_id_needs_its_enter() -> None:
    """Some keys at once, without Enter, are a hand on the keyboard."""
    assert ["badge: 417"] == decided(typed("417\n", 0.01))
    assert ["4", "1", "7"] == decided(typed("417", 0.01))


@pytest.mark.parametrize("gap", [0.06, 0.08, 0.12, 0.2, 1.0])
@pytest.mark.parametrize("text", ["4", "pd", "price for 35 pcs", "nMaria Lopez dc\n", "1234567890\n"])
def test_a_persons_keys_are_a_persons(text: str, gap: float) -> None:
    """In their order, none lost, Enter among them."""
    assert list(text) == decided(typed(text, gap))


def test_letters_that_roll_off_two_fingers_are_a_persons() -> None:
    """Most letters of a fast typist are far apart, and some pairs and the Enter are not."""
    gaps = [0.09, 0.02, 0.11, 0.03, 0.04, 0.08, 0.01, 0.07, 0.02, 0.03, 0.04, 0.01]
    moments = [100 + sum(gaps[:number]) for number in range(len(gaps) + 1)]
    text = "the price is\n"

    assert list(text) == decided(zip(text, moments, strict=True))


@pytest.mark.parametrize("key", ["4", "p", " "])
def test_a_key_that_is_held_down_is_a_persons(key: str) -> None:
    """It repeats thirty times a second."""
    assert [key] * 20 == decided(typed(key * 20, 1 / 30))


def test_a_key_that_types_nothing_waits_for_nothing() -> None:
    """Arrows, function keys and Escape are not of any badge: they are passed on at once, after what came before."""
    typing: Typing[str] = Typing()
    first = Stroke("4", 100.0, "4")
    arrow, enter = Stroke("", 100.01, "down"), Stroke("\n", 101.0, "enter")

    assert [] == typing.strike(first)
    assert [first, arrow] == typing.strike(arrow)
    assert [enter] == typing.strike(enter)


def test_a_person_waits_a_twentieth_of_a_second() -> None:
    """And a scanner's end is waited for as long as a busy machine needs, until its Enter has come."""
    typing: Typing[None] = Typing()
    waits = []
    for stroke in typed("PZD97WTMFJ\n", 0.01):
        typing.strike(Stroke(*stroke, None))
        waits.append(typing.patience)

    assert [GAP] * 5 + [UNENDED_GAP] * 5 + [BUSY_GAP] == waits


def test_a_scanner_is_heard_to_its_end_on_a_busy_machine() -> None:
    """What is a scanner for sure may be read late."""
    late = typed("PZD97W", 0.01) + typed("TMFJ\n", 0.01, start=100.05 + UNENDED_GAP - 0.01)

    assert ["badge: PZD97WTMFJ"] == decided(late)


def test_the_lines_of_a_card_may_take_their_time() -> None:
    """Some scanners stop for a moment at each Enter."""
    moments, at = [], 100.0
    for character in f"{CARD}\n":
        at += CARD_GAP - 0.1 if character == "\n" and len(moments) < 60 else 0.01
        moments.append((character, at))

    assert [f"badge: {CARD}"] == decided(moments)


def test_a_second_enter_that_comes_late_is_the_scanners() -> None:
    """It opens no lead and ends no line; a person's next Enter does."""
    strokes = typed("PZD97WTMFJ\n", 0.01)
    last = strokes[-1][1]

    assert ["badge: PZD97WTMFJ"] == decided([*strokes, ("\n", last + ENTER_GAP - 0.1)])
    assert ["badge: PZD97WTMFJ", "\n"] == decided([*strokes, ("\n", last + ENTER_GAP + 0.1)])


def test_two_badges_one_after_another_are_two() -> None:
    """Also where a busy machine reads both at once."""
    both = typed("PZD97WTMFJ\n", 0.01) + typed("ABCDEF1234\n", 0.01, start=101)

    assert ["badge: PZD97WTMFJ", "badge: ABCDEF1234"] == decided(both)
    assert ["badge: PZD97WTMFJ", "badge: ABCDEF1234"] == decided(typed("PZD97WTMFJ\nABCDEF1234\n", 0.01))


def test_a_badge_in_the_middle_of_typing_is_a_badge_and_the_typing_stays_whole() -> None:
    """Somebody types a note, a colleague pulls the trigger."""
    strokes = typed("price", 0.12) + typed("PZD97WTMFJ\n", 0.01, start=100.6) + typed(" list\n", 0.12, start=101.3)

    assert [*"price", "badge: PZD97WTMFJ", *" list\n"] == decided(strokes)
