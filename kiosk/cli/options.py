"""Options that mean the same on every command that has them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from data.outbox import STATES
from kiosk.status.wording import sanitize_text

Command = TypeVar("Command", bound=Callable[..., Any])

_ALL_STATES = "all"


class StateParamType(click.ParamType[str]):
    """One of the four states, as people say it or with a hyphen; or all of them."""

    name = "state"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """What help shows."""
        return f"[{'|'.join((*STATES, _ALL_STATES))}]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The state that *value* names."""
        name = " ".join(str(value).replace("-", " ").replace("_", " ").casefold().split())
        if name not in (*STATES, _ALL_STATES):
            self.fail(
                f"there is no state {sanitize_text(str(value))!r}; there are {', '.join((*STATES, _ALL_STATES))}.",
                param,
                ctx,
            )
        return name


def state_option(command: Command) -> Command:
    """The option `--state`; a command gets the states as `states`, an empty tuple where nobody named one."""
    what = "Only leads in this state; may be given several times."
    return click.option("--state", "states", multiple=True, type=StateParamType(), help=what)(command)


def resolve_states(states: tuple[str, ...], default: tuple[str, ...]) -> tuple[str, ...]:
    """The *states* that were named; *default* where none was."""
    return STATES if _ALL_STATES in states else states or default


def search_option(command: Command) -> Command:
    """The option `--search`."""
    what = "Only leads that hold this: in a name, e-mail, phone, company, badge id, note, tag, answer or badge."
    return click.option("--search", default="", help=what)(command)


def force_option(command: Command) -> Command:
    """The option `--force`."""
    return click.option("--force", is_flag=True, help="Overwrite files that are there already.")(command)


def check_overwriting(paths: list[Path], force: bool) -> None:
    """
    Refuse to overwrite files, as the screen does too.

    Raises:
        click.ClickException: one of *paths* is there, and nobody said *force*.
    """
    found = [] if force else [path for path in paths if path.exists()]
    if found:
        raise click.ClickException(
            sanitize_text(f"Nothing was written: {found[0]} exists already. --force overwrites it.")
        )
