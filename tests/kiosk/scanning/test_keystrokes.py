"""The decision table of docs/usb-scanners.md: telling a USB scanner from a person by the rhythm of the keys."""

import random
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.scanning.bursts import Keystroke
from kiosk.scanning.keystrokes import IgnoredKeys, KeyContext, KeystrokeClassifier, TypedBadge

KEY_GAP = 0.1
KEYS = KeyContext(quick_keys="12345pdc", text_opening_keys="n")
"""The scan screen."""
TEXT = KeyContext(is_text_field=True)
"""A note that is being typed."""
CARD = "BEGIN:VCARD\nVERSION:3.0\nFN:Zoë Müller\nORG:Süß\nEMAIL:zoe@suess.example\nEND:VCARD"
MECARD = "MECARD:N:Nilsen,Olga;\nTEL:5;\nEMAIL:olga@example.org;\nORG:ACME;;"
LABELS = "Name: Ana Lopez\nCompany: ACME\nEmail: ana@example.org"
HUMAN_GAPS = (0.21, 0.09, 0.14, 0.05, 0.18, 0.11, 0.07, 0.16, 0.13, 0.24)
"""The pauses of somebody who types quickly: some pairs of letters roll off two fingers."""


def decided(strokes: Iterable[tuple[str, float]], context: KeyContext = KEYS) -> list[str]:
    """What comes of keys, each with its moment: `badge: …`, `ignored: …` or a key."""
    keystrokes: KeystrokeClassifier[None] = KeystrokeClassifier(KEY_GAP)
    keystrokes.context = context
    found: list[str] = []
    strokes = list(strokes)
    for (text, at), following in zip(strokes, [at for _, at in strokes[1:]] + [float("inf")], strict=True):
        key = {"\n": "\r"}.get(text, text)
        is_harmless, is_click = key == "<left>", key == "<click>"
        key = "" if key.startswith("<") and len(key) > 1 else key
        found += map(shown, keystrokes.add_keystroke(Keystroke(key, at, None, is_harmless, is_click)))
        waited = 0.0
        while keystrokes.is_undecided and following - at - waited > keystrokes.wait_seconds:
            waited += keystrokes.wait_seconds  # as the timer has it
            found += map(shown, keystrokes.decide_after_silence())
    assert not keystrokes.is_undecided
    return found


def shown(one: Keystroke[None] | TypedBadge | IgnoredKeys) -> str:
    """One decision, as the tests write it."""
    if isinstance(one, TypedBadge):
        return f"badge: {one.text}"
    return f"ignored: {one.text}" if isinstance(one, IgnoredKeys) else one.text.replace("\r", "\n")


def typed(text: str | list[str], gap: float, start: float = 100.0) -> list[tuple[str, float]]:
    """*text*, a key each *gap* seconds."""
    return [(character, start + number * gap) for number, character in enumerate(text)]


def by_hand(text: str, start: float = 100.0, slower: float = 1.0) -> list[tuple[str, float]]:
    """*text*, as somebody types it."""
    at, strokes = start, []
    for number, character in enumerate(text):
        strokes.append((character, at))
        at += HUMAN_GAPS[number % len(HUMAN_GAPS)] * slower
    return strokes


def at_random(text: str, least: float, most: float, seed: int) -> list[tuple[str, float]]:
    """*text*, with pauses of any length between *least* and *most* seconds."""
    dice, at, strokes = random.Random(seed), 100.0, []
    for character in text:
        strokes.append((character, at))
        at += dice.uniform(least, most)
    return strokes


SCREENS = pytest.mark.parametrize("context", [KEYS, TEXT], ids=["keys", "text"])


@SCREENS
@pytest.mark.parametrize("gap", [0.0, 0.001, 0.016, 0.03, 0.045, 0.06])
@pytest.mark.parametrize("end", ["", "\n", "\n\n", "\t"], ids=ascii)
@pytest.mark.parametrize("badge", ["PZD97WTMFJ", "752327237937711035001", "7^Ana^López^a@b.example", CARD])
def test_fast_keys_are_one_badge(badge: str, end: str, gap: float, context: KeyContext) -> None:
    """However many lines it has, and whether its Enter is missing or doubled."""
    assert decided(typed(badge + end, gap), context) == [f"badge: {badge}"]


