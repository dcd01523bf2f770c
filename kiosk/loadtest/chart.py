"""The figures of loads as a picture: SVG, written by hand, for it is a dozen bars."""

from collections.abc import Sequence
from html import escape

from kiosk.loadtest.load_run import LoadResult
from kiosk.loadtest.table import format_milliseconds

_PERCENTILE_BARS = (("p50", "#2f6f9f"), ("p95", "#4c9a6a"), ("p99", "#d08a2e"), ("max", "#b5473c"))

_CHART_WIDTH, _LEFT_MARGIN, _RIGHT_MARGIN, _TOP_MARGIN = 820, 70, 90, 50
"""Pixels; the bars are between *LEFT* and *RIGHT*."""

_BAR_HEIGHT, _BAR_GAP, TITLE_HEIGHT = 18, 6, 46

_STYLE = (
    "text { font: 13px system-ui, sans-serif; fill: #222 }"
    " .big { font-size: 16px; font-weight: 600 } .small { fill: #555 }"
)


def draw_chart(loads: Sequence[LoadResult]) -> str:
    """Bars of the response times, a group for each load, all to one scale; the numbers stand beside them."""
    longest = max((found.max for found in loads), default=0.0) or 1.0
    group = TITLE_HEIGHT + len(_PERCENTILE_BARS) * (_BAR_HEIGHT + _BAR_GAP) + 20
    height = _TOP_MARGIN + group * len(loads) + 10
    parts = [draw_text(20, 30, "Response times of the booth's API, in milliseconds", "big")]
    for number, found in enumerate(loads):
        parts += _draw_group(
            found, _TOP_MARGIN + number * group, (_CHART_WIDTH - _LEFT_MARGIN - _RIGHT_MARGIN) / longest
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_CHART_WIDTH} {height}" width="{_CHART_WIDTH}" height="{height}">'
        f'<style>{_STYLE}</style><rect width="100%" height="100%" fill="#fff"/>{"".join(parts)}</svg>\n'
    )


def _draw_group(found: LoadResult, top: float, scale: float) -> list[str]:
    """One load: its title, what became of it, and its bars."""
    twice = "not known" if found.duplicates is None else f"{found.duplicates:,}"
    came = f"{found.failures:,} failures, {found.saved:,} saved, {found.delivered:,} delivered, duplicates: {twice}"
    rate = f"{found.contacts_a_second:,.0f} a second, mean {format_milliseconds(found.mean)} ms"
    parts = [
        draw_text(
            20, top + 18, f"{found.people:,} people at once, {found.posts:,} posts, CRM {found.crm}: {rate}", "big"
        ),
        draw_text(20, top + 36, came, "small"),
    ]
    for number, (name, colour) in enumerate(_PERCENTILE_BARS):
        time, y = getattr(found, name), top + TITLE_HEIGHT + number * (_BAR_HEIGHT + _BAR_GAP)
        long = max(1.0, time * scale)
        parts += [
            draw_text(20, y + 14, name),
            f'<rect x="{_LEFT_MARGIN}" y="{y:.0f}" width="{long:.1f}" height="{_BAR_HEIGHT}" fill="{colour}"/>',
            draw_text(_LEFT_MARGIN + long + 6, y + 14, format_milliseconds(time)),
        ]
    return parts


def draw_text(x: float, y: float, words: str, kind: str = "") -> str:
    """A line of text."""
    return f'<text x="{x:.1f}" y="{y:.0f}" class="{kind}">{escape(words)}</text>'
