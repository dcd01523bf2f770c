"""What a lead's badge said, word for word, for people to look at: nothing of it is hidden."""

import re
from collections.abc import Iterable, Sequence

from camera.text import text_of
from data.scans import Scan
from kiosk.badges import read_badge
from kiosk.badges.badge import Badge
from kiosk.badges.charset.guess import likely_text
from kiosk.badges.profile import BadgeProfile
from kiosk.status.wording import moment, parts_count, plain, visible

MAX_SCANS = 50
"""Scans of one lead that are shown."""

MAX_LINES = 60
"""Lines of one badge that are shown; a contact card with a picture in it has thousands."""

MAX_LINE_CHARACTERS = 500

LINE_BREAK = re.compile("\r\n|\r|\n")
"""What ends a line of a badge; separators such as GS, which Python takes for one too, are shown."""


def lines_of(text: str, most: int = MAX_LINES) -> list[str]:
    """The lines of a badge's *text*, at most *most* of them, with a sign for each control character."""
    lines = [visible(line) for line in LINE_BREAK.split(text) if line.strip()]
    shown = [line if len(line) <= MAX_LINE_CHARACTERS else f"{line[:MAX_LINE_CHARACTERS]} …" for line in lines[:most]]
    return shown if len(lines) <= most else [*shown, f"… and {len(lines) - most} more lines"]


def count_unread(unread: Sequence[str]) -> str:
    """That parts of a badge were not understood; empty where all of it was."""
    if not unread:
        return ""
    return f"{parts_count(len(unread))} of this badge {'was' if len(unread) == 1 else 'were'} not understood."


def list_unread(unread: Sequence[str]) -> str:
    """The same, with the parts."""
    return f"{count_unread(unread)[:-1]}: {' · '.join(map(visible, unread))}" if unread else ""


def describe_scans(scans: Iterable[Scan], profile: BadgeProfile, now: float) -> list[str]:
    """Each different payload of *scans*, when and by whom it was scanned, and which parts were not understood."""
    times: dict[bytes, list[str]] = {}
    for scan in scans:
        who = f" by {plain(scan.operator)}" if scan.operator else ""
        times.setdefault(scan.payload or b"", []).append(f"{moment(scan.at, now)}{who} ({plain(scan.source)})")
    said: list[str] = []
    for payload, when in times.items():
        if not payload:
            said.append(f"Added without a badge {', '.join(when)}.")
            continue
        text, _ = likely_text(payload, text_of(payload))
        said.append(f"What the badge said, scanned {', '.join(when)}:")
        said += [f"  {line}" for line in lines_of(text)]
        badge = read_badge(payload, text_of(payload), profile)
        if isinstance(badge, Badge) and badge.kind != "unknown" and badge.unread:
            said.append(f"  {list_unread(badge.unread)}")
    return said