@SCREENS
@pytest.mark.parametrize("badge", ["42", "17", "1111", "55555", "A1B2", "000012", "yes"])
@pytest.mark.parametrize("gap", [0.0, 0.004, 0.016, 0.03])
def test_a_short_id_with_its_enter_is_a_badge(badge: str, gap: float, context: KeyContext) -> None:
    assert decided(typed(f"{badge}\n", gap), context) == [f"badge: {badge}"]


@pytest.mark.parametrize("badge", ["7", "42", "1111", "A1B2"])
@pytest.mark.parametrize("gap", [0.045, 0.06])
def test_a_short_id_of_a_slow_scanner_rates_and_tags_nobody(badge: str, gap: float) -> None:
    assert decided(typed(f"{badge}\n", gap)) == [f"badge: {badge}"]


@pytest.mark.parametrize("badge", ["417", "A1B2", "1111", "55555", "p4d"])
def test_a_short_id_without_enter_is_a_badge_where_keys_are_commands(badge: str) -> None:
    assert decided(typed(badge, 0.01)) == [f"badge: {badge}"]


@pytest.mark.parametrize("text", ["17", "4p", "pd", "asdf"])
def test_keys_too_few_to_tell_are_ignored_and_reported(text: str) -> None:
    """Two keys at once, or a hand on the keyboard."""
    assert decided(typed(text, 0.01)) == [f"ignored: {text}"]


@SCREENS
@pytest.mark.parametrize(
    "prefix", ["\x02", "\x1d", "\x1e", "\x04", "\x00", "\x07", "\x1b", "]Q1", "s", "~", "\n", "\t"]
)
@pytest.mark.parametrize("suffix", ["", "\x03", "\x04", "\n", "\r\n", "\x03\n", "\t", "\n\n"], ids=ascii)
@pytest.mark.parametrize("badge", ["000777", "PZD97WTMFJ"])
def test_prefixes_and_suffixes_belong_to_the_badge(prefix: str, badge: str, suffix: str, context: KeyContext) -> None:
    """Control characters press no key and open nothing; the badge readers strip them."""
    found = decided(typed(f"{prefix}{badge}{suffix}", 0.008), context)

    assert len(found) == 1
    assert found[0].startswith("badge: ")
    assert found[0].removeprefix("badge: ").strip("".join(map(chr, range(33)))).removeprefix(prefix.strip()) == badge


@SCREENS
@pytest.mark.parametrize("rhythm", [(0.005, 0.06), (0.07, 0.1), (0.0, 0.1)], ids=str)
@pytest.mark.parametrize("badge", ["PZD97WTMFJ", "123456789", "https://example.org/t/4711"])
@pytest.mark.parametrize("seed", range(20))
def test_a_scanner_that_stalls_is_recognised(
    rhythm: tuple[float, float], badge: str, seed: int, context: KeyContext
) -> None:
    """Cheap ones pause between 5 and 60 ms (`woocommerce-android#14162`), Bluetooth ones up to 100 ms."""
    assert decided(at_random(f"{badge}\n", *rhythm, seed=seed), context) == [f"badge: {badge}"]


@SCREENS
@pytest.mark.parametrize("payload", [MECARD, LABELS, '{"name": "Ana",\n "email": "ana@example.org"}'])
@pytest.mark.parametrize("gap", [0.004, 0.03])
def test_several_lines_without_a_pause_are_one_payload(payload: str, gap: float, context: KeyContext) -> None:
    assert decided(typed(f"{payload}\n", gap), context) == [f"badge: {payload}"]


def test_a_pause_after_each_line_of_a_card_is_allowed() -> None:
    """Some scanners stop for a moment at each Enter."""
    moments, at = [], 100.0
    for character in f"{CARD}\n":
        at += 0.9 if character == "\n" and len(moments) < 60 else 0.01
        moments.append((character, at))

    assert decided(moments) == [f"badge: {CARD}"]


@pytest.mark.parametrize("pause", [0.16, 0.3, 1.0])
def test_two_badges_one_after_another_are_two(pause: float) -> None:
    both = typed("PZD97WTMFJ\n", 0.01) + typed("ABCDEF1234\n", 0.01, start=100.1 + pause)

    assert decided(both) == ["badge: PZD97WTMFJ", "badge: ABCDEF1234"]


