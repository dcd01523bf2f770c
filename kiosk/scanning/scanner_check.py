"""Examines what a scanner typed: how fast, with what around it, and which settings would make it recognised."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from data.language import _, ngettext
from kiosk.badges.keyboard_layouts import LayoutPair
from kiosk.badges.layout_keys import LAYOUT_NAMES_BY_CODE
from kiosk.badges.layout_repair import keep_alt_key, repair_text
from kiosk.config.tables import ScannerSettings
from kiosk.scanning.bursts import MAX_GAP_BY_SPEED, Keystroke, find_longest_usual_gap
from kiosk.scanning.keystrokes import KeyContext, KeystrokeClassifier, TypedBadge
from kiosk.scanning.scanner_habits import ScannerHabits

# The longest gap that `key_gap_ms` may allow for.
_MAX_KEY_GAP_MS = 250

# What a scanner may type before a badge besides the AIM identifier, which is recognised anyway.
_PREFIX = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f~!#$%&*]{1,4}")

_SUFFIX = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f]{1,4}$")

_CONTROL_NAMES = (
    *("NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "BEL", "BS", "Tab", "LF", "VT", "FF", "Enter", "SO", "SI"),
    *("DLE", "DC1", "DC2", "DC3", "DC4", "NAK", "SYN", "ETB", "CAN", "EM", "SUB", "Esc", "FS", "GS", "RS", "US"),
)

# Settings as kiosk.toml writes them.
Proposals = dict[str, int | str]


@dataclass(frozen=True, slots=True)
class TypedByte:
    """A byte that came from the terminal, and when."""

    value: int
    at: float


def describe_byte(byte: TypedByte, previous: TypedByte | None) -> str:
    """Return a line about one byte: the pause before it, its number, and the key that it stands for."""
    pause = "" if previous is None else f"{(byte.at - previous.at) * 1000:.1f} ms"
    name = _CONTROL_NAMES[byte.value] if byte.value < 32 else "Del" if byte.value == 127 else ""
    shown = name or (chr(byte.value) if byte.value < 127 else "·")
    return f"{pause:>12}  0x{byte.value:02x}  {shown}"


class ScanExam:
    """One scan, examined with the settings as they are now."""

    def __init__(self, typed: Sequence[TypedByte], settings: ScannerSettings, expected: LayoutPair | None) -> None:
        """Examine *typed*; *expected* are the layouts to assume if several fit."""
        self.settings = settings
        data = bytes(byte.value for byte in typed)
        self.text = data.decode("utf-8", "replace")
        # A character of several bytes came when its first byte did.
        starts = [byte.at for byte in typed if byte.value & 0xC0 != 0x80]
        self.moments = (
            starts if len(starts) == len(self.text) else [typed[0].at] * (len(self.text) - 1) + [typed[-1].at]
        )
        self.gaps_ms = [(later - earlier) * 1000 for earlier, later in pairwise(self.moments)]
        self.body = self.text.rstrip("\r\n\t")
        self.repair = repair_text(keep_alt_key(self.body), expected)

    @property
    def prefix(self) -> str:
        """What the scanner typed before the badge."""
        found = _PREFIX.match(self.body)
        return found[0] if found and len(found[0]) < len(self.body) else ""

    @property
    def suffix(self) -> str:
        """What the scanner typed after the badge, besides Enter or Tab."""
        found = _SUFFIX.search(self.body)
        return found[0] if found and len(found[0]) < len(self.body) else ""

    @property
    def needed_key_gap_ms(self) -> int:
        """The smallest `key_gap_ms` with which this scan counts as fast."""
        if not self.gaps_ms:
            return 0
        usual = find_longest_usual_gap(self.gaps_ms)
        return min(_MAX_KEY_GAP_MS, math.ceil(usual / MAX_GAP_BY_SPEED["fast"] / 10) * 10)

    def list_screens(self) -> tuple[bool, bool]:
        """Return whether it is one badge where keys are commands, and in a text field."""
        return self._is_badge(KeyContext()), self._is_badge(KeyContext(is_text_field=True))

    def _is_badge(self, context: KeyContext) -> bool:
        """Return whether the kiosk recognises this scan as one badge, and nothing else."""
        habits = ScannerHabits(self.settings.prefix, self.settings.suffix)
        classifier: KeystrokeClassifier[None] = KeystrokeClassifier(self.settings.key_gap_ms / 1000, habits)
        classifier.context = context
        decided = []
        for character, at in zip(self.text, self.moments, strict=True):
            decided += classifier.add_keystroke(Keystroke(character, at, None))
        while classifier.is_undecided:
            decided += classifier.decide_after_silence()
        return len(decided) == 1 and isinstance(decided[0], TypedBadge)

    def describe(self) -> list[str]:
        """Return what staff should know about this scan, a sentence each."""
        count = ngettext("{count} key", "{count} keys", len(self.text)).format(count=len(self.text))
        sentences = [count]
        if self.gaps_ms:
            pauses = _("{count}, {usual:.0f} ms apart, at most {longest:.0f} ms.")
            sentences = [pauses.format(count=count, usual=median(self.gaps_ms), longest=max(self.gaps_ms))]
        as_keys, in_text = self.list_screens()
        if as_keys and in_text:
            sentences.append(_("Recognised as one badge on every screen."))
        elif as_keys:
            sentences.append(_("Recognised as one badge, but not while somebody types a note."))
        else:
            sentences.append(_("NOT recognised as one badge."))
        if self.body == self.text:
            sentences.append(_("The scanner does not press Enter. Set it to press Enter after each badge."))
        if self.repair is not None:
            sentences.append(self.repair.message)
        return sentences


def propose_settings(exams: Iterable[ScanExam], settings: ScannerSettings) -> Proposals:
    """Return the settings of `[scanner]` that would suit the scans better than *settings* do."""
    exams = [*exams]
    proposals: Proposals = {}
    needed = max((exam.needed_key_gap_ms for exam in exams), default=0)
    if needed > settings.key_gap_ms:
        proposals["key_gap_ms"] = needed
    for key in ("prefix", "suffix"):
        found = {getattr(exam, key) for exam in exams}
        if len(found) == 1 and (affix := found.pop()) and affix != getattr(settings, key):
            proposals[key] = affix
    codes = {name: code for code, name in LAYOUT_NAMES_BY_CODE.items()}
    layouts = [exam.repair.layout for exam in exams if exam.repair is not None and exam.repair.layout is not None]
    if layouts and layouts[-1] != settings.layouts:
        proposals["scanner_layout"] = codes[layouts[-1].scanner]
        proposals["computer_layout"] = codes[layouts[-1].computer]
    return proposals
