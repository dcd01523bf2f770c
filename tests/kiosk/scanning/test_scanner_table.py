"""Many simulated scanners and people: no badge is lost or split, and no word is taken for a badge."""

import random

import pytest

from kiosk.scanning.bursts import Keystroke
from kiosk.scanning.keystrokes import KeyContext, KeystrokeClassifier, TypedBadge
from tests.support.booth import SHORT
from tests.support.typists import NOTE, OTHER_SCREEN, SCAN_SCREEN, draw_person, draw_scanner, press, write_words

SCANS_EACH = 5
"""How many badges each scanner reads."""


def find_faults(scans: int, seed: int) -> list[str]:
    """What is wrong with so many *scans*: badges that are lost, split, or joined, and keys that act on a lead."""
    dice, faults = random.Random(seed), []
    for _ in range(scans // SCANS_EACH):
        scanner = draw_scanner(dice)
        carried, badges, keys = scanner.scan(SCANS_EACH, dice)
        if badges != carried or keys:
            faults.append(f"{scanner.name}: {carried} became {badges} and {keys!r}")
    return faults


def find_mistakes(words: int, screen: KeyContext, seed: int) -> list[str]:
    """What is wrong with so many *words* that people type: those taken for badges, and those that do not arrive."""
    dice, mistakes, typed = random.Random(seed), [], 0
    while typed < words:
        count = dice.randint(1, 12)
        typed += count
        person, text = draw_person(dice), write_words(count, dice)
        classifier: KeystrokeClassifier[None] = KeystrokeClassifier(0.1)
        classifier.context = screen
        decided = [*press(classifier, person.type(text, 100.0, dice))]
        arrived = "".join(one.text for one in decided if isinstance(one, Keystroke)).replace("\r", "\n")
        if any(isinstance(one, TypedBadge) for one in decided) or (screen is NOTE and arrived != text):
            mistakes.append(f"{person}: {text!r} became {decided}")
    return mistakes


def test_of_a_thousand_scans_none_is_lost_or_split_and_none_acts_on_another_lead() -> None:
    """Of any rhythm, prefix, end and layout, on every screen and into an open note."""
    assert find_faults(1000, seed=1) == []


@pytest.mark.parametrize("screen", [NOTE, SCAN_SCREEN, OTHER_SCREEN], ids=["note", "scan screen", "another screen"])
def test_of_a_thousand_words_none_is_taken_for_a_badge(screen: KeyContext) -> None:
    """People type 20 to 120 words a minute; in a note all that they type arrives."""
    assert find_mistakes(1000, screen, seed=1) == []


@pytest.mark.soak
def test_of_ten_thousand_scans_only_a_scanner_that_stalls_loses_any() -> None:
    """And of such scanners, whose stalls nothing foretells, fewer than one badge in a thousand."""
    scans = 1000 if SHORT else 10_000

    faults = find_faults(scans, seed=2)

    assert [fault for fault in faults if "stall" not in fault.partition(":")[0]] == []
    assert len(faults) <= scans / 1000


@pytest.mark.soak
@pytest.mark.parametrize("screen", [NOTE, SCAN_SCREEN, OTHER_SCREEN], ids=["note", "scan screen", "another screen"])
def test_of_ten_thousand_words_none_is_taken_for_a_badge(screen: KeyContext) -> None:
    assert find_mistakes(1000 if SHORT else 10_000, screen, seed=2) == []