def test_two_badges_that_a_busy_machine_reads_at_once_are_two() -> None:
    assert decided(typed("PZD97WTMFJ\nABCDEF1234\n", 0.0)) == ["badge: PZD97WTMFJ", "badge: ABCDEF1234"]


def test_a_second_enter_that_comes_late_is_the_scanners() -> None:
    """It opens no lead and submits no line; a person's next Enter does."""
    strokes = typed("PZD97WTMFJ\n", 0.01)
    last = strokes[-1][1]

    assert decided([*strokes, ("\n", last + 0.4)]) == ["badge: PZD97WTMFJ"]
    assert decided([*strokes, ("\n", last + 0.7)]) == ["badge: PZD97WTMFJ", "\n"]


@pytest.mark.parametrize("text", ["price for 35 pcs\n", "Maria Lopez dc\n", "the 3rd room\n", "555 0199\n", "ok\n"])
@pytest.mark.parametrize("slower", [0.8, 1.0, 2.0, 5.0])
def test_a_persons_keys_reach_the_text_field(text: str, slower: float) -> None:
    """In order and complete, Enter included."""
    assert decided(by_hand(text, slower=slower), TEXT) == list(text)


def test_letters_typed_almost_together_are_a_persons() -> None:
    gaps = [0.03, 0.09, 0.11, 0.03, 0.04, 0.08, 0.01, 0.07, 0.02, 0.13, 0.04, 0.11]
    moments = [100 + sum(gaps[:number]) for number in range(len(gaps) + 1)]
    text = "the price is\n"

    assert decided(zip(text, moments, strict=True), TEXT) == list(text)


@pytest.mark.parametrize("text", ["Pedro da Costa\n", "price", "Ann Both\n", "demo", "call 555 0199", "nobody"])
@pytest.mark.parametrize("slower", [0.8, 1.0, 1.5])
def test_a_typed_word_runs_no_command(text: str, slower: float) -> None:
    """Except for an n with a pause after it, which opens the note that the rest is typed into."""
    found = decided(by_hand(text, slower=slower), KEYS)

    assert [one for one in found if not one.startswith("ignored: ")] == (["n"] if text.startswith("n") else [])


@pytest.mark.parametrize("text", ["4", "p", "P", "4p", "54", "3dc", "44", "pp", "4n"])
def test_single_keys_are_commands(text: str) -> None:
    """A rating and a tag may follow one another as fast as the letters of a word."""
    assert decided(typed(text, 0.2)) == list(text)


@pytest.mark.parametrize("badge", ["000777", "PZD97W7777", "42"])
def test_a_badge_in_the_middle_of_typing_leaves_the_typing_complete(badge: str) -> None:
    """Somebody types a note while a colleague scans a badge."""
    strokes = by_hand("hello", slower=0.9)
    scan = typed(f"{badge}\n", 0.008, start=strokes[-1][1] + 0.2)
    rest = by_hand(" list\n", start=scan[-1][1] + 0.4)

    assert decided(strokes + scan + rest, TEXT) == [*"hello", f"badge: {badge}", *" list\n"]


def test_a_badge_right_behind_a_letter_leaves_the_letter_in_the_note() -> None:
    strokes = by_hand("hello")
    scan = typed("000777\n", 0.008, start=strokes[-1][1] + 0.09)

    assert decided(strokes + scan, TEXT) == [*"hello", "badge: 000777"]


@pytest.mark.parametrize("key", ["4", "p"])
def test_a_command_that_is_held_down_is_one_command(key: str) -> None:
    """The key repeats thirty times a second, after a longer pause."""
    assert decided([(key, 99.7), *typed(key * 20, 1 / 30)]) == [key]


def test_a_letter_that_is_held_down_is_typed_again_and_again() -> None:
    assert decided([("o", 99.7), *typed("o" * 20, 1 / 30)], TEXT) == ["o"] * 21


@pytest.mark.parametrize("key", ["<f10>", "\x1b", "\n", "\x13", "<left>", "<click>"], ids=ascii)
@SCREENS
def test_a_function_key_only_counts_alone(key: str, context: KeyContext) -> None:
    """Not within a scanner's pause of another key."""
    alone = "" if key.startswith("<") else key

    assert decided([(key, 100.0)], context) == [alone]
    among = decided([("\x1b", 100.0), (key, 100.05), ("[", 100.06)], context)
    assert [one for one in among if not one.startswith("ignored: ")] == []


