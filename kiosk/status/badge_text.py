"""What a lead's badge said, word for word, for people to look at: nothing of it is hidden."""

import re
from collections.abc import Iterable, Sequence

from camera.text import decode_text
from data.scans import Scan
from kiosk.badges import read_badge
from kiosk.badges.badge import Badge
from kiosk.badges.charset.guess import guess_text
from kiosk.badges.profile import BadgeProfile
from kiosk.status.wording import format_part_count, format_time, sanitize_text, show_controls

MAX_SCANS_SHOWN = 50
"""Scans of one lead that are shown."""

_MAX_BADGE_LINES = 60
"""Lines of one badge that are shown; a contact card with a picture in it has thousands."""

_MAX_LINE_CHARACTERS = 500

_LINE_BREAK = re.compile("\r\n|\r|\n")
"""What ends a line of a badge; separators such as GS, which Python takes for one too, are shown."""


def split_badge_lines(text: str, max_lines: int = _MAX_BADGE_LINES) -> list[str]:
    """The lines of a badge's *text*, at most *max_lines* of them, with a sign for each control character."""
    lines = [show_controls(line) for line in _LINE_BREAK.split(text) if line.strip()]
    shown = [
        line if len(line) <= _MAX_LINE_CHARACTERS else f"{line[:_MAX_LINE_CHARACTERS]} …" for line in lines[:max_lines]
    ]
    return shown if len(lines) <= max_lines else [*shown, f"… and {len(lines) - max_lines} more lines"]


def describe_unread_count(unread: Sequence[str]) -> str:
    """That parts of a badge were not understood; empty where all of it was."""
    if not unread:
        return ""
    return f"{format_part_count(len(unread))} of this badge {'was' if len(unread) == 1 else 'were'} not understood."


def describe_unread_parts(unread: Sequence[str]) -> str:
    """The same, with the parts."""
    return f"{describe_unread_count(unread)[:-1]}: {' · '.join(map(show_controls, unread))}" if unread else ""


def describe_scans(scans: Iterable[Scan], profile: BadgeProfile, now: float) -> list[str]:
    """Each different payload of *scans*, when and by whom it was scanned, and which parts were not understood."""
    times: dict[bytes, list[str]] = {}
    for scan in scans:
        who = f" by {sanitize_text(scan.operator)}" if scan.operator else ""
        times.setdefault(scan.payload or b"", []).append(
            f"{format_time(scan.at, now)}{who} ({sanitize_text(scan.source)})"
        )
    said: list[str] = []
    for payload, when in times.items():
        if not payload:
            said.append(f"Added without a badge {', '.join(when)}.")
            continue
        text, _ = guess_text(payload, decode_text(payload))
        said.append(f"What the badge said, scanned {', '.join(when)}:")
        said += [f"  {line}" for line in split_badge_lines(text)]
        badge = read_badge(payload, decode_text(payload), profile)
        if isinstance(badge, Badge) and badge.kind != "unknown" and badge.unread:
            said.append(f"  {describe_unread_parts(badge.unread)}")
    return said
