"""
Simulated scanners and people, for the classifier of keystrokes and a clock of their own.

People: the pauses between keys follow a log-logistic distribution, which fits three public sets of keystrokes best
(González, Calot, Ierache, Hasperué: On the shape of timings distributions in free-text keystroke dynamics profiles,
Heliyon 7, 2021). Their spread, and that fast typists press keys nearly together, is taken from Dhakal, Feit,
Kristensson, Oulasvirta: Observations on Typing from 136 Million Keystrokes, CHI 2018.

Scanners: gaps that people have measured of theirs, such as 5 to 60 ms (`woocommerce-android#14162`), and stalls of
Bluetooth.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import pi, sin
from uuid import UUID

from kiosk.badges.keyboard_layouts import make_layout_pair
from kiosk.scanning.bursts import Keystroke
from kiosk.scanning.keystrokes import IgnoredKeys, KeyContext, KeystrokeClassifier, TypedBadge

SCAN_SCREEN = KeyContext(quick_keys="12345pdc", text_opening_keys="n")
NOTE = KeyContext(is_text_field=True)
OTHER_SCREEN = KeyContext()

GERMAN, FRENCH = make_layout_pair("US", "German"), make_layout_pair("US", "French")

Strokes = list[tuple[str, float]]
"""Characters, each with its moment."""


def press(
    classifier: KeystrokeClassifier[None], strokes: Strokes, until: float = float("inf")
) -> Iterator[Keystroke[None] | TypedBadge | IgnoredKeys]:
    """Press keys, wait as the timer of the app does, and yield what is decided before the moment *until*."""
    moments = [at for _, at in strokes[1:]] + [until]
    for (character, at), following in zip(strokes, moments, strict=True):
        yield from classifier.add_keystroke(Keystroke("\r" if character == "\n" else character, at, None))
        waited = 0.0
        while classifier.is_undecided and following - at - waited > classifier.wait_seconds:
            waited += classifier.wait_seconds
            yield from classifier.decide_after_silence()


@dataclass(frozen=True)
class Rhythm:
    """How fast a scanner types."""

    name: str
    gap: Callable[[random.Random], float]
    stall_share: float = 0.0
    """How many of its gaps are stalls."""
    stall: tuple[float, float] = (0.0, 0.0)
    """How long a stall lasts, in seconds."""

    def type(self, text: str, start: float, dice: random.Random) -> Strokes:
        """*text*, typed from *start* on."""
        at, strokes, stalls = start, [], 0
        for number, character in enumerate(text):
            if number:
                at += self.gap(dice)
                if stalls < 1 + len(text) // 10 and dice.random() < self.stall_share:
                    stalls += 1
                    at += dice.uniform(*self.stall)
            strokes.append((character, at))
        return strokes


MIN_ENTER_GAP = 0.07
"""The shortest pause before a person's Enter: the hand leaves its place for it."""

RHYTHMS = (
    Rhythm("all at once", lambda dice: 0.0),
    Rhythm("USB, 1 to 4 ms", lambda dice: dice.uniform(0.001, 0.004)),
    Rhythm("USB, 8 ms", lambda dice: dice.gauss(0.008, 0.0005)),
    Rhythm("USB, 16 ms, 1 in 50 read 100 ms late", lambda dice: dice.gauss(0.016, 0.001), 0.02, (0.05, 0.1)),
    Rhythm("cheap, 5 to 60 ms", lambda dice: dice.uniform(0.005, 0.06)),
    Rhythm("Bluetooth, 5 to 60 ms, stalls", lambda dice: dice.uniform(0.005, 0.06), 0.02, (0.05, 0.25)),
    Rhythm("Bluetooth, 12 ms, stalls", lambda dice: dice.gauss(0.012, 0.002), 0.02, (0.05, 0.25)),
    Rhythm("slow, 45 ms", lambda dice: dice.gauss(0.045, 0.003)),
)

CARD = "BEGIN:VCARD\nVERSION:3.0\nFN:Zoe Muller\nORG:Suss\nEMAIL:zoe@suess.example\nEND:VCARD"

CONTROLS = "".join(map(chr, range(33)))

PREFIXES = ("", "\x02", "\x1d", "\x1e", "]Q1", "]C1", "~", "\x1b", "\x02]d2")
ENDS = ("\n", "\n", "\n", "\r\n", "\x03\n", "\x04\n", "\t", "\n\n", "\x03", "\x1d", "")


def draw_id(dice: random.Random, length: int) -> str:
    """An ID of capitals and digits."""
    return "".join(dice.choice("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789") for _ in range(length - 1)) + dice.choice("123")


PAYLOADS: dict[str, Callable[[random.Random], str]] = {
    "one digit": lambda dice: dice.choice("0123456789"),
    "two or three digits": lambda dice: str(dice.randint(10, 999)),
    "six digits": lambda dice: f"{dice.randint(0, 999_999):06}",
    "ten characters": lambda dice: draw_id(dice, 10),
    "URL": lambda dice: f"https://example.org/t/{draw_id(dice, 8)}",
    "UUID": lambda dice: str(UUID(int=dice.getrandbits(128), version=4)),
    "vCard": lambda dice: CARD.replace("Muller", draw_id(dice, 5)),
    "MeCard": lambda dice: f"MECARD:N:Nilsen,{draw_id(dice, 5)};\nTEL:5;\nEMAIL:olga@example.org;;",
    "JSON": lambda dice: f'{{"name": "{draw_id(dice, 5)}",\n "email": "ana@example.org"}}',
    "lines": lambda dice: f"Name: Ana {draw_id(dice, 5)}\nCompany: ACME\nEmail: ana@example.org",
    "German keyboard": lambda dice: GERMAN.simulate_typing(CARD.replace("Muller", draw_id(dice, 5))),
    "French keyboard": lambda dice: FRENCH.simulate_typing(CARD.replace("Muller", draw_id(dice, 5))),
}
SHORT = ("one digit", "two or three digits")


