"""What is learned about a scanner, and what kiosk.toml says about it."""

import pytest

from kiosk.config.tables import ScannerSettings
from kiosk.scanning.bursts import Keystroke
from kiosk.scanning.keystrokes import KeystrokeClassifier, TypedBadge
from kiosk.scanning.scanner_habits import ScannerHabits
from tests.support.typists import CARD, NOTE, SCAN_SCREEN, Strokes, press


def type_text(text: str, start: float = 100.0, gap: float = 0.01, stall_at: int = 0, stall: float = 0.0) -> Strokes:
    """*text*, a key each *gap* seconds, with a longer pause before the key number *stall_at*."""
    return [(c, start + gap * number + stall * (0 < stall_at <= number)) for number, c in enumerate(text)]


def decide(classifier: KeystrokeClassifier[None], strokes: Strokes) -> list[str]:
    """What is decided about *strokes*: badges, and keys that are somebody's."""
    decided = press(classifier, strokes, strokes[-1][1] + 3.0)
    return [f"badge {one.text}" if isinstance(one, TypedBadge) else one.text for one in decided if one.text]


def test_a_prefix_and_a_suffix_in_the_settings_are_no_part_of_the_badge() -> None:
    classifier: KeystrokeClassifier[None] = KeystrokeClassifier(0.1, ScannerHabits("~", "\x03"))
    classifier.context = NOTE

    assert decide(classifier, type_text("~PZD97WTMFJ\x03\n")) == ["badge PZD97WTMFJ"]


def test_a_prefix_that_nobody_types_makes_a_badge_of_one_digit_without_enter() -> None:
    """Also in a note, where one key alone would be typed."""
    classifier: KeystrokeClassifier[None] = KeystrokeClassifier(0.1)
    classifier.context = NOTE

    assert decide(classifier, type_text("\x027")) == ["badge \x027"]


def test_a_stall_within_a_badge_is_learned_from_a_long_one() -> None:
    """Before, the keys before it are taken for a person's."""
    stalling = type_text("PZD97WTMFJ\n", stall_at=1, stall=0.25)
    fresh: KeystrokeClassifier[None] = KeystrokeClassifier(0.1)
    fresh.context = NOTE
    assert decide(fresh, stalling) == ["P", "badge ZD97WTMFJ"]
    taught: KeystrokeClassifier[None] = KeystrokeClassifier(0.1)
    taught.context = NOTE

    assert decide(taught, type_text(f"{CARD}\n", start=10.0, stall_at=40, stall=0.25)) == [f"badge {CARD}"]
    assert decide(taught, stalling) == ["badge PZD97WTMFJ"]


def test_after_a_stall_was_learned_a_persons_keys_still_arrive_one_by_one() -> None:
    """Not all at once when they pause: the note shows what is typed."""
    classifier: KeystrokeClassifier[None] = KeystrokeClassifier(0.1)
    classifier.context = NOTE
    decide(classifier, type_text(f"{CARD}\n", start=10.0, stall_at=40, stall=0.25))

    for number, character in enumerate("hello"):
        classifier.add_keystroke(Keystroke(character, 100 + 0.18 * number, None))

        assert len(classifier.held_keystrokes) <= 2


def test_the_first_key_of_a_badge_that_came_early_belongs_to_it_if_the_last_badges_were_as_long() -> None:
    classifier: KeystrokeClassifier[None] = KeystrokeClassifier(0.1)
    classifier.context = SCAN_SCREEN
    decide(classifier, type_text("417001\n", start=10.0))
    decide(classifier, type_text("417002\n", start=20.0))

    assert decide(classifier, type_text("417003\n", stall_at=1, stall=0.2)) == ["badge 417003"]


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (ScannerSettings(prefix="\r"), "prefix: Enter is recognised without it"),
        (ScannerSettings(suffix="12345678901"), "suffix: must have at most 10 characters."),
        (ScannerSettings(scanner_layout="us"), "scanner_layout: set computer_layout, too, or neither of them."),
        (ScannerSettings(computer_layout="de"), "computer_layout: set scanner_layout, too, or neither of them."),
        (ScannerSettings(scanner_layout="us", computer_layout="xx"), "computer_layout: there is no layout 'xx'"),
        (ScannerSettings(scanner_layout="us", computer_layout="us"), "scanner_layout: it equals computer_layout"),
    ],
)
def test_a_setting_that_cannot_work_is_a_sentence(settings: ScannerSettings, sentence: str) -> None:
    with pytest.raises(ValueError, match=r"^" + sentence.split("'")[0]):
        settings.check()
