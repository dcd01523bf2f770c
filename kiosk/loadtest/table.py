"""The figures of loads as people read them."""

from collections.abc import Sequence

from kiosk.loadtest.load_run import LoadResult

TABLE_HEADER = (
    "PEOPLE", "CRM", "POSTS", "MEAN ms", "P50", "P95", "P99", "MAX", "FAILURES", "SAVED", "DELIVERED", "DUPLICATES",
    "A SECOND",
)  # fmt: skip


def format_row(found: LoadResult) -> Sequence[str]:
    """One load."""
    times = (found.mean, found.p50, found.p95, found.p99, found.max)
    return (
        f"{found.people:,}", found.crm, f"{found.posts:,}", *map(format_milliseconds, times), f"{found.failures:,}",
        f"{found.saved:,}", f"{found.delivered:,}", "?" if found.duplicates is None else f"{found.duplicates:,}",
        f"{found.contacts_a_second:,.0f}",
    )  # fmt: skip


def format_milliseconds(time: float) -> str:
    """With a digit behind the point where that says something."""
    return f"{time:,.1f}" if time < 100 else f"{time:,.0f}"


def list_remarks(found: LoadResult) -> list[str]:
    """What the row does not say, in sentences."""
    who = f"{found.people:,} people"
    said = [f"{who}: {number:,} x {why}." for why, number in found.why.items()]
    if found.asked_to_wait:
        said.append(
            f"{who}: asked {found.asked_to_wait:,} times to try again, and they did; their times are with that."
        )
    if found.lost:
        said.append(f"{who}: {found.lost:,} were said to be saved and are NOT there.")
    if left := found.saved - found.delivered:
        said.append(f"{who}: {left:,} were not at the CRM yet when the test ended.")
    return said