@dataclass(frozen=True)
class Scanner:
    """A scanner, as it is set up, and the screen that its badges come to."""

    rhythm: Rhythm
    kind: str
    prefix: str
    end: str
    screen: KeyContext

    @property
    def name(self) -> str:
        """What a test says about it."""
        return f"{self.rhythm.name}, {self.kind}, {self.prefix!r}, {self.end!r}, {self.screen}"

    def scan(self, count: int, dice: random.Random) -> tuple[list[str], list[str], str]:
        """Scan *count* badges; return what they carry, the badges that came, and the keys that came besides."""
        classifier: KeystrokeClassifier[None] = KeystrokeClassifier(0.1)
        classifier.context = self.screen
        if self.rhythm.stall_share:
            self.scan_test_badge(classifier)
        at, carried, found = 100.0, [], []
        for _ in range(count):
            carried.append(PAYLOADS[self.kind](dice))
            text = f"{self.prefix}{carried[-1]}{self.end}"
            strokes = self.rhythm.type(text, at, dice)
            if self.end == "\n" and self.kind not in SHORT and dice.random() < 0.1:
                strokes[-1] = ("\n", strokes[-1][1] + dice.uniform(0.05, 0.25))
            at = strokes[-1][1] + dice.uniform(1.2, 3.0)
            found += press(classifier, strokes, at)
        prefix = self.prefix.strip(CONTROLS)
        badges = [one.text.strip(CONTROLS).removeprefix(prefix) for one in found if isinstance(one, TypedBadge)]
        return carried, badges, "".join(one.text for one in found if isinstance(one, Keystroke))

    def scan_test_badge(self, classifier: KeystrokeClassifier[None]) -> None:
        """Scan a long badge first, from which the kiosk learns that this scanner stalls."""
        text = f"{self.prefix}{CARD}{self.end}"
        strokes = [(character, 10.0 + 0.02 * number + 0.2 * (number > 30)) for number, character in enumerate(text)]
        assert len([*press(classifier, strokes)]) == 1


def draw_scanner(dice: random.Random) -> Scanner:
    """Any scanner of which docs/usb-scanners.md says that its badges are recognised."""
    rhythm, kind = dice.choice(RHYTHMS), dice.choice([*PAYLOADS])
    prefix, end = dice.choice(PREFIXES), dice.choice(ENDS)
    screen = dice.choice((SCAN_SCREEN, NOTE, OTHER_SCREEN))
    if kind in SHORT:
        rhythm = RHYTHMS[1] if rhythm.stall_share else rhythm
        prefix = "" if prefix == "\x1b" else prefix
        end = end if "\n" in end or end == "\t" else "\n"
    if rhythm.stall_share:
        prefix = "" if prefix == "\x1b" else prefix  # after a pause it is the key Esc
    return Scanner(rhythm, kind, prefix, end, screen)


@dataclass(frozen=True)
class Person:
    """Somebody who types."""

    words_a_minute: float
    shape: float
    """Of the log-logistic distribution; the larger, the steadier."""
    rolled: float
    """The share of keys that follow the one before within 40 ms, off another finger."""

    def type(self, text: str, start: float, dice: random.Random) -> Strokes:
        """*text*, typed from *start* on; a word is five characters."""
        mean = 12 / self.words_a_minute
        scale = mean / ((pi / self.shape) / sin(pi / self.shape))
        at, strokes = start, []
        for number, character in enumerate(text):
            if number:
                chance = dice.uniform(0.001, 0.999)
                gap = scale * (chance / (1 - chance)) ** (1 / self.shape)
                # One finger cannot roll the same key, and nobody rolls Enter.
                is_rolled = dice.random() < self.rolled and character not in ("\n", text[number - 1])
                at += dice.uniform(0.005, 0.04) if is_rolled else max(gap, MIN_ENTER_GAP if character == "\n" else 0.0)
            strokes.append((character, at))
        return strokes


def draw_person(dice: random.Random) -> Person:
    """Somebody who types 20 to 120 words a minute; faster typists are steadier and roll more keys."""
    speed = dice.uniform(20, 120)
    return Person(speed, dice.uniform(3, 4) + 3 * speed / 120, dice.uniform(0, 0.06) * speed / 120)


WORDS = [
    *("the", "price", "for", "three", "hundred", "pieces", "call", "Maria", "Lopez", "on", "Monday", "about", "demo"),
    *("room", "wants", "pricing", "sales@acme.de", "555", "0199", "+49", "QR", "codes", "API", "SAP", "CEO", "2027"),
    *("50%", "ok", "yes", "no", "a", "I", "budget", "100k", "next", "quarter", "Q3", "interested", "colleague"),
    *("business", "card", "follow", "up", "needs", "offer", "12", "seats", "https://acme.example.com", "GERMANY"),
]


def write_words(count: int, dice: random.Random) -> str:
    """A line of *count* words, as notes have them, with Enter after some."""
    return " ".join(dice.choice(WORDS) for _ in range(count)) + dice.choice(["\n", ""])
