"""A USB scanner types what it reads: telling it from a person, by the time between its keys."""

from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

Event = TypeVar("Event")

GAP = 0.05
"""Seconds between two keys of a scanner, at most; a fast typist needs twice as long."""

SURE = 6
"""Keys in such a hurry after which nobody doubts that it is a scanner: a machine that is busy may take one late."""

BUSY_GAP = 0.15
"""Seconds after the Enter of what is a scanner for sure."""

UNENDED_GAP = 0.5
"""Seconds between two keys of what is a scanner for sure, until its Enter."""

CARD_GAP = 1.0
"""Seconds that the next line of a vCard may take."""

ENTER_GAP = 0.5
"""Seconds within which another Enter is the scanner's still."""

CLOSE = 0.4
"""Seconds after a person's key within which more of a person's keys are likely."""

LEAST, LEAST_WITHOUT_ENTER = 3, 6
"""Characters of a badge, at least, where it ends in Enter and where it does not."""

LEAST_AMONG_TYPING = 10
"""The same where a person typed a moment ago: some letters roll off two fingers."""

STARTS_WITHIN = 12
"""Characters within which a vCard begins: scanners may be set to type something first."""

ENDS = "\n\t"
"""What scanners type after a badge."""


@dataclass(frozen=True, slots=True)
class Stroke(Generic[Event]):
    """One key, when it was struck, and what the terminal told of it."""

    text: str
    """What it types: Enter is a line feed, and arrows and function keys type nothing."""
    at: float
    """Seconds, of any clock."""
    event: Event


@dataclass(frozen=True, slots=True)
class Scanned:
    """A scanner typed this."""

    text: str


Decided: TypeAlias = list[Stroke[Event] | Scanned]
"""What is known by now, in the order of the keys: a person's strokes, and badges."""


class Typing(Generic[Event]):
    """Holds keys back for as long as it takes to know whose they are: a twentieth of a second for a person's."""

    def __init__(self) -> None:
        self.held: list[Stroke[Event]] = []
        self.person_at = self.scanned_at = float("-inf")

    @property
    def patience(self) -> float:
        """Seconds of silence after which it is known whose the held keys are; 0 where none are held."""
        if not self.held:
            return 0.0
        if len(self.held) < SURE:
            return GAP
        text = "".join(stroke.text for stroke in self.held).upper()
        if "BEGIN" in text[:STARTS_WITHIN] and "END:VCARD" not in text:
            return CARD_GAP
        return BUSY_GAP if text[-1] in ENDS else UNENDED_GAP

    def strike(self, stroke: Stroke[Event]) -> Decided[Event]:
        """Take one key more, and tell what is known now."""
        decided: Decided[Event] = []
        if self.held and (not stroke.text or stroke.at - self.held[-1].at > self.patience):
            decided += self.rest()
        if self.held or (stroke.text and stroke.text.isprintable()):
            self.held.append(stroke)
        elif stroke.text not in ENDS or not stroke.text or stroke.at - self.scanned_at > ENTER_GAP:
            decided += self.a_persons([stroke])
        return decided

    def rest(self) -> Decided[Event]:
        """There was silence for as long as `patience`, or something else happened: tell whose the held keys are."""
        held, self.held = self.held, []
        if not held:
            return []
        text = "".join(stroke.text for stroke in held)
        if is_badge(text, is_alone=held[0].at - self.person_at > CLOSE):
            self.scanned_at = held[-1].at
            return [Scanned(payload) for payload in payloads(text)]
        return self.a_persons(held)

    def a_persons(self, strokes: list[Stroke[Event]]) -> Decided[Event]:
        """A person struck these."""
        self.person_at = strokes[-1].at
        return [*strokes]


def is_badge(text: str, *, is_alone: bool) -> bool:
    """Whether keys that came in such a hurry are a badge; one key that is held down is none."""
    typed = text.strip()
    is_ended = text[-1] in ENDS
    least = LEAST if is_ended else LEAST_WITHOUT_ENTER
    return len(typed) >= (least if is_alone else LEAST_AMONG_TYPING) and len(set(typed)) > 1


def payloads(text: str) -> list[str]:
    """The payloads in what a scanner typed: a line each, but a vCard is one, whatever stands before it."""
    lines = text.strip(ENDS).split("\n")
    if "BEGIN" in lines[0][:STARTS_WITHIN].upper():
        return ["\n".join(lines)]
    return [line.strip(ENDS) for line in lines if line.strip()]
