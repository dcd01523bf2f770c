"""What a lead's badges said, word for word: nothing of it is hidden from staff."""

import re
from collections.abc import Iterable, Sequence

from camera.text import decode_text
from data.language import N_, _, format_number, ngettext
from data.scans import Scan
from kiosk.badges.badge import Badge
from kiosk.badges.charset.guess import guess_text
from kiosk.badges.profile import BadgeProfile
from kiosk.badges.reading import read_badge
from kiosk.status.wording import format_time, sanitize_text, show_controls

MAX_SCANS_SHOWN = 50

# What staff read for the stored sources of scans.
_SOURCE_WORDS = {
    "camera": N_("camera"),
    "scanner": N_("scanner"),
    "pictures": N_("pictures"),
    "import": N_("import"),
    "api": N_("another device"),
}

# A contact card with a picture in it has thousands of lines.
_MAX_BADGE_LINES = 60
_MAX_LINE_CHARACTERS = 500

# Not str.splitlines(): it also splits at separators such as GS, which are part of the badge's text.
_LINE_BREAK = re.compile("\r\n|\r|\n")


def split_badge_lines(text: str, max_lines: int = _MAX_BADGE_LINES) -> list[str]:
    """Split a badge's *text* into at most *max_lines* lines, with a sign for each control character."""
    lines = [show_controls(line) for line in _LINE_BREAK.split(text) if line.strip()]
    shown = [
        line if len(line) <= _MAX_LINE_CHARACTERS else f"{line[:_MAX_LINE_CHARACTERS]} …" for line in lines[:max_lines]
    ]
    hidden = len(lines) - len(shown)
    if not hidden:
        return shown
    more = ngettext("… and {count} more line", "… and {count} more lines", hidden).format(count=format_number(hidden))
    return [*shown, more]


def describe_unread_count(unread: Sequence[str]) -> str:
    """Say how many parts of a badge were not understood; empty if there are none."""
    if not unread:
        return ""
    return ngettext(
        "{count} part of this badge was not understood.",
        "{count} parts of this badge were not understood.",
        len(unread),
    ).format(count=format_number(len(unread)))


def describe_unread_parts(unread: Sequence[str]) -> str:
    """Say which parts of a badge were not understood; empty if there are none."""
    if not unread:
        return ""
    return ngettext(
        "{count} part of this badge was not understood: {parts}",
        "{count} parts of this badge were not understood: {parts}",
        len(unread),
    ).format(count=format_number(len(unread)), parts=" · ".join(map(show_controls, unread)))


def describe_scans(scans: Iterable[Scan], profile: BadgeProfile, now: float) -> list[str]:
    """Return lines with each different payload of *scans*: when and by whom it was scanned, and what it says."""
    scans_by_payload: dict[bytes, list[str]] = {}
    for scan in scans:
        scans_by_payload.setdefault(scan.payload or b"", []).append(_describe_scan(scan, now))
    lines: list[str] = []
    for payload, described in scans_by_payload.items():
        when = ", ".join(described)
        if not payload:
            lines.append(_("Added without a badge {when}.").format(when=when))
            continue
        text = guess_text(payload, decode_text(payload))[0]
        lines.append(_("What the badge said, scanned {when}:").format(when=when))
        lines += [f"  {line}" for line in split_badge_lines(text)]
        badge = read_badge(payload, decode_text(payload), profile)
        if isinstance(badge, Badge) and badge.kind != "unknown" and badge.unread:
            lines.append(f"  {describe_unread_parts(badge.unread)}")
    return lines


def _describe_scan(scan: Scan, now: float) -> str:
    """Say when, by whom and with what a badge was scanned: `14:05 by Ana (camera)`."""
    values = {
        "time": format_time(scan.at, now),
        "name": sanitize_text(scan.operator),
        "source": sanitize_text(_(_SOURCE_WORDS.get(scan.source, scan.source))),
    }
    if scan.operator:
        return _("{time} by {name} ({source})").format(**values)
    return _("{time} ({source})").format(**values)
