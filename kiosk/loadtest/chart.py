"""The results of loads as an SVG chart."""

from collections.abc import Sequence
from html import escape

from kiosk.loadtest.load_run import LoadResult
from kiosk.loadtest.table import format_milliseconds

_PERCENTILE_BARS = (("p50", "#2f6f9f"), ("p95", "#4c9a6a"), ("p99", "#d08a2e"), ("max", "#b5473c"))

# Pixels. The bars are drawn between the left and the right margin.
_CHART_WIDTH, _LEFT_MARGIN, _RIGHT_MARGIN, _TOP_MARGIN = 820, 70, 90, 50
_BAR_HEIGHT, _BAR_GAP, _TITLE_HEIGHT = 18, 6, 46

_STYLE = (
    "text { font: 13px system-ui, sans-serif; fill: #222 }"
    " .big { font-size: 16px; font-weight: 600 } .small { fill: #555 }"
)


def draw_chart(results: Sequence[LoadResult]) -> str:
    """Draw bars of the response times, one group per load, all to the same scale, with the numbers beside them."""
    longest = max((result.max for result in results), default=0.0) or 1.0
    scale = (_CHART_WIDTH - _LEFT_MARGIN - _RIGHT_MARGIN) / longest
    group_height = _TITLE_HEIGHT + len(_PERCENTILE_BARS) * (_BAR_HEIGHT + _BAR_GAP) + 20
    height = _TOP_MARGIN + group_height * len(results) + 10
    parts = [_draw_text(20, 30, "Response times of the booth's API, in milliseconds", "big")]
    for number, result in enumerate(results):
        parts += _draw_group(result, _TOP_MARGIN + number * group_height, scale)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_CHART_WIDTH} {height}"'
        f' width="{_CHART_WIDTH}" height="{height}">'
        f'<style>{_STYLE}</style><rect width="100%" height="100%" fill="#fff"/>{"".join(parts)}</svg>\n'
    )


def _draw_group(result: LoadResult, top: float, scale: float) -> list[str]:
    """Draw one load: its title, how its leads ended, and its bars."""
    duplicates = "unknown" if result.duplicates is None else f"{result.duplicates:,}"
    rate = f"{result.contacts_a_second:,.0f} per second, mean {format_milliseconds(result.mean)} ms"
    title = f"{result.people:,} people at once, {result.posts:,} posts, CRM {result.crm}: {rate}"
    counts = f"{result.failures:,} failures, {result.saved:,} saved, {result.delivered:,} delivered"
    counts += f", duplicates: {duplicates}"
    parts = [_draw_text(20, top + 18, title, "big"), _draw_text(20, top + 36, counts, "small")]
    for number, (name, colour) in enumerate(_PERCENTILE_BARS):
        milliseconds, y = getattr(result, name), top + _TITLE_HEIGHT + number * (_BAR_HEIGHT + _BAR_GAP)
        width = max(1.0, milliseconds * scale)
        parts += [
            _draw_text(20, y + 14, name),
            f'<rect x="{_LEFT_MARGIN}" y="{y:.0f}" width="{width:.1f}" height="{_BAR_HEIGHT}" fill="{colour}"/>',
            _draw_text(_LEFT_MARGIN + width + 6, y + 14, format_milliseconds(milliseconds)),
        ]
    return parts


def _draw_text(x: float, y: float, text: str, css_class: str = "") -> str:
    """Draw a line of text."""
    return f'<text x="{x:.1f}" y="{y:.0f}" class="{css_class}">{escape(text)}</text>'
