"""The results of loads as a table for people."""

from collections.abc import Sequence

from kiosk.loadtest.load_run import LoadResult

TABLE_HEADER = (
    "PEOPLE", "CRM", "POSTS", "MEAN ms", "P50", "P95", "P99", "MAX", "FAILURES", "SAVED", "DELIVERED", "DUPLICATES",
    "PER SECOND",
)  # fmt: skip


def format_row(result: LoadResult) -> Sequence[str]:
    """Return the cells of one load."""
    times = (result.mean, result.p50, result.p95, result.p99, result.max)
    return (
        f"{result.people:,}", result.crm, f"{result.posts:,}", *map(format_milliseconds, times), f"{result.failures:,}",
        f"{result.saved:,}", f"{result.delivered:,}", "?" if result.duplicates is None else f"{result.duplicates:,}",
        f"{result.contacts_a_second:,.0f}",
    )  # fmt: skip


def format_milliseconds(milliseconds: float) -> str:
    """Format a time, with one decimal below 100 ms."""
    return f"{milliseconds:,.1f}" if milliseconds < 100 else f"{milliseconds:,.0f}"


def list_remarks(result: LoadResult) -> list[str]:
    """List sentences about what the row does not show."""
    people = f"{result.people:,} people"
    remarks = [f"{people}: {number:,} x {why}." for why, number in result.why.items()]
    if result.asked_to_wait:
        remarks.append(f"{people}: asked {result.asked_to_wait:,} times to try again; the times include these retries.")
    if result.lost:
        remarks.append(f"{people}: {result.lost:,} were reported as saved and are NOT there.")
    if waiting := result.saved - result.delivered:
        remarks.append(f"{people}: {waiting:,} were not in the CRM yet when the test ended.")
    return remarks
