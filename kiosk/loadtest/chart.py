"""The figures of loads as a picture: SVG, written by hand, for it is a dozen bars."""

from collections.abc import Sequence
from html import escape

from kiosk.loadtest.run import Figures
from kiosk.loadtest.table import milliseconds

BARS = (("p50", "#2f6f9f"), ("p95", "#4c9a6a"), ("p99", "#d08a2e"), ("max", "#b5473c"))

WIDTH, LEFT, RIGHT, TOP = 820, 70, 90, 50
"""Pixels; the bars are between *LEFT* and *RIGHT*."""

BAR, GAP, HEAD = 18, 6, 46

STYLE = (
    "text { font: 13px system-ui, sans-serif; fill: #222 }"
    " .big { font-size: 16px; font-weight: 600 } .small { fill: #555 }"
)


def chart(loads: Sequence[Figures]) -> str:
    """Bars of the response times, a group for each load, all to one scale; the numbers stand beside them."""
    longest = max((found.max for found in loads), default=0.0) or 1.0
    group = HEAD + len(BARS) * (BAR + GAP) + 20
    height = TOP + group * len(loads) + 10
    parts = [text(20, 30, "Response times of the booth's API, in milliseconds", "big")]
    for number, found in enumerate(loads):
        parts += group_of(found, TOP + number * group, (WIDTH - LEFT - RIGHT) / longest)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}">'
        f'<style>{STYLE}</style><rect width="100%" height="100%" fill="#fff"/>{"".join(parts)}</svg>\n'
    )


def group_of(found: Figures, top: float, scale: float) -> list[str]:
    """One load: its title, what became of it, and its bars."""
    twice = "not known" if found.duplicates is None else f"{found.duplicates:,}"
    came = f"{found.failures:,} failures, {found.saved:,} saved, {found.delivered:,} delivered, duplicates: {twice}"
    rate = f"{found.contacts_a_second:,.0f} a second, mean {milliseconds(found.mean)} ms"
    parts = [
        text(20, top + 18, f"{found.people:,} people at once, {found.posts:,} posts, CRM {found.crm}: {rate}", "big"),
        text(20, top + 36, came, "small"),
    ]
    for number, (name, colour) in enumerate(BARS):
        time, y = getattr(found, name), top + HEAD + number * (BAR + GAP)
        long = max(1.0, time * scale)
        parts += [
            text(20, y + 14, name),
            f'<rect x="{LEFT}" y="{y:.0f}" width="{long:.1f}" height="{BAR}" fill="{colour}"/>',
            text(LEFT + long + 6, y + 14, milliseconds(time)),
        ]
    return parts


def text(x: float, y: float, words: str, kind: str = "") -> str:
    """A line of text."""
    return f'<text x="{x:.1f}" y="{y:.0f}" class="{kind}">{escape(words)}</text>'
