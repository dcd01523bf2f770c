"""How the story is shown: two columns that move on a terminal, lines without one, and a table at the end."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import click
from rich.columns import Columns
from rich.console import Group
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from kiosk.demo.side import Side

LINE_SECONDS = 10.0
"""Between two lines, without a terminal."""

BAR = 44


@contextmanager
def columns() -> Iterator[Callable[[Side, Side], None]]:
    """Shows both sides beside each other, as they go."""
    with Live(auto_refresh=False) as live:
        yield lambda old, new: live.update(Columns([panel(old, "red"), panel(new, "green")]), refresh=True)


def panel(side: Side, colour: str) -> Panel:
    """One side."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(width=28)
    grid.add_column(justify="right", width=12)
    for name, value in facts(side):
        grid.add_row(Text(name), Text(value, style="bold"))
    done = len(side.waits) * BAR // side.visitors
    bar = Text("█" * done + "░" * (BAR - done), style=colour)
    return Panel(Group(grid, bar), title=Text(side.title), border_style=colour, width=50)


@contextmanager
def lines() -> Iterator[Callable[[Side, Side], None]]:
    """Says now and then how both sides are."""
    said = 0.0

    def say(old: Side, new: Side) -> None:
        nonlocal said
        if time.monotonic() - said >= LINE_SECONDS:
            said = time.monotonic()
            seconds = said - old.started
            click.echo(f"{seconds:4.0f} s   the old way: {sentence(old)}   this way: {sentence(new)}")

    yield say


def sentence(side: Side) -> str:
    """One side in a line."""
    return f"{len(side.waits)} saved, {side.lost} given up, {side.in_line} in line, {side.in_crm} in the CRM."


def facts(side: Side) -> Sequence[tuple[str, str]]:
    """What is told of a side, by the same names on both."""
    average = sum(side.waits) / len(side.waits) if side.waits else 0.0
    return (
        ("visitors so far", str(side.arrived)),
        ('told "saved"', str(len(side.waits))),
        ("given up, nobody knows", str(side.lost)),
        ("standing in line", str(side.in_line)),
        ("average wait", span(average)),
        ("longest wait", span(side.longest)),
        ("in the CRM", str(side.in_crm)),
        ("twice in the CRM", str(side.twice)),
    )


def span(seconds: float) -> str:
    """A time to compare: milliseconds, then seconds."""
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
