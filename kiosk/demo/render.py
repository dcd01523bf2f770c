"""Show the comparison: two live columns on a terminal, or a line now and then without one."""

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

from data.language import _, format_number
from kiosk.demo.contenders import Contender

_LINE_INTERVAL_SECONDS = 10.0
"""Interval between two lines of output without a terminal."""

_BAR_CELLS = 44


@contextmanager
def show_live_columns() -> Iterator[Callable[[Contender, Contender], None]]:
    """Yield a function that shows both booths side by side, and updates them in place."""
    with Live(auto_refresh=False) as live:
        yield lambda old, new: live.update(
            Columns([_render_panel(old, "red"), _render_panel(new, "green")]), refresh=True
        )


def _render_panel(contender: Contender, colour: str) -> Panel:
    """Return one booth's figures and progress bar."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(width=28)
    grid.add_column(justify="right", width=12)
    for name, value in list_facts(contender):
        grid.add_row(Text(name), Text(value, style="bold"))
    done = len(contender.waits) * _BAR_CELLS // contender.visitors
    bar = Text("█" * done + "░" * (_BAR_CELLS - done), style=colour)
    return Panel(Group(grid, bar), title=Text(contender.title), border_style=colour, width=50)


@contextmanager
def show_progress_lines() -> Iterator[Callable[[Contender, Contender], None]]:
    """Yield a function that prints a line about both booths, at most every `_LINE_INTERVAL_SECONDS`."""
    printed_at = 0.0

    def show(old: Contender, new: Contender) -> None:
        nonlocal printed_at
        if time.monotonic() - printed_at >= _LINE_INTERVAL_SECONDS:
            printed_at = time.monotonic()
            line = _("{seconds} s   the old way: {old}   this way: {new}")
            seconds = f"{format_number(printed_at - old.started):>4}"
            click.echo(line.format(seconds=seconds, old=format_progress(old), new=format_progress(new)))

    yield show


def format_progress(contender: Contender) -> str:
    """Return one booth's main figures in one line."""
    return _("{saved} saved, {lost} given up, {in_line} in line, {in_crm} in the CRM.").format(
        saved=format_number(len(contender.waits)),
        lost=format_number(contender.lost),
        in_line=format_number(contender.in_line),
        in_crm=format_number(contender.in_crm),
    )


def list_facts(contender: Contender) -> Sequence[tuple[str, str]]:
    """Return one booth's figures, each with its name; both booths have the same names."""
    average = sum(contender.waits) / len(contender.waits) if contender.waits else 0.0
    return (
        (_("visitors so far"), format_number(contender.arrived)),
        (_("saved"), format_number(len(contender.waits))),
        (_("given up, outcome unknown"), format_number(contender.lost)),
        (_("waiting in line"), format_number(contender.in_line)),
        (_("average wait"), format_wait(average)),
        (_("longest wait"), format_wait(contender.longest)),
        (_("in the CRM"), format_number(contender.in_crm)),
        (_("duplicates in the CRM"), format_number(contender.twice)),
    )


def format_wait(seconds: float) -> str:
    """Return a duration in milliseconds below one second, else in seconds."""
    if seconds < 1:
        return _("{milliseconds} ms").format(milliseconds=format_number(seconds * 1000))
    return _("{seconds} s").format(seconds=format_number(seconds, 1))