def test_press_and_release_of_a_click_arrive_together() -> None:
    assert decided([("<click>", 100.0), ("<click>", 100.08)]) == ["", ""]
    assert decided([("<click>", 100.0), ("<click>", 100.01), ("\n", 100.05)]) == []


def test_cursor_keys_and_clicks_are_not_delayed() -> None:
    """A held arrow, a double click."""
    keystrokes: KeystrokeClassifier[int] = KeystrokeClassifier(KEY_GAP)
    strokes = [Keystroke("", 100 + number / 30, number, is_harmless=True) for number in range(9)]

    assert [keystrokes.add_keystroke(stroke) for stroke in strokes] == [[], *([stroke] for stroke in strokes[:-1])]


ATTACKS = ["\x1b[21~", "\x1b[200~", "\x1b[201~", "\x1b[48;9000;9000;90000;90000t", "\x1b[<0;50;20M", "\x1bOQ", "y", "4"]
KEYBOARD = [chr(code) for code in range(128)]


@SCREENS
@given(
    st.lists(st.sampled_from([*ATTACKS, *KEYBOARD, "é", "<f10>", "<f2>", "<click>"]), min_size=2, max_size=12),
    st.sampled_from(["\r", "\n", "\r\n"]),
    st.sampled_from([0.0, 0.004, 0.02, 0.03]),
)
def test_nothing_that_a_scanner_types_is_a_command(context: KeyContext, parts: list[str], end: str, gap: float) -> None:
    """Control characters, escape sequences and function keys in any order are badges, or nothing."""
    keys = [key for part in parts for key in ([part] if part.startswith("<") and len(part) > 1 else part)]
    found = decided(typed([*keys, *end], gap), context)
    commands = [one for one in found if not one.startswith(("badge: ", "ignored: "))]

    assert [key for key in commands if context is KEYS or not key.isprintable()] == []


def test_the_end_of_a_badge_that_comes_late_rates_nobody() -> None:
    """A scanner that is known to end badges with Enter stalls before its last key."""
    first = typed("GOOD000001\n", 0.008)
    second = typed("GOOD00000", 0.008, start=101.0)
    late = second[-1][1] + 0.9

    assert decided([*first, *second, ("4", late), ("\n", late + 0.2)]) == ["badge: GOOD000001", "badge: GOOD000004"]
    assert decided([*second, ("4", second[-1][1] + 0.6), ("\n", second[-1][1] + 0.8)])[0] == "badge: GOOD00000"


def test_a_key_read_late_belongs_to_the_burst_before() -> None:
    """The machine stood still for half a second in the middle of a badge."""
    keystrokes: KeystrokeClassifier[None] = KeystrokeClassifier(KEY_GAP)
    keystrokes.context = KEYS
    keystrokes.add_keystroke(Keystroke("4", 100.0, None))
    for key in "2417\r":
        keystrokes.add_keystroke(Keystroke(key, 100.5, None, late_seconds=0.49))

    assert keystrokes.decide_after_silence() == [TypedBadge("42417")]


@SCREENS
@pytest.mark.parametrize(
    ("code", "character"), [("029", "\x1d"), ("0252", "ü"), ("129", "ü"), ("0233", "é"), ("130", "é")]
)
def test_alt_codes_are_decoded(code: str, character: str, context: KeyContext) -> None:
    """Alt and digits, which a terminal sends as Esc and the digit (`odoo#99730`, `barcode-server#93`)."""
    typed_code = "".join(f"\x1b{digit}" for digit in code)

    assert decided(typed(f"0112345{typed_code}21ABC\n", 0.008), context) == [f"badge: 0112345{character}21ABC"]


@SCREENS
def test_function_keys_within_a_badge_are_left_out(context: KeyContext) -> None:
    """Some scanners press F8 for a group separator (`use-scan-detection#15`)."""
    keys = [*"0112345", "<f8>", *"21ABC", "\n"]

    assert decided(typed(keys, 0.008), context) == ["badge: 011234521ABC"]
