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

from kiosk.demo.contenders import Contender

_LINE_INTERVAL_SECONDS = 10.0
"""Between two lines, without a terminal."""

_BAR_CELLS = 44


@contextmanager
def show_live_columns() -> Iterator[Callable[[Contender, Contender], None]]:
    """Shows both sides beside each other, as they go."""
    with Live(auto_refresh=False) as live:
        yield lambda old, new: live.update(
            Columns([_render_panel(old, "red"), _render_panel(new, "green")]), refresh=True
        )


def _render_panel(side: Contender, colour: str) -> Panel:
    """One side."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(width=28)
    grid.add_column(justify="right", width=12)
    for name, value in list_facts(side):
        grid.add_row(Text(name), Text(value, style="bold"))
    done = len(side.waits) * _BAR_CELLS // side.visitors
    bar = Text("█" * done + "░" * (_BAR_CELLS - done), style=colour)
    return Panel(Group(grid, bar), title=Text(side.title), border_style=colour, width=50)


@contextmanager
def show_progress_lines() -> Iterator[Callable[[Contender, Contender], None]]:
    """Says now and then how both sides are."""
    said = 0.0

    def say(old: Contender, new: Contender) -> None:
        nonlocal said
        if time.monotonic() - said >= _LINE_INTERVAL_SECONDS:
            said = time.monotonic()
            seconds = said - old.started
            click.echo(f"{seconds:4.0f} s   the old way: {format_progress(old)}   this way: {format_progress(new)}")

    yield say


def format_progress(side: Contender) -> str:
    """One side in a line."""
    return f"{len(side.waits)} saved, {side.lost} given up, {side.in_line} in line, {side.in_crm} in the CRM."


def list_facts(side: Contender) -> Sequence[tuple[str, str]]:
    """What is told of a side, by the same names on both."""
    average = sum(side.waits) / len(side.waits) if side.waits else 0.0
    return (
        ("visitors so far", str(side.arrived)),
        ('told "saved"', str(len(side.waits))),
        ("given up, nobody knows", str(side.lost)),
        ("standing in line", str(side.in_line)),
        ("average wait", format_wait(average)),
        ("longest wait", format_wait(side.longest)),
        ("in the CRM", str(side.in_crm)),
        ("twice in the CRM", str(side.twice)),
    )


def format_wait(seconds: float) -> str:
    """A time to compare: milliseconds, then seconds."""
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
